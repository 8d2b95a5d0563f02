using ComputeExchange.Solver;
using ComputeExchange.Values.Auctions;
using FsCheck;
using FsCheck.Fluent;
using Shouldly;
using Xunit;

namespace ComputeExchange.Auctioneer.Tests;

public class AuctionSolverProperties
{
    [Fact]
    public void No_solution_of_a_small_auction_is_better_than_the_one_that_is_found() => ForAllSeeds(4_000, seed =>
    {
        var problem = Problems.Tiny(seed);
        var solution = AuctionSolver.Solve(problem, new SolverBudget());
        FormatRules.Breaches(problem, solution).ShouldBeEmpty();
        solution.Welfare.ShouldBe(ExhaustiveOracle.BestWelfare(problem));
        solution.Status.ShouldBe(solution.Fills.Count == 0 ? AuctionStatus.Empty : AuctionStatus.Optimal);
        solution.GapPartsPerMillion.ShouldBeLessThanOrEqualTo(100);
    });

    static void ForAllSeeds(int count, Action<int> property) => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(count).WithStartSize(1).WithEndSize(1).WithReplay(1, 1),
        Prop.ForAll(Gen.Choose(0, int.MaxValue - 1).ToArbitrary(), property));
}
