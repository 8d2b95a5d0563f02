using ComputeExchange.Values.Auctions;

namespace ComputeExchange.Auctioneer.Tests;

/// <summary>The seven rules of a valid solution, read off the format's page one by one, with no thought for speed.</summary>
static class FormatRules
{
    /// <summary>Every breach, in words; empty for a valid solution.</summary>
    public static List<string> Breaches(AuctionProblem problem, AuctionSolution solution)
    {
        var breaches = new List<string>();
        var offers = problem.Offers.ToDictionary(offer => offer.Id);
        var bids = problem.Bids.ToDictionary(bid => bid.Id);
        var fills = solution.Fills;
        IEnumerable<AuctionFill> In(int market, int slot) =>
            fills.Where(fill => offers[fill.Offer].Market == market && fill.From <= slot && slot < fill.To);
        long? PriceOf(int market, int slot) => solution.Prices[market][slot];
        long FilledOf(AuctionBid bid, int slot) => fills.Where(f => f.Bid == bid.Id && f.From <= slot && slot < f.To).Sum(f => (long)f.Gpus);
        long SoldOf(AuctionOffer offer, int slot) => fills.Where(f => f.Offer == offer.Id && f.From <= slot && slot < f.To).Sum(f => (long)f.Gpus);
        bool Wants(AuctionBid bid, int market, int slot) =>
            bid.Kind == BidKind.Divisible && bid.Markets.Contains(market) && bid.From <= slot && slot < bid.To;

        // The shape.
        foreach (var fill in fills)
            if (fill.Gpus < 1 || fill.From < 0 || fill.From >= fill.To || fill.To > problem.Slots) breaches.Add($"a fill of no size: {fill}");
        for (var market = 0; market < problem.Markets.Count; market++)
            for (var slot = 0; slot < problem.Slots; slot++)
            {
                if (PriceOf(market, slot) < 0) breaches.Add($"a price below 0 in market {market}, slot {slot}");
                if ((PriceOf(market, slot) is not null) != In(market, slot).Any())
                    breaches.Add($"a price without a fill, or a fill without a price, in market {market}, slot {slot}");
            }

        // 1. Capacity, windows, markets, minimum runs.
        foreach (var offer in problem.Offers)
            for (var slot = 0; slot < problem.Slots; slot++)
                if (SoldOf(offer, slot) > (slot >= offer.From && slot < offer.To ? offer.Gpus : 0))
                    breaches.Add($"1: {offer.Id} gives more than it has in slot {slot}");
        foreach (var fill in fills)
        {
            var (offer, bid) = (offers[fill.Offer], bids[fill.Bid]);
            if (!bid.Markets.Contains(offer.Market)) breaches.Add($"1: {fill} is in a market that the bid does not name");
            if (offer.MinRun > 1 && (bid.Kind != BidKind.Block || bid.Run < offer.MinRun)) breaches.Add($"1: {fill} is below the offer's minimum run");
        }

        // 2. Each kind's own rule.
        foreach (var bid in problem.Bids)
        {
            var own = fills.Where(fill => fill.Bid == bid.Id).ToList();
            if (bid.Kind == BidKind.Divisible)
            {
                for (var slot = 0; slot < problem.Slots; slot++)
                    if (FilledOf(bid, slot) > (slot >= bid.From && slot < bid.To ? bid.Gpus : 0)) breaches.Add($"2: {bid.Id} gets too much in slot {slot}");
                continue;
            }

            if (own.Count == 0) continue;
            if (own.Select(f => (f.From, f.To, offers[f.Offer].Market)).Distinct().Count() != 1) breaches.Add($"2: {bid.Id} is scattered");
            if (bid.Offers is not null && own.Any(f => !bid.Offers.Contains(f.Offer))) breaches.Add($"2: {bid.Id} is served by an offer that may not");
            if (own.Select(f => f.Offer).Distinct().Count() != own.Count) breaches.Add($"2: {bid.Id} has two fills of one offer");
            if (own[0].To - own[0].From != bid.Run || !bid.AllowedStarts().Contains(own[0].From)) breaches.Add($"2: {bid.Id} starts or ends wrongly");
            if (own[0].From < bid.From || own[0].To > bid.To) breaches.Add($"2: {bid.Id} leaves its window");
            var gpus = own.Sum(f => (long)f.Gpus);
            if (gpus > bid.Gpus || gpus * 1000 < (long)bid.MinFill * bid.Gpus) breaches.Add($"2: {bid.Id} gets {gpus} GPUs, too many or too few");
            if (bid.Node > 0 && own.Any(f => f.Gpus % bid.Node != 0)) breaches.Add($"2: {bid.Id} has a broken node group");
            if (bid.Parent is not null && !fills.Any(f => f.Bid == bid.Parent)) breaches.Add($"2: {bid.Id} is filled without its parent");
            if (bid.Group is not null && fills.Any(f => f.Bid != bid.Id && bids[f.Bid].Group == bid.Group)) breaches.Add($"2: {bid.Id} shares its group");
        }

        // 3. Divisible bids against the prices of their markets.
        foreach (var bid in problem.Bids.Where(bid => bid.Kind == BidKind.Divisible))
            for (var slot = bid.From; slot < bid.To; slot++)
            {
                if (bid.Markets.Min(market => PriceOf(market, slot)) is not { } lowest) continue;
                if (bid.Limit > lowest && FilledOf(bid, slot) != bid.Gpus) breaches.Add($"3: {bid.Id} is above the lowest price of slot {slot} and not whole");
                if (bid.Limit < lowest && FilledOf(bid, slot) != 0) breaches.Add($"3: {bid.Id} is below every price of slot {slot} and filled");
                foreach (var fill in fills.Where(f => f.Bid == bid.Id && f.From <= slot && slot < f.To))
                    if (PriceOf(offers[fill.Offer].Market, slot) is { } paid && (paid > lowest || paid > bid.Limit))
                        breaches.Add($"3: {bid.Id} pays {paid} in slot {slot} where {lowest} is the lowest price and its limit is {bid.Limit}");
            }

        for (var market = 0; market < problem.Markets.Count; market++)
            for (var slot = 0; slot < problem.Slots; slot++)
            {
                var equal = problem.Bids.Where(bid => Wants(bid, market, slot) && bid.Limit == PriceOf(market, slot)).ToList();
                for (var later = 1; later < equal.Count; later++)
                    if (In(market, slot).Any(f => f.Bid == equal[later].Id) && equal.Take(later).Any(earlier => FilledOf(earlier, slot) < earlier.Gpus))
                        breaches.Add($"3: {equal[later].Id} is filled in market {market} before an earlier one in slot {slot}");
            }

        // 4. Offers against the price.
        var leftOutOffers = new HashSet<string>();
        foreach (var offer in problem.Offers)
        {
            for (var slot = offer.From; slot < offer.To; slot++)
            {
                if (offer.MinRun > 1 || PriceOf(offer.Market, slot) is not { } price) continue;
                var reserve = offer.ReserveAt(slot);
                if (reserve > price && SoldOf(offer, slot) > 0) breaches.Add($"4: {offer.Id} is sold below its reserve in slot {slot}");
                if (reserve >= price || SoldOf(offer, slot) == offer.Gpus) continue;
                leftOutOffers.Add(offer.Id);
                if (!In(offer.Market, slot).Any(f => bids[f.Bid].Kind == BidKind.Block && offers[f.Offer].ReserveAt(slot) > reserve))
                    breaches.Add($"4: {offer.Id} is below the price of slot {slot} and not sold whole");
            }
        }

        foreach (var fill in fills.Where(fill => offers[fill.Offer].MinRun > 1))
        {
            var offer = offers[fill.Offer];
            Int128 earned = 0;
            for (var slot = fill.From; slot < fill.To; slot++)
                earned += (Int128)((PriceOf(offer.Market, slot) ?? 0) - offer.ReserveAt(slot)) * problem.MinutesOf(slot);
            if (earned < 0) breaches.Add($"4: {offer.Id} earns less than its reserves on {fill}");
        }

        if (!leftOutOffers.SetEquals(solution.LeftOutOffers)) breaches.Add("4: the offers left out are not those listed");

        // 5. Filled blocks pay no more than their limit; and who is listed as left out.
        var leftOut = new HashSet<string>();
        foreach (var bid in problem.Bids.Where(bid => bid.Kind == BidKind.Block))
        {
            Int128? SurplusOf(int market, int start)
            {
                Int128 surplus = 0;
                for (var slot = start; slot < start + bid.Run; slot++)
                {
                    if (PriceOf(market, slot) is not { } price) return null;
                    surplus += (Int128)(bid.Limit - price) * problem.MinutesOf(slot);
                }

                return surplus;
            }

            var own = fills.FirstOrDefault(fill => fill.Bid == bid.Id);
            if (own is not null)
            {
                if ((SurplusOf(offers[own.Offer].Market, own.From) ?? -1) < 0) breaches.Add($"5: {bid.Id} pays more than its limit");
            }
            else if (bid.AllowedStarts().Any(start => bid.Markets.Any(market => SurplusOf(market, start) > 0)))
            {
                leftOut.Add(bid.Id);
            }
        }

        if (!leftOut.SetEquals(solution.LeftOut)) breaches.Add("5: the blocks left out are not those listed");

        // 6. Where nothing is filled, nothing could be.
        for (var market = 0; market < problem.Markets.Count; market++)
            for (var slot = 0; slot < problem.Slots; slot++)
            {
                if (PriceOf(market, slot) is not null) continue;
                foreach (var offer in problem.Offers.Where(o => o.Market == market && o.MinRun <= 1 && o.From <= slot && slot < o.To && SoldOf(o, slot) < o.Gpus))
                    foreach (var bid in problem.Bids.Where(bid => Wants(bid, market, slot)))
                    {
                        var reserve = offer.ReserveAt(slot);
                        if (FilledOf(bid, slot) < bid.Gpus && bid.Limit > reserve) breaches.Add($"6: {bid.Id} and {offer.Id} could trade in slot {slot}");
                        if (fills.Any(f => f.Bid == bid.Id && f.From <= slot && slot < f.To && PriceOf(offers[f.Offer].Market, slot) > reserve))
                            breaches.Add($"6: {bid.Id} pays more in slot {slot} than {offer.Id} asks");
                    }
            }

        // 7. Welfare and bound.
        Int128 welfare = 0;
        foreach (var fill in fills)
            for (var slot = fill.From; slot < fill.To; slot++)
                welfare += (Int128)fill.Gpus * (bids[fill.Bid].Limit - offers[fill.Offer].ReserveAt(slot)) * problem.MinutesOf(slot);
        if (solution.Welfare != welfare / 60) breaches.Add($"7: welfare is {solution.Welfare}, the fills make {welfare / 60}");
        if (solution.Bound < solution.Welfare) breaches.Add("7: the bound is below the welfare");
        var closed = (Int128)(solution.Bound - solution.Welfare) * 10_000 <= Math.Max(1, solution.Bound);
        if (solution.Status != (fills.Count == 0 ? AuctionStatus.Empty : closed ? AuctionStatus.Optimal : AuctionStatus.Feasible))
            breaches.Add($"7: the status is {solution.Status}");
        return breaches;
    }
}
