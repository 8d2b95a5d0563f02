using ComputeExchange.Simulation.Faults;
using ComputeExchange.Simulation.Settling;

namespace ComputeExchange.Simulation.Bugs;

/// <summary>What a crash cut off is never posted.</summary>
internal sealed class CursorApartFromPostings : Bug
{
    public override string Sentence => "Settlement saves how far it read the feed in a transaction of its own, before that of the postings.";

    public override LedgerGuards Ledger { get; } = new() { Cursor = CursorIs.BeforeThePostings };
}

/// <summary>Who asks again has paid in twice.</summary>
internal sealed class PostsWithoutCauseKey : Bug
{
    public override string Sentence => "The ledger does not look whether a cause was posted before.";

    public override LedgerGuards Ledger { get; } = new() { CauseKey = false };
}

/// <summary>Who paid in is told so before it is true.</summary>
internal sealed class BooksAfterItAnswers : Bug
{
    public override string Sentence => "A deposit is acknowledged before its commit.";

    public override LedgerGuards Ledger { get; } = new() { AcknowledgesAfterCommit = false };
}

/// <summary>A deposit that only one disk has is acknowledged to who asks again.</summary>
internal sealed class RepeatsWithoutCommit : Bug
{
    public override string Sentence => "A deposit that is found booked is acknowledged without waiting for the database's standby.";

    public override IReadOnlyList<Type> BroughtToLightBy => [typeof(LoseDatabase), typeof(StopDatabaseStandby), typeof(LoseDatabaseUnseen)];

    public override LedgerGuards Ledger { get; } = new() { CommitsRepeats = false };
}
