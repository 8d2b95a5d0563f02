using ComputeExchange.Hosting;
using ComputeExchange.Hosting.Access;
using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.OrderBook.Storage;
using ComputeExchange.OrderBook.V1;
using Google.Protobuf.WellKnownTypes;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.OrderBook.Futures.Orders;

/// <summary>What traders bought and sold: each sees its own side of a trade, and never who was on the other.</summary>
public sealed class ReadFuturesTrades(OrderBookDb db)
{
    /// <summary>The caller's sides of trades, newest first; everyone's for those who see all.</summary>
    public async Task<ListFuturesTradesResponse> List(ListFuturesTradesRequest request, Caller caller, CancellationToken cancel)
    {
        var (size, skip) = Refuse.ParsePage(request.PageSize, request.PageToken, standard: 100, most: 500);
        var own = caller.SeesAll ? (int?)null
            : await db.Accounts.Where(row => row.ParticipantId == caller.Participant).Select(row => (int?)row.AccountIndex).SingleOrDefaultAsync(cancel) ?? -1;
        var bought = db.Trades.AsNoTracking().Select(trade => new { Trade = trade, Account = trade.BuyAccountIndex, Order = trade.BuyOrderId, Buys = true });
        var sold = db.Trades.AsNoTracking().Select(trade => new { Trade = trade, Account = trade.SellAccountIndex, Order = trade.SellOrderId, Buys = false });
        if (own is { } account) (bought, sold) = (bought.Where(side => side.Account == account), sold.Where(side => side.Account == account));
        if (request.OrderId != 0) (bought, sold) = (bought.Where(side => side.Order == request.OrderId), sold.Where(side => side.Order == request.OrderId));
        if (request.Instrument.Length > 0)
        {
            var index = await db.Instruments.Where(row => row.Name == request.Instrument).Select(row => (int?)row.InstrumentIndex).SingleOrDefaultAsync(cancel)
                ?? throw Refuse.NotFound($"There is no instrument '{request.Instrument}'; ListInstruments has them.");
            (bought, sold) = (bought.Where(side => side.Trade.InstrumentIndex == index), sold.Where(side => side.Trade.InstrumentIndex == index));
        }

        // Each half by its own index, as many as the page could need, then both in order.
        var most = skip + size;
        var sides = (await bought.OrderByDescending(side => side.Trade.TradeId).Take(most).ToListAsync(cancel))
            .Concat(await sold.OrderByDescending(side => side.Trade.TradeId).Take(most).ToListAsync(cancel))
            .OrderByDescending(side => side.Trade.TradeId).ThenBy(side => side.Buys).Skip(skip).Take(size).ToList();
        var instruments = await db.Instruments.AsNoTracking().ToDictionaryAsync(row => row.InstrumentIndex, cancel);
        var accounts = sides.Select(side => side.Account).Distinct().ToList();
        var participants = await db.Accounts.AsNoTracking().Where(row => accounts.Contains(row.AccountIndex)).ToDictionaryAsync(row => row.AccountIndex, cancel);
        return new ListFuturesTradesResponse
        {
            Trades =
            {
                sides.Select(side =>
                {
                    var message = side.Trade.ToMessage(instruments[side.Trade.InstrumentIndex], side.Buys ? OrderSide.Buy : OrderSide.Sell);
                    message.OrderId = side.Order;
                    message.ParticipantId = participants[side.Account].ParticipantId.ToString();
                    message.Maker = side.Buys != side.Trade.BuyerCameLater;
                    return message;
                }),
            },
            NextPageToken = Refuse.NextPage(skip, size, sides.Count),
        };
    }
}

/// <summary>Futures trades as messages.</summary>
public static class FuturesTradeMessages
{
    /// <summary>What of a trade is public, seen from a side.</summary>
    public static FuturesTrade ToMessage(this FuturesTradeRow trade, InstrumentRow instrument, OrderSide side) => new()
    {
        TradeId = trade.TradeId,
        Instrument = instrument.Name,
        Side = side,
        PriceTicks = trade.PriceTicks,
        PriceMicrosPerLot = trade.PriceTicks * instrument.TickValueMicros,
        LotCount = trade.LotCount,
        ValueMicros = trade.PriceTicks * trade.LotCount * instrument.TickValueMicros,
        HappenedTime = trade.HappenedTime.ToTimestamp(),
        Busted = trade.Busted,
    };
}
