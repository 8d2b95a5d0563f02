using ComputeExchange.Values.Auctions;

namespace ComputeExchange.MatchingEngine.Core.Auctions;

/// <summary>Rule 0, its first part: what a solution must be for the other rules to be asked at all.</summary>
static class SolutionForm
{
    /// <summary>No valid price is above this: no limit, even averaged over the longest run, can pay it.</summary>
    const long HighestPrice = 1_000_000_000_000_000_000;

    /// <summary>The sheet to check the rules on; null, with breaches told, when either is malformed.</summary>
    public static AuctionSheet? Read(AuctionProblem problem, AuctionSolution solution, BreachList breaches)
    {
        foreach (var breach in AuctionProblemRules.Breaches(problem))
        {
            if (breaches.Takes(0))
                breaches.Add(0, null, null, null, null, $"The problem does not fit its format: {breach}");
        }

        if (!breaches.IsEmpty) return null;

        Prices(problem, solution, breaches);
        var bids = Positions(problem.Bids, bid => bid.Id);
        var offers = Positions(problem.Offers, offer => offer.Id);
        var fills = Fills(problem, solution, bids, offers, breaches);
        var leftOut = Listed(solution.LeftOut, "left_out", "bid", bids, breaches);
        var leftOutOffers = Listed(solution.LeftOutOffers, "left_out_offers", "offer", offers, breaches);
        if (!breaches.IsEmpty) return null;
        return new AuctionSheet(problem, solution, bids, fills) { LeftOut = leftOut, LeftOutOffers = leftOutOffers };
    }

    static void Prices(AuctionProblem problem, AuctionSolution solution, BreachList breaches)
    {
        if (solution.Prices is null || solution.Prices.Count != problem.Markets.Count)
        {
            if (breaches.Takes(0))
                breaches.Add(0, null, null, null, null,
                    $"There are {solution.Prices?.Count ?? 0} rows of prices for {problem.Markets.Count} markets.");
            return;
        }

        for (var market = 0; market < problem.Markets.Count; market++)
        {
            var row = solution.Prices[market];
            if (row is null || row.Count != problem.Slots)
            {
                if (breaches.Takes(0))
                    breaches.Add(0, null, null, market, null,
                        $"Market {problem.Markets[market]} has {row?.Count ?? 0} prices for {problem.Slots} slots.");
                continue;
            }

            for (var slot = 0; slot < row.Count; slot++)
            {
                if (row[slot] is null or (>= 0 and <= HighestPrice)) continue;
                if (breaches.Takes(0))
                    breaches.Add(0, null, null, market, slot,
                        $"The price {row[slot]} is not from 0 to {HighestPrice}.");
            }
        }
    }

    static List<Fill> Fills(
        AuctionProblem problem, AuctionSolution solution, Dictionary<string, int> bids, Dictionary<string, int> offers,
        BreachList breaches)
    {
        var fills = new List<Fill>(solution.Fills?.Count ?? 0);
        if (solution.Fills is null && breaches.Takes(0))
            breaches.Add(0, null, null, null, null, "The list of fills is missing.");
        foreach (var fill in solution.Fills ?? [])
        {
            if (Fault(problem, fill, bids, offers) is { } fault)
            {
                if (breaches.Takes(0)) breaches.Add(0, fill?.Bid, fill?.Offer, null, null, fault);
                continue;
            }

            fills.Add(new Fill(bids[fill.Bid], offers[fill.Offer], fill.From, fill.To, fill.Gpus));
        }

        return fills;
    }

    static string? Fault(
        AuctionProblem problem, AuctionFill? fill, Dictionary<string, int> bids, Dictionary<string, int> offers) =>
        fill is null ? "A fill is missing."
        : fill.Bid is null || !bids.ContainsKey(fill.Bid)
            ? $"A fill names bid \"{fill.Bid}\", which the problem does not have."
        : fill.Offer is null || !offers.ContainsKey(fill.Offer)
            ? $"A fill names offer \"{fill.Offer}\", which the problem does not have."
        : fill.Gpus < 1 ? $"A fill gives {fill.Gpus} GPUs; it gives at least 1."
        : fill.From < 0 || fill.To > problem.Slots || fill.From >= fill.To
            ? $"A fill runs from slot {fill.From} to {fill.To}; it runs forward, from 0 to {problem.Slots}."
        : null;

    static HashSet<int> Listed(
        IReadOnlyList<string>? ids, string list, string kind, Dictionary<string, int> positions, BreachList breaches)
    {
        var listed = new HashSet<int>();
        if (ids is null && breaches.Takes(0))
            breaches.Add(0, null, null, null, null, $"The list {list} is missing.");
        foreach (var id in ids ?? [])
        {
            var fault = id is null || !positions.TryGetValue(id, out var position)
                ? $"{list} names {kind} \"{id}\", which the problem does not have."
                : !listed.Add(position) ? $"{list} names {kind} \"{id}\" twice."
                : null;
            if (fault is not null && breaches.Takes(0))
                breaches.Add(0, kind == "bid" ? id : null, kind == "offer" ? id : null, null, null, fault);
        }

        return listed;
    }

    static Dictionary<string, int> Positions<T>(IReadOnlyList<T> entries, Func<T, string> id)
    {
        var positions = new Dictionary<string, int>(entries.Count, StringComparer.Ordinal);
        for (var i = 0; i < entries.Count; i++) positions.Add(id(entries[i]), i);
        return positions;
    }
}
