namespace ComputeExchange.Values;

/// <summary>What one GPU costs for one hour, in whole micro-dollars.</summary>
public readonly record struct Price(long MicrosPerGpuHour) : IComparable<Price>
{
    /// <inheritdoc />
    public int CompareTo(Price other) => MicrosPerGpuHour.CompareTo(other.MicrosPerGpuHour);

    /// <summary>The cost of <paramref name="gpus"/> GPUs for <paramref name="minutes"/> minutes.</summary>
    /// <remarks>Exact for whole hours; parts of an hour round up to the next micro-dollar. It is the only rounding of a price.</remarks>
    public Money CostOf(int gpus, int minutes) => CostOfGpuSeconds((long)gpus * minutes * 60);

    /// <summary>The cost of that many GPU-seconds, rounded up to the next micro-dollar.</summary>
    public Money CostOfGpuSeconds(long gpuSeconds)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(gpuSeconds);

        // Int128: the product can pass the range of a long before the division brings it back.
        var product = (Int128)MicrosPerGpuHour * gpuSeconds;
        return new Money((long)((product + 3_599) / 3_600));
    }

    /// <summary>Dollars per GPU-hour for people, for example <c>$2.415</c>.</summary>
    public override string ToString() => $"${(decimal)MicrosPerGpuHour / Money.MicrosPerDollar:0.000###}";

    public static bool operator <(Price left, Price right) => left.MicrosPerGpuHour < right.MicrosPerGpuHour;

    public static bool operator >(Price left, Price right) => left.MicrosPerGpuHour > right.MicrosPerGpuHour;

    public static bool operator <=(Price left, Price right) => left.MicrosPerGpuHour <= right.MicrosPerGpuHour;

    public static bool operator >=(Price left, Price right) => left.MicrosPerGpuHour >= right.MicrosPerGpuHour;
}
