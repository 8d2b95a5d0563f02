using ComputeExchange.MatchingEngine.Core.Auctions;
using ComputeExchange.Solver;
using ComputeExchange.Values.Auctions;
using Shouldly;
using Xunit;

namespace ComputeExchange.Auctioneer.Tests;

/// <summary>What docs/auction.md says of docs/auction-example.json is what comes out of it.</summary>
public class WorkedExampleTests
{
    static readonly AuctionProblem Problem = Read();

    [Fact]
    public void The_welfare_is_78_dollars_and_proven()
    {
        var solution = AuctionSolver.Solve(Problem, new SolverBudget());
        AuctionVerifier.Verify(Problem, solution).ShouldBeEmpty();
        solution.Welfare.ShouldBe(78_000_000);
        solution.Status.ShouldBe(AuctionStatus.Optimal);
    }

    [Fact]
    public void One_block_waits_for_the_last_two_hours_and_the_other_is_left_out_below_its_limit()
    {
        var solution = AuctionSolver.Solve(Problem, new SolverBudget());
        solution.Fills.Where(fill => fill.Bid == "X").Sum(fill => fill.From == 2 && fill.To == 4 ? fill.Gpus : 0).ShouldBe(8);
        solution.LeftOut.ShouldBe(["Y"]);
    }

    [Fact]
    public void Who_takes_either_market_goes_west_in_the_hour_in_which_the_east_is_dearer()
    {
        var solution = AuctionSolver.Solve(Problem, new SolverBudget());
        for (var hour = 0; hour < 4; hour++)
            solution.Fills.Where(fill => fill.Bid == "either" && fill.From <= hour && hour < fill.To).ShouldAllBe(fill => fill.Offer == "west" == (hour == 2));
    }

    [Fact]
    public void The_prices_are_those_of_the_page()
    {
        var solution = AuctionSolver.Solve(Problem, new SolverBudget());
        solution.Prices[0].ShouldBe([2_000_000, 2_000_000, 2_650_000, 2_150_000]);
        solution.Prices[1].ShouldBe([null, null, 2_300_000, null]);
    }

    /// <summary>The same in tenths of dollars and quarters of GPUs, small enough to try all there is.</summary>
    [Fact]
    public void Nothing_valid_is_worth_more()
    {
        var small = Problem with
        {
            Offers = [.. Problem.Offers.Select(offer => offer with { Gpus = offer.Gpus / 4, Reserve = [offer.Reserve[0] / 100_000] })],
            Bids = [.. Problem.Bids.Select(bid => bid with { Gpus = bid.Gpus / 4, Limit = bid.Limit / 100_000 })],
        };
        ExhaustiveOracle.Best(small).Welfare.ShouldBe(780 / 4);
    }

    static AuctionProblem Read()
    {
        using var file = typeof(WorkedExampleTests).Assembly.GetManifestResourceStream("auction-example.json")!;
        var bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        return AuctionJson.ReadProblem(bytes);
    }
}
