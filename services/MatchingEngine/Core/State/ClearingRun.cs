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
    int BidCount,
    DateTimeOffset ClosedAt)
{
    /// <summary>Where each of the problem's offers stands in its list.</summary>
    public IReadOnlyDictionary<string, int> OfferIndex { get; } =
        Problem.Offers.Select((offer, index) => (offer.Id, index)).ToDictionary(o => o.Id, o => o.index, StringComparer.Ordinal);
}
