using ComputeExchange.MatchingEngine.Core.Auctions;
using ComputeExchange.Solver;
using ComputeExchange.Values.Auctions;
using Shouldly;
using Xunit;

namespace ComputeExchange.MatchingEngine.Tests.Auctions;

/// <summary>Good answers to auctions in the whole language, changed in every way: each change is refused, or is as good by the rules word by word.</summary>
public class VerifierMutationTests
{
    /// <summary>Changes that never leave an answer as good as it was.</summary>
    static readonly string[] NeverHarmless =
    [
        "welfare", "welfare and bound", "bound below welfare", "price put in", "price taken away", "bid put on the list", "bid taken off the list",
        "bid twice on the list", "offer put on the list", "offer taken off the list", "offer twice on the list", "fill twice", "fill split by GPUs",
    ];

    [Fact]
    public void Every_change_to_a_good_answer_is_refused_or_proven_to_be_as_good()
    {
        var (tried, refused) = (new SortedDictionary<string, int>(), new SortedDictionary<string, int>());
        var alone = new SortedSet<int>();
        for (var auction = 0; auction < 250; auction++)
        {
            var problem = AnyAuction.Random(new Random(auction), oneMarketEach: false);
            var good = AuctionSolver.Solve(problem, new SolverBudget());
            AuctionVerifier.Verify(problem, good).ShouldBeEmpty($"auction {auction}");
            PlainVerifier.Broken(problem, good).ShouldBeEmpty($"auction {auction}");

            foreach (var (kind, mutant) in EveryMutation.Of(problem, good))
            {
                var broken = Rules(AuctionVerifier.Verify(problem, mutant));
                tried[kind] = tried.GetValueOrDefault(kind) + 1;
                if (broken.Count > 0) refused[kind] = refused.GetValueOrDefault(kind) + 1;
                if (broken.Count == 1) alone.Add(broken.Min);

                // What is not well formed is refused as that alone; of the rest, both readings of the rules say the same.
                if (!EveryMutation.IsWellFormed(problem, mutant) || kind.Contains("twice on the list", StringComparison.Ordinal)) broken.ShouldBe([0], $"auction {auction}: {kind}");
                else broken.ShouldBe(PlainVerifier.Broken(problem, mutant), $"auction {auction}: {kind}");
            }
        }

        TestContext.Current.TestOutputHelper?.WriteLine(string.Join('\n', tried.Select(pair => $"{pair.Key}: {refused.GetValueOrDefault(pair.Key)} of {pair.Value} refused")));
        alone.ShouldBe(Enumerable.Range(0, 8), "Each rule is what alone refuses some change.");
        foreach (var kind in NeverHarmless) refused.GetValueOrDefault(kind).ShouldBe(tried[kind], kind);
    }

    static SortedSet<int> Rules(IReadOnlyList<AuctionBreach> breaches) => [.. breaches.Select(breach => breach.Rule)];
}
