using ComputeExchange.Cli.Output;
using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.OrderBook.V1;
using ComputeExchange.Pricing.V1;
using Google.Protobuf.WellKnownTypes;

namespace ComputeExchange.Cli.Commands.Search;

/// <summary>Markets with the next tradable hour: best offer, GPUs offered, last spot price.</summary>
static class MarketSummary
{
    static readonly Sheet<Found> Sheet = new Sheet<Found>("markets", "No market by that name.")
        .Text("Market", "market", found => found.Market.Market)
        .Word("State", "state", found => found.Market.State)
        .Time("Next slot", "slot_time", found => found.Depth?.SlotTime)
        .Price("Best offer", "best_offer_micros_per_gpu_hour", found => found.Depth?.Offers.FirstOrDefault()?.PriceMicrosPerGpuHour)
        .Count("GPUs offered", "offered_gpu_count", found => found.Depth?.Offers.Sum(level => (long)level.GpuCount))
        .Price("Best bid", "best_bid_micros_per_gpu_hour", found => found.Depth?.Bids.FirstOrDefault()?.PriceMicrosPerGpuHour)
        .Price("Last spot", "last_spot_micros_per_gpu_hour", found => found.Last?.LastPriceMicrosPerGpuHour)
        .Time("of slot", "last_spot_slot_time", found => found.Last?.SlotTime);

    /// <summary>Prints the markets whose name contains a text, and names them.</summary>
    public static async Task<IReadOnlyList<string>> Print(Session session, string text)
    {
        var now = await session.Now();
        var found = new List<Found>();
        foreach (var market in (await session.Markets()).Markets.Where(market => market.Market.Contains(text, StringComparison.OrdinalIgnoreCase)))
        {
            var depth = market.State == MarketState.Open
                ? await session.Ask(cancel => session.Exchange.OrderBook.GetDepthAsync(new GetDepthRequest { Market = market.Market }, cancellationToken: cancel))
                : null;
            found.Add(new Found(market, depth, await LastPrice(session, market.Market, now)));
        }
        session.Print.Rows(Sheet, found);
        return [.. found.Select(one => one.Market.Market)];
    }

    /// <summary>The latest slot of the last day and the coming horizon that was ever sold.</summary>
    static async Task<SlotPrice?> LastPrice(Session session, string market, DateTimeOffset now)
    {
        var request = new ListSlotPricesRequest { Market = market, FromTime = now.AddDays(-1).ToTimestamp(), PageSize = 5000 };
        var reply = await session.Ask(cancel => session.Exchange.Pricing.ListSlotPricesAsync(request, cancellationToken: cancel));
        return reply.Prices.Where(price => price.SlotTime.ToDateTimeOffset() <= now).LastOrDefault() ?? reply.Prices.FirstOrDefault();
    }

    sealed record Found(DefineMarket Market, GetDepthResponse? Depth, SlotPrice? Last);
}
