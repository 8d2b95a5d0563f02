using ComputeExchange.Cli.Replay.Plan;
using ComputeExchange.Cli.Replay.Report;
using ComputeExchange.Values;
using Shouldly;
using Xunit;

namespace ComputeExchange.Cli.Tests;

public class ReportMathsTests
{
    static readonly ReplayPlan Plan = TestFiles.Plan();
    static readonly PlannedNode Us = Plan.Nodes.Single(node => node.Name == "machine-1");
    static readonly PlannedNode Eu = Plan.Nodes.Single(node => node.Name == "machine-2");

    // 8 GPUs in the US at $1.60 and 4 in Europe at $2.00 are offered for a day.
    static readonly Findings Found = new()
    {
        Leases =
        [
            Lease(1, Us, 8, [(3, 2_000_000), (4, 1_600_000)]),
            Lease(2, Eu, 2, [(3, 2_000_000)], delivered: 0.5m),
        ],
        Prices =
        [
            new HourPrice(Us.Market, Plan.Start.AddHours(3), new Price(2_000_000), new Price(2_000_000), 480, 1),
            new HourPrice(Us.Market, Plan.Start.AddHours(4), new Price(1_600_000), new Price(1_600_000), 480, 1),
            new HourPrice(Eu.Market, Plan.Start.AddHours(3), new Price(2_000_000), new Price(2_000_000), 120, 2),
        ],
        Runs = [], Moved = [], Payouts = [], TrialBalance = Money.Zero, Checks = 1, Breaks = [],
    };

    [Fact]
    public void Utilisation_is_what_was_sold_of_what_was_offered()
    {
        var line = ReportMaths.Classes(Plan, Found, Accepted()).ShouldHaveSingleItem();
        line.Name.ShouldBe("H100-SXM-80GB");
        line.OfferedGpuMinutes.ShouldBe(12 * 24 * 60);
        line.SoldGpuMinutes.ShouldBe(18 * 60);
        line.DeliveredGpuMinutes.ShouldBe(17 * 60);
        line.UtilisationPpm.ShouldBe(62_500);
    }

    [Fact]
    public void An_offer_that_was_refused_is_not_offered() =>
        ReportMaths.Classes(Plan, Found, new HashSet<Guid>())[0].OfferedGpuMinutes.ShouldBe(0);

    [Fact]
    public void The_mean_price_is_weighted_by_what_was_sold()
    {
        var line = ReportMaths.Classes(Plan, Found, Accepted())[0];
        (line.Lowest, line.Highest).ShouldBe((new Price(1_600_000), new Price(2_000_000)));

        // (2.00 × 600 + 1.60 × 480) / 1,080
        line.Mean.ShouldBe(new Price(1_822_222));
        line.ByHourOfDay[3].ShouldBe(new Price(2_000_000));
        line.ByHourOfDay[4].ShouldBe(new Price(1_600_000));
        line.ByHourOfDay[5].ShouldBeNull();
    }

    [Theory]
    [InlineData(1, 2, 2)]
    [InlineData(3, 2, 2)]
    [InlineData(3, 4, 4)]
    public void A_mean_rounds_half_to_even(long one, long other, long mean) =>
        ReportMaths.Mean([(new Price(one), 1), (new Price(other), 1)]).ShouldBe(new Price(mean));

    [Fact]
    public void Savings_compare_what_was_paid_with_posted_asks_for_the_same_hours()
    {
        var saving = ReportMaths.Savings(Plan, Found);

        // Paid 16 + 12.80 + 4; the machines asked 12.80 + 12.80 + 4; each market has one machine, so the means are theirs.
        saving.Paid.Micros.ShouldBe(32_800_000);
        saving.AtTheirAsks.Micros.ShouldBe(29_600_000);
        saving.AtMeanAsks.Micros.ShouldBe(29_600_000);
        saving.OfTheirAsksPpm.ShouldBe(-108_108);
    }

    [Fact]
    public void An_hour_is_above_reserve_where_buyers_paid_more_than_every_machine_asked()
    {
        var hours = ReportMaths.Hours(Plan, Found);
        hours.Traded.ShouldBe(3);
        hours.AboveReserve.ShouldBe(1);
        hours.SoldOut.ShouldBe(2);
    }

    [Fact]
    public void Nothing_of_nothing_is_nothing()
    {
        ReportMaths.Ppm(5, 0).ShouldBe(0);
        ReportMaths.Mean([]).ShouldBeNull();
        ReportText.Sparkline(new Price?[24]).ShouldBeEmpty();
    }

    [Fact]
    public void A_sparkline_runs_from_the_lowest_to_the_highest_price() =>
        ReportText.Sparkline([new Price(1), null, new Price(8), new Price(4)]).ShouldBe("▁ █▄");

    static HashSet<Guid> Accepted() => [.. Plan.Actions.OfType<OfferAction>().Select(offer => offer.RequestId)];

    static SoldLease Lease(long id, PlannedNode node, int gpus, (int Hour, long Micros)[] hours, decimal delivered = 1) => new(
        id, node.Market, node.Id, Guid.Empty, gpus, new Money(hours.Sum(hour => hour.Micros * gpus)),
        [.. hours.Select(hour => new SoldHour(Plan.Start.AddHours(hour.Hour), gpus * 3_600L, (long)(gpus * 3_600 * delivered), true))]);
}
