using ComputeExchange.Cli.Replay.Files;
using ComputeExchange.Cli.Replay.Plan;
using ComputeExchange.Cli.Words;
using ComputeExchange.Values;
using Shouldly;
using Xunit;

namespace ComputeExchange.Cli.Tests;

public class PlannerTests
{
    [Fact]
    public void The_same_files_and_seed_make_the_same_plan_byte_for_byte() =>
        TestFiles.Plan(days: 2).ToText().ShouldBe(TestFiles.Plan(days: 2).ToText());

    [Fact]
    public void Another_seed_makes_another_plan_with_other_people()
    {
        var (one, other) = (TestFiles.Plan(seed: 1), TestFiles.Plan(seed: 2));
        other.ToText().ShouldNotBe(one.ToText());
        other.Seats.Select(seat => seat.Id).Intersect(one.Seats.Select(seat => seat.Id)).ShouldBeEmpty();
        other.Actions.Select(action => action.RequestId).Intersect(one.Actions.Select(action => action.RequestId)).ShouldBeEmpty();
    }

    [Fact]
    public void Another_scale_sends_other_request_ids_for_the_same_people()
    {
        var (one, other) = (TestFiles.Plan(), TestFiles.Plan(scale: 2));
        other.Seats.Select(seat => seat.Id).ShouldBe(one.Seats.Select(seat => seat.Id));
        other.Actions.Select(action => action.RequestId).Intersect(one.Actions.Select(action => action.RequestId)).ShouldBeEmpty();
    }

    [Fact]
    public void Every_id_is_used_once_and_says_that_it_is_a_hash()
    {
        var ids = TestFiles.Plan(days: 2).Actions.Select(action => action.RequestId).ToList();
        ids.Distinct().Count().ShouldBe(ids.Count);
        ids.ShouldAllBe(id => id.Version == 8);
    }

    [Fact]
    public void Each_day_is_offered_whole_at_that_days_price_from_noon_of_the_day_before()
    {
        var plan = TestFiles.Plan(days: 3);
        var offers = plan.Steps.SelectMany(step => step.Actions.OfType<OfferAction>().Select(offer => (step.Time, Offer: offer))).ToList();

        // Machine 2 is gone on the second day, and the second day repeats.
        offers.Select(entry => (entry.Offer.Node.Name, entry.Offer.From.Day, entry.Offer.Gpus, entry.Offer.Ask.MicrosPerGpuHour, entry.Time.ToString("dd HH:mm"))).ShouldBe(
        [
            ("machine-1", 27, 8, 1_600_000, "27 00:00"), ("machine-2", 27, 4, 2_000_000, "27 00:00"),
            ("machine-1", 28, 8, 1_700_000, "27 12:00"), ("machine-1", 1, 8, 1_700_000, "28 12:00"),
        ]);
        offers.ShouldAllBe(entry => entry.Offer.To - entry.Offer.From == TimeSpan.FromDays(1));
    }

    [Fact]
    public void Markets_are_those_of_classes_with_a_published_throughput_and_the_others_are_told()
    {
        var plan = TestFiles.Plan();
        plan.Markets.ShouldBe(["H100-SXM-80GB.eu", "H100-SXM-80GB.us"]);
        plan.Unserved.ShouldBe([new UnservedClass("RTX4090-24GB", 1, 4)]);
    }

    [Fact]
    public void Limits_lie_around_the_share_of_the_revenue_that_each_buyer_pays_in_whole_ticks()
    {
        // $2.10 a GPU-hour, from 60% to 110%, 3% up or down.
        var limits = TestFiles.Plan(days: 2).Actions.OfType<BidAction>().Select(bid => bid.Limit.MicrosPerGpuHour).ToList();
        limits.ShouldAllBe(limit => limit % 1_000 == 0 && limit >= 1_222_000 && limit <= 2_379_300);
        limits.Min().ShouldBeLessThan(1_400_000);
        limits.Max().ShouldBeGreaterThan(2_200_000);
    }

    [Fact]
    public void No_limit_is_above_the_exchanges_highest_price()
    {
        var plan = Planner.Make(TestFiles.Small, new PlanOptions("llama3.1-8b", 1, 1), ExchangeTerms.Default with { HighestPriceMicros = 1_500_000 });
        plan.Actions.OfType<BidAction>().Max(bid => bid.Limit.MicrosPerGpuHour).ShouldBe(1_500_000);
    }

