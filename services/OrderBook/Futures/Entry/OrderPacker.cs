using System.Runtime.InteropServices;
using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.OrderBook.V1;

namespace ComputeExchange.OrderBook.Futures.Entry;

/// <summary>Puts order requests into the engine's records, and says what of them cannot be put so.</summary>
public static class OrderPacker
{
    /// <summary>The index that no instrument has: the engine refuses it by its own reason.</summary>
    public const ushort NoInstrument = ushort.MaxValue;

    /// <summary>Writes one request.</summary>
    /// <returns>What is wrong with it; null when it was written.</returns>
    public static OrderResult? Pack(OrderRequest order, InstrumentNames instruments, ref RequestRecord record)
    {
        record = default;
        record.Kind = (byte)order.Kind;
        if (order.Kind is not (OrderRequestKind.Place or OrderRequestKind.Cancel or OrderRequestKind.Replace))
            return Wrong(order, "kind", "is missing: give ORDER_REQUEST_KIND_PLACE, _CANCEL or _REPLACE.");
        if (order.Kind != OrderRequestKind.Place && order.OrderId < 1)
            return Wrong(order, "order_id", "is missing: give the number of the order that is meant.", order.OrderId);
        record.Order = (ulong)order.OrderId;
        if (order.Kind == OrderRequestKind.Cancel) return null;

        if (order.ClientOrderId < 1)
            return Wrong(order, "client_order_id", $"is {order.ClientOrderId}: give a number from 1 that is above every one you used before.", order.ClientOrderId);
        if (order.LotCount is < 1 or > uint.MaxValue)
            return Wrong(order, "lot_count", $"is {order.LotCount}: give at least 1 lot.", order.LotCount);
        record.ClientOrderId = (ulong)order.ClientOrderId;
        record.Quantity = (uint)order.LotCount;
        if (order.Kind == OrderRequestKind.Place) return PackPlace(order, instruments, ref record);

        if (order.PriceTicks is < 0 or > int.MaxValue) return WrongPrice(order, "price_ticks", order.PriceTicks);
        if (order.StopPriceTicks is < 0 or > int.MaxValue) return WrongPrice(order, "stop_price_ticks", order.StopPriceTicks);
        record.Price = (int)order.PriceTicks;
        record.StopPrice = (int)order.StopPriceTicks;
        return null;
    }

    /// <summary>The records of a batch as bytes.</summary>
    public static Span<RequestRecord> In(Span<byte> bytes) => MemoryMarshal.Cast<byte, RequestRecord>(bytes);

    /// <summary>A result that says that a request is malformed.</summary>
    public static OrderResult Wrong(OrderRequest order, string field, string message, long value = 0) => new()
    {
        ClientOrderId = order.ClientOrderId,
        OrderId = order.OrderId,
        RejectReason = OrderRejectReason.Malformed,
        Field = field,
        Message = message,
        OffendingValue = value,
    };

    private static OrderResult? PackPlace(OrderRequest order, InstrumentNames instruments, ref RequestRecord record)
    {
        if (order.Instrument.Length > 0)
            record.Instrument = instruments.IndexOf(order.Instrument) is { } index ? (ushort)index : NoInstrument;
        else if (order.HasInstrumentIndex)
            record.Instrument = order.InstrumentIndex is >= 0 and < NoInstrument ? (ushort)order.InstrumentIndex : NoInstrument;
        else
            return Wrong(order, "instrument", "is missing: give its name or its index; ListInstruments has them.");

        if (order.Side is not (OrderSide.Buy or OrderSide.Sell)) return Wrong(order, "side", "is missing: give ORDER_SIDE_BUY or ORDER_SIDE_SELL.");
        if (order.Type is <= OrderType.Unspecified or > OrderType.StopLimit)
            return Wrong(order, "type", "is missing: give ORDER_TYPE_LIMIT, _MARKET, _STOP or _STOP_LIMIT.");
        if (order.TimeInForce is <= TimeInForce.Unspecified or > TimeInForce.FillOrKill)
            return Wrong(order, "time_in_force", "is missing: give TIME_IN_FORCE_GOOD_TILL_CANCELLED, _DAY, _GOOD_TILL_DATE, _IMMEDIATE_OR_CANCEL or _FILL_OR_KILL.");
        if (order.SelfTradeRule is < SelfTradeRule.Unspecified or > SelfTradeRule.Decrement)
            return Wrong(order, "self_trade_rule", $"is {(int)order.SelfTradeRule}: give one of the SELF_TRADE_RULE values from 1 to 4, or none.", (int)order.SelfTradeRule);

        if (order.Type is OrderType.Limit or OrderType.StopLimit)
        {
            if (order.PriceTicks is < 1 or > int.MaxValue) return WrongPrice(order, "price_ticks", order.PriceTicks);
            record.Price = (int)order.PriceTicks;
        }
        else if (order.PriceTicks != 0)
        {
            return Wrong(order, "price_ticks", $"is {order.PriceTicks}: only limit and stop-limit orders have a price.", order.PriceTicks);
        }
        if (order.Type is OrderType.Stop or OrderType.StopLimit)
        {
            if (order.StopPriceTicks is < 1 or > int.MaxValue) return WrongPrice(order, "stop_price_ticks", order.StopPriceTicks);
            record.StopPrice = (int)order.StopPriceTicks;
        }
        else if (order.StopPriceTicks != 0)
        {
            return Wrong(order, "stop_price_ticks", $"is {order.StopPriceTicks}: only stop and stop-limit orders have a stop price.", order.StopPriceTicks);
        }
        if (order.PeakLotCount is < 0 or > uint.MaxValue)
            return Wrong(order, "peak_lot_count", $"is {order.PeakLotCount}: give the lots to show, or 0 to show all.", order.PeakLotCount);
        if (order.TimeInForce == TimeInForce.GoodTillDate)
        {
            if (order.ExpirySeconds is < 1 or > uint.MaxValue)
                return Wrong(order, "expiry_seconds", $"is {order.ExpirySeconds}: a good-till-date order needs a time to come, in seconds since 1970.", order.ExpirySeconds);
            record.Expiry = (uint)order.ExpirySeconds;
        }
        else if (order.ExpirySeconds != 0)
        {
            return Wrong(order, "expiry_seconds", $"is {order.ExpirySeconds}: only good-till-date orders have an expiry.", order.ExpirySeconds);
        }

        record.Side = order.Side == OrderSide.Buy ? (byte)0 : (byte)1;
        record.Type = (byte)order.Type;
        record.TimeInForce = (byte)order.TimeInForce;
        record.Peak = (uint)order.PeakLotCount;
        record.SelfTrade = order.SelfTradeRule == SelfTradeRule.Unspecified ? (byte)0 : (byte)(order.SelfTradeRule - 1);
        record.Flags = (byte)((order.PostOnly ? OrderFlags.PostOnly : 0) | (order.ReduceOnly ? OrderFlags.ReduceOnly : 0)
            | (order.CancelOnDisconnect ? OrderFlags.CancelOnDisconnect : 0));
        return null;
    }

    private static OrderResult WrongPrice(OrderRequest order, string field, long ticks) =>
        Wrong(order, field, ticks == 0 ? "is missing: give the price in ticks, at least 1." : $"is {ticks}: give a price of 1 to {int.MaxValue} ticks.", ticks);
}
