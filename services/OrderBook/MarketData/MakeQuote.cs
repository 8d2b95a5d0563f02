using ComputeExchange.Hosting;
using ComputeExchange.Hosting.Access;
using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.OrderBook.Domain;
using ComputeExchange.OrderBook.Entry;
using ComputeExchange.OrderBook.Storage;
using ComputeExchange.OrderBook.V1;
using ComputeExchange.Values;
using Grpc.Core;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.OrderBook.MarketData;

/// <summary>Says what capacity would likely cost now. It promises nothing: the next run decides.</summary>
public sealed class MakeQuote(OrderBookDb db, TimeProvider clock)
{
    /// <summary>The quote, or why there is none.</summary>
    /// <exception cref="RpcException">A field is wrong, or NOT_FOUND: there is no such market.</exception>
    public async Task<QuoteResponse> Handle(QuoteRequest request, Caller caller, CancellationToken cancel)
    {
        var settings = await db.SettingsInForce(caller.ParticipantId, cancel);
        var complaints = new Complaints();
        if (request.Market.Length == 0) complaints.Add("market", "is missing: ListMarkets has them.");
        complaints.Add(OrderRules.GpuCount(request.GpuCount));
        var fromTime = complaints.Time("from_time", request.FromTime);
        var toTime = complaints.Time("to_time", request.ToTime);
        complaints.Add(OrderRules.Window(fromTime, toTime, settings.Slots));
        if (fromTime < toTime && settings.Slots.Count(fromTime.Value, toTime.Value) is > OrderRules.WindowSlotCountMax and var slotCount)
            complaints.Add("to_time", $"makes a window of {slotCount} slots: it can have at most {OrderRules.WindowSlotCountMax}.");
        complaints.ThrowIfAny();
        var (from, to) = (fromTime!.Value, toTime!.Value);

        var market = await db.Markets.AsNoTracking().SingleOrDefaultAsync(row => row.Market == request.Market, cancel)
            ?? throw Refuse.NotFound($"There is no market '{request.Market}'; ListMarkets has them.");
        var quote = market.State == MarketState.Open
            ? CapacityQuote.Of(request.GpuCount, from, to, await OpenOffers(request.Market, from, to, cancel), settings, clock.GetUtcNow())
            : CapacityQuote.Unavailable($"The market {market.Market} is halted.");
        return new QuoteResponse
        {
            Available = quote.Available,
            UnavailableReason = quote.UnavailableReason,
            LimitMicrosPerGpuHour = quote.LimitMicros,
            CostMicros = quote.Cost.Micros,
            FeeMicros = quote.Fee.Micros,
        };
    }

    private Task<List<OpenOffer>> OpenOffers(string market, DateTimeOffset from, DateTimeOffset to, CancellationToken cancel) => db.Offers
        .Where(offer => offer.State == OrderState.Open && offer.Market == market && offer.FromTime < to && offer.ToTime > from)
        .Select(offer => new OpenOffer(
            offer.OfferId, offer.FromTime, offer.ToTime, offer.GpuCount, offer.SoldGpuCounts,
            new OfferReserves(offer.ReserveMicros, offer.PromptReserveMicros, offer.SlotReserveMicros), offer.RunSlotCountMin))
        .ToListAsync(cancel);
}
