using ComputeExchange.Values.Auctions;

namespace ComputeExchange.Benchmarks.Study;

/// <summary>What a market did for its people in a day, in micro-dollars and GPU-hours.</summary>
/// <param name="Welfare">Limits minus asks of all that was sold.</param>
/// <param name="Revenue">What was paid.</param>
/// <param name="Asked">What the sellers had asked for it.</param>
/// <param name="GpuHours">What was sold.</param>
/// <param name="Blocks">Blocks filled.</param>
/// <remarks>The asks are taken for the sellers' costs; so welfare is what buyers and sellers gain together.</remarks>
sealed record MarketOutcome(Int128 Welfare, Int128 Revenue, Int128 Asked, long GpuHours, int Blocks)
{
    /// <summary>What the sellers gain over their asks.</summary>
    public Int128 ToSellers => Revenue - Asked;

    /// <summary>What the buyers gain below their limits.</summary>
    public Int128 ToBuyers => Welfare - ToSellers;

    public static MarketOutcome operator +(MarketOutcome one, MarketOutcome other) => new(
        one.Welfare + other.Welfare, one.Revenue + other.Revenue, one.Asked + other.Asked, one.GpuHours + other.GpuHours, one.Blocks + other.Blocks);

    /// <param name="priceOf">What one GPU of an offer costs in a slot.</param>
    public static MarketOutcome Of(AuctionProblem problem, IReadOnlyList<AuctionFill> fills, Func<AuctionOffer, int, long> priceOf)
    {
        var bids = problem.Bids.ToDictionary(bid => bid.Id);
        var offers = problem.Offers.ToDictionary(offer => offer.Id);
        var (welfare, revenue, asked, hours) = ((Int128)0, (Int128)0, (Int128)0, 0L);
        foreach (var fill in fills)
            for (var slot = fill.From; slot < fill.To; slot++)
            {
                welfare += (Int128)fill.Gpus * (bids[fill.Bid].Limit - offers[fill.Offer].ReserveAt(slot));
                revenue += (Int128)fill.Gpus * priceOf(offers[fill.Offer], slot);
                asked += (Int128)fill.Gpus * offers[fill.Offer].ReserveAt(slot);
                hours += fill.Gpus;
            }

        return new MarketOutcome(welfare, revenue, asked, hours, fills.Select(fill => fill.Bid).Distinct().Count(id => bids[id].Kind == BidKind.Block));
    }
}
