using System.Numerics;
using ComputeExchange.Pricing.Domain;
using FsCheck;
using FsCheck.Fluent;
using Shouldly;
using Xunit;
using static ComputeExchange.Pricing.Tests.Domain.TradeDay;

namespace ComputeExchange.Pricing.Tests.Domain;

/// <summary>For every day of trades.</summary>
public sealed class DailyIndexProperties
{
    [Fact]
    public void The_order_of_the_trades_does_not_matter() => ForAll((trades, random) =>
        Value(Shuffled(trades, random), 1).ShouldBeEquivalentTo(Value(trades, 1)));

    [Fact]
    public void Nobody_counts_for_more_than_a_quarter_of_a_partition() => ForAll((trades, _) =>
    {
        foreach (var partition in trades.GroupBy(trade => Partition.Of(trade.At)))
        {
            var (unit, capped) = Partition.Capped([.. partition.Select(trade => (trade, trade.GpuMinutes))]);
            var all = unit * partition.Sum(trade => trade.GpuMinutes);
            foreach (var own in capped.GroupBy(item => item.Trade.Buyer)) (Sum(own) * Partition.ParticipantShare).ShouldBeLessThanOrEqualTo(all);
            foreach (var own in capped.GroupBy(item => item.Trade.Provider)) (Sum(own) * Partition.ParticipantShare).ShouldBeLessThanOrEqualTo(all);
            capped.ShouldAllBe(item => item.Weight > 0 && item.Weight <= unit * item.Trade.GpuMinutes);
        }
    });

    [Fact]
    public void A_value_lies_within_the_prices_it_is_made_of() => ForAll((trades, _) =>
    {
        if (Value(trades) is not { } value) return;
        value.Micros.ShouldBeInRange(trades.Min(trade => trade.PriceMicros) - 100, trades.Max(trade => trade.PriceMicros) + 100);
        value.PartitionPrices.OfType<long>().ShouldAllBe(price => trades.Any(trade => trade.PriceMicros == price));
        (value.Micros % Rounding.IndexStep).ShouldBe(0);
    });

    [Fact]
    public void Twice_the_volume_makes_the_same_partition_prices() => ForAll((trades, _) =>
        Value(trades.Select(trade => trade with { GpuMinutes = trade.GpuMinutes * 2 }), 1)!.PartitionPrices
            .ShouldBe(Value(trades, 1)!.PartitionPrices));

    /// <summary>A day on which one trade's weight is exactly half of what its partition counts: rounded weights fell on either side of it.</summary>
    [Fact]
    public void An_exact_half_is_a_half_whatever_the_volume()
    {
        var trades = Trades(new Random(311790168));
        Value(trades.Select(trade => trade with { GpuMinutes = trade.GpuMinutes * 2 }), 1)!.PartitionPrices.ShouldBe(Value(trades, 1)!.PartitionPrices);
    }

    private static void ForAll(Action<IReadOnlyList<IndexTrade>, Random> holds) => Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), seed =>
    {
        var random = new Random(seed);
        holds(Trades(random), random);
    }).QuickCheckThrowOnFailure();

    private static List<IndexTrade> Trades(Random random)
    {
        var participants = random.Next(1, 15);
        return [.. Enumerable.Range(1, random.Next(1, 120)).Select(lease => new IndexTrade(
            lease, 0, Who(random.Next(participants)), Who(random.Next(participants) + (random.Next(4) == 0 ? 0 : 100)), random.Next(3) == 0,
            2_000_000 + (random.Next(-6, 7) * 25_000) + (random.Next(20) == 0 ? 5_000_000 : 0),
            random.Next(1, 9) * random.Next(1, 400),
            Start.AddHours(random.Next(-24, 48)),
            Start.AddHours(random.Next(-24, 24)).AddMinutes(random.Next(3))))];
    }

    private static List<IndexTrade> Shuffled(IEnumerable<IndexTrade> trades, Random random) => [.. trades.OrderBy(_ => random.Next())];

    private static BigInteger Sum(IEnumerable<(IndexTrade Trade, BigInteger Weight)> items) => items.Aggregate(BigInteger.Zero, (sum, item) => sum + item.Weight);
}
