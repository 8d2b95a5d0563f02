using ComputeExchange.ProviderRegistry.Domain;
using ComputeExchange.ProviderRegistry.Domain.Selling;
using FsCheck;
using FsCheck.Fluent;
using Shouldly;
using Xunit;

namespace ComputeExchange.ProviderRegistry.Tests.Selling;

public sealed class RepricingTests
{
    private static readonly MarketGrid Grid = MarketGrid.Untold;
    private static readonly RepricingTerms Terms = new(2_000_000, 3_000_000, 85, 25, 5);

    [Fact]
    public void The_reserve_rises_when_nearly_all_is_sold_and_says_why() =>
        Repricing.Next(Terms, Grid, 0, null, 90, Registry.Noon).ShouldBe(new Repriced(
            2_100_000, Registry.Noon, "90% of the next 24 hours is sold, more than 85%: the reserve rose from $2.00 to $2.10."));

    [Fact]
    public void It_falls_when_little_is_sold_but_not_below_the_floor()
    {
        Repricing.Next(Terms, Grid, 2_050_000, null, 10, Registry.Noon).ReserveMicros.ShouldBe(2_000_000);
        Repricing.Next(Terms, Grid, 2_000_000, null, 10, Registry.Noon).Explanation.ShouldEndWith("the reserve is at its floor of $2.00.");
    }

    [Fact]
    public void It_moves_once_an_hour_at_most()
    {
        var first = Repricing.Next(Terms, Grid, 2_000_000, null, 100, Registry.Noon);
        var soon = Repricing.Next(Terms, Grid, first.ReserveMicros, first.MovedTime, 100, Registry.Noon.AddMinutes(59));
        soon.ReserveMicros.ShouldBe(first.ReserveMicros);
        soon.Explanation.ShouldEndWith("moves again at 13:00 UTC.");
        Repricing.Next(Terms, Grid, first.ReserveMicros, first.MovedTime, 100, Registry.Noon.AddHours(1)).ReserveMicros.ShouldBeGreaterThan(first.ReserveMicros);
    }

    [Fact]
    public void It_never_leaves_the_floor_and_the_cap_nor_the_tick() => Prop.ForAll(Gen.Choose(0, int.MaxValue - 1).ToArbitrary(), seed =>
    {
        var random = new Random(seed);
        var floor = random.Next(1, 50) * 100_000L;
        var terms = new RepricingTerms(floor, floor + (random.Next(50) * 100_000L), random.Next(51, 101), random.Next(50), random.Next(1, 51));
        var (reserve, moved) = (0L, (DateTimeOffset?)null);
        for (var hour = 0; hour < 60; hour++)
        {
            var next = Repricing.Next(terms, Grid, reserve, moved, random.Next(5) == 0 ? null : random.Next(101), Registry.Noon.AddMinutes(hour * 40));
            next.ReserveMicros.ShouldBeInRange(terms.FloorMicros, terms.CapMicros);
            (next.ReserveMicros % Grid.TickMicros).ShouldBe(0);
            if (next.ReserveMicros != Math.Clamp(reserve, terms.FloorMicros, terms.CapMicros)) next.MovedTime.ShouldBe(Registry.Noon.AddMinutes(hour * 40));
            (reserve, moved) = (next.ReserveMicros, next.MovedTime);
        }
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(200));

    [Fact]
    public void Only_what_may_be_sold_counts_as_unsold()
    {
        var nights = new SellingTerms(2_000_000, 1_000_000, 0b111, 127, 1, 24, []);
        SoldPart[] sold = [new(1, 4, Registry.Noon.AddHours(12), Registry.Noon.AddHours(15))];
        Repricing.SoldPercent(Grid, Registry.Noon, 8, nights, sold).ShouldBe(50);
        Repricing.SoldPercent(Grid, Registry.Noon, 0, nights, []).ShouldBeNull();
    }
}
