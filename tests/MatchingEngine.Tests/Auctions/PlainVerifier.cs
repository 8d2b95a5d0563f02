using ComputeExchange.Values.Auctions;

namespace ComputeExchange.MatchingEngine.Tests.Auctions;

/// <summary>The rules of the format word by word, as slow as they are plain: which rules a solution breaks.</summary>
/// <remarks>For solutions whose ids and slots are right; small ones.</remarks>
sealed class PlainVerifier(AuctionProblem problem, AuctionSolution solution)
{
    readonly SortedSet<int> _broken = [];

    public static SortedSet<int> Broken(AuctionProblem problem, AuctionSolution solution)
    {
        var plain = new PlainVerifier(problem, solution);
        plain.Form();
        plain.Offers();
        plain.Divisible();
        plain.Blocks();
        plain.Unpriced();
        plain.Welfare();
        return plain._broken;
    }

    void Form()
    {
        foreach (var (market, slot) in Cells())
        {
            var isFilled = solution.Fills.Any(fill => Offer(fill).Market == market && Covers(fill, slot));
            Must(0, isFilled == Price(market, slot) is not null);
        }

        Must(0, solution.Status == AuctionStatus.Empty == (solution.Fills.Count == 0));
        var gap = (decimal)(solution.Bound - solution.Welfare) / Math.Max(1, solution.Bound);
        Must(0, solution.Status != AuctionStatus.Optimal || gap <= 0.0001m);

        foreach (var bid in problem.Bids)
        {
            var inTheMoney = bid.AllowedStarts().Any(start => bid.Markets.Any(market =>
                Over(market, Enumerable.Range(start, bid.Run), _ => bid.Limit) < 0));
            Must(0, solution.LeftOut.Contains(bid.Id) == (!IsFilled(bid.Id) && inTheMoney));
        }
    }

    void Offers()
    {
        foreach (var fill in solution.Fills)
        {
            var (bid, offer) = (Bid(fill), Offer(fill));
            Must(1, fill.From >= offer.From && fill.To <= offer.To && bid.Markets.Contains(offer.Market));
            Must(1, offer.MinRun == 1 || (bid.Kind == BidKind.Block && bid.Run >= offer.MinRun));
            var slots = Enumerable.Range(fill.From, fill.To - fill.From).Where(slot => slot >= offer.From && slot < offer.To);
            if (offer.MinRun > 1) Must(4, Over(offer.Market, slots, offer.ReserveAt) is null or >= 0);
        }

        foreach (var offer in problem.Offers)
        {
            var mayStayUnsold = false;
            for (var slot = offer.From; slot < offer.To; slot++)
            {
                var sold = Sold(offer, slot);
                Must(1, sold <= offer.Gpus);
                if (offer.MinRun > 1 || Price(offer.Market, slot) is not { } price) continue;
                Must(4, sold == 0 || price >= offer.ReserveAt(slot));
                if (offer.ReserveAt(slot) >= price || sold >= offer.Gpus) continue;
                var besideDearer = solution.Fills.Any(fill => Bid(fill).Kind == BidKind.Block && Covers(fill, slot)
                    && Offer(fill).Market == offer.Market && slot >= Offer(fill).From && slot < Offer(fill).To
                    && Offer(fill).ReserveAt(slot) > offer.ReserveAt(slot));
                Must(4, besideDearer);
                mayStayUnsold |= besideDearer;
            }

            if (!_broken.Contains(4)) Must(4, solution.LeftOutOffers.Contains(offer.Id) == mayStayUnsold);
        }
    }

    void Divisible()
    {
        foreach (var bid in problem.Bids.Where(bid => bid.Kind == BidKind.Divisible))
        {
            var fills = solution.Fills.Where(fill => fill.Bid == bid.Id).ToList();
            Must(2, fills.All(fill => fill.From >= bid.From && fill.To <= bid.To));
            Must(2, fills.DistinctBy(fill => (fill.Offer, fill.From, fill.To)).Count() == fills.Count);
            for (var slot = 0; slot < problem.Slots; slot++)
            {
                var lowest = bid.Markets.Min(market => Price(market, slot));
                if (Wants(bid, slot))
                {
                    Must(2, Got(bid, slot) <= bid.Gpus);
                    Must(3, lowest is null || bid.Limit <= lowest || Got(bid, slot) >= bid.Gpus);
                }

                foreach (var price in Paid(bid, slot))
                {
                    Must(3, price.Value <= bid.Limit && (lowest is null || price.Value <= lowest));
                    Must(3, price.Value != bid.Limit || !problem.Bids.TakeWhile(earlier => earlier != bid).Any(earlier =>
                        earlier.Kind == BidKind.Divisible && earlier.Limit == bid.Limit && earlier.Markets.Contains(price.Market)
                        && Wants(earlier, slot) && Got(earlier, slot) < earlier.Gpus));
                }
            }
        }
    }

