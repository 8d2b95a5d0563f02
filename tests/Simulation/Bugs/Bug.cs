using ComputeExchange.MatchingEngine.Running;
using ComputeExchange.MatchingEngine.Storage;
using ComputeExchange.Simulation.Journaling;
using ComputeExchange.Simulation.Settling;
using ComputeExchange.Simulation.Time;

namespace ComputeExchange.Simulation.Bugs;

/// <summary>Something that a careless hand might have done to the engine or its journal; the simulation must notice.</summary>
internal abstract class Bug
{
    /// <summary>No bug: everything as it is.</summary>
    public static readonly Bug None = new Nothing([]);

    /// <summary>What is wrong, in one sentence.</summary>
    public abstract string Sentence { get; }

    /// <summary>The faults that bring it to light, where it takes more than a few of them: worlds that look for it have these all the time.</summary>
    public virtual IReadOnlyList<Type> BroughtToLightBy => [];

    /// <summary>The same worlds without the bug.</summary>
    public Bug Mended => BroughtToLightBy.Count == 0 ? None : new Nothing(BroughtToLightBy);

    /// <summary>What the journal still guards against.</summary>
    public virtual Guards Guards { get; } = new();

    /// <summary>What Settlement still guards against.</summary>
    public virtual LedgerGuards Ledger { get; } = new();

    /// <summary>Whether commits wait for a standby of the database.</summary>
    public virtual bool IsSynchronous => true;

    /// <summary>Whether readers keep how far they read together with what they made of it.</summary>
    public virtual bool ReadersKeepTheirPlace => true;

    /// <summary>The journal as the engine gets to see it.</summary>
    public virtual IJournalStore Wrap(IJournalStore store, Process process) => store;

    /// <summary>The engine's feed, to a bug that meddles with it.</summary>
    public virtual void See(IJournalStore store, Feed feed)
    {
    }

    private sealed class Nothing(IReadOnlyList<Type> faults) : Bug
    {
        public override IReadOnlyList<Type> BroughtToLightBy => faults;

        public override string Sentence => "Nothing is wrong.";
    }
}
