namespace ComputeExchange.Pricing.Domain;

/// <summary>Two hours of a day: its price is the volume-weighted median of its trades, in which nobody counts for too much (rulebook section 4.1).</summary>
public static class Partition
{
    /// <summary>Partitions in a day.</summary>
    public const int CountInDay = 12;

    /// <summary>No participant counts for more than the fourth part of what the partition traded, neither as a buyer nor as a seller.</summary>
    public const int ParticipantShare = 4;

    // Weights are millionths of a GPU-minute, so that scaling them loses next to nothing.
    private const long Scale = 1_000_000;

    /// <summary>Which partition a time falls into.</summary>
    public static int Of(DateTimeOffset time) => time.UtcDateTime.Hour * CountInDay / 24;

    /// <summary>The price of a partition's trades, of which there is at least one.</summary>
    public static long Price(IReadOnlyCollection<(IndexTrade Trade, long Weight)> trades) =>
        WeightedMedian.Of(Capped(trades).Select(item => (item.Trade.PriceMicros, item.Weight)));

    /// <summary>The trades with their weights scaled down where a buyer or a seller has too much; in millionths of the weights given.</summary>
    public static IEnumerable<(IndexTrade Trade, Int128 Weight)> Capped(IReadOnlyCollection<(IndexTrade Trade, long Weight)> trades)
    {
        var total = trades.Sum(item => item.Weight);
        var bought = trades.GroupBy(item => item.Trade.Buyer).ToDictionary(own => own.Key, own => own.Sum(item => item.Weight));
        var sold = trades.GroupBy(item => item.Trade.Provider).ToDictionary(own => own.Key, own => own.Sum(item => item.Weight));
        foreach (var (trade, weight) in trades)
        {
            var larger = Math.Max(bought[trade.Buyer], sold[trade.Provider]);
            yield return (trade, larger * ParticipantShare <= total
                ? (Int128)weight * Scale
                : (Int128)weight * Scale * total / ((Int128)larger * ParticipantShare));
        }
    }
}
