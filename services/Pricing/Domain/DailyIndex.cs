using System.Numerics;

namespace ComputeExchange.Pricing.Domain;

/// <summary>How good a value is; the numbers are those of the message.</summary>
public enum IndexGrade
{
    /// <summary>From enough trades.</summary>
    A = 1,

    /// <summary>From the last auction price of the day.</summary>
    B = 2,

    /// <summary>Carried over from a day before, at most three days.</summary>
    E = 5,
}

/// <summary>What an index is made from.</summary>
/// <param name="Day">The UTC day.</param>
/// <param name="Trades">The market's trades of the day and of the 24 hours before it; what else is in it is left alone.</param>
/// <param name="LastAuctionMicros">The price of the day's last auction that sold something; null if none did.</param>
/// <param name="Earlier">The values of the days before.</param>
public sealed record IndexInputs(
    DateOnly Day, IReadOnlyCollection<IndexTrade> Trades, long? LastAuctionMicros, IReadOnlyCollection<EarlierValue> Earlier);

/// <summary>The value of a day before.</summary>
public sealed record EarlierValue(DateOnly Day, long Micros, IndexGrade Grade);

/// <summary>The value of a spot index for one UTC day (rulebook section 4.1, design.md section 7).</summary>
/// <param name="Micros">Micro-dollars for a GPU for an hour, at $0.0001, rounded half to even.</param>
/// <param name="TradeCount">Leases in it.</param>
/// <param name="GpuMinutes">Volume in it.</param>
/// <param name="PartitionPrices">The price of each of the twelve partitions; null where nothing traded.</param>
/// <param name="DroppedLeaseIds">The leases with a price that was dropped as an outlier.</param>
public sealed record DailyIndex(
    long Micros, IndexGrade Grade, int TradeCount, long GpuMinutes, IReadOnlyList<long?> PartitionPrices, IReadOnlyList<long> DroppedLeaseIds)
{
    /// <summary>The version of this method; another rule is another version.</summary>
    public const int MethodVersion = 1;

    private const int LeastPartitions = 6;
    private const int LeastTrades = 20;
    private const int LeastBuyers = 5;
    private const int LeastSellers = 5;
    private const long LeastGpuMinutes = 500 * 60;
    private const int BlockWeightLimit = 5;
    private const int MostDaysCarried = 3;

    /// <summary>The value of a day: from its trades (A), else its last auction (B), else an earlier day's (E); null when none of them can be had.</summary>
    public static DailyIndex? Of(IndexInputs inputs)
    {
        var start = new DateTimeOffset(inputs.Day.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero);
        var end = start.AddDays(1);
        var eligible = inputs.Trades.Where(trade => trade.IsEligible && trade.At >= start.AddDays(-1) && trade.At < end);
        var (trades, dropped) = Outliers.Split(eligible, start);

        var prices = PricesOf(trades);
        var count = trades.DistinctBy(trade => trade.LeaseId).Count();
        var gpuMinutes = trades.Sum(trade => trade.GpuMinutes);
        DailyIndex Graded(IndexGrade grade, long micros) =>
            new(micros, grade, count, gpuMinutes, prices, [.. dropped.Select(trade => trade.LeaseId).Distinct().Order()]);

        var filled = prices.OfType<long>().ToList();
        var isLiquid = filled.Count >= LeastPartitions && count >= LeastTrades && gpuMinutes >= LeastGpuMinutes
            && trades.DistinctBy(trade => trade.Buyer).Count() >= LeastBuyers
            && trades.DistinctBy(trade => trade.Provider).Count() >= LeastSellers;
        if (isLiquid) return Graded(IndexGrade.A, Rounding.ToIndexStep(filled.Sum(), filled.Count));
        if (inputs.LastAuctionMicros is { } auction) return Graded(IndexGrade.B, Rounding.ToIndexStep(auction, 1));

        // A value that was itself carried is not carried on: three days are counted from where it came from.
        var carried = inputs.Earlier
            .Where(value => value.Grade != IndexGrade.E && value.Day < inputs.Day && value.Day >= inputs.Day.AddDays(-MostDaysCarried))
            .MaxBy(value => value.Day);
        return carried is null ? null : Graded(IndexGrade.E, carried.Micros);
    }

    private static long?[] PricesOf(IReadOnlyList<IndexTrade> trades)
    {
        // A block counts for at most five times the median block of the day.
        var blocks = trades.Where(trade => trade.IsBlock).Select(trade => (trade.GpuMinutes, Weight: BigInteger.One)).ToList();
        var mostOfBlock = blocks.Count == 0 ? long.MaxValue : BlockWeightLimit * WeightedMedian.Of(blocks);

        var prices = new long?[Partition.CountInDay];
        foreach (var partition in trades.GroupBy(trade => Partition.Of(trade.At)))
            prices[partition.Key] = Partition.Price(
                [.. partition.Select(trade => (trade, trade.IsBlock ? Math.Min(trade.GpuMinutes, mostOfBlock) : trade.GpuMinutes))]);
        return prices;
    }
}
