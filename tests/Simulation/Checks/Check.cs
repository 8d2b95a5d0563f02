using ComputeExchange.MatchingEngine.Running;
using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.Simulation.Clients;
using ComputeExchange.Values;

namespace ComputeExchange.Simulation.Checks;

/// <summary>One promise of the exchange, watched at every step. A new promise is a new class beside this one.</summary>
internal abstract class Check
{
    /// <summary>Whether it has seen all that it must have seen when everything is at rest.</summary>
    public virtual bool IsContent => true;

    /// <summary>A command with what it caused is on the database's disk.</summary>
    public virtual void Recorded(Recorded command)
    {
    }

    /// <summary>A part of the history is gone: the database's standby, which did not have it yet, took over.</summary>
    public virtual void Undone(long lastSequence)
    {
    }

    /// <summary>A client was told what became of its command.</summary>
    public virtual void Told(Wish wish, SubmitResponse answer)
    {
    }

    /// <summary>A client was told what became of its order requests.</summary>
    public virtual void ToldOrders(Wish wish, long sequence, byte[] events)
    {
    }

    /// <summary>A client was told that its id belongs to another command.</summary>
    public virtual void ToldReused(Wish wish)
    {
    }

    /// <summary>A reader of the feed applied an entry.</summary>
    public virtual void Read(string reader, long expected, FeedEntry entry)
    {
    }

    /// <summary>A commit to the ledger is on the database's disk.</summary>
    public virtual void Posted(LedgerCommit commit)
    {
    }

    /// <summary>Of the commits to the ledger only those up to a position are left: the database's standby, which did not have the others yet, took over.</summary>
    public virtual void LedgerUndone(int position)
    {
    }

    /// <summary>Settlement said that a deposit is booked, or a withdrawal asked for.</summary>
    public virtual void Acknowledged(Guid id, Money amount, bool isDeposit)
    {
    }

    /// <summary>An engine, owner or standby, said how far it is and what state it holds.</summary>
    public virtual void Audited(string engine, EngineStanding standing)
    {
    }

    /// <summary>Every fault is over and everything has come to rest.</summary>
    public virtual void AtRest()
    {
    }

    /// <summary>Says that a promise is broken.</summary>
    /// <exception cref="PromiseBrokenException">Always.</exception>
    protected void Broken(string sentence) => throw new PromiseBrokenException($"{GetType().Name}: {sentence}");
}

/// <summary>A command as it was written, with the epoch of its writer and that of the shard's owner at that moment.</summary>
internal sealed record Recorded(Journaling.CommandRow Command, IReadOnlyList<FeedEntry> Events, long OwnerEpoch);

/// <summary>The exchange did not do what it promises.</summary>
internal sealed class PromiseBrokenException(string message) : Exception(message);
