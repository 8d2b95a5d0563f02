namespace ComputeExchange.ProviderRegistry.Domain;

/// <summary>GPUs of a node that are sold from a time to a time.</summary>
public readonly record struct SoldSpan(int GpuCount, DateTimeOffset FromTime, DateTimeOffset ToTime)
{
    /// <summary>The most that are sold at the same time.</summary>
    public static int Peak(IReadOnlyCollection<SoldSpan> spans)
    {
        // It is reached where one begins.
        var most = 0;
        foreach (var begin in spans)
            most = Math.Max(most, spans.Where(span => span.FromTime <= begin.FromTime && begin.FromTime < span.ToTime).Sum(span => span.GpuCount));
        return most;
    }
}
