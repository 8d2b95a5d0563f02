using ComputeExchange.Pricing.Domain;
using Shouldly;
using Xunit;
using static ComputeExchange.Pricing.Tests.Domain.TradeDay;

namespace ComputeExchange.Pricing.Tests.Domain;

public sealed class DailyIndexTests
{
    /// <summary>The rulebook's worked example (section 4.1): price and GPU-hours of each trade, by partition. Its sizes are doubled here, to pass the least volume.</summary>
    private static readonly (decimal Price, int GpuHours)[][] Rulebook =
    [
        [(2.5m, 8), (2.52m, 16), (2.6m, 4)],
        [(2.49m, 8), (2.55m, 8)],
        [(2.51m, 64), (9.99m, 8)],
        [(2.53m, 8)],
        [(2.48m, 24), (2.5m, 24)],
        [(2.5m, 1), (2.51m, 1), (2.52m, 1)],
        [(2.47m, 8), (2.58m, 9)],
        [(2.5m, 40)],
        [(2.54m, 8), (2.56m, 24), (2.4m, 8)],
        [(2.5m, 8)],
        [(2.52m, 8), (2.53m, 8), (2.54m, 8)],
        [(2.55m, 16), (2.45m, 16)],
    ];

    [Fact]
    public void The_rulebooks_example_comes_out_as_it_says()
    {
        var lease = 1;
        var trades = Rulebook.SelectMany((partition, index) => partition.SelectMany(trade =>
            Spread(lease += 5, (long)(trade.Price * 1_000_000), trade.GpuHours * 2 * 60, (index * 2) + 0.5)));

        var value = Value(trades)!;
        value.Grade.ShouldBe(IndexGrade.A);
        value.Micros.ShouldBe(2_513_300);
        value.PartitionPrices.ShouldBe([
            2_520_000, 2_490_000, 2_510_000, 2_530_000, 2_480_000, 2_510_000, 2_580_000, 2_500_000, 2_560_000, 2_500_000, 2_530_000, 2_450_000,
        ]);
    }

    [Fact]
    public void A_liquid_day_has_grade_A()
    {
        var value = Value(Liquid(), auction: 1)!;
        (value.Grade, value.Micros, value.TradeCount, value.GpuMinutes).ShouldBe((IndexGrade.A, 2_500_000, 30, 30_000));
        value.PartitionPrices.Count(price => price is null).ShouldBe(6);
    }

    [Theory]
    [InlineData("five partitions")]
    [InlineData("nineteen trades")]
    [InlineData("four buyers")]
    [InlineData("four sellers")]
    [InlineData("a GPU-minute too little")]
    public void A_day_that_lacks_anything_falls_back_to_its_last_auction(string what)
    {
        var trades = Liquid();
        trades = what switch
        {
            "five partitions" => [.. trades.Select(trade => trade.At.Hour == 10 ? trade with { At = trade.At.AddHours(-2) } : trade)],
            "nineteen trades" => [.. trades.Select(trade => trade with { LeaseId = Math.Min(trade.LeaseId, 19) })],
            "four buyers" => [.. trades.Select(trade => trade with { Buyer = trade.Buyer == Who(4) ? Who(3) : trade.Buyer })],
            "four sellers" => [.. trades.Select(trade => trade with { Provider = trade.Provider == Who(104) ? Who(103) : trade.Provider })],
            _ => [trades[0] with { GpuMinutes = trades[0].GpuMinutes - 1 }, .. trades.Skip(1)],
        };
        var value = Value(trades, auction: 2_345_678)!;
        (value.Grade, value.Micros).ShouldBe((IndexGrade.B, 2_345_700));
    }

