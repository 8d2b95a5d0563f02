using System.Data.Common;
using ComputeExchange.OrderBook.Storage;
using Npgsql;

namespace ComputeExchange.OrderBook.Futures.Feed;

/// <summary>Writes a batch's rows with one statement a table, however many they are.</summary>
internal static class BulkRows
{
    /// <summary>New orders.</summary>
    public static async Task Insert(NpgsqlConnection connection, IReadOnlyCollection<FuturesOrderRow> orders, CancellationToken cancel)
    {
        if (orders.Count == 0) return;
        var rows = new CopyRows();
        foreach (var order in orders)
        {
            rows.Row(23)
                .Add(order.OrderId).Add(order.AccountIndex).Add(order.InstrumentIndex).Add(order.ClientOrderId).Add((int)order.Side).Add((int)order.Type)
                .Add((int)order.TimeInForce).Add(order.Flags).Add((int)order.SelfTradeRule).Add(order.PriceTicks).Add(order.StopPriceTicks).Add(order.PeakLotCount)
                .Add(order.ExpirySeconds).Add(order.PlacedLotCount).Add(order.Replaced).Add(order.OpenLotCount).Add(order.ShownLotCount).Add(order.FilledLotCount)
                .Add(order.FilledTickLots).Add((int)order.State).Add((int)order.CancelReason).Add(order.PlacedTime).Add(order.ChangedTime);
        }
        await rows.Send(connection, """
            COPY order_book.futures_orders (order_id, account_index, instrument_index, client_order_id, side, type, time_in_force, flags, self_trade_rule, price_ticks,
            stop_price_ticks, peak_lot_count, expiry_seconds, placed_lot_count, replaced, open_lot_count, shown_lot_count, filled_lot_count, filled_tick_lots, state,
            cancel_reason, placed_time, changed_time) FROM STDIN (FORMAT BINARY)
            """, cancel);
    }

    /// <summary>New trades.</summary>
    public static async Task Insert(NpgsqlConnection connection, IReadOnlyCollection<FuturesTradeRow> trades, CancellationToken cancel)
    {
        if (trades.Count == 0) return;
        var rows = new CopyRows();
        foreach (var trade in trades)
        {
            rows.Row(11)
                .Add(trade.TradeId).Add(trade.InstrumentIndex).Add(trade.PriceTicks).Add(trade.LotCount).Add(trade.BuyOrderId).Add(trade.SellOrderId)
                .Add(trade.BuyAccountIndex).Add(trade.SellAccountIndex).Add(trade.BuyerCameLater).Add(trade.Busted).Add(trade.HappenedTime);
        }
        await rows.Send(connection, """
            COPY order_book.futures_trades (trade_id, instrument_index, price_ticks, lot_count, buy_order_id, sell_order_id, buy_account_index, sell_account_index,
            buyer_came_later, busted, happened_time) FROM STDIN (FORMAT BINARY)
            """, cancel);
    }

    /// <summary>Orders that changed.</summary>
    public static Task Update(NpgsqlConnection connection, IReadOnlyCollection<FuturesOrderRow> orders, CancellationToken cancel) => Run(connection, orders, """
        UPDATE order_book.futures_orders AS o SET price_ticks = n.price, stop_price_ticks = n.stop, replaced = n.replaced, open_lot_count = n.open, shown_lot_count = n.shown,
        filled_lot_count = n.filled, filled_tick_lots = n.ticks, state = n.state, cancel_reason = n.reason, changed_time = n.changed
        FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) AS n (id, price, stop, replaced, open, shown, filled, ticks, state, reason, changed)
        WHERE o.order_id = n.id
        """, cancel,
        Array(orders, o => o.OrderId), Array(orders, o => o.PriceTicks), Array(orders, o => o.StopPriceTicks), Array(orders, o => o.Replaced), Array(orders, o => o.OpenLotCount),
        Array(orders, o => o.ShownLotCount), Array(orders, o => o.FilledLotCount), Array(orders, o => o.FilledTickLots), Array(orders, o => (int)o.State),
        Array(orders, o => (int)o.CancelReason), Array(orders, o => o.ChangedTime));

    /// <summary>Positions, new ones and old.</summary>
    public static Task Upsert(NpgsqlConnection connection, IReadOnlyCollection<PositionRow> positions, CancellationToken cancel) => Run(connection, positions, """
        INSERT INTO order_book.futures_positions (account_index, instrument_index, lot_count, entry_tick_lots, closed_gain_tick_lots, bought_lot_count, sold_lot_count)
        SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7)
        ON CONFLICT (account_index, instrument_index) DO UPDATE SET lot_count = EXCLUDED.lot_count, entry_tick_lots = EXCLUDED.entry_tick_lots,
        closed_gain_tick_lots = EXCLUDED.closed_gain_tick_lots, bought_lot_count = EXCLUDED.bought_lot_count, sold_lot_count = EXCLUDED.sold_lot_count
        """, cancel,
        Array(positions, p => p.AccountIndex), Array(positions, p => p.InstrumentIndex), Array(positions, p => p.LotCount), Array(positions, p => p.EntryTickLots),
        Array(positions, p => p.ClosedGainTickLots), Array(positions, p => p.BoughtLotCount), Array(positions, p => p.SoldLotCount));

    /// <summary>Outcomes of requests that placed no order.</summary>
    public static Task Insert(NpgsqlConnection connection, IReadOnlyCollection<OrderOutcomeRow> outcomes, CancellationToken cancel) => Run(connection, outcomes, """
        INSERT INTO order_book.order_outcomes (account_index, client_order_id, is_replace, order_id, lot_count, price_ticks, reject_reason, offending_value, kept_place)
        SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9)
        """, cancel,
        Array(outcomes, o => o.AccountIndex), Array(outcomes, o => o.ClientOrderId), Array(outcomes, o => o.IsReplace), Array(outcomes, o => o.OrderId), Array(outcomes, o => o.LotCount),
        Array(outcomes, o => o.PriceTicks), Array(outcomes, o => (int)o.RejectReason), Array(outcomes, o => o.OffendingValue), Array(outcomes, o => o.KeptPlace));

    /// <summary>Trades that were undone.</summary>
    public static Task Bust(NpgsqlConnection connection, IReadOnlyCollection<long> trades, CancellationToken cancel) =>
        Run(connection, trades, "UPDATE order_book.futures_trades SET busted = true WHERE trade_id = ANY ($1)", cancel, Array(trades, id => id));

    private static async Task Run<T>(NpgsqlConnection connection, IReadOnlyCollection<T> rows, string sql, CancellationToken cancel, params DbParameter[] columns)
    {
        if (rows.Count == 0) return;
        await using var command = new NpgsqlCommand(sql, connection);
        foreach (var column in columns) command.Parameters.Add(column);
        await command.ExecuteNonQueryAsync(cancel);
    }

    private static NpgsqlParameter<TValue[]> Array<TRow, TValue>(IReadOnlyCollection<TRow> rows, Func<TRow, TValue> value)
    {
        var values = new TValue[rows.Count];
        var at = 0;
        foreach (var row in rows) values[at++] = value(row);
        return new NpgsqlParameter<TValue[]> { TypedValue = values };
    }
}
