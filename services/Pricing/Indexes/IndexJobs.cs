using ComputeExchange.Hosting.Jobs;

namespace ComputeExchange.Pricing.Indexes;

/// <summary>Due at 00:30 UTC: the value of the day that just ended, which can still be corrected.</summary>
public sealed class PublishProvisionalIndexes(PublishIndexes indexes) : IClockJob
{
    /// <inheritdoc />
    public Task Run(DateTimeOffset due, CancellationToken cancel) => indexes.Publish(IndexDays.Before(due), final: false, cancel);
}

/// <summary>Due at 12:00 UTC: the value of the day before, for good.</summary>
public sealed class PublishFinalIndexes(PublishIndexes indexes) : IClockJob
{
    /// <inheritdoc />
    public Task Run(DateTimeOffset due, CancellationToken cancel) => indexes.Publish(IndexDays.Before(due), final: true, cancel);
}

internal static class IndexDays
{
    /// <summary>The UTC day before the one in which a job is due: however late it runs, its due moment says which.</summary>
    public static DateOnly Before(DateTimeOffset due) => DateOnly.FromDateTime(due.UtcDateTime).AddDays(-1);
}