    [Fact]
    public void All_but_three_buyers_can_pay_for_all_that_they_want()
    {
        var plan = TestFiles.Plan(days: 2, scale: 3);
        var wants = plan.Actions.OfType<BidAction>().GroupBy(bid => bid.Buyer).ToDictionary(group => group.Key, group => group.Sum(bid => bid.Most.Micros));
        wants.Count(want => want.Key.Deposit.Micros < want.Value + want.Value / 10).ShouldBe(Planner.PoorBuyers);
        plan.Seats.ShouldAllBe(seat => seat.Deposit > Money.Zero);
    }

    [Fact]
    public void Bids_are_sent_before_they_begin_and_within_the_replay()
    {
        var plan = TestFiles.Plan(days: 2, scale: 3);
        foreach (var step in plan.Steps)
        {
            foreach (var bid in step.Actions.OfType<BidAction>())
            {
                bid.From.ShouldBeGreaterThanOrEqualTo(step.Time);
                bid.To.ShouldBeLessThanOrEqualTo(plan.End);
            }
        }
    }

    [Fact]
    public void A_bid_is_cancelled_only_after_it_was_sent()
    {
        var sent = new HashSet<Guid>();
        var cancels = 0;
        foreach (var action in TestFiles.Plan(days: 2, scale: 5).Actions)
        {
            if (action is BidAction bid) sent.Add(bid.RequestId);
            if (action is not CancelAction cancel) continue;
            sent.ShouldContain(cancel.Bid.RequestId);
            cancels++;
        }
        cancels.ShouldBeGreaterThan(0);
    }

    [Fact]
    public void What_a_node_delivers_depends_on_the_seed_and_the_hour_alone()
    {
        var plan = TestFiles.Plan(days: 2);
        var node = plan.Nodes[0].Id;
        var hours = Enumerable.Range(0, 48).Select(hour => plan.Deliveries.Of(node, plan.Start.AddHours(hour), 3_600)).ToList();
        hours.ShouldBe(Enumerable.Range(0, 48).Select(hour => TestFiles.Plan(days: 2).Deliveries.Of(node, plan.Start.AddHours(hour), 3_600)));
        hours.Count(delivered => delivered is null).ShouldBe(6, "the first node says nothing for six hours");
        hours.ShouldAllBe(delivered => delivered == null || (delivered >= 1_800 && delivered <= 3_600));
    }

    [Fact]
    public void A_model_that_no_offered_gpu_can_serve_is_refused_with_the_models_that_work()
    {
        var files = TestFiles.Small with
        {
            Tokens = TestFiles.Tokens("deepseek-r1,Server,NVIDIA B200-SXM-180GB,3000,x", "llama3.1-8b,Server,NVIDIA H100-SXM-80GB,5000,y"),
            Prices = TestFiles.Prices("2026-02-01,d,deepseek/deepseek-r1,0.7,2.5", "2026-02-01,m,meta-llama/llama-3.1-8b-instruct,0.02,0.05"),
        };
        Should.Throw<InputException>(() => Planner.Make(files, new PlanOptions("deepseek-r1", 1, 1), ExchangeTerms.Default))
            .Message.ShouldBe("--model: \"deepseek-r1\" has published throughput for B200-SXM-180GB, and none of these is on offer. These work: llama3.1-8b.");
    }

    [Fact]
    public void The_chart_of_a_replay_is_that_of_its_days() =>
        Commands.ReplayCommand.Chart("http://127.0.0.1:5081", TestFiles.Plan(days: 2)).ShouldBe("http://127.0.0.1:5081/market?from=2026-02-27T00:00Z&to=2026-03-01T00:00Z");

    [Fact]
    public void The_projects_own_scenario_makes_a_plan()
    {
        var folder = Path.Combine(CommandLineTests.Root, "deploy", "scenario");
        var files = new ReplayFiles(
            OffersFile.Read("offers.csv", File.ReadAllBytes(Path.Combine(folder, "offers.csv")), 1_000, 50_000_000), RequestsFile.Read(Path.Combine(folder, "requests.csv")),
            TokensFile.Read(Path.Combine(folder, "tokens_per_gpu.csv")), PricesFile.Read(Path.Combine(folder, "token_prices.csv")));
        foreach (var model in files.Tokens.Models)
            Planner.Make(files, new PlanOptions(model, 1, 1), ExchangeTerms.Default).Actions.OfType<BidAction>().Count().ShouldBeInRange(100, 600);
    }
}
