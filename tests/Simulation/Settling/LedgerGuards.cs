namespace ComputeExchange.Simulation.Settling;

/// <summary>What Settlement does so that no cent is lost or doubled. All of it is on; a planted bug takes one thing away.</summary>
internal sealed record LedgerGuards
{
    /// <summary>How far the feed was read is saved with what it moved.</summary>
    public CursorIs Cursor { get; init; } = CursorIs.WithThePostings;

    /// <summary>A cause and a kind are posted once.</summary>
    public bool CauseKey { get; init; } = true;

    /// <summary>A deposit is acknowledged after its commit.</summary>
    public bool AcknowledgesAfterCommit { get; init; } = true;

    /// <summary>What is found posted by an earlier request is acknowledged after a commit too, so that the standby has it.</summary>
    public bool CommitsRepeats { get; init; } = true;
}

/// <summary>When the cursor is saved.</summary>
internal enum CursorIs
{
    /// <summary>In one transaction with the postings.</summary>
    WithThePostings,

    /// <summary>In a transaction before theirs.</summary>
    BeforeThePostings,

    /// <summary>In a transaction after theirs.</summary>
    AfterThePostings,
}