    void Blocks()
    {
        foreach (var bid in problem.Bids.Where(bid => bid.Kind == BidKind.Block && IsFilled(bid.Id)))
        {
            var fills = solution.Fills.Where(fill => fill.Bid == bid.Id).ToList();
            Must(2, bid.AllowedStarts().Contains(fills[0].From));
            Must(2, fills.All(fill => (fill.From, fill.To) == (fills[0].From, fills[0].From + bid.Run)));
            Must(2, fills.Select(fill => Offer(fill).Market).Distinct().Count() == 1);
            Must(2, fills.Select(fill => fill.Offer).Distinct().Count() == fills.Count);
            Must(2, bid.Offers is null || fills.All(fill => bid.Offers.Contains(fill.Offer)));
            Must(2, bid.Node == 0 || fills.All(fill => fill.Gpus % bid.Node == 0));
            var gpus = fills.Sum(fill => fill.Gpus);
            Must(2, gpus <= bid.Gpus && gpus * 1000 >= bid.MinFill * bid.Gpus);
            Must(2, bid.Parent is null || IsFilled(bid.Parent));
            Must(2, bid.Group is null || problem.Bids.Count(other => other.Group == bid.Group && IsFilled(other.Id)) == 1);

            var run = Enumerable.Range(fills[0].From, fills[0].To - fills[0].From);
            Must(5, Over(Offer(fills[0]).Market, run, _ => bid.Limit) is null or <= 0);
        }
    }

    void Unpriced()
    {
        foreach (var (market, slot) in Cells().Where(cell => Price(cell.Market, cell.Slot) is null))
        {
            var reserves = problem.Offers
                .Where(offer => offer.Market == market && offer.MinRun == 1 && slot >= offer.From && slot < offer.To)
                .Where(offer => Sold(offer, slot) < offer.Gpus).Select(offer => offer.ReserveAt(slot)).ToList();
            foreach (var bid in problem.Bids.Where(bid => bid.Kind == BidKind.Divisible && bid.Markets.Contains(market)))
            {
                Must(6, !Wants(bid, slot) || Got(bid, slot) >= bid.Gpus || reserves.All(reserve => bid.Limit <= reserve));
                Must(6, Paid(bid, slot).All(price => reserves.All(reserve => price.Value <= reserve)));
            }
        }
    }

    void Welfare()
    {
        if (solution.Fills.All(fill => fill.From >= Offer(fill).From && fill.To <= Offer(fill).To))
            Must(7, solution.Welfare == AuctionScenario.WelfareOf(problem, solution.Fills));
        Must(7, solution.Welfare <= solution.Bound);
    }

    void Must(int rule, bool holds)
    {
        if (!holds) _broken.Add(rule);
    }

    /// <summary>What the prices come to over what they are held against, weighed by minutes; null without a price.</summary>
    decimal? Over(int market, IEnumerable<int> slots, Func<int, long> against) =>
        slots.Any(slot => Price(market, slot) is null) ? null
        : slots.Sum(slot => (decimal)(Price(market, slot)!.Value - against(slot)) * problem.MinutesOf(slot));

    IEnumerable<(int Market, int Slot)> Cells() =>
        from market in Enumerable.Range(0, problem.Markets.Count)
        from slot in Enumerable.Range(0, problem.Slots)
        select (market, slot);

    IEnumerable<(int Market, long Value)> Paid(AuctionBid bid, int slot) =>
        from fill in solution.Fills
        where fill.Bid == bid.Id && Covers(fill, slot) && Price(Offer(fill).Market, slot) is not null
        select (Offer(fill).Market, Price(Offer(fill).Market, slot)!.Value);

    long? Price(int market, int slot) => solution.Prices[market][slot];

    AuctionBid Bid(AuctionFill fill) => problem.Bids.Single(bid => bid.Id == fill.Bid);

    AuctionOffer Offer(AuctionFill fill) => problem.Offers.Single(offer => offer.Id == fill.Offer);

    int Got(AuctionBid bid, int slot) =>
        solution.Fills.Where(fill => fill.Bid == bid.Id && Covers(fill, slot)).Sum(fill => fill.Gpus);

    int Sold(AuctionOffer offer, int slot) =>
        solution.Fills.Where(fill => fill.Offer == offer.Id && Covers(fill, slot)).Sum(fill => fill.Gpus);

    bool IsFilled(string id) => solution.Fills.Any(fill => fill.Bid == id);

    static bool Wants(AuctionBid bid, int slot) => slot >= bid.From && slot < bid.To;

    static bool Covers(AuctionFill fill, int slot) => slot >= fill.From && slot < fill.To;
}
