using ComputeExchange.Pricing.Domain;

namespace ComputeExchange.Pricing.Tests.Domain;

/// <summary>Trades of a day, short to write.</summary>
internal static class TradeDay
{
    public static readonly DateOnly Day = new(2026, 3, 2);

    public static readonly DateTimeOffset Start = new(2026, 3, 2, 0, 0, 0, TimeSpan.Zero);

    public static Guid Who(int number) => new(number, 0, 0, [0, 0, 0, 0, 0, 0, 0, 1]);

    public static IndexTrade Trade(long lease, int buyer, int provider, long price, long gpuMinutes, double hour, bool isBlock = false) =>
        new(lease, 0, Who(buyer), Who(100 + provider), isBlock, price, gpuMinutes, Start.AddHours(hour), Start.AddHours(hour));

    /// <summary>So much, spread evenly over five buyers and five providers, so that nobody counts for too much.</summary>
    public static IEnumerable<IndexTrade> Spread(long firstLease, long price, long gpuMinutes, double hour) =>
        Enumerable.Range(0, 5).Select(i => Trade(firstLease + i, i, (i + 1) % 5, price, gpuMinutes / 5, hour));

    /// <summary>A day that is just liquid enough: six partitions, 30 trades, five of each side, 500 GPU-hours, all at one price.</summary>
    public static List<IndexTrade> Liquid(long price = 2_500_000) =>
        [.. Enumerable.Range(0, 6).SelectMany(partition => Spread(1 + (partition * 5), price, 5_000, partition * 2))];

    public static DailyIndex? Value(IEnumerable<IndexTrade> trades, long? auction = null, params EarlierValue[] earlier) =>
        DailyIndex.Of(new IndexInputs(Day, [.. trades], auction, earlier));
}
