using System.Diagnostics;
using ComputeExchange.MatchingEngine.Core.Auctions;
using Shouldly;
using Xunit;

namespace ComputeExchange.MatchingEngine.Tests.Auctions;

public class VerifierSpeedTests
{
    [Fact]
    public void Twenty_thousand_bids_are_verified_in_a_fraction_of_a_second()
    {
        var (problem, solution) = LargeAuction.Make();
        AuctionVerifier.Verify(problem, solution).ShouldBeEmpty();

        // The best of several, and a bound far above it (about 30 ms): the machine may be busy, and what is asked here is
        // whether the work grows with the product of bids, slots and markets, which would take many seconds.
        var best = Enumerable.Range(0, 9).Min(_ =>
        {
            var clock = Stopwatch.StartNew();
            AuctionVerifier.Verify(problem, solution);
            return clock.Elapsed;
        });

        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{problem.Bids.Count} bids, {problem.Offers.Count} offers, {solution.Fills.Count} fills, "
            + $"{solution.LeftOut.Count} left out: {best.TotalMilliseconds:0.0} ms");
        best.ShouldBeLessThan(TimeSpan.FromSeconds(2));
    }

    [Fact]
    public void An_answer_wrong_everywhere_is_refused_as_fast()
    {
        var (problem, solution) = LargeAuction.Make();
        var clock = Stopwatch.StartNew();

        var breaches = AuctionVerifier.Verify(problem, solution with { Fills = [] });

        breaches.Count.ShouldBeLessThan(10_000);
        clock.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(5));
    }
}
