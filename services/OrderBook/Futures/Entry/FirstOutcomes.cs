using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.OrderBook.Storage;
using ComputeExchange.OrderBook.V1;
using Grpc.Core;
using Microsoft.EntityFrameworkCore;
using Told = ComputeExchange.MatchingEngine.V1.EnterOrdersResponse;

namespace ComputeExchange.OrderBook.Futures.Entry;

/// <summary>Finds what became of requests that were made before under the same client order ids.</summary>
public sealed class FirstOutcomes(IServiceScopeFactory scopes, InstrumentNames instruments)
{
    private static readonly TimeSpan TablesAreBehindAtMost = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LookAgainAfter = TimeSpan.FromMilliseconds(10);

    /// <summary>Puts the first outcome in the place of every refusal because of a client order id that does not count up.</summary>
    /// <exception cref="RpcException">UNAVAILABLE: the tables have not got that far yet.</exception>
    public async Task Find(IReadOnlyList<OrderRequest> orders, OrderResult?[] results, Told told, CancellationToken cancel)
    {
        var account = AccountOf(told);
        var ids = results.Where(IsUsedBefore).Select(result => result!.ClientOrderId).ToList();
        var began = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var known = await Look(account, ids, cancel);
            if (known.Sequence >= told.Sequence || ids.All(id => known.Orders.ContainsKey(id) || known.Others.ContainsKey(id)))
            {
                for (var index = 0; index < results.Length; index++)
                    if (IsUsedBefore(results[index])) results[index] = First(orders[index], results[index]!, known);
                return;
            }
            if (TimeProvider.System.GetElapsedTime(began) > TablesAreBehindAtMost)
                throw new RpcException(new Status(StatusCode.Unavailable, "What became of an earlier request with the same client order id is not known here yet; ask again."));
            await Task.Delay(LookAgainAfter, cancel);
        }
    }

    private static bool IsUsedBefore(OrderResult? result) => result?.RejectReason == OrderRejectReason.ClientOrderIdNotRising;

    private static int AccountOf(Told told)
    {
        foreach (ref readonly var happened in EventRecord.In(told.Events.Span))
            if (happened.Kind == EventKind.Rejected && happened.Detail == (uint)OrderRejectReason.ClientOrderIdNotRising) return (int)happened.Account;
        throw new System.Diagnostics.UnreachableException("No refusal because of a client order id.");
    }

    private async Task<Known> Look(int account, List<long> ids, CancellationToken cancel)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<OrderBookDb>();

        // How far the tables are is read first: what is there then is there afterwards.
        var sequence = await db.OrdersRead.AsNoTracking().Select(read => (long?)read.Sequence).SingleOrDefaultAsync(cancel) ?? 0;
        var orders = await db.Orders.AsNoTracking().Where(row => row.AccountIndex == account && ids.Contains(row.ClientOrderId))
            .ToDictionaryAsync(row => row.ClientOrderId, cancel);
        var others = await db.OrderOutcomes.AsNoTracking().Where(row => row.AccountIndex == account && ids.Contains(row.ClientOrderId))
            .ToDictionaryAsync(row => row.ClientOrderId, cancel);
        var meant = others.Values.Where(row => row.IsReplace).Select(row => row.OrderId).ToList();
        var replaced = meant.Count == 0 ? [] : await db.Orders.AsNoTracking().Where(row => meant.Contains(row.OrderId)).ToDictionaryAsync(row => row.OrderId, cancel);
        return new Known(sequence, orders, others, replaced);
    }

    private OrderResult First(OrderRequest order, OrderResult refusal, Known known)
    {
        if (known.Orders.TryGetValue(order.ClientOrderId, out var placed))
            return order.Kind == OrderRequestKind.Place && IsSame(order, placed) ? Result(order, placed, instruments) : Reused(order, placed.OrderId);
        if (!known.Others.TryGetValue(order.ClientOrderId, out var other)) return refusal;
        if (other.IsReplace != (order.Kind == OrderRequestKind.Replace) || other.LotCount != order.LotCount || (other.IsReplace && other.OrderId != order.OrderId))
            return Reused(order, other.RejectReason == OrderRejectReason.Unspecified ? other.OrderId : 0);
        if (other.RejectReason == OrderRejectReason.Unspecified)
        {
            var result = Result(order, known.Replaced[other.OrderId], instruments);
            result.KeptPlace = other.KeptPlace;
            return result;
        }
        var again = new OrderResult
        {
            ClientOrderId = order.ClientOrderId,
            OrderId = other.OrderId,
            RejectReason = other.RejectReason,
            OffendingValue = other.OffendingValue,
            RepeatedRequest = true,
        };
        Reasons.Explain(again, order, instruments);
        return again;
    }

    private bool IsSame(OrderRequest order, FuturesOrderRow row) =>
        (order.Instrument.Length > 0 ? instruments.IndexOf(order.Instrument) : order.InstrumentIndex) == row.InstrumentIndex
        && order.Side == row.Side && order.Type == row.Type && order.TimeInForce == row.TimeInForce
        && order.LotCount == row.PlacedLotCount && order.PeakLotCount == row.PeakLotCount
        && (row.Replaced || order.PriceTicks == 0 || order.PriceTicks == row.PriceTicks)
        && (row.Replaced || order.StopPriceTicks == row.StopPriceTicks);

    private static OrderResult Result(OrderRequest order, FuturesOrderRow row, InstrumentNames instruments) => new()
    {
        ClientOrderId = order.ClientOrderId,
        OrderId = row.OrderId,
        State = row.State,
        FilledLotCount = row.FilledLotCount,
        FilledTickLots = row.FilledTickLots,
        FilledValueMicros = row.FilledTickLots * instruments.TickValueOf(row.InstrumentIndex),
        OpenLotCount = row.OpenLotCount,
        CancelReason = row.CancelReason,
        RepeatedRequest = true,
    };

    private static OrderResult Reused(OrderRequest order, long first) => new()
    {
        ClientOrderId = order.ClientOrderId,
        RejectReason = OrderRejectReason.ClientOrderIdReused,
        OffendingValue = first,
        Field = "client_order_id",
        Message = first == 0
            ? $"{order.ClientOrderId} was used for another request, which was refused; choose a number above every one you used."
            : $"{order.ClientOrderId} was used for another request, about order {first}; choose a number above every one you used.",
    };

    private sealed record Known(
        long Sequence, Dictionary<long, FuturesOrderRow> Orders, Dictionary<long, OrderOutcomeRow> Others, Dictionary<long, FuturesOrderRow> Replaced);
}
