namespace ComputeExchange.MatchingEngine.Core.Auctions;

// Inside the namespace, because the engine's commands have a BidKind of their own.
using ComputeExchange.Values.Auctions;

/// <summary>Rules 2 and 5 for blocks, and of rule 0 exactly which of them were left out.</summary>
sealed class BlockRules(AuctionSheet sheet, BreachList breaches)
{
    readonly AuctionProblem _problem = sheet.Problem;
    readonly Dictionary<string, string> _filledOfGroup = new(StringComparer.Ordinal);
    readonly HashSet<int> _offers = [];

    public void Check()
    {
        for (var i = 0; i < _problem.Bids.Count; i++)
        {
            var bid = _problem.Bids[i];
            var fills = sheet.OfBid[i];
            if (bid.Kind == BidKind.Block && !fills.IsEmpty)
            {
                Shape(bid, fills);
                Size(bid, fills);
                Family(bid, fills[0]);
                Afford(bid, fills[0]);
            }

            Report(i, bid, isFilled: !fills.IsEmpty);
        }
    }

    /// <summary>Rule 2: one run, in one market, at an allowed start, one fill per offer, of its list if it has one, in whole groups.</summary>
    void Shape(AuctionBid bid, ReadOnlySpan<Fill> fills)
    {
        var (first, market) = (fills[0], MarketOf(fills[0]));
        if (first.To - first.From != bid.Run)
            Refuse(bid, first, $"runs for {first.To - first.From} slots; its run is {bid.Run}");
        if (!IsStart(bid, first.From))
            Refuse(bid, first, $"starts at slot {first.From}, which is not one of its starts");

        _offers.Clear();
        foreach (var fill in fills)
        {
            var (offer, there) = (_problem.Offers[fill.Offer].Id, MarketOf(fill));
            if (fill.From != first.From || fill.To != first.To)
                Refuse(bid, fill, $"is filled from {first.From} to {first.To} and from {fill.From} to {fill.To}; "
                    + "it keeps the same GPUs throughout");
            if (there != market)
                Refuse(bid, fill, $"is in {_problem.Markets[market]} and {_problem.Markets[there]}, not one market");
            if (!_offers.Add(fill.Offer)) Refuse(bid, fill, $"has two fills of offer {offer}; it has one per offer");
            if (bid.Offers is not null && !bid.Offers.Contains(offer, StringComparer.Ordinal))
                Refuse(bid, fill, $"is served by offer {offer}, which is none of those that alone may serve it");
            if (bid.Node > 0 && fill.Gpus % bid.Node != 0)
                Refuse(bid, fill, $"gets {fill.Gpus} GPUs of offer {offer}; they come in groups of {bid.Node}");
        }
    }

    /// <summary>Rule 2: filled whole, or not below its minimum fill.</summary>
    void Size(AuctionBid bid, ReadOnlySpan<Fill> fills)
    {
        long gpus = 0;
        foreach (var fill in fills) gpus += fill.Gpus;
        if (gpus > bid.Gpus) Refuse(bid, fills[0], $"gets {gpus} GPUs; it wants {bid.Gpus}");
        if ((Int128)gpus * 1000 < (Int128)bid.MinFill * bid.Gpus)
            Refuse(bid, fills[0], $"gets {gpus} of {bid.Gpus} GPUs; it takes {bid.MinFill} per mille or none");
    }

    /// <summary>Rule 2: with its parent, and alone of its group.</summary>
    void Family(AuctionBid bid, Fill fill)
    {
        if (bid.Parent is not null && sheet.OfBid[sheet.BidOf[bid.Parent]].IsEmpty)
            Refuse(bid, fill, $"is filled though its parent {bid.Parent} is not");
        if (bid.Group is not null && !_filledOfGroup.TryAdd(bid.Group, bid.Id))
            Refuse(bid, fill, $"is filled beside {_filledOfGroup[bid.Group]} of the same group {bid.Group}");
    }

    /// <summary>Rule 5.</summary>
    void Afford(AuctionBid bid, Fill fill)
    {
        var market = MarketOf(fill);
        if (!sheet.IsPriced(market, fill.From, fill.To)) return;
        var prices = sheet.PriceSum(market, fill.From, fill.To);
        var limits = (Int128)bid.Limit * sheet.Minutes(fill.From, fill.To);
        if (prices > limits && breaches.Takes(5))
            breaches.Add(5, bid.Id, null, market, fill.From,
                $"Bid {bid.Id} is filled over slots {fill.From} to {fill.To} at prices that come to {prices} "
                + $"(price × minutes); its limit comes to {limits}.");
    }

    /// <summary>Rule 0: listed as left out when not filled though it could have paid, and only then.</summary>
    void Report(int index, AuctionBid bid, bool isFilled)
    {
        var isListed = sheet.LeftOut.Contains(index);
        var place = bid.Kind == BidKind.Block && !isFilled ? InTheMoney(bid) : null;
        if (isListed == place is not null || !breaches.Takes(0)) return;
        if (place is var (market, start))
        {
            breaches.Add(0, bid.Id, null, market, start,
                $"Bid {bid.Id} is neither filled nor listed in left_out though the mean price "
                + $"in {_problem.Markets[market]} from slot {start} is below its limit {bid.Limit}.");
            return;
        }

        var why = bid.Kind == BidKind.Divisible ? "is divisible" : isFilled ? "is filled"
            : "finds no run with a price in every slot and a mean below its limit";
        breaches.Add(0, bid.Id, null, null, null, $"Bid {bid.Id} is listed in left_out though it {why}.");
    }

    (int Market, int Start)? InTheMoney(AuctionBid bid)
    {
        var count = bid.Starts?.Count ?? bid.To - bid.From - bid.Run + 1;
        for (var i = 0; i < count; i++)
        {
            var start = bid.Starts?[i] ?? bid.From + i;
            var end = start + bid.Run;
            var limits = (Int128)bid.Limit * sheet.Minutes(start, end);
            foreach (var market in bid.Markets)
            {
                if (sheet.IsPriced(market, start, end) && sheet.PriceSum(market, start, end) < limits)
                    return (market, start);
            }
        }

        return null;
    }

    static bool IsStart(AuctionBid bid, int slot) =>
        bid.Starts?.Contains(slot) ?? (slot >= bid.From && slot <= bid.To - bid.Run);

    int MarketOf(Fill fill) => _problem.Offers[fill.Offer].Market;

    void Refuse(AuctionBid bid, Fill fill, string sentence)
    {
        if (!breaches.Takes(2)) return;
        breaches.Add(2, bid.Id, _problem.Offers[fill.Offer].Id, MarketOf(fill), fill.From, $"Bid {bid.Id} {sentence}.");
    }
}
