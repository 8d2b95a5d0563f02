using System.Numerics;

namespace ComputeExchange.Pricing.Domain;

/// <summary>Two hours of a day: its price is the volume-weighted median of its trades, in which nobody counts for too much (rulebook section 4.1).</summary>
public static class Partition
{
    /// <summary>Partitions in a day.</summary>
    public const int CountInDay = 12;

    /// <summary>No participant counts for more than the fourth part of what the partition traded, neither as a buyer nor as a seller.</summary>
    public const int ParticipantShare = 4;

    /// <summary>Which partition a time falls into.</summary>
    public static int Of(DateTimeOffset time) => time.UtcDateTime.Hour * CountInDay / 24;

    /// <summary>The price of a partition's trades, of which there is at least one.</summary>
    public static long Price(IReadOnlyCollection<(IndexTrade Trade, long Weight)> trades) =>
        WeightedMedian.Of(Capped(trades).Weights.Select(item => (item.Trade.PriceMicros, item.Weight)));

    /// <summary>The trades with their weights scaled down where a buyer or a seller has too much: exactly, as whole multiples of 1/Unit of the weights given.</summary>
    public static (BigInteger Unit, IReadOnlyList<(IndexTrade Trade, BigInteger Weight)> Weights) Capped(IReadOnlyCollection<(IndexTrade Trade, long Weight)> trades)
    {
        var total = trades.Sum(item => item.Weight);
        var bought = trades.GroupBy(item => item.Trade.Buyer).ToDictionary(own => own.Key, own => own.Sum(item => item.Weight));
        var sold = trades.GroupBy(item => item.Trade.Provider).ToDictionary(own => own.Key, own => own.Sum(item => item.Weight));

        // Only those with more than a quarter are scaled, at most three on each side, so the common denominator stays small.
        bool IsTooMuch(long weight) => (Int128)weight * ParticipantShare > total;
        var unit = bought.Values.Concat(sold.Values).Where(IsTooMuch).Distinct()
            .Aggregate(BigInteger.One, (product, weight) => product * weight * ParticipantShare);
        return (unit, [.. trades.Select(item =>
        {
            var larger = Math.Max(bought[item.Trade.Buyer], sold[item.Trade.Provider]);
            return (item.Trade, IsTooMuch(larger) ? unit / ((BigInteger)larger * ParticipantShare) * item.Weight * total : unit * item.Weight);
        })]);
    }
}
