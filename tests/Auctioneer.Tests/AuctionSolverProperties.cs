using ComputeExchange.MatchingEngine.Core.Auctions;
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
    public void No_solution_of_a_small_auction_is_better_than_the_one_that_is_found() =>
        ForAllSeeds(4_000, seed => MeetsTheOracle(Problems.Tiny(seed)));

    [Fact]
    public void Nor_is_there_a_better_one_in_the_whole_language() =>
        ForAllSeeds(6_000, seed => MeetsTheOracle(Problems.Rich(seed)));

    [Fact]
    public void Nor_where_most_bids_are_in_the_money_and_shut_each_other_out() =>
        ForAllSeeds(500, seed => MeetsTheOracle(Problems.Busy(seed)));

    [Fact]
    public void Nor_where_a_dear_offer_must_earn_over_a_run_what_cheap_ones_undercut() =>
        ForAllSeeds(1_000, seed => MeetsTheOracle(Problems.Scattered(seed)));

    [Fact]
    public void Nor_where_blocks_are_served_by_certain_offers_alone() => ForAllSeeds(3_000, seed =>
    {
        MeetsTheOracle(Problems.WithLists(Problems.Rich(seed), seed));
        if (seed % 6 == 0) MeetsTheOracle(Problems.WithLists(Problems.Busy(seed), seed));
        if (seed % 3 == 0) MeetsTheOracle(Problems.WithLists(Problems.Scattered(seed), seed));
    });

    [Fact]
    public void Nor_where_such_an_auction_is_interrupted_does_the_answer_break_a_rule_or_the_bound_fail() => ForAllSeeds(300, seed =>
    {
        var problem = Problems.WithLists(Problems.Rich(seed), seed);
        var best = ExhaustiveOracle.Best(problem).Welfare;
        foreach (var nodes in new long[] { 0, 1, 5, 50 })
        {
            var solution = AuctionSolver.Solve(problem, new SolverBudget(nodes) { Seed = (ulong)seed });
            IsValid(problem, solution);
            solution.Bound.ShouldBeGreaterThanOrEqualTo(best);
        }
    });

    [Fact]
    public void What_the_oracle_finds_keeps_every_rule_itself() => ForAllSeeds(2_000, seed =>
    {
        var problem = Problems.Rich(seed);
        FormatRules.Breaches(problem, ExhaustiveOracle.Best(problem)).ShouldBeEmpty();
    });

    [Fact]
    public void A_small_auction_interrupted_anywhere_has_a_valid_answer_under_a_proven_bound() => ForAllSeeds(1_000, seed =>
    {
        var problem = Problems.Rich(seed);
        var best = ExhaustiveOracle.Best(problem).Welfare;
        foreach (var nodes in new long[] { 0, 1, 2, 5, 20, 100 })
        {
            var solution = AuctionSolver.Solve(problem, new SolverBudget(nodes) { Seed = (ulong)seed });
            IsValid(problem, solution);
            solution.Welfare.ShouldBeLessThanOrEqualTo(best);
            solution.Bound.ShouldBeGreaterThanOrEqualTo(best, $"the bound of a run of {nodes} nodes");
        }
    });

    [Fact]
    public void Whatever_prices_it_starts_from_a_small_auction_ends_at_the_best_answer() => ForAllSeeds(1_000, seed =>
    {
        var problem = Problems.Rich(seed);
        var dice = new Random(seed);
        long? Any() => dice.Next(6) switch { 0 => null, 1 => AuctionProblemRules.MaxPrice, _ => dice.Next(12) };
        IReadOnlyList<long?>[] prices = [.. problem.Markets.Select(_ => (IReadOnlyList<long?>)[.. Enumerable.Range(0, problem.Slots).Select(_ => Any())])];
        var solution = AuctionSolver.Solve(problem, new SolverBudget { StartPrices = prices });
        IsValid(problem, solution);
        solution.Welfare.ShouldBe(ExhaustiveOracle.Best(problem).Welfare);
    });

    [Fact]
    public void What_is_told_on_the_way_only_gets_better_and_ends_at_the_answer() => ForAllSeeds(200, seed =>
    {
        var told = new List<SolverProgress>();
        var problem = new ExchangeMarket(10, 24, 8, 2, (ulong)seed).Make();
        var solution = AuctionSolver.Solve(problem, new SolverBudget(2_000) { Progress = told.Add });
        foreach (var (earlier, later) in told.Zip(told.Skip(1)))
        {
            later.Welfare.ShouldBeGreaterThanOrEqualTo(earlier.Welfare);
            later.Bound.ShouldBeLessThanOrEqualTo(earlier.Bound);
        }

        told.ShouldAllBe(progress => progress.Welfare <= solution.Welfare && progress.Bound >= solution.Bound);
    });

    static void MeetsTheOracle(AuctionProblem problem)
    {
        var solution = AuctionSolver.Solve(problem, new SolverBudget());
        var best = ExhaustiveOracle.Best(problem);
        IsValid(problem, solution);
        solution.Welfare.ShouldBe(best.Welfare);
        solution.Bound.ShouldBeGreaterThanOrEqualTo(best.Welfare);
        solution.Status.ShouldBe(solution.Fills.Count == 0 ? AuctionStatus.Empty : AuctionStatus.Optimal);
        solution.GapPartsPerMillion.ShouldBeLessThanOrEqualTo(100);
    }

    /// <summary>By the rules as they are read here, and by the engine's verifier, which shares nothing with them.</summary>
    static void IsValid(AuctionProblem problem, AuctionSolution solution)
    {
        FormatRules.Breaches(problem, solution).ShouldBeEmpty();
        AuctionVerifier.Verify(problem, solution).ShouldBeEmpty();
    }

    static void ForAllSeeds(int count, Action<int> property) => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(count).WithStartSize(1).WithEndSize(1).WithReplay(1, 1),
        Prop.ForAll(Gen.Choose(0, int.MaxValue - 1).ToArbitrary(), property));
}
