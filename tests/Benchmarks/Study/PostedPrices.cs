using ComputeExchange.Values.Auctions;

namespace ComputeExchange.Benchmarks.Study;

/// <summary>The same bids in a marketplace of posted prices: first come, first served, each at the cheapest asks that are left.</summary>
/// <remarks>
/// A strong shop: every buyer sees all that is left, in every market and at every start that suits, and takes the cheapest. A
/// block takes the same GPUs throughout or nothing; nobody buys above the limit; nobody gives back.
/// </remarks>
sealed class PostedPrices
{
    readonly AuctionProblem _problem;
    readonly int[,] _left;
    readonly List<int>[] _cheapest;

    PostedPrices(AuctionProblem problem)
    {
        _problem = problem;
        _left = new int[problem.Offers.Count, problem.Slots];
        for (var o = 0; o < problem.Offers.Count; o++)
            for (var slot = problem.Offers[o].From; slot < problem.Offers[o].To; slot++) _left[o, slot] = problem.Offers[o].Gpus;
        _cheapest = [.. Enumerable.Range(0, problem.Markets.Count).Select(market => Enumerable.Range(0, problem.Offers.Count)
            .Where(o => problem.Offers[o].Market == market).OrderBy(o => problem.Offers[o].Reserve[0]).ToList())];
    }

    /// <summary>What was sold to whom; every ask is one number here.</summary>
    public static List<AuctionFill> Sell(AuctionProblem problem)
    {
        var shop = new PostedPrices(problem);
        var fills = new List<AuctionFill>();
        foreach (var bid in problem.Bids) fills.AddRange(bid.Kind == BidKind.Block ? shop.Block(bid) : shop.Divisible(bid));
        return fills;
    }

    /// <summary>Blocks that would have been served, each alone, in an empty shop, and were not.</summary>
    public static int TurnedAway(AuctionProblem problem, List<AuctionFill> fills)
    {
        var served = fills.Select(fill => fill.Bid).ToHashSet();
        return problem.Bids.Count(bid => bid.Kind == BidKind.Block && !served.Contains(bid.Id) && new PostedPrices(problem).Block(bid).Count > 0);
    }

    List<AuctionFill> Divisible(AuctionBid bid)
    {
        var fills = new List<AuctionFill>();
        for (var slot = bid.From; slot < bid.To; slot++)
        {
            var wanted = bid.Gpus;
            foreach (var o in bid.Markets.SelectMany(market => _cheapest[market]).OrderBy(o => _problem.Offers[o].Reserve[0]))
            {
                if (wanted == 0 || _problem.Offers[o].Reserve[0] > bid.Limit) break;
                if (Math.Min(wanted, _left[o, slot]) is var gpus && gpus == 0) continue;
                (wanted, _left[o, slot]) = (wanted - gpus, _left[o, slot] - gpus);
                fills.Add(new AuctionFill(bid.Id, _problem.Offers[o].Id, slot, slot + 1, gpus));
            }
        }

        return fills;
    }

    List<AuctionFill> Block(AuctionBid bid)
    {
        var (best, cost) = ((List<(int Offer, int Gpus)>?)null, (Int128)bid.Limit * bid.Gpus);
        var at = 0;
        foreach (var start in bid.AllowedStarts())
            foreach (var market in bid.Markets)
                if (Cheapest(bid, market, start) is { } found && found.Cost <= cost && (best is null || found.Cost < cost)) (best, cost, at) = (found.Taken, found.Cost, start);
        foreach (var (offer, gpus) in best ?? [])
            for (var slot = at; slot < at + bid.Run; slot++) _left[offer, slot] -= gpus;
        return [.. (best ?? []).Select(taken => new AuctionFill(bid.Id, _problem.Offers[taken.Offer].Id, at, at + bid.Run, taken.Gpus))];
    }

    (List<(int Offer, int Gpus)> Taken, Int128 Cost)? Cheapest(AuctionBid bid, int market, int start)
    {
        var (taken, wanted, cost) = (new List<(int, int)>(), bid.Gpus, (Int128)0);
        foreach (var o in _cheapest[market])
        {
            var free = Math.Min(wanted, Enumerable.Range(start, bid.Run).Min(slot => _left[o, slot]));
            if (bid.Node > 0) free -= free % bid.Node;
            if (free == 0) continue;
            taken.Add((o, free));
            cost += (Int128)free * _problem.Offers[o].Reserve[0];
            if ((wanted -= free) == 0) return (taken, cost);
        }

        return null;
    }
}
