using ComputeExchange.Hosting;
using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.OrderBook.Storage;
using ComputeExchange.OrderBook.V1;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.OrderBook.MarketData;

/// <summary>The open book of one slot, added up by price: what each bid still wants and each offer still has in it.</summary>
/// <remarks>A block counts in every slot that it may use; a standing bid, which has no end, in none.</remarks>
public sealed class ReadDepth(OrderBookDb db, TimeProvider clock)
{
    /// <summary>The depth; empty for a slot that has passed. While a slot is in progress its offers stand at their prompt reserve.</summary>
    /// <exception cref="RpcException">NOT_FOUND: there is no such market.</exception>
    public async Task<GetDepthResponse> Get(GetDepthRequest request, CancellationToken cancel)
    {
        if (request.Market.Length == 0) throw Refuse.Field("market", "is missing: ListMarkets has them.");
        var settings = await db.SettingsInForce(cancel);
        var now = clock.GetUtcNow();
        var slot = request.SlotTime is null ? settings.NextTradable(now) : Refuse.ParseTime("slot_time", request.SlotTime);
        if (!settings.Slots.Begins(slot))
            throw Refuse.Field("slot_time", $"is {slot:u}, inside a slot: it begins at {settings.Slots.StartOf(slot):u}.");
        if (!await db.Markets.AnyAsync(market => market.Market == request.Market, cancel))
            throw Refuse.NotFound($"There is no market '{request.Market}'; ListMarkets has them.");

        var response = new GetDepthResponse { SlotTime = slot.ToTimestamp() };
        if (slot + settings.Slots.Length <= now) return response;

        var slotMinutes = settings.Slots.Minutes;
        var prompt = slot <= now;
        var bids = await db.Bids
            .Where(bid => bid.State == OrderState.Open && bid.Kind != BidKind.Standing && bid.Markets.Contains(request.Market) && bid.FromTime <= slot && bid.ToTime > slot)
            .Select(bid => new { Price = bid.LimitMicros, Left = bid.GpuCount - bid.FilledGpuCounts[(int)(slot - bid.FromTime).TotalMinutes / slotMinutes] })
            .Where(bid => bid.Left > 0)
            .GroupBy(bid => bid.Price)
            .OrderByDescending(level => level.Key)
            .Select(level => new { Price = level.Key, Gpus = level.Sum(bid => (long)bid.Left), Orders = level.Count() })
            .ToListAsync(cancel);
        var offers = await db.Offers
            .Where(offer => offer.State == OrderState.Open && offer.Market == request.Market && offer.FromTime <= slot && offer.ToTime > slot)
            .Select(offer => new
            {
                Price = offer.SlotReserveMicros.Length == 0 ? (prompt ? offer.PromptReserveMicros : offer.ReserveMicros)
                    : prompt ? Math.Min(offer.PromptReserveMicros, offer.SlotReserveMicros[(int)(slot - offer.FromTime).TotalMinutes / slotMinutes])
                    : offer.SlotReserveMicros[(int)(slot - offer.FromTime).TotalMinutes / slotMinutes],
                Left = offer.GpuCount - offer.SoldGpuCounts[(int)(slot - offer.FromTime).TotalMinutes / slotMinutes],
            })
            .Where(offer => offer.Left > 0)
            .GroupBy(offer => offer.Price)
            .OrderBy(level => level.Key)
            .Select(level => new { Price = level.Key, Gpus = level.Sum(offer => (long)offer.Left), Orders = level.Count() })
            .ToListAsync(cancel);

        response.Bids.AddRange(bids.Select(level => Level(level.Price, level.Gpus, level.Orders)));
        response.Offers.AddRange(offers.Select(level => Level(level.Price, level.Gpus, level.Orders)));
        return response;
    }

    private static DepthLevel Level(long price, long gpus, int orders) => new()
    {
        PriceMicrosPerGpuHour = price,
        GpuCount = (int)Math.Min(gpus, int.MaxValue),
        OrderCount = orders,
    };
}
