using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.OrderBook.Storage;
using ComputeExchange.OrderBook.V1;

namespace ComputeExchange.OrderBook.Futures.Feed;

/// <summary>What an event means to the order it is about: the same for the tables and for the book in memory.</summary>
public static class OrderLife
{
    /// <summary>The order that an acceptance begins. In the book it is as if nothing had traded yet.</summary>
    public static FuturesOrderRow Placed(in EventRecord accepted, DateTimeOffset at)
    {
        var type = (OrderType)(accepted.Detail & 255);
        var order = new FuturesOrderRow
        {
            OrderId = (long)accepted.Order,
            AccountIndex = (int)accepted.Account,
            InstrumentIndex = accepted.Instrument,
            ClientOrderId = (long)accepted.Other,
            Side = accepted.Side == 0 ? OrderSide.Buy : OrderSide.Sell,
            Type = type,
            TimeInForce = (TimeInForce)((accepted.Detail >> 8) & 255),
            Flags = (short)((accepted.Detail >> 16) & 255),
            SelfTradeRule = (SelfTradeRule)((accepted.Detail >> 24) + 1),
            PriceTicks = accepted.Price,
            StopPriceTicks = unchecked((int)accepted.Value),
            PeakLotCount = accepted.Leaves,
            ExpirySeconds = unchecked((uint)(accepted.Value >> 32)),
            PlacedLotCount = accepted.Quantity,
            OpenLotCount = accepted.Quantity,
            State = type is OrderType.Stop or OrderType.StopLimit ? FuturesOrderState.Waiting : FuturesOrderState.Open,
            PlacedTime = at,
            ChangedTime = at,
        };
        Show(order, order.OpenLotCount);
        return order;
    }

    /// <summary>Whether an event is about orders that were placed before it: <c>Order</c>, and in a trade <c>Other</c> too.</summary>
    public static bool IsChange(EventKind kind) => kind is EventKind.Traded or EventKind.Cancelled or EventKind.Replaced
        or EventKind.Triggered or EventKind.Refilled or EventKind.Reduced;

    /// <summary>Changes the order that the event is about.</summary>
    /// <param name="inAuction">Whether the instrument is in a call auction when it happens.</param>
    public static void Change(FuturesOrderRow order, in EventRecord happened, bool inAuction, DateTimeOffset at)
    {
        order.ChangedTime = at;
        switch (happened.Kind)
        {
            case EventKind.Traded:
                Trade(order, in happened, inAuction);
                break;
            case EventKind.Cancelled:
                End(order, (OrderCancelReason)happened.Detail);
                break;
            case EventKind.Reduced when happened.Leaves == 0:
                End(order, (OrderCancelReason)happened.Detail);
                break;
            case EventKind.Reduced:
                order.OpenLotCount = happened.Leaves;
                order.ShownLotCount = Math.Min(order.ShownLotCount, order.OpenLotCount);
                break;
            case EventKind.Replaced:
                order.Replaced = true;
                order.PriceTicks = happened.Price;
                order.OpenLotCount = happened.Quantity;
                if (order.State == FuturesOrderState.Waiting) order.StopPriceTicks = (int)happened.Value;

                // What keeps its place keeps what it shows: what is hidden goes first.
                Show(order, happened.Detail == 1 ? Math.Min(order.ShownLotCount, order.OpenLotCount) : order.OpenLotCount);
                break;
            case EventKind.Triggered:
                order.State = FuturesOrderState.Open;
                order.PriceTicks = happened.Price;
                Show(order, order.OpenLotCount);
                break;
            case EventKind.Refilled:
                order.ShownLotCount = happened.Quantity;
                break;
        }
    }

    private static void Trade(FuturesOrderRow order, in EventRecord trade, bool inAuction)
    {
        order.FilledLotCount += trade.Quantity;
        order.FilledTickLots += trade.Price * (long)trade.Quantity;
        order.OpenLotCount -= trade.Quantity;
        if (order.OpenLotCount == 0)
        {
            (order.State, order.ShownLotCount) = (FuturesOrderState.Filled, 0);
            return;
        }

        // A resting order loses what it shows, and a refill is told; in an auction it is not told, and an incoming order shows itself anew.
        var rests = (ulong)order.OrderId == trade.Other;
        if (inAuction && order.ShownLotCount > trade.Quantity) order.ShownLotCount -= trade.Quantity;
        else if (inAuction || !rests) Show(order, order.OpenLotCount);
        else order.ShownLotCount -= Math.Min(order.ShownLotCount, trade.Quantity);
    }

    private static void End(FuturesOrderRow order, OrderCancelReason reason)
    {
        (order.State, order.CancelReason) = (FuturesOrderState.Cancelled, reason);
        (order.OpenLotCount, order.ShownLotCount) = (0, 0);
    }

    private static void Show(FuturesOrderRow order, long lots) => order.ShownLotCount =
        order.State == FuturesOrderState.Waiting ? 0 : order.PeakLotCount == 0 ? lots : Math.Min(order.PeakLotCount, lots);
}
