namespace ComputeExchange.Simulation.Journaling;

/// <summary>What the journal does so that nothing is lost or doubled. All of it is on; a planted bug takes one thing away.</summary>
internal sealed record Guards
{
    /// <summary>Who takes over ends the session of the last owner first, if it still has one.</summary>
    public bool EndsLastSession { get; init; } = true;

    /// <summary>An append touches the owner's row and fails when it is another's.</summary>
    public bool Fence { get; init; } = true;

    /// <summary>That touch is in the same transaction.</summary>
    public bool FencesInTransaction { get; init; } = true;

    /// <summary>The numbers of commands and events, and the ids of commands, are unique keys.</summary>
    public bool UniqueKeys { get; init; } = true;

    /// <summary>A notice that a commit may not have reached the database's standby counts as a failure.</summary>
    public bool HeedsNotice { get; init; } = true;

    /// <summary>Commands and their events are committed together.</summary>
    public bool OneTransaction { get; init; } = true;

    /// <summary>A new owner has a higher epoch than the last.</summary>
    public bool RaisesEpoch { get; init; } = true;
}
