using ComputeExchange.Pricing.Domain;
using Shouldly;
using Xunit;
using static ComputeExchange.Pricing.Tests.Domain.TradeDay;

namespace ComputeExchange.Pricing.Tests.Domain;

public sealed class PartitionTests
{
    [Fact]
    public void The_price_is_the_first_with_at_least_half_of_the_weight()
    {
        WeightedMedian.Of([(3, 1), (1, 1), (2, 2)]).ShouldBe(2);
        WeightedMedian.Of([(1, 2), (2, 1), (3, 1)]).ShouldBe(1);
        WeightedMedian.Of([(7, 5)]).ShouldBe(7);
        Should.Throw<ArgumentException>(() => WeightedMedian.Of([]));
    }

    [Fact]
    public void A_buyer_who_buys_most_of_it_counts_for_a_quarter()
    {
        // 70 of 100 GPU-minutes at $9, bought by one; 30 at $2, bought by three.
        var trades = new[] { Trade(1, 1, 1, 9_000_000, 40, 0), Trade(2, 1, 2, 9_000_000, 30, 0) }
            .Concat(Enumerable.Range(2, 3).Select(buyer => Trade(buyer + 1, buyer, buyer + 1, 2_000_000, 10, 0)));
        PriceOf(trades).ShouldBe(2_000_000);
    }

    [Fact]
    public void A_provider_who_sells_most_of_it_counts_for_a_quarter()
    {
        var trades = new[] { Trade(1, 1, 1, 9_000_000, 40, 0), Trade(2, 2, 1, 9_000_000, 30, 0) }
            .Concat(Enumerable.Range(2, 3).Select(provider => Trade(provider + 1, provider + 1, provider, 2_000_000, 10, 0)));
        PriceOf(trades).ShouldBe(2_000_000);
    }

    [Fact]
    public void A_lease_that_a_block_bought_is_one_trade_at_its_average_and_others_are_a_trade_a_slot()
    {
        IndexTrade[] slots =
        [
            Trade(2, 1, 1, 7, 60, 4) with { Part = 1 }, Trade(2, 1, 1, 5, 60, 3),
            Trade(1, 1, 1, 2_000_000, 30, 0, isBlock: true), Trade(1, 1, 1, 2_000_003, 60, 1, isBlock: true) with { Part = 1 },
        ];
        IndexTrade.WithBlocksWhole(slots).ShouldBe([slots[2] with { PriceMicros = 2_000_002, GpuMinutes = 90 }, slots[1], slots[0]]);
    }

    [Fact]
    public void Two_hours_make_a_partition()
    {
        Partition.Of(Start).ShouldBe(0);
        Partition.Of(Start.AddHours(2).AddTicks(-1)).ShouldBe(0);
        Partition.Of(Start.AddHours(2)).ShouldBe(1);
        Partition.Of(Start.AddHours(24).AddTicks(-1)).ShouldBe(11);
        Partition.Of(new DateTimeOffset(2026, 3, 2, 3, 0, 0, TimeSpan.FromHours(3))).ShouldBe(0);
    }

    [Fact]
    public void In_a_steady_market_ten_percent_away_is_too_far_and_in_a_wild_one_it_is_not()
    {
        var steady = Enumerable.Range(0, 10).Select(i => Trade(i, 1, 2, 2_000_000, 60, 1));
        DroppedOf([.. steady, Trade(99, 1, 2, 2_200_001, 1, 2), Trade(98, 1, 2, 1_799_999, 1, 2), Trade(97, 1, 2, 2_200_000, 1, 2)]).ShouldBe([98, 99]);

        // Prices of $1.50 to $2.50: the median deviation is over $0.20, so even $2.60 is not too far.
        var wild = Enumerable.Range(0, 11).Select(i => Trade(i, 1, 2, 1_500_000 + (i * 100_000), 60, 1));
        DroppedOf([.. wild, Trade(99, 1, 2, 2_600_000, 1, 2)]).ShouldBeEmpty();
    }

    [Fact]
    public void Only_the_last_24_hours_make_the_median()
    {
        var yesterday = Trade(1, 1, 2, 1_000_000, 1_000, -12);
        var today = Trade(2, 1, 2, 2_000_000, 10, 11.9);
        var later = Trade(3, 1, 2, 2_000_000, 10, 12);
        DroppedOf([yesterday, today]).ShouldBe([2]);
        DroppedOf([yesterday, today, later]).ShouldBe([2]);
    }

    [Theory]
    [InlineData(5, 2, 2)]
    [InlineData(7, 2, 4)]
    [InlineData(8, 3, 3)]
    [InlineData(7, 3, 2)]
    [InlineData(0, 3, 0)]
    public void Half_goes_to_even(long dividend, long divisor, long quotient) => Rounding.HalfEven(dividend, divisor).ShouldBe(quotient);

    private static long PriceOf(IEnumerable<IndexTrade> trades) => Partition.Price([.. trades.Select(trade => (trade, trade.GpuMinutes))]);

    private static IEnumerable<long> DroppedOf(IEnumerable<IndexTrade> trades) =>
        Outliers.Split(trades, Start).Dropped.Select(trade => trade.LeaseId).Order();
}
