using ComputeExchange.MatchingEngine.Core.Auctions;
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
    [InlineData(5)]
    [InlineData(6)]
    public void No_welfare_is_above_what_CBC_finds_without_the_price_rules(int seed)
    {
        var problem = new ExchangeMarket(15, 40, 12, 2, (ulong)seed, Plain: seed % 3 == 0).Make();
        var solution = AuctionSolver.Solve(problem, new SolverBudget());
        var best = CbcOracle.BestWelfare(problem);

        IsValid(problem, solution);

        // CBC reckons in doubles; it ignores the price rules, so its optimum may lie above the bound only if the bound uses them.
        ((double)solution.Welfare).ShouldBeLessThanOrEqualTo(best * (1 + 1e-9) + 1);
        ((double)solution.Welfare).ShouldBeGreaterThan(best * 0.9);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(100)]
    [InlineData(5_000)]
    public void An_answer_that_ran_out_of_budget_still_keeps_every_rule(long nodes)
    {
        for (ulong seed = 1; seed <= 10; seed++)
        {
            var problem = new ExchangeMarket(30, 120, 24, 3, seed).Make();
            IsValid(problem, AuctionSolver.Solve(problem, new SolverBudget(nodes) { Seed = seed }));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(20)]
    [InlineData(150)]
    public void So_does_one_that_the_clock_cut_short(int milliseconds)
    {
        for (ulong seed = 11; seed <= 14; seed++)
        {
            var problem = new ExchangeMarket(60, 150, 24, 3, seed).Make();
            IsValid(problem, AuctionSolver.Solve(problem, new SolverBudget(long.MaxValue) { Deadline = TimeSpan.FromMilliseconds(milliseconds) }));
        }
    }

    [Fact]
    public void The_same_problem_and_budget_give_the_same_answer_to_the_byte()
    {
        var problem = new ExchangeMarket(30, 150, 24, 3, 9).Make();
        foreach (var nodes in new long[] { 0, 500, 20_000 })
        {
            byte[] Answer() => AuctionJson.WriteSolution(AuctionSolver.Solve(problem, new SolverBudget(nodes) { Seed = 7 }) with { Seconds = 0 });
            Answer().ShouldBe(Answer());
        }
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

        IsValid(problem, solution);
        solution.Welfare.ShouldBe(69_600_000);
        solution.Fills.ShouldContain(fill => fill.Bid == "X" && fill.From == 2);
        solution.LeftOut.ShouldBe(["Y"]);
    }

    static void IsValid(AuctionProblem problem, AuctionSolution solution)
    {
        FormatRules.Breaches(problem, solution).ShouldBeEmpty();
        AuctionVerifier.Verify(problem, solution).ShouldBeEmpty();
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
