using ComputeExchange.Solver;
using ComputeExchange.Values.Auctions;
using Shouldly;
using Xunit;

namespace ComputeExchange.Auctioneer.Tests;

/// <summary>What the solver promises on markets that are too large to try everything: checked against CBC and against the rules.</summary>
public class SolverPromisesTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void No_welfare_is_above_what_CBC_finds_without_the_price_rules(int seed)
    {
        var problem = Problems.Market(seed, markets: 1, offers: 12, bids: 40, slots: 12, blocks: 0.5);
        var solution = AuctionSolver.Solve(problem, new SolverBudget());
        var best = CbcOracle.BestWelfare(problem);

        FormatRules.Breaches(problem, solution).ShouldBeEmpty();
        ((double)solution.Welfare).ShouldBeLessThanOrEqualTo(best + 1);

        // CBC ignores the price rules, so its optimum may lie above the bound only if the bound uses them; it never lies below the welfare.
        solution.Bound.ShouldBeGreaterThanOrEqualTo(solution.Welfare);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(100)]
    [InlineData(5_000)]
    public void An_answer_that_ran_out_of_budget_still_keeps_every_rule(long nodes)
    {
        for (var seed = 1; seed <= 10; seed++)
        {
            var problem = Problems.Market(seed, markets: 3, offers: 30, bids: 120, slots: 24, blocks: 0.5, minRuns: seed % 2 == 0);
            var solution = AuctionSolver.Solve(problem, new SolverBudget(nodes));
            FormatRules.Breaches(problem, solution).ShouldBeEmpty();
            solution.Bound.ShouldBeGreaterThanOrEqualTo(solution.Welfare);
        }
    }

    [Fact]
    public void The_same_problem_and_budget_give_the_same_answer()
    {
        var problem = Problems.Market(9, markets: 3, offers: 30, bids: 150, slots: 24, blocks: 0.5);
        var first = AuctionJson.WriteSolution(AuctionSolver.Solve(problem, new SolverBudget(20_000)) with { Seconds = 0 });
        var second = AuctionJson.WriteSolution(AuctionSolver.Solve(problem, new SolverBudget(20_000)) with { Seconds = 0 });
        first.ShouldBe(second);
    }

    [Fact]
    public void A_block_that_would_lose_at_the_price_is_left_out_though_welfare_would_gain_by_it()
    {
        // Rulebook section 1.4, example B, with the block Y at each of its starts: the best without a paradoxically accepted block is 69.6.
        var offers = new List<AuctionOffer>();
        foreach (var (price, gpus) in new[] { (1_000_000L, 8), (2_000_000L, 8), (3_500_000L, 16) })
            offers.Add(new AuctionOffer { Id = $"s{price}", Market = 0, Gpus = gpus, From = 0, To = 4, Reserve = [price] });
        var bids = new List<AuctionBid>();
        for (var hour = 0; hour < 4; hour++)
        {
            bids.Add(Divisible($"high{hour}", hour, hour < 3 ? 8 : 4, 3_000_000));
            bids.Add(Divisible($"low{hour}", hour, 8, 1_500_000));
        }
        bids.Add(Block("X", 8, 2_600_000));
        bids.Add(Block("Y", 16, 2_900_000));
        var problem = new AuctionProblem { Slots = 4, Markets = ["m"], Offers = offers, Bids = bids };

        var solution = AuctionSolver.Solve(problem, new SolverBudget());

        FormatRules.Breaches(problem, solution).ShouldBeEmpty();
        solution.Welfare.ShouldBe(69_600_000);
        solution.Fills.ShouldContain(fill => fill.Bid == "X" && fill.From == 2);
        solution.LeftOut.ShouldBe(["Y"]);
    }

    [Fact]
    public void An_auction_without_supply_sells_nothing_and_says_so()
    {
        var problem = new AuctionProblem { Slots = 2, Markets = ["m"], Offers = [], Bids = [Divisible("b", 0, 4096, 1_000_000_000)] };
        var solution = AuctionSolver.Solve(problem, new SolverBudget());
        solution.Status.ShouldBe(AuctionStatus.Empty);
        FormatRules.Breaches(problem, solution).ShouldBeEmpty();
    }

    static AuctionBid Divisible(string id, int hour, int gpus, long limit) => new()
    {
        Id = id, Kind = BidKind.Divisible, Markets = [0], Gpus = gpus, From = hour, To = hour + 1, Limit = limit,
    };

    static AuctionBid Block(string id, int gpus, long limit) => new()
    {
        Id = id, Kind = BidKind.Block, Markets = [0], Gpus = gpus, From = 0, To = 4, Run = 2, Limit = limit,
    };
}
