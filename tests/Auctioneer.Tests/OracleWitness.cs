using ComputeExchange.Values.Auctions;

namespace ComputeExchange.Auctioneer.Tests;

/// <summary>What the oracle found, as a solution: so that whoever doubts it may check it by the rules.</summary>
static class OracleWitness
{
    public static AuctionSolution Of(
        AuctionProblem problem, List<ExhaustiveOracle.Placed> blocks, OracleChoice[] chosen, long[,] prices, long welfare)
    {
        var fills = blocks.SelectMany(block => block.Fills.Select(fill => new AuctionFill(problem.Bids[block.Bid].Id,
            problem.Offers[fill.Offer].Id, block.Start, block.Start + problem.Bids[block.Bid].Run, fill.Gpus))).ToList();
        for (var slot = 0; slot < problem.Slots; slot++) fills.AddRange(FillsOf(problem, slot, chosen[slot]));
        return Listed(problem, new AuctionSolution
        {
            Status = fills.Count == 0 ? AuctionStatus.Empty : AuctionStatus.Optimal,
            Welfare = welfare,
            Bound = welfare,
            Prices = [.. Enumerable.Range(0, problem.Markets.Count).Select(market => (IReadOnlyList<long?>)
                [.. Enumerable.Range(0, problem.Slots).Select(slot => prices[market, slot] < 0 ? (long?)null : prices[market, slot])])],
            Fills = fills,
            LeftOut = [],
            LeftOutOffers = [],
        });
    }

    static IEnumerable<AuctionFill> FillsOf(AuctionProblem problem, int slot, OracleChoice choice)
    {
        var bids = OracleCell.DivisibleBids(problem, slot);
        var left = (int[])choice.Sales.Clone();
        for (var k = 0; k < bids.Count; k++)
            for (var market = 0; market < problem.Markets.Count; market++)
            {
                var wanted = choice.Gets[k][market];
                for (var o = 0; o < left.Length && wanted > 0; o++)
                {
                    if (problem.Offers[o].Market != market || left[o] == 0) continue;
                    var gpus = Math.Min(wanted, left[o]);
                    (wanted, left[o]) = (wanted - gpus, left[o] - gpus);
                    yield return new AuctionFill(bids[k].Id, problem.Offers[o].Id, slot, slot + 1, gpus);
                }
            }
    }

    /// <summary>With the lists of who was left out, which follow from prices and fills.</summary>
    public static AuctionSolution Listed(AuctionProblem problem, AuctionSolution solution)
    {
        bool IsInTheMoney(AuctionBid bid, int market, int start) =>
            Enumerable.Range(start, bid.Run).All(slot => solution.Prices[market][slot] is not null)
            && Enumerable.Range(start, bid.Run).Sum(slot => (bid.Limit - solution.Prices[market][slot]!.Value) * problem.MinutesOf(slot)) > 0;
        bool IsLeft(AuctionOffer offer, int slot) => solution.Prices[offer.Market][slot] > offer.ReserveAt(slot)
            && solution.Fills.Where(f => f.Offer == offer.Id && f.From <= slot && slot < f.To).Sum(f => f.Gpus) < offer.Gpus;
        return solution with
        {
            LeftOut = [.. problem.Bids.Where(bid => solution.Fills.All(fill => fill.Bid != bid.Id)
                && bid.AllowedStarts().Any(start => bid.Markets.Any(market => IsInTheMoney(bid, market, start)))).Select(bid => bid.Id)],
            LeftOutOffers = [.. problem.Offers.Where(offer => offer.MinRun == 1
                && Enumerable.Range(offer.From, offer.To - offer.From).Any(slot => IsLeft(offer, slot))).Select(offer => offer.Id)],
        };
    }
}
