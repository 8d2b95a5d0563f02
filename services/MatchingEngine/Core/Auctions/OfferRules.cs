namespace ComputeExchange.MatchingEngine.Core.Auctions;

// Inside the namespace, because the engine's commands have a BidKind of their own.
using ComputeExchange.Values.Auctions;

/// <summary>Rules 1 and 4, what offers give and get; on the way it notes which have GPUs left, for rule 6.</summary>
sealed class OfferRules(AuctionSheet sheet, BreachList breaches)
{
    readonly AuctionProblem _problem = sheet.Problem;

    /// <summary>By slot, what a fill adds where it begins and takes away where it ends.</summary>
    readonly long[] _changes = new long[sheet.Problem.Slots + 1];

    /// <summary>By market and slot, the highest reserve of an offer that a block is filled from, or −1.</summary>
    readonly long[][] _dearest = new long[sheet.Problem.Markets.Count][];

    public void Check()
    {
        FindDearest();
        for (var i = 0; i < _problem.Offers.Count; i++)
        {
            var offer = _problem.Offers[i];
            foreach (var fill in sheet.OfOffer[i]) Serve(offer, fill);
            if (offer.MinRun == 1) Sell(i, offer);
            else Give(i, offer);
            Array.Clear(_changes, offer.From, offer.To - offer.From + 1);
        }
    }

    void FindDearest()
    {
        for (var market = 0; market < _dearest.Length; market++)
        {
            _dearest[market] = new long[_problem.Slots];
            Array.Fill(_dearest[market], -1);
        }

        foreach (var fill in sheet.Fills)
        {
            if (_problem.Bids[fill.Bid].Kind != BidKind.Block) continue;
            var offer = _problem.Offers[fill.Offer];
            var row = _dearest[offer.Market];
            for (var slot = Math.Max(fill.From, offer.From); slot < Math.Min(fill.To, offer.To); slot++)
                row[slot] = Math.Max(row[slot], offer.ReserveAt(slot));
        }
    }

    /// <summary>Rule 1 for one fill, and rule 4 for one of an offer with a minimum run.</summary>
    void Serve(AuctionOffer offer, Fill fill)
    {
        var bid = _problem.Bids[fill.Bid];
        if (!bid.Markets.Contains(offer.Market) && breaches.Takes(1))
            breaches.Add(1, bid.Id, offer.Id, offer.Market, null,
                $"Offer {offer.Id} is in {_problem.Markets[offer.Market]}, which bid {bid.Id} does not name.");
        if (offer.MinRun > 1 && bid.Run < offer.MinRun && breaches.Takes(1))
            breaches.Add(1, bid.Id, offer.Id, offer.Market, null,
                $"Offer {offer.Id} serves only blocks that run for at least {offer.MinRun} slots; "
                + $"bid {bid.Id} {(bid.Kind == BidKind.Block ? $"runs for {bid.Run}" : "is divisible")}.");

        var (from, to) = (Math.Max(fill.From, offer.From), Math.Min(fill.To, offer.To));
        if ((from != fill.From || to != fill.To) && breaches.Takes(1))
        {
            var outside = fill.From < offer.From ? fill.From : Math.Max(fill.From, offer.To);
            breaches.Add(1, bid.Id, offer.Id, offer.Market, outside,
                $"Offer {offer.Id} is there from slot {offer.From} to {offer.To}; "
                + $"bid {bid.Id} is filled from {fill.From} to {fill.To}.");
        }

        if (from >= to) return;

        _changes[from] += fill.Gpus;
        _changes[to] -= fill.Gpus;
        if (offer.MinRun > 1 && sheet.IsPriced(offer.Market, from, to)) Reward(offer, bid, from, to);
    }

    void Reward(AuctionOffer offer, AuctionBid bid, int from, int to)
    {
        long reserves = 0;
        for (var slot = from; slot < to; slot++) reserves += offer.ReserveAt(slot) * _problem.MinutesOf(slot);
        var prices = sheet.PriceSum(offer.Market, from, to);
        if (prices < reserves && breaches.Takes(4))
            breaches.Add(4, bid.Id, offer.Id, offer.Market, from,
                $"Offer {offer.Id} gets {prices} from bid {bid.Id} over slots {from} to {to} (price × minutes); "
                + $"its reserves come to {reserves}.");
    }

    /// <summary>Rule 1 slot by slot, for an offer with a minimum run, which is never listed.</summary>
    void Give(int index, AuctionOffer offer)
    {
        long sold = 0;
        for (var slot = offer.From; slot < offer.To; slot++) Limit(offer, slot, sold += _changes[slot]);
        if (sheet.LeftOutOffers.Contains(index)) Misreport(offer, isLeftOut: false);
    }

    /// <summary>Rules 1 and 4, slot by slot.</summary>
    void Sell(int index, AuctionOffer offer)
    {
        var (prices, dearest) = (sheet.Price[offer.Market], _dearest[offer.Market]);
        long sold = 0;
        var (isLeftOut, isWrong) = (false, false);
        for (var slot = offer.From; slot < offer.To; slot++)
        {
            Limit(offer, slot, sold += _changes[slot]);
            var (price, reserve) = (prices[slot], offer.ReserveAt(slot));
            if (price == AuctionSheet.None) Spare(index, offer, slot, reserve, sold);
            else if (sold > 0 && price < reserve)
            {
                if (breaches.Takes(4))
                    breaches.Add(4, null, offer.Id, offer.Market, slot,
                        $"Offer {offer.Id} sells {sold} GPUs in slot {slot} at {price}, below its reserve {reserve}.");
            }
            else if (reserve < price && sold < offer.Gpus)
            {
                if (dearest[slot] > reserve) isLeftOut = true;
                else
                {
                    isWrong = true;
                    if (breaches.Takes(4))
                        breaches.Add(4, null, offer.Id, offer.Market, slot,
                            $"Offer {offer.Id} sells {sold} of {offer.Gpus} GPUs in slot {slot} though the price {price} "
                            + $"is above its reserve {reserve}, and no block is filled there from a dearer offer.");
                }
            }
        }

        if (isLeftOut != sheet.LeftOutOffers.Contains(index) && !isWrong) Misreport(offer, isLeftOut);
    }

    void Misreport(AuctionOffer offer, bool isLeftOut)
    {
        if (!breaches.Takes(4)) return;
        breaches.Add(4, null, offer.Id, offer.Market, null, isLeftOut
            ? $"Offer {offer.Id} keeps GPUs below the price beside a dearer one; it is not listed in left_out_offers."
            : $"Offer {offer.Id} is listed in left_out_offers though it keeps no GPUs for that reason.");
    }

    void Limit(AuctionOffer offer, int slot, long sold)
    {
        if (sold > offer.Gpus && breaches.Takes(1))
            breaches.Add(1, null, offer.Id, offer.Market, slot,
                $"Offer {offer.Id} gives {sold} GPUs in slot {slot}; it has {offer.Gpus}.");
    }

    void Spare(int index, AuctionOffer offer, int slot, long reserve, long sold)
    {
        if (sold >= offer.Gpus || reserve >= sheet.UnsoldReserve[offer.Market][slot]) return;
        sheet.UnsoldReserve[offer.Market][slot] = reserve;
        sheet.Unsold[offer.Market][slot] = index;
    }
}
