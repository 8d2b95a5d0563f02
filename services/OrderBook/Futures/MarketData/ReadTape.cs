using ComputeExchange.Hosting;
using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.OrderBook.Futures.Orders;
using ComputeExchange.OrderBook.Storage;
using ComputeExchange.OrderBook.V1;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.OrderBook.Futures.MarketData;

/// <summary>What was traded in an instrument: public, without names.</summary>
public sealed class ReadTape(OrderBookDb db)
{
    private static readonly int[] Spans = [60, 300, 900, 3_600, 14_400, 86_400];

    /// <summary>Trades, newest first.</summary>
    /// <exception cref="RpcException">NOT_FOUND: there is no such instrument.</exception>
    public async Task<ListInstrumentTradesResponse> Trades(ListInstrumentTradesRequest request, CancellationToken cancel)
    {
        var (size, skip) = Refuse.ParsePage(request.PageSize, request.PageToken, standard: 100, most: 500);
        var instrument = await Instrument(request.Instrument, cancel);
        var page = await db.Trades.AsNoTracking().Where(row => row.InstrumentIndex == instrument.InstrumentIndex)
            .OrderByDescending(row => row.TradeId).Skip(skip).Take(size).ToListAsync(cancel);
        return new ListInstrumentTradesResponse
        {
            Trades = { page.Select(trade => trade.ToMessage(instrument, trade.BuyerCameLater ? OrderSide.Buy : OrderSide.Sell)) },
            NextPageToken = Refuse.NextPage(skip, size, page.Count),
        };
    }

    /// <summary>Candles, newest first.</summary>
    /// <exception cref="RpcException">NOT_FOUND: there is no such instrument.</exception>
    public async Task<ListCandlesResponse> Candles(ListCandlesRequest request, CancellationToken cancel)
    {
        var span = request.SpanSeconds == 0 ? 3_600 : request.SpanSeconds;
        if (!Spans.Contains(span)) throw Refuse.Field("span_seconds", $"is {span}: give one of {string.Join(", ", Spans)}.");
        var (size, _) = Refuse.ParsePage(request.PageSize, "", standard: 100, most: 1_000);
        var instrument = await Instrument(request.Instrument, cancel);
        var candles = await db.Database.SqlQuery<CandleRow>($"""
            SELECT to_timestamp(floor(extract(epoch FROM happened_time) / {span}) * {span}) AS "Begin",
                   (array_agg(price_ticks ORDER BY trade_id))[1] AS "First", max(price_ticks) AS "Highest", min(price_ticks) AS "Lowest",
                   (array_agg(price_ticks ORDER BY trade_id DESC))[1] AS "Last", sum(lot_count)::bigint AS "Lots", sum(price_ticks * lot_count)::bigint AS "TickLots"
            FROM order_book.futures_trades WHERE instrument_index = {instrument.InstrumentIndex} AND NOT busted
            GROUP BY 1 ORDER BY 1 DESC LIMIT {size}
            """).ToListAsync(cancel);
        return new ListCandlesResponse
        {
            Candles =
            {
                candles.Select(candle => new Candle
                {
                    BeginTime = candle.Begin.ToTimestamp(),
                    FirstPriceTicks = candle.First,
                    HighestPriceTicks = candle.Highest,
                    LowestPriceTicks = candle.Lowest,
                    LastPriceTicks = candle.Last,
                    LotCount = candle.Lots,
                    ValueMicros = candle.TickLots * instrument.TickValueMicros,
                }),
            },
        };
    }

    private async Task<InstrumentRow> Instrument(string name, CancellationToken cancel) =>
        await db.Instruments.AsNoTracking().SingleOrDefaultAsync(row => row.Name == name, cancel)
        ?? throw Refuse.NotFound($"There is no instrument '{name}'; ListInstruments has them.");

    private sealed record CandleRow(DateTimeOffset Begin, int First, int Highest, int Lowest, int Last, long Lots, long TickLots);
}
