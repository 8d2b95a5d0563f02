using ComputeExchange.Facts.Hearing;
using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.Pricing.Domain;
using ComputeExchange.Pricing.Storage;

namespace ComputeExchange.Pricing.Feed;

/// <summary>Keeps what the engine's feed tells of prices and trades.</summary>
public sealed class KeepPrices(PricingDb db) : IReadFeed
{
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
                var sold = entry.Event.LeaseSold;
                var isBlock = await db.BlockBids.FindAsync([sold.BidId], cancel) is not null;
                db.Trades.AddRange(isBlock ? [Block(sold, at)] : Slots(sold, at));
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

    private static IEnumerable<TradeRow> Slots(LeaseSold sold, DateTimeOffset at) =>
        sold.Slots.Select((slot, part) => Trade(sold, at, part, isBlock: false, slot.PriceMicrosPerGpuHour, Minutes(slot), slot));

    /// <summary>A block is one trade at the average of its slots, by their minutes, rounded half to even.</summary>
    private static TradeRow Block(LeaseSold sold, DateTimeOffset at)
    {
        var minutes = sold.Slots.Sum(Minutes);
        var turnover = Int128.Zero;
        foreach (var slot in sold.Slots) turnover += (Int128)slot.PriceMicrosPerGpuHour * Minutes(slot);
        return Trade(sold, at, 0, isBlock: true, Rounding.HalfEven(turnover, minutes), minutes, sold.Slots[0]);
    }

    private static TradeRow Trade(LeaseSold sold, DateTimeOffset at, int part, bool isBlock, long price, long minutes, LeaseSlot first) => new()
    {
        LeaseId = sold.LeaseId,
        Part = part,
        Market = sold.Market,
        BuyerId = Guid.Parse(sold.BuyerId),
        ProviderId = Guid.Parse(sold.ProviderId),
        IsBlock = isBlock,
        PriceMicros = price,
        GpuMinutes = sold.GpuCount * minutes,
        DeliveryTime = first.FromTime.ToDateTimeOffset(),
        HappenedTime = at,
    };

    private static long Minutes(LeaseSlot slot) => (long)(slot.ToTime.ToDateTimeOffset() - slot.FromTime.ToDateTimeOffset()).TotalMinutes;
}
