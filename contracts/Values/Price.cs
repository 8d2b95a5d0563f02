namespace ComputeExchange.Values;

/// <summary>What one GPU costs for one hour, in whole micro-dollars.</summary>
public readonly record struct Price(long MicrosPerGpuHour) : IComparable<Price>
{
    /// <inheritdoc />
    public int CompareTo(Price other) => MicrosPerGpuHour.CompareTo(other.MicrosPerGpuHour);

    /// <summary>The cost of so many GPUs for so many minutes; rounded as below.</summary>
    public Money CostOf(int gpus, int minutes) => CostOf((long)gpus * minutes);

    /// <summary>The cost of that many GPU-minutes.</summary>
    /// <remarks>
    /// Exact for whole hours; parts of an hour round down, so that parts together never cost more than the whole and what
    /// was reserved for the whole covers them. It is the only rounding of a price.
    /// </remarks>
    public Money CostOf(long gpuMinutes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(gpuMinutes);

        // Int128: the product can pass the range of a long before the division brings it back.
        return new Money((long)((Int128)MicrosPerGpuHour * gpuMinutes / 60));
    }

    /// <summary>Dollars per GPU-hour for people, for example <c>$2.415</c>.</summary>
    public override string ToString() => $"${(decimal)MicrosPerGpuHour / Money.MicrosPerDollar:0.000###}";

    public static bool operator <(Price left, Price right) => left.MicrosPerGpuHour < right.MicrosPerGpuHour;

    public static bool operator >(Price left, Price right) => left.MicrosPerGpuHour > right.MicrosPerGpuHour;

    public static bool operator <=(Price left, Price right) => left.MicrosPerGpuHour <= right.MicrosPerGpuHour;

    public static bool operator >=(Price left, Price right) => left.MicrosPerGpuHour >= right.MicrosPerGpuHour;
}
