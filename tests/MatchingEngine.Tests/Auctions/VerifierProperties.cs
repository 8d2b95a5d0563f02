using ComputeExchange.MatchingEngine.Core.Auctions;
using ComputeExchange.Values.Auctions;
using FsCheck;
using FsCheck.Fluent;
using Shouldly;
using Xunit;

namespace ComputeExchange.MatchingEngine.Tests.Auctions;

public class VerifierProperties
{
    [Fact]
    public void Where_supply_and_demand_cross_the_answer_is_valid() => ForAll(1_000, random =>
    {
        var problem = AnyAuction.Random(random, oneMarketEach: true);
        AuctionVerifier.Verify(problem, MeritOrder.Clear(problem)).ShouldBeEmpty();
    });

    [Fact]
    public void A_spoilt_answer_breaks_the_rules_that_it_breaks_read_word_by_word() => ForAll(4_000, random =>
    {
        var problem = AnyAuction.Random(random, oneMarketEach: false);
        var solution = AnyAuction.Spoil(problem, MeritOrder.Clear(problem), random);
        Rules(AuctionVerifier.Verify(problem, solution)).ShouldBe(PlainVerifier.Broken(problem, solution));
    });

    [Fact]
    public void Whatever_a_solution_says_it_is_answered_in_words() => ForAll(2_000, random =>
    {
        var problem = AnyAuction.Random(random, oneMarketEach: false);
        var solution = AnyAuction.Nonsense(problem, random);
        AuctionVerifier.Verify(problem, solution).ShouldAllBe(breach => breach.Sentence.Length > 0);
    });

    /// <summary>
    /// Tries every answer to tiny auctions in which bids name several markets: one without a block is always valid in
    /// whole prices, and on all of them the verifier agrees with the rules read word by word.
    /// </summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void There_is_always_a_valid_answer_with_no_block_filled(int seed)
    {
        var random = new Random(seed);
        for (var auction = 0; auction < 12; auction++)
        {
            var problem = AnyAuction.Tiny(random);
            var (tried, valid) = (0, 0);
            foreach (var solution in AnyAuction.EveryAnswer(problem))
            {
                var breaches = AuctionVerifier.Verify(problem, solution);
                if (breaches.Count == 0 && solution.Fills.All(fill => fill.Bid != "b")) valid++;
                if (tried++ % 3 == 0 || breaches.Count == 0)
                    Rules(breaches).ShouldBe(PlainVerifier.Broken(problem, solution));
            }

            valid.ShouldBePositive($"auction {auction} of seed {seed}, {tried} tried");
        }
    }

    static void ForAll(int auctions, Action<Random> holds) =>
        Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(auctions),
            Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), seed => holds(new Random(seed))));

    static SortedSet<int> Rules(IReadOnlyList<AuctionBreach> breaches) => [.. breaches.Select(breach => breach.Rule)];
}