    [Fact]
    public void Without_an_auction_the_latest_value_of_the_last_three_days_is_carried()
    {
        EarlierValue Before(int days, long micros, IndexGrade grade = IndexGrade.A) => new(Day.AddDays(-days), micros, grade);

        Value([], null, Before(3, 30), Before(2, 20, IndexGrade.B)).ShouldSatisfyAllConditions(v => v!.Grade.ShouldBe(IndexGrade.E), v => v!.Micros.ShouldBe(20));
        Value([], null, Before(1, 10, IndexGrade.E), Before(3, 30))!.Micros.ShouldBe(30);
        Value([], null, Before(1, 10, IndexGrade.E), Before(4, 40)).ShouldBeNull();
        Value([], null, Before(0, 10)).ShouldBeNull();
        Value([]).ShouldBeNull();
    }

    [Fact]
    public void Own_capacity_bought_by_its_owner_does_not_count()
    {
        var trades = Liquid();
        var own = Trade(99, 1, 0, 2_600_000, 1_000_000, 0) with { Provider = Who(1) };
        Value([.. trades, own]).ShouldBeEquivalentTo(Value(trades));
        Value([own]).ShouldBeNull();
    }

    [Fact]
    public void What_is_delivered_later_than_in_72_hours_does_not_count()
    {
        var trades = Liquid();
        var late = Trade(99, 1, 2, 2_600_000, 1_000_000, 0);
        Value([.. trades, late with { Delivery = late.At.AddHours(72).AddTicks(1) }]).ShouldBeEquivalentTo(Value(trades));
        Value([.. trades, late with { Delivery = late.At.AddHours(72) }])!.TradeCount.ShouldBe(31);
    }

    [Fact]
    public void Trades_of_other_days_do_not_count()
    {
        var trades = Liquid();
        var before = trades.Select(trade => trade with { At = trade.At.AddDays(-1), LeaseId = trade.LeaseId + 100, PriceMicros = 2_600_000 });
        var after = Trade(999, 1, 2, 2_600_000, 1_000_000, 24);
        Value([.. before, .. trades, after]).ShouldBeEquivalentTo(Value(trades));
    }

    [Fact]
    public void A_price_far_from_those_of_the_last_24_hours_is_dropped_and_named()
    {
        var value = Value([.. Liquid(), Trade(99, 1, 2, 2_750_001, 60, 11), Trade(98, 1, 2, 2_750_000, 60, 11)])!;
        value.DroppedLeaseIds.ShouldBe([99]);
        value.TradeCount.ShouldBe(31);
    }

    [Fact]
    public void A_block_counts_for_at_most_five_times_the_median_block()
    {
        // The median block has 100, so the one of 10,000 at $2.60 counts for 500, and as its buyer's for a quarter of what is there.
        IndexTrade[] trades =
        [
            Trade(1, 1, 1, 2_400_000, 100, 0, isBlock: true), Trade(2, 2, 2, 2_400_000, 100, 0, isBlock: true),
            Trade(3, 3, 3, 2_600_000, 10_000, 0, isBlock: true), Trade(4, 4, 4, 2_400_000, 140, 0), Trade(5, 5, 5, 2_400_000, 140, 0),
        ];
        Value(trades, auction: 1)!.PartitionPrices[0].ShouldBe(2_400_000);
        Value(trades.Select(trade => trade with { IsBlock = false }), auction: 1)!.PartitionPrices[0].ShouldBe(2_600_000);
    }

    [Theory]
    [InlineData(2_500_050, 2_500_000)]
    [InlineData(2_500_150, 2_500_200)]
    [InlineData(2_500_149, 2_500_100)]
    [InlineData(2_500_051, 2_500_100)]
    public void Values_are_rounded_half_to_even_at_a_hundredth_of_a_cent(long exact, long rounded) =>
        Value(Liquid(exact))!.Micros.ShouldBe(rounded);

    [Fact]
    public void The_mean_of_the_partitions_is_rounded_once()
    {
        // Five partitions at 2.5000 and one at 2.5003: 2.50005 is half way, and goes to the even 2.5000.
        var trades = Liquid().Select(trade => trade.At.Hour == 0 ? trade with { PriceMicros = 2_500_300 } : trade);
        Value(trades)!.Micros.ShouldBe(2_500_000);
    }
}
