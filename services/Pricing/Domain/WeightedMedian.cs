using System.Numerics;

namespace ComputeExchange.Pricing.Domain;

/// <summary>The volume-weighted median as the indexes use it: the first value whose cumulative weight is at least half.</summary>
public static class WeightedMedian
{
    /// <summary>The median of at least one value; weights are not negative, and not all of them 0.</summary>
    public static long Of(IEnumerable<(long Value, BigInteger Weight)> values)
    {
        var sorted = values.OrderBy(item => item.Value).ToList();
        var total = BigInteger.Zero;
        foreach (var (_, weight) in sorted) total += weight;

        var cumulative = BigInteger.Zero;
        foreach (var (value, weight) in sorted)
        {
            cumulative += weight;
            if (cumulative * 2 >= total) return value;
        }
        throw new ArgumentException("There is no median of nothing.", nameof(values));
    }
}
