using System.Numerics;

namespace ComputeExchange.Pricing.Domain;

/// <summary>
/// The trades that are too far from the others: by more than 10% and by more than four median absolute deviations from
/// the volume-weighted median of the 24 hours that end with the trade (rulebook section 4.1).
/// </summary>
public static class Outliers
{
    private static readonly TimeSpan Window = TimeSpan.FromHours(24);

    /// <summary>Parts the trades from <paramref name="start"/> on; earlier ones only make the median.</summary>
    public static (IReadOnlyList<IndexTrade> Kept, IReadOnlyList<IndexTrade> Dropped) Split(IEnumerable<IndexTrade> trades, DateTimeOffset start)
    {
        var kept = new List<IndexTrade>();
        var dropped = new List<IndexTrade>();
        var volumeAt = new SortedDictionary<long, long>();
        var inWindow = new Queue<IGrouping<DateTimeOffset, IndexTrade>>();
        foreach (var moment in trades.GroupBy(trade => trade.At).OrderBy(group => group.Key))
        {
            // What happened at the same moment is seen together, so the order of the trades does not matter.
            foreach (var trade in moment) volumeAt[trade.PriceMicros] = volumeAt.GetValueOrDefault(trade.PriceMicros) + trade.GpuMinutes;
            inWindow.Enqueue(moment);
            while (inWindow.Peek().Key <= moment.Key - Window) Leave(inWindow.Dequeue(), volumeAt);
            if (moment.Key < start) continue;

            var median = WeightedMedian.Of(volumeAt.Select(level => (level.Key, (BigInteger)level.Value)));
            var deviation = WeightedMedian.Of(volumeAt.Select(level => (Math.Abs(level.Key - median), (BigInteger)level.Value)));
            foreach (var trade in moment)
            {
                var distance = Math.Abs(trade.PriceMicros - median);
                (distance * 10 > median && distance > 4 * deviation ? dropped : kept).Add(trade);
            }
        }
        return (kept, dropped);
    }

    private static void Leave(IEnumerable<IndexTrade> trades, SortedDictionary<long, long> volumeAt)
    {
        foreach (var trade in trades)
            if ((volumeAt[trade.PriceMicros] -= trade.GpuMinutes) == 0) volumeAt.Remove(trade.PriceMicros);
    }
}
