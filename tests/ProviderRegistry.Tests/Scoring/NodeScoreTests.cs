using ComputeExchange.ProviderRegistry.Scores;
using Shouldly;
using Xunit;

namespace ComputeExchange.ProviderRegistry.Tests.Scoring;

public sealed class NodeScoreTests
{
    private const long GpuHour = 3_600;
    private static readonly DateTimeOffset Noon = Registry.Noon;

    [Fact]
    public void A_node_that_sold_nothing_begins_at_95_percent() =>
        NodeScore.DeliveryPpmOf(default, Noon).ShouldBe(950_000);

    [Fact]
    public void A_failed_day_ends_new_sales_and_they_come_back_as_it_ages()
    {
        var failed = NodeScore.Add(default, 8 * 24 * GpuHour, 0, Noon);
        Score(failed, Noon).ScorePpm.ShouldBeLessThan(NodeScore.SellsFromPpm);
        Score(failed, Noon.AddDays(180)).ScorePpm.ShouldBeGreaterThan(NodeScore.SellsFromPpm);
    }

    [Fact]
    public void What_is_delivered_lifts_the_score_above_98_percent()
    {
        var record = default(WeightedRecord);
        for (var hour = 0; hour < 48; hour++) record = NodeScore.Add(record, 8 * GpuHour, 8 * GpuHour, Noon.AddHours(hour));
        Score(record, Noon.AddDays(2)).ScorePpm.ShouldBeGreaterThan(980_000);
    }

    [Fact]
    public void Half_of_it_is_forgotten_in_30_days()
    {
        var old = NodeScore.Add(default, 1_000, 0, Noon);
        NodeScore.Add(old, 1_000, 1_000, Noon.AddDays(30)).ShouldBe(new WeightedRecord(1_500, 1_000, Noon.AddDays(30)));
        NodeScore.Add(old, 10, 10, Noon.AddDays(-1)).Time.ShouldBe(Noon);
    }

    [Fact]
    public void Uptime_is_the_share_of_30_days_that_no_outage_covers()
    {
        NodeScore.UptimePpmOf([], Noon).ShouldBe(1_000_000);
        NodeScore.UptimePpmOf([(Noon.AddDays(-3), null)], Noon).ShouldBe(900_000);
        NodeScore.UptimePpmOf([(Noon.AddDays(-40), Noon.AddDays(-27)), (Noon.AddHours(-1), Noon.AddHours(5))], Noon).ShouldBe(1_000_000 - 100_000 - 1_388);
    }

    [Fact]
    public void The_formula_is_said_with_its_figures()
    {
        var score = new NodeScore(980_000, 990_000, 2, 20);
        score.ScorePpm.ShouldBe(980_000 * 999 / 1_000 - 20_000 - 6_000);
        score.Formula.ShouldContain("= 0.98 × (0.9 + 0.1 × 0.99) − 0.02 − 0.006 = 0.953;");
        new NodeScore(0, 0, 90, -1).ScorePpm.ShouldBe(0);
    }

    private static NodeScore Score(WeightedRecord record, DateTimeOffset now) => new(NodeScore.DeliveryPpmOf(record, now), 1_000_000, 0, 1);
}
