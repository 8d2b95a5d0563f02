using ComputeExchange.Hosting;
using ComputeExchange.Hosting.Access;
using ComputeExchange.OrderBook.Entry;
using ComputeExchange.OrderBook.Storage;
using ComputeExchange.OrderBook.V1;
using Google.Protobuf.WellKnownTypes;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.OrderBook.Offers;

/// <summary>Offers and what became of them: a seller's own; operators and auditors see everyone's.</summary>
public sealed class ReadOffers(OrderBookDb db)
{
    /// <summary>Offers, newest first.</summary>
    public async Task<ListOffersResponse> List(ListOffersRequest request, Caller caller, CancellationToken cancel)
    {
        OrderStates.Check(request.State);
        var (size, skip) = Refuse.ParsePage(request.PageSize, request.PageToken, standard: 100, most: 500);
        var visible = db.Offers.AsNoTracking();
        if (!caller.SeesAll)
        {
            var provider = caller.Participant;
            visible = visible.Where(offer => offer.ProviderId == provider);
        }
        if (request.State != OrderState.Unspecified) visible = visible.Where(offer => offer.State == request.State);
        var offers = await visible.OrderByDescending(offer => offer.OfferId).Skip(skip).Take(size).ToListAsync(cancel);
        return new ListOffersResponse { Offers = { offers.Select(ToMessage) }, NextPageToken = Refuse.NextPage(skip, size, offers.Count) };
    }

    private static Offer ToMessage(OfferRow offer) => new()
    {
        OfferId = offer.OfferId,
        ProviderId = offer.ProviderId.ToString(),
        NodeId = offer.NodeId.ToString(),
        Market = offer.Market,
        GpuCount = offer.GpuCount,
        FromTime = offer.FromTime.ToTimestamp(),
        ToTime = offer.ToTime.ToTimestamp(),
        ReserveMicrosPerGpuHour = offer.ReserveMicros,
        PromptReserveMicrosPerGpuHour = offer.PromptReserveMicros,
        SlotReservesMicrosPerGpuHour = { offer.SlotReserveMicros },
        RunSlotCountMin = offer.RunSlotCountMin,
        LeaseId = offer.LeaseId,
        ByPolicy = offer.ByPolicy,
        State = offer.State,
        SoldGpuMinutes = offer.SoldGpuMinutes,
        ProceedsMicros = offer.ProceedsMicros,
        PlacedTime = offer.PlacedTime.ToTimestamp(),
    };
}
