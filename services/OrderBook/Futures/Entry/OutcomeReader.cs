using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.OrderBook.V1;

namespace ComputeExchange.OrderBook.Futures.Entry;

/// <summary>Finds in what a batch caused what became of each of its requests.</summary>
/// <remarks>
/// The events come in the order of the requests, each request's own outcome first, then what it led to; what happened to the market
/// by itself may stand before it. Nothing is looked up and nothing allocated but the results.
/// </remarks>
public static class OutcomeReader
{
    /// <summary>Writes the result of every request that has none yet.</summary>
    /// <param name="orders">The requests.</param>
    /// <param name="results">A place for each; those of malformed requests, which were not sent, are there already.</param>
    /// <param name="events">What the batch caused.</param>
    /// <param name="instruments">For money.</param>
    /// <returns>Whether any request bears a client order id that was used before.</returns>
    public static bool Read(
        IReadOnlyList<OrderRequest> orders, OrderResult?[] results, ReadOnlySpan<EventRecord> events, InstrumentNames instruments)
    {
        var usedBefore = false;
        var at = 0;
        var index = Next(results, 0);
        while (index < orders.Count)
        {
            var order = orders[index];
            while (at < events.Length && !IsOutcome(in events[at], order)) at++;
            if (at == events.Length) throw new InvalidDataException($"The engine told nothing of request {index} of {orders.Count}.");

            ref readonly var outcome = ref events[at++];
            var result = Begin(in outcome, order);
            results[index] = result;
            index = Next(results, index + 1);
            if (result.RejectReason != OrderRejectReason.Unspecified)
            {
                usedBefore |= result.RejectReason == OrderRejectReason.ClientOrderIdNotRising;
                Reasons.Explain(result, order, instruments);
                continue;
            }
            var following = index < orders.Count ? orders[index] : null;
            for (; at < events.Length && !(following is not null && IsOutcome(in events[at], following)); at++) Follow(in events[at], result);
            result.FilledValueMicros = result.FilledTickLots * instruments.TickValueOf(outcome.Instrument);
        }
        return usedBefore;
    }

    private static int Next(OrderResult?[] results, int index)
    {
        while (index < results.Length && results[index] is not null) index++;
        return index;
    }

    private static bool IsOutcome(in EventRecord happened, OrderRequest order) => order.Kind switch
    {
        OrderRequestKind.Place => happened.Kind is EventKind.Accepted or EventKind.Rejected && happened.Other == (ulong)order.ClientOrderId,
        OrderRequestKind.Replace => happened.Kind is EventKind.Replaced or EventKind.Rejected && happened.Other == (ulong)order.ClientOrderId,
        _ => happened.Order == (ulong)order.OrderId && (happened.Kind == EventKind.Rejected
            || (happened.Kind == EventKind.Cancelled && happened.Detail == (uint)OrderCancelReason.Owner)),
    };

    private static OrderResult Begin(in EventRecord outcome, OrderRequest order)
    {
        var result = new OrderResult { ClientOrderId = order.ClientOrderId, OrderId = (long)outcome.Order };
        switch (outcome.Kind)
        {
            case EventKind.Rejected:
                result.RejectReason = (OrderRejectReason)outcome.Detail;
                result.OffendingValue = outcome.Value;
                break;
            case EventKind.Accepted:
                var type = (OrderType)(outcome.Detail & 255);
                result.State = type is OrderType.Stop or OrderType.StopLimit ? FuturesOrderState.Waiting : FuturesOrderState.Open;
                result.OpenLotCount = outcome.Quantity;
                break;
            case EventKind.Replaced:
                // Only a stop order that waits has a stop price here.
                result.State = outcome.Value != 0 ? FuturesOrderState.Waiting : FuturesOrderState.Open;
                result.OpenLotCount = outcome.Quantity;
                result.KeptPlace = outcome.Detail == 1;
                break;
            default:
                result.State = FuturesOrderState.Cancelled;
                result.CancelReason = OrderCancelReason.Owner;
                break;
        }
        return result;
    }

    /// <summary>What something that the request led to means for its order.</summary>
    private static void Follow(in EventRecord happened, OrderResult result)
    {
        var order = (ulong)result.OrderId;
        switch (happened.Kind)
        {
            case EventKind.Traded when happened.Order == order || happened.Other == order:
                result.FilledLotCount += happened.Quantity;
                result.FilledTickLots += happened.Price * (long)happened.Quantity;
                result.OpenLotCount -= happened.Quantity;
                if (result.OpenLotCount == 0) result.State = FuturesOrderState.Filled;
                break;
            case EventKind.Cancelled when happened.Order == order:
                result.State = FuturesOrderState.Cancelled;
                result.CancelReason = (OrderCancelReason)happened.Detail;
                result.OpenLotCount = 0;
                break;
            case EventKind.Reduced when happened.Order == order:
                result.OpenLotCount = happened.Leaves;
                if (happened.Leaves != 0) break;
                result.State = FuturesOrderState.Cancelled;
                result.CancelReason = (OrderCancelReason)happened.Detail;
                break;
            case EventKind.Triggered when happened.Order == order:
                result.State = FuturesOrderState.Open;
                break;
        }
    }
}
