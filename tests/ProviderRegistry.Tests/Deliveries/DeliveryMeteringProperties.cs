using ComputeExchange.ProviderRegistry.Domain;
using FsCheck;
using FsCheck.Fluent;
using Shouldly;
using Xunit;

namespace ComputeExchange.ProviderRegistry.Tests;

/// <summary>The arithmetic of metering against a count of every second.</summary>
public sealed class DeliveryMeteringProperties
{
    private const int SlotSeconds = 600;

    private static readonly DateTimeOffset Start = new(2026, 3, 2, 12, 0, 0, TimeSpan.Zero);

    private static readonly Gen<Stretch> Stretches =
        from begin in Gen.Choose(-100, SlotSeconds)
        from length in Gen.Choose(1, 300)
        select new Stretch(Start.AddSeconds(begin), Start.AddSeconds(begin + length));

    private static readonly Gen<Case> Cases =
        from gpus in Gen.Choose(1, 8)
        from lentGpus in Gen.Choose(0, gpus)
        from lent in Stretches
        from outages in Stretches.ListOf(2)
        from active in Gen.Choose(-60, SlotSeconds)
        from isActive in Gen.Choose(0, 9)
        from ended in Gen.Choose(0, SlotSeconds + 60)
        from hasEnded in Gen.Choose(0, 2)
        from givenUp in Gen.Choose(0, 1)
        from readings in (from when in Stretches from healthy in Gen.Choose(0, gpus) select (When: when, Healthy: healthy)).ListOf(4)
        from partActive in Gen.Choose(-60, SlotSeconds)
        from announced in Gen.Choose(-100, SlotSeconds + 100)
        from isAnnounced in Gen.Choose(0, 1)
        select new Case(
            gpus, lentGpus, lent, [.. outages], isActive > 0 ? active : null, hasEnded > 0 ? ended : null, givenUp == 1,
            [.. readings.Select(reading => new AgentReading(reading.When, reading.Healthy * (reading.When.Ticks / TimeSpan.TicksPerSecond)))], partActive,
            isAnnounced == 1 ? announced : null);

    [Fact]
    public void Both_sides_figures_are_what_counting_every_second_gives() => ForAll(one =>
    {
        var measure = one.Measure();
        long registry = 0, agentMilli = 0;
        for (var second = 0; second < SlotSeconds; second++)
        {
            var lent = Covers(one.Lent, second) ? one.LentGpus : 0;
            var outage = one.Outages.Any(stretch => Covers(stretch, second));
            var over = one.Ended <= second;
            if (over) registry += one.GivenUp ? one.Gpus - lent : 0;
            else if (one.Active <= second && !outage) registry += one.Gpus - lent;
            if (over && one.GivenUp) agentMilli += 1_000 * (one.Gpus - lent);
            if (lent > 0 && one.PartActive <= second && !outage) registry += lent;
            foreach (var reading in one.Readings.Where(reading => Covers(reading.When, second)))
                agentMilli += 1_000 * reading.HealthyGpuSeconds * TimeSpan.TicksPerSecond / reading.When.Ticks;
        }
        return measure.Registry == registry && measure.Agent == agentMilli / 1_000;
    });

    [Fact]
    public void No_more_counts_than_either_side_says_or_was_sold_but_for_what_clocks_differ_by() => ForAll(one =>
    {
        var (measure, sold) = (one.Measure(), one.Sold);
        var least = Math.Min(sold, Math.Min(measure.Agent, measure.Registry));
        return measure.Delivered == least || (measure.Delivered == sold && sold - least <= Math.Min(5 * one.Gpus, sold / 100));
    });

    [Fact]
    public void What_was_not_announced_is_part_of_what_is_missing() => ForAll(one =>
    {
        var (measure, missing) = (one.Measure(), one.Sold - one.Measure().Delivered);
        return measure.Unnotified >= 0 && measure.Unnotified <= missing
            && (one.Announced is not null || measure.Unnotified == missing)
            && (one.Announced > 0 || one.Announced is null || measure.Unnotified == 0);
    });

    [Fact]
    public void A_reading_counts_in_two_slots_no_more_than_it_is() => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(300),
        Prop.ForAll((from when in Stretches from healthy in Gen.Choose(0, 5_000) from cut in Gen.Choose(0, SlotSeconds) select (when, healthy, cut)).ToArbitrary(), one =>
        {
            var reading = new AgentReading(one.when, one.healthy);
            long In(DateTimeOffset from, DateTimeOffset to) => DeliveryMetering.Measure(
                new Stretch(from, to), 8, 1_000_000, [new Holder(new Stretch(from, to), 8, null, null, false, [], [reading])], [], null).Agent;
            var cut = Start.AddSeconds(one.cut);
            var (begin, end) = (Start.AddHours(-1), Start.AddHours(2));
            return In(begin, end) == one.healthy && one.healthy - In(begin, cut) - In(cut, end) is 0 or 1;
        }));

    [Fact]
    public void A_few_seconds_by_which_clocks_differ_are_no_shortfall_and_the_sentence_says_so()
    {
        var slot = new Stretch(Start, Start.AddHours(1));
        var measure = DeliveryMetering.Measure(
            slot, 8, 28_800, [new Holder(slot, 8, Start.AddSeconds(2), null, false, [], [new AgentReading(new Stretch(Start.AddSeconds(3), slot.To), 8 * 3_597)])], [], null);
        (measure.Delivered, measure.Unnotified).ShouldBe((28_800, 0));
        measure.Resolution.ShouldBe("Agent 28,776, exchange 28,784 of 28,800 GPU-seconds sold: that is as exactly as clocks agree, so all of it counts.");
    }

    private static bool Covers(Stretch stretch, int second) => stretch.From <= Start.AddSeconds(second) && stretch.To > Start.AddSeconds(second);

    private static void ForAll(Func<Case, bool> holds) => Check.One(Config.QuickThrowOnFailure.WithMaxTest(500), Prop.ForAll(Cases.ToArbitrary(), holds));

    /// <summary>A slot of ten minutes, of whose GPUs some are another delivery's for a time.</summary>
    private sealed record Case(
        int Gpus, int LentGpus, Stretch Lent, IReadOnlyList<Stretch> Outages, int? Active, int? Ended, bool GivenUp, IReadOnlyList<AgentReading> Readings, int PartActive, int? Announced)
    {
        public long Sold => Gpus * SlotSeconds;

        public SlotMeasure Measure()
        {
            var slot = new Stretch(Start, Start.AddSeconds(SlotSeconds));
            Holder[] holders =
            [
                new Holder(slot, Gpus, At(Active), At(Ended), GivenUp, [new Lent(Lent, LentGpus)], Readings),
                new Holder(Lent, LentGpus, At(PartActive), null, false, [], []),
            ];
            return DeliveryMetering.Measure(slot, Gpus, Sold, holders, Outages, At(Announced));
        }

        private static DateTimeOffset? At(int? second) => second is { } of ? Start.AddSeconds(of) : null;
    }
}
