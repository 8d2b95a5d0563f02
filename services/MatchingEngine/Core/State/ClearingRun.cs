using ComputeExchange.Values.Auctions;

namespace ComputeExchange.MatchingEngine.Core.State;

/// <summary>A closed run that waits for its solution: the problem, and what its names stand for.</summary>
internal sealed record ClearingRun(
    long Id,
    long FirstSlot,
    AuctionProblem Problem,
    IReadOnlyDictionary<string, Offer> Offers,
    IReadOnlyDictionary<string, Bid> Bids,
    int OfferCount,
    int BidCount)
{
    /// <summary>Where each of the problem's offers stands in its list.</summary>
    public IReadOnlyDictionary<string, int> OfferIndex { get; } =
        Problem.Offers.Select((offer, index) => (offer.Id, index)).ToDictionary(o => o.Id, o => o.index, StringComparer.Ordinal);
}

/// <summary>A lease whose bonds are not all settled.</summary>
internal sealed class OpenLease(long id, Guid provider, long[] bonds)
{
    public const long Settled = -1;

    public long Id { get; } = id;

    public Guid Provider { get; } = provider;

    /// <summary>The bond of each slot in micro-dollars, or <see cref="Settled"/>.</summary>
    public long[] Bonds { get; } = bonds;
}
