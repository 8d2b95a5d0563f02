using ComputeExchange.Agent.Deliveries;
using ComputeExchange.ProviderRegistry.V1;
using Shouldly;
using Xunit;

namespace ComputeExchange.Agent.Tests.Rules;

public class MeterTests
{
    private static readonly DateTimeOffset Ten = new(2031, 3, 1, 10, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Readings_follow_each_other_and_end_at_whole_minutes()
    {
        var meter = new Meter(1, Ten.AddSeconds(30.9));

        meter.Count(Ten.AddSeconds(59), 2, 50, 60).ShouldBeEmpty();
        var readings = meter.Count(Ten.AddSeconds(150.7), 1, 100, 60);

        readings.Select(reading => (reading.FromTime.Seconds - Ten.ToUnixTimeSeconds(), reading.ToTime.Seconds - Ten.ToUnixTimeSeconds())).ShouldBe([(30, 60), (60, 120)]);
        readings.Select(reading => reading.HealthyGpuSeconds).ShouldBe([29 * 2 + 1, 60]);
        readings.Select(reading => reading.UtilisationPercent).ShouldBe([51, 100]);
        var rest = meter.Rest().ShouldNotBeNull();
        rest.HealthyGpuSeconds.ShouldBe(30);
        meter.Rest().ShouldBeNull();
    }

    [Fact]
    public void However_it_is_looked_at_every_second_counts_once()
    {
        for (var seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            var meter = new Meter(1, Ten);
            var (at, seconds) = (0.0, 0L);
            var readings = new List<MeterReading>();
            while (at < 20_000)
            {
                var next = at + random.NextDouble() * (random.Next(10) == 0 ? 9_000 : 90);
                var good = random.Next(9);
                seconds += ((long)next - (long)at) * good;
                readings.AddRange(meter.Count(Ten.AddSeconds(next), good, 0, 60));
                at = next;
            }
            if (meter.Rest() is { } rest) readings.Add(rest);

            readings.Sum(reading => reading.HealthyGpuSeconds).ShouldBe(seconds, $"seed {seed}");
            readings.Zip(readings.Skip(1)).ShouldAllBe(pair => pair.First.ToTime.Equals(pair.Second.FromTime));
            readings.ShouldAllBe(reading => reading.FromTime.Seconds / 3_600 == (reading.ToTime.Seconds - 1) / 3_600);
        }
    }

    [Fact]
    public void A_clock_that_goes_back_counts_nothing()
    {
        var meter = new Meter(1, Ten);
        meter.Count(Ten.AddMinutes(2), 1, 0, 60).Count.ShouldBe(2);

        meter.Count(Ten.AddMinutes(1), 1, 0, 60).ShouldBeEmpty();
        meter.Rest().ShouldBeNull();
    }
}
