using ComputeExchange.Values.Auctions;

namespace ComputeExchange.MatchingEngine.Tests.Auctions;

/// <summary>The answer without blocks to an auction of single markets: supply and demand cross, slot by slot.</summary>
static class MeritOrder
{
    public static AuctionSolution Clear(AuctionProblem problem)
    {
        var prices = problem.Markets.Select(_ => new long?[problem.Slots]).ToArray();
        var fills = new List<AuctionFill>();
        for (var market = 0; market < prices.Length; market++)
        {
            for (var slot = 0; slot < problem.Slots; slot++) prices[market][slot] = Cross(problem, market, slot, fills);
        }

        var welfare = AuctionScenario.WelfareOf(problem, fills);
        return new AuctionSolution
        {
            Status = fills.Count == 0 ? AuctionStatus.Empty : AuctionStatus.Optimal,
            Welfare = welfare,
            Bound = welfare,
            Prices = prices,
            Fills = fills,
            LeftOut = [.. problem.Bids.Where(bid => InTheMoney(problem, bid, prices)).Select(bid => bid.Id)],
            LeftOutOffers = [],
        };
    }

    static long? Cross(AuctionProblem problem, int market, int slot, List<AuctionFill> fills)
    {
        // Both orderings are stable: among equals the earlier comes first.
        var supply = problem.Offers
            .Where(offer => offer.Market == market && offer.MinRun == 1 && slot >= offer.From && slot < offer.To)
            .OrderBy(offer => offer.ReserveAt(slot))
            .Select(offer => (offer.Id, Price: offer.ReserveAt(slot), offer.Gpus)).ToList();
        var demand = problem.Bids
            .Where(bid => bid.Kind == BidKind.Divisible && bid.Markets[0] == market && slot >= bid.From && slot < bid.To)
            .OrderByDescending(bid => bid.Limit)
            .Select(bid => (bid.Id, Price: bid.Limit, bid.Gpus)).ToList();

        var (i, j, given, taken) = (0, 0, 0, 0);
        while (i < supply.Count && j < demand.Count && demand[j].Price > supply[i].Price)
        {
            var gpus = Math.Min(supply[i].Gpus - given, demand[j].Gpus - taken);
            fills.Add(new(demand[j].Id, supply[i].Id, slot, slot + 1, gpus));
            (given, taken) = (given + gpus, taken + gpus);
            if (given == supply[i].Gpus) (i, given) = (i + 1, 0);
            if (taken == demand[j].Gpus) (j, taken) = (j + 1, 0);
        }

        if (i == 0 && given == 0) return null;

        // Who is filled and who is not bound the price from both sides; a partial fill does both.
        var dearestSold = given > 0 ? supply[i].Price : supply[i - 1].Price;
        var cheapestFilled = taken > 0 ? demand[j].Price : demand[j - 1].Price;
        var low = j < demand.Count ? Math.Max(dearestSold, demand[j].Price) : dearestSold;
        var high = i < supply.Count ? Math.Min(cheapestFilled, supply[i].Price) : cheapestFilled;
        return low + ((high - low) / 2);
    }

    static bool InTheMoney(AuctionProblem problem, AuctionBid bid, long?[][] prices)
    {
        return bid.AllowedStarts().Any(start => bid.Markets.Any(market => IsBelow(market, start)));

        bool IsBelow(int market, int start)
        {
            long sum = 0;
            for (var slot = start; slot < start + bid.Run; slot++)
            {
                if (prices[market][slot] is not { } price) return false;
                sum += (price - bid.Limit) * problem.MinutesOf(slot);
            }

            return sum < 0;
        }
    }
}
