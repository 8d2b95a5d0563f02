using ComputeExchange.Facts.Hearing;
using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.Pricing.Storage;

namespace ComputeExchange.Pricing.Feed;

/// <summary>Keeps what the engine's feed tells of prices and trades.</summary>
public sealed class KeepPrices(PricingDb db) : IReadFeed
{
    /// <inheritdoc />
    public bool Heeds(EngineEvent.EventOneofCase kind) => kind is EngineEvent.EventOneofCase.MarketDefined
        or EngineEvent.EventOneofCase.BidPlaced or EngineEvent.EventOneofCase.RunCleared or EngineEvent.EventOneofCase.LeaseSold;

    /// <inheritdoc />
    public async Task Apply(FeedEntry entry, CancellationToken cancel)
    {
        var at = entry.HappenedTime.ToDateTimeOffset();
        switch (entry.Event.EventCase)
        {
            case EngineEvent.EventOneofCase.MarketDefined:
                var market = entry.Event.MarketDefined.Market;
                if (await db.Markets.FindAsync([market], cancel) is null) db.Markets.Add(new MarketRow { Market = market });
                break;
            case EngineEvent.EventOneofCase.BidPlaced when entry.Event.BidPlaced.Bid.Kind == BidKind.Block:
                db.BlockBids.Add(new BlockBidRow { BidId = entry.Event.BidPlaced.BidId });
                break;
            case EngineEvent.EventOneofCase.RunCleared:
                Keep(entry.Event.RunCleared, at);
                break;
            case EngineEvent.EventOneofCase.LeaseSold:
                Keep(entry.Event.LeaseSold, at);
                break;
        }
    }

    private void Keep(RunCleared cleared, DateTimeOffset at) => db.SpotPrices.AddRange(cleared.Prices.Select(price => new SpotPriceRow
    {
        Market = price.Market,
        SlotTime = price.SlotTime.ToDateTimeOffset(),
        RunId = cleared.RunId,
        ClearedTime = at,
        PriceMicros = price.PriceMicrosPerGpuHour,
        GpuCount = price.GpuCount,
        MinuteCount = price.MinuteCount,
    }));

    private void Keep(LeaseSold sold, DateTimeOffset at) => db.Trades.AddRange(sold.Slots.Select((slot, part) =>
    {
        var (from, to) = (slot.FromTime.ToDateTimeOffset(), slot.ToTime.ToDateTimeOffset());
        return new TradeRow
        {
            LeaseId = sold.LeaseId,
            Part = part,
            BidId = sold.BidId,
            Market = sold.Market,
            BuyerId = Guid.Parse(sold.BuyerId),
            ProviderId = Guid.Parse(sold.ProviderId),
            PriceMicros = slot.PriceMicrosPerGpuHour,
            GpuMinutes = sold.GpuCount * (long)(to - from).TotalMinutes,
            DeliveryTime = from,
            HappenedTime = at,
        };
    }));
}
