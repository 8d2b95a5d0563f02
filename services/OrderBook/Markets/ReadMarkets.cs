using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.OrderBook.Storage;
using ComputeExchange.OrderBook.V1;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.OrderBook.Markets;

/// <summary>The markets and the settings, as far as the feed was read.</summary>
public sealed class ReadMarkets(OrderBookDb db)
{
    /// <summary>Every market, by name.</summary>
    public async Task<ListMarketsResponse> List(CancellationToken cancel)
    {
        var markets = await db.Markets.AsNoTracking().OrderBy(market => market.Market).ToListAsync(cancel);
        var settings = await db.Settings.AsNoTracking().SingleOrDefaultAsync(cancel);
        return new ListMarketsResponse
        {
            Markets = { markets.Select(market => new DefineMarket { Market = market.Market, State = market.State }) },
            Settings = settings?.ToMessage() ?? SettingsRow.Untold,
        };
    }
}
