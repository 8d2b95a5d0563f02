namespace ComputeExchange.Simulation.Journaling;

/// <summary>Who may append, and until when it is taken to be alive.</summary>
internal sealed record OwnerRow(long Epoch, string Owner, DateTimeOffset LeaseUntil);

/// <summary>One command of the journal.</summary>
internal sealed record CommandRow(
    long Sequence, long Epoch, Guid CommandId, string EngineVersion, DateTimeOffset At, string TraceParent, byte[] Body, byte[] Hash, byte[]? StateHash);

/// <summary>One event of the feed.</summary>
internal sealed record EventRow(long Number, long Sequence, byte[] Body);

/// <summary>The names of the journal's tables.</summary>
internal static class JournalTables
{
    public const string Owner = "shard_owner";
    public const string Commands = "commands";
    public const string CommandIds = "command_ids";
    public const string Events = "events";
    public const string Outcomes = "outcomes";
    public const string Snapshots = "snapshots";
}
