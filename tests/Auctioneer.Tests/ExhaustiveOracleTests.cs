using ComputeExchange.Values.Auctions;
using Shouldly;
using Xunit;

namespace ComputeExchange.Auctioneer.Tests;

/// <summary>The oracle itself against what is plainer still: every fill at every price, with the rules as the only judge.</summary>
public class ExhaustiveOracleTests
{
    [Fact]
    public void No_fills_at_no_prices_are_valid_and_worth_more_than_what_the_oracle_finds()
    {
        var (blocksFilled, valid) = (0, 0);
        for (var seed = 0; seed < 60; seed++)
        {
            var problem = Minute(new Random(seed));
            var best = -1L;
            foreach (var fills in Fillings(problem, 0, []))
            {
                var welfare = fills.Sum(f => f.Gpus * (problem.Bids.Single(b => b.Id == f.Bid).Limit - problem.Offers.Single(o => o.Id == f.Offer).Reserve[0]));
                if (welfare <= best) continue;
                foreach (var prices in Prices(problem, fills))
                {
                    var solution = OracleWitness.Listed(problem, new AuctionSolution
                    {
                        Status = fills.Count == 0 ? AuctionStatus.Empty : AuctionStatus.Optimal,
                        Welfare = welfare, Bound = welfare, Prices = prices, Fills = fills, LeftOut = [], LeftOutOffers = [],
                    });
                    if (FormatRules.Breaches(problem, solution).Count > 0) continue;
                    (best, valid) = (welfare, valid + 1);
                    if (fills.Any(fill => fill.Bid[0] == 'b')) blocksFilled++;
                    break;
                }
            }

            ExhaustiveOracle.Best(problem).Welfare.ShouldBe(best, $"seed {seed}");
        }

        valid.ShouldBeGreaterThan(60);
        blocksFilled.ShouldBeGreaterThan(10);
    }

    /// <summary>One slot, two markets, two or three offers and bids, one or two of them blocks.</summary>
    static AuctionProblem Minute(Random dice)
    {
        int[][] named = [[0], [1], [0, 1], [1, 0]];
        return new AuctionProblem
        {
            Slots = 1, Markets = ["east", "west"],
            Offers = [.. Enumerable.Range(0, dice.Next(2, 4)).Select(i => new AuctionOffer
            {
                Id = $"o{i}", Market = dice.Next(2), Gpus = dice.Next(1, 3), From = 0, To = 1, Reserve = [dice.Next(0, 4)], MinRun = dice.Next(6) == 0 ? 2 : 1,
            })],
            Bids = [.. Enumerable.Range(0, 3).Select(i => dice.Next(3) > 0
                ? new AuctionBid { Id = $"d{i}", Kind = BidKind.Divisible, Markets = named[dice.Next(4)], Gpus = dice.Next(1, 3), From = 0, To = 1, Limit = dice.Next(0, 5) }
                : new AuctionBid
                {
                    Id = $"b{i}", Kind = BidKind.Block, Markets = named[dice.Next(4)], Gpus = 2, From = 0, To = 1, Run = 1, Limit = dice.Next(0, 5),
                    MinFill = dice.Next(2) == 0 ? 1000 : 500, Group = dice.Next(2) == 0 ? "g" : null,
                })],
        };
    }

    static IEnumerable<List<AuctionFill>> Fillings(AuctionProblem problem, int pair, List<AuctionFill> fills)
    {
        if (pair == problem.Bids.Count * problem.Offers.Count)
        {
            yield return fills;
            yield break;
        }

        var (bid, offer) = (problem.Bids[pair / problem.Offers.Count], problem.Offers[pair % problem.Offers.Count]);
        var left = Math.Min(
            bid.Gpus - fills.Where(fill => fill.Bid == bid.Id).Sum(fill => fill.Gpus),
            offer.Gpus - fills.Where(fill => fill.Offer == offer.Id).Sum(fill => fill.Gpus));
        for (var gpus = 0; gpus <= (bid.Markets.Contains(offer.Market) ? left : 0); gpus++)
            foreach (var filling in Fillings(problem, pair + 1, gpus == 0 ? fills : [.. fills, new AuctionFill(bid.Id, offer.Id, 0, 1, gpus)]))
                yield return filling;
    }

    /// <summary>Every price from 0 to 5 where something is filled: above 4 there is no limit.</summary>
    static IEnumerable<IReadOnlyList<long?>[]> Prices(AuctionProblem problem, List<AuctionFill> fills)
    {
        long?[] Of(int market) => fills.Any(f => problem.Offers.Single(o => o.Id == f.Offer).Market == market) ? [0, 1, 2, 3, 4, 5] : [null];
        return from east in Of(0) from west in Of(1) select new IReadOnlyList<long?>[] { [east], [west] };
    }
}
