using ComputeExchange.Simulation.Journaling;

namespace ComputeExchange.Simulation.Bugs;

/// <summary>An engine that was replaced can still append what its stale memory decided.</summary>
internal sealed class NoFence : Bug
{
    public override string Sentence => "An append does not look whether its engine is still the owner, and its session was not ended either.";

    public override Guards Guards { get; } = new() { EndsLastSession = false, Fence = false };
}

/// <summary>Two writers append the same numbers and the same commands.</summary>
internal sealed class NothingKeepsTheOldOwnerOut : Bug
{
    public override string Sentence => "No ended session, no look at the owner's row and no unique key keeps a second writer out.";

    public override Guards Guards { get; } = new() { EndsLastSession = false, Fence = false, UniqueKeys = false };
}

/// <summary>Between the look and the append another may have become the owner.</summary>
internal sealed class FencesBesideTheTransaction : Bug
{
    public override string Sentence => "Whether the engine is the owner is looked up in a transaction of its own, before that of the append.";

    public override Guards Guards { get; } = new() { EndsLastSession = false, FencesInTransaction = false };
}

/// <summary>The old owner cannot be told from the new one.</summary>
internal sealed class EpochIsNotRaised : Bug
{
    public override string Sentence => "A new owner keeps the epoch of the last, and no unique key notices that both append.";

    public override Guards Guards { get; } = new() { EndsLastSession = false, RaisesEpoch = false, UniqueKeys = false };
}

/// <summary>What is on one disk only is acknowledged.</summary>
internal sealed class IgnoresTheNotice : Bug
{
    public override string Sentence => "A commit whose wait for the database's standby was cut short counts as a success.";

    public override Guards Guards { get; } = new() { HeedsNotice = false };
}

/// <summary>A commit does not wait for the database's standby.</summary>
internal sealed class AsynchronousStandby : Bug
{
    public override string Sentence => "The database's standby is asynchronous.";

    public override bool IsSynchronous => false;
}

/// <summary>A crash between the two leaves commands without events.</summary>
internal sealed class TwoTransactions : Bug
{
    public override string Sentence => "Commands and their events are committed one after the other.";

    public override Guards Guards { get; } = new() { OneTransaction = false };
}
