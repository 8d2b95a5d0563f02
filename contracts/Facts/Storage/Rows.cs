namespace ComputeExchange.Facts.Storage;

/// <summary>A fact as its producer keeps it: written in the transaction that made it true, never changed.</summary>
public sealed class FactRow
{
    public long Number { get; set; }

    public required string Type { get; set; }

    /// <summary>JSON.</summary>
    public required string Body { get; set; }

    public DateTimeOffset HappenedTime { get; set; }

    public string TraceParent { get; set; } = "";
}

/// <summary>The one row that numbers a service's facts; its lock is what keeps the numbers without gaps.</summary>
public sealed class FactHeadRow
{
    public int Id { get; set; }

    /// <summary>The last number given.</summary>
    public long LastNumber { get; set; }

    /// <summary>The last number the bus has taken.</summary>
    public long PublishedNumber { get; set; }
}

/// <summary>How much of a producer's facts this service has applied, moved in the transaction of the effect.</summary>
public sealed class CursorRow
{
    public required string Producer { get; set; }

    public long AppliedNumber { get; set; }

    /// <summary>For the engine's feed: the exchange's time as of the last entry that told one.</summary>
    public DateTimeOffset? ClockTime { get; set; }
}

/// <summary>A journaled command for the engine, written in the transaction of its cause and sent until it is answered.</summary>
public sealed class EngineCommandRow
{
    public long Id { get; set; }

    public Guid CommandId { get; set; }

    /// <summary>An <c>EngineCommand</c> message.</summary>
    public required byte[] Body { get; set; }

    public string TraceParent { get; set; } = "";

    /// <summary>Its number in the engine's journal; null until it was answered.</summary>
    public long? Sequence { get; set; }
}

/// <summary>Up to when a job of the clock has been done.</summary>
public sealed class JobRow
{
    public required string Name { get; set; }

    public DateTimeOffset DoneUntil { get; set; }
}
