using ComputeExchange.Hosting;
using ComputeExchange.Hosting.Access;
using ComputeExchange.OrderBook.Storage;
using ComputeExchange.OrderBook.V1;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.OrderBook.Futures.Orders;

/// <summary>Futures orders and what became of them: a trader's own; operators and auditors see everyone's.</summary>
public sealed class ReadOrders(OrderBookDb db)
{
    /// <summary>One order, by its number or by the caller's own.</summary>
    /// <exception cref="RpcException">NOT_FOUND: there is none, or it is another's; which of both is not told.</exception>
    public async Task<GetOrderResponse> Get(GetOrderRequest request, Caller caller, CancellationToken cancel)
    {
        if (request.OrderId == 0 && request.ClientOrderId == 0) throw Refuse.Field("order_id", "is missing: give it, or client_order_id.");
        var rows = request.OrderId != 0
            ? await Visible(caller).Where(row => row.Order.OrderId == request.OrderId).ToListAsync(cancel)
            : await Own(caller.Participant).Where(row => row.Order.ClientOrderId == request.ClientOrderId).ToListAsync(cancel);
        return rows is [var found]
            ? new GetOrderResponse { Order = ToMessage(found) }
            : throw Refuse.NotFound(request.OrderId != 0 ? $"You have no order {request.OrderId}." : $"You have no order with the client order id {request.ClientOrderId}.");
    }

    /// <summary>Orders, newest first.</summary>
    public async Task<ListOrdersResponse> List(ListOrdersRequest request, Caller caller, CancellationToken cancel)
    {
        if (!System.Enum.IsDefined(request.State))
            throw Refuse.Field("state", $"is {(int)request.State}: give one of the FUTURES_ORDER_STATE values from 1 to 4, or none for all.");
        var (size, skip) = Refuse.ParsePage(request.PageSize, request.PageToken, standard: 100, most: 500);
        var visible = Visible(caller);
        if (request.Instrument.Length > 0) visible = visible.Where(row => row.Instrument.Name == request.Instrument);
        if (request.State != FuturesOrderState.Unspecified) visible = visible.Where(row => row.Order.State == request.State);
        var page = await visible.OrderByDescending(row => row.Order.OrderId).Skip(skip).Take(size).ToListAsync(cancel);
        return new ListOrdersResponse
        {
            Orders = { page.Select(ToMessage) },
            NextPageToken = Refuse.NextPage(skip, size, page.Count),
            LastClientOrderId = await LastClientOrderId(caller, cancel),
        };
    }

    /// <summary>The last number that a participant gave a request, as far as the feed was read.</summary>
    private async Task<long> LastClientOrderId(Caller caller, CancellationToken cancel)
    {
        if (caller.ParticipantId is not { } participant) return 0;
        var account = await db.Accounts.Where(row => row.ParticipantId == participant).Select(row => (int?)row.AccountIndex).SingleOrDefaultAsync(cancel);
        if (account is not { } index) return 0;
        return Math.Max(
            await db.Orders.Where(row => row.AccountIndex == index).MaxAsync(row => (long?)row.ClientOrderId, cancel) ?? 0,
            await db.OrderOutcomes.Where(row => row.AccountIndex == index).MaxAsync(row => (long?)row.ClientOrderId, cancel) ?? 0);
    }

    private IQueryable<OrderView> Visible(Caller caller) => caller.SeesAll ? All() : Own(caller.Participant);

    private IQueryable<OrderView> Own(Guid participant) => All().Where(row => row.Account.ParticipantId == participant);

    private IQueryable<OrderView> All() =>
        from order in db.Orders.AsNoTracking()
        join account in db.Accounts on order.AccountIndex equals account.AccountIndex
        join instrument in db.Instruments on order.InstrumentIndex equals instrument.InstrumentIndex
        select new OrderView { Order = order, Account = account, Instrument = instrument };

    private static FuturesOrder ToMessage(OrderView view)
    {
        var (order, tick) = (view.Order, view.Instrument.TickValueMicros);
        var price = order.PriceTicks is int.MaxValue or < 0 ? 0 : order.PriceTicks;
        return new FuturesOrder
        {
            OrderId = order.OrderId,
            ClientOrderId = order.ClientOrderId,
            ParticipantId = view.Account.ParticipantId.ToString(),
            Instrument = view.Instrument.Name,
            Side = order.Side,
            Type = order.Type,
            TimeInForce = order.TimeInForce,
            LotCount = order.FilledLotCount + (order.State is FuturesOrderState.Open or FuturesOrderState.Waiting ? order.OpenLotCount : Math.Max(0, order.PlacedLotCount - order.FilledLotCount)),
            PriceTicks = price,
            PriceMicrosPerLot = price * tick,
            StopPriceTicks = order.StopPriceTicks,
            PeakLotCount = order.PeakLotCount,
            ExpiryTime = order.ExpirySeconds == 0 ? null : DateTimeOffset.FromUnixTimeSeconds(order.ExpirySeconds).ToTimestamp(),
            PostOnly = (order.Flags & (short)OrderFlags.PostOnly) != 0,
            ReduceOnly = (order.Flags & (short)OrderFlags.ReduceOnly) != 0,
            CancelOnDisconnect = (order.Flags & (short)OrderFlags.CancelOnDisconnect) != 0,
            SelfTradeRule = order.SelfTradeRule,
            State = order.State,
            FilledLotCount = order.FilledLotCount,
            OpenLotCount = order.OpenLotCount,
            FilledValueMicros = order.FilledTickLots * tick,
            MeanPriceMicrosPerLot = order.FilledLotCount == 0 ? 0 : (long)((Int128)order.FilledTickLots * tick / order.FilledLotCount),
            CancelReason = order.CancelReason,
            PlacedTime = order.PlacedTime.ToTimestamp(),
            ChangedTime = order.ChangedTime.ToTimestamp(),
        };
    }

    private sealed class OrderView
    {
        public required FuturesOrderRow Order { get; init; }

        public required FuturesAccountRow Account { get; init; }

        public required InstrumentRow Instrument { get; init; }
    }
}
