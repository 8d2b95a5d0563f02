using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.ProviderRegistry.Storage;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.ProviderRegistry.Feed;

/// <summary>Keeps what the feed tells of offers, prices and the market's settings; many entries cost few statements.</summary>
internal sealed class KeepOffers
{
    private readonly ProviderRegistryDb _db;
    private readonly List<long> _closed = [];

    public KeepOffers(ProviderRegistryDb db)
    {
        _db = db;
        db.SavingChanges += (_, _) => Close();
    }

    /// <summary>An offer of a node; a lease's rest that is sold on is none.</summary>
    public void Placed(OfferPlaced placed)
    {
        var offer = placed.Offer;
        if (offer.LeaseId > 0) return;
        _db.NodeOffers.Add(new NodeOfferRow
        {
            OfferId = placed.OfferId,
            NodeId = Guid.Parse(offer.NodeId),
            GpuCount = offer.GpuCount,
            FromTime = offer.FromTime.ToDateTimeOffset(),
            ToTime = offer.ToTime.ToDateTimeOffset(),
            ReserveMicrosPerGpuHour = offer.ReserveMicrosPerGpuHour,
            PromptReserveMicrosPerGpuHour = offer.PromptReserveMicrosPerGpuHour,
            RunSlotCountMin = offer.RunSlotCountMin,
            ByPolicy = offer.ByPolicy,
            Open = true,
        });
    }

    /// <summary>An offer came to its end.</summary>
    public void Closed(OfferClosed closed)
    {
        if (_db.NodeOffers.Local.FindEntry(closed.OfferId)?.Entity is { } row) row.Open = false;
        else _closed.Add(closed.OfferId);
    }

    /// <summary>Prices of a run.</summary>
    public async Task Priced(RunCleared cleared, CancellationToken cancel)
    {
        if (cleared.Prices.Count == 0) return;
        var last = cleared.Prices.GroupBy(price => (price.Market, Slot: price.SlotTime.ToDateTimeOffset())).Select(group => (group.Key, Price: group.Last())).ToArray();
        var (markets, slots) = (last.Select(one => one.Key.Market).ToArray(), last.Select(one => one.Key.Slot).ToArray());
        var prices = last.Select(one => one.Price.PriceMicrosPerGpuHour).ToArray();
        await _db.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO provider_registry.slot_prices (market, slot_time, price_micros_per_gpu_hour)
            SELECT * FROM unnest({markets}, {slots}, {prices})
            ON CONFLICT (market, slot_time) DO UPDATE SET price_micros_per_gpu_hour = excluded.price_micros_per_gpu_hour
            """, cancel);
    }

    // All at once when the batch is saved: an offer's end is one of the most frequent entries.
    private void Close()
    {
        if (_closed.Count == 0) return;
        var closed = _closed.ToArray();
        _closed.Clear();
        _db.Database.ExecuteSql($"UPDATE provider_registry.node_offers SET open = false WHERE offer_id = ANY ({closed})");
    }
}
