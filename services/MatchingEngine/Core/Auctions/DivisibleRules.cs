namespace ComputeExchange.MatchingEngine.Core.Auctions;

// Inside the namespace, because the engine's commands have a BidKind of their own.
using ComputeExchange.Values.Auctions;

/// <summary>Rules 2, 3 and 6 for divisible bids, slot by slot, earliest bid first.</summary>
sealed class DivisibleRules(AuctionSheet sheet, BreachList breaches)
{
    readonly AuctionProblem _problem = sheet.Problem;
    readonly MarketSets _sets = new(sheet);

    /// <summary>By slot, the GPUs of the bid at hand over all its markets; all zero between bids.</summary>
    readonly long[] _filled = new long[sheet.Problem.Slots];

    /// <summary>By market and slot, 1 + the position of the earliest bid at its limit and not filled whole.</summary>
    readonly int[]?[] _waiting = new int[sheet.Problem.Markets.Count][];

    readonly HashSet<(int Offer, int From, int To)> _seen = [];

    public void Check()
    {
        for (var i = 0; i < _problem.Bids.Count; i++)
        {
            if (_problem.Bids[i].Kind == BidKind.Divisible) Check(i, _problem.Bids[i]);
        }
    }

    void Check(int index, AuctionBid bid)
    {
        var fills = sheet.OfBid[index];
        var (lowest, unsold) = _sets.Of(bid);
        Take(bid, fills);
        foreach (var fill in fills) Pay(bid, fill, lowest, unsold);

        for (var slot = bid.From; slot < bid.To; slot++)
        {
            var filled = _filled[slot];
            if (filled < bid.Gpus)
            {
                // Most bids stop here: too low for every price and every reserve.
                if (bid.Limit < lowest[slot] && bid.Limit <= unsold[slot]) continue;
                Wait(index, bid, slot, filled, lowest[slot], unsold[slot]);
            }
            else if (filled > bid.Gpus && breaches.Takes(2))
                breaches.Add(2, bid.Id, null, null, slot,
                    $"Bid {bid.Id} gets {filled} GPUs in slot {slot}; it wants {bid.Gpus}.");
        }

        foreach (var fill in fills) Array.Clear(_filled, fill.From, fill.To - fill.From);
    }

    /// <summary>Rule 2: inside the window, each fill once.</summary>
    void Take(AuctionBid bid, ReadOnlySpan<Fill> fills)
    {
        if (fills.Length > 1) _seen.Clear();
        foreach (var fill in fills)
        {
            var offer = _problem.Offers[fill.Offer];
            if ((fill.From < bid.From || fill.To > bid.To) && breaches.Takes(2))
            {
                var outside = fill.From < bid.From ? fill.From : Math.Max(fill.From, bid.To);
                breaches.Add(2, bid.Id, offer.Id, offer.Market, outside,
                    $"Bid {bid.Id} wants slots {bid.From} to {bid.To}; it is filled from {fill.From} to {fill.To}.");
            }

            if (fills.Length > 1 && !_seen.Add((fill.Offer, fill.From, fill.To)) && breaches.Takes(2))
                breaches.Add(2, bid.Id, offer.Id, offer.Market, fill.From,
                    $"Bid {bid.Id} has two fills of offer {offer.Id} for the same slots, {fill.From} to {fill.To}.");
            for (var slot = fill.From; slot < fill.To; slot++) _filled[slot] += fill.Gpus;
        }
    }

    /// <summary>Rules 3 and 6 for what is filled: at what price, and whether it was this bid's turn.</summary>
    void Pay(AuctionBid bid, Fill fill, long[] lowest, long[] unsold)
    {
        var offer = _problem.Offers[fill.Offer];
        var (prices, waiting) = (sheet.Price[offer.Market], _waiting[offer.Market]);
        for (var slot = fill.From; slot < fill.To; slot++)
        {
            var price = prices[slot];
            if (price == AuctionSheet.None) continue;
            if (price > bid.Limit)
            {
                if (breaches.Takes(3))
                    breaches.Add(3, bid.Id, offer.Id, offer.Market, slot,
                        $"Bid {bid.Id} is filled in slot {slot} at {price}, above its limit {bid.Limit}.");
            }
            else if (price > lowest[slot])
            {
                if (breaches.Takes(3))
                    breaches.Add(3, bid.Id, offer.Id, offer.Market, slot,
                        $"Bid {bid.Id} is filled in slot {slot} at {price} "
                        + $"though another of its markets has the price {lowest[slot]}.");
            }
            else if (price == bid.Limit && waiting is not null && waiting[slot] > 0 && breaches.Takes(3))
            {
                var earlier = _problem.Bids[waiting[slot] - 1];
                breaches.Add(3, bid.Id, offer.Id, offer.Market, slot,
                    $"Bid {bid.Id} is filled in slot {slot} at its limit {price} "
                    + $"though the earlier bid {earlier.Id} of the same limit is not filled whole.");
            }

            if (price > unsold[slot] && breaches.Takes(6)) Dearer(bid, slot, price, unsold[slot]);
        }
    }

    /// <summary>Rules 3 and 6 for what is not filled: nothing it could have had, and its place in the queue.</summary>
    void Wait(int index, AuctionBid bid, int slot, long filled, long lowest, long unsold)
    {
        if (bid.Limit > lowest && breaches.Takes(3))
            breaches.Add(3, bid.Id, null, MarketOf(bid, slot, sheet.Price, lowest), slot,
                $"Bid {bid.Id} gets {filled} of {bid.Gpus} GPUs in slot {slot} "
                + $"though its limit {bid.Limit} is above the lowest price {lowest} of its markets.");

        if (bid.Limit > unsold && breaches.Takes(6))
        {
            var market = MarketOf(bid, slot, sheet.UnsoldReserve, unsold);
            var offer = _problem.Offers[sheet.Unsold[market][slot]].Id;
            breaches.Add(6, bid.Id, offer, market, slot,
                $"Bid {bid.Id} gets {filled} of {bid.Gpus} GPUs in slot {slot} though its limit {bid.Limit} is above "
                + $"the reserve {unsold} of offer {offer}, which has GPUs left where there is no price.");
        }

        if (bid.Limit < lowest) return;
        foreach (var market in bid.Markets)
        {
            if (sheet.Price[market][slot] != bid.Limit) continue;
            var waiting = _waiting[market] ??= new int[_problem.Slots];
            if (waiting[slot] == 0) waiting[slot] = index + 1;
        }
    }

    void Dearer(AuctionBid bid, int slot, long price, long reserve)
    {
        var market = MarketOf(bid, slot, sheet.UnsoldReserve, reserve);
        var offer = _problem.Offers[sheet.Unsold[market][slot]].Id;
        breaches.Add(6, bid.Id, offer, market, slot,
            $"Bid {bid.Id} is filled in slot {slot} at {price} though offer {offer} of another of its markets, "
            + $"where there is no price, has GPUs left at its reserve {reserve}.");
    }

    static int MarketOf(AuctionBid bid, int slot, long[][] rows, long value) =>
        bid.Markets.First(market => rows[market][slot] == value);
}
