using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.OrderBook.Storage;
using ComputeExchange.OrderBook.V1;
using Google.Protobuf.WellKnownTypes;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.OrderBook.Offers;

/// <summary>Offers as the engine answers them.</summary>
internal static class PlacedOffers
{
    /// <summary>The offer that was placed.</summary>
    /// <remarks>The engine's answer bears no time. A repetition may come long after the offer, whose own time the feed has told by then.</remarks>
    public static async Task<Offer> Message(this OrderBookDb db, OfferPlaced placed, bool repeated, TimeProvider clock, CancellationToken cancel)
    {
        DateTimeOffset? told = repeated
            ? await db.Offers.Where(offer => offer.OfferId == placed.OfferId).Select(offer => (DateTimeOffset?)offer.PlacedTime).SingleOrDefaultAsync(cancel)
            : null;
        return ToMessage(placed, told ?? clock.GetUtcNow());
    }

    private static Offer ToMessage(OfferPlaced placed, DateTimeOffset at) => new()
    {
        OfferId = placed.OfferId,
        ProviderId = placed.Offer.ProviderId,
        NodeId = placed.Offer.NodeId,
        Market = placed.Market,
        GpuCount = placed.Offer.GpuCount,
        FromTime = placed.Offer.FromTime,
        ToTime = placed.Offer.ToTime,
        ReserveMicrosPerGpuHour = placed.Offer.ReserveMicrosPerGpuHour,
        PromptReserveMicrosPerGpuHour = placed.Offer.PromptReserveMicrosPerGpuHour,
        SlotReservesMicrosPerGpuHour = { placed.Offer.SlotReservesMicrosPerGpuHour },
        RunSlotCountMin = placed.Offer.RunSlotCountMin,
        LeaseId = placed.Offer.LeaseId,
        ByPolicy = placed.Offer.ByPolicy,
        State = OrderState.Open,
        PlacedTime = at.ToTimestamp(),
    };
}
