using ComputeExchange.Hosting.Access;
using ComputeExchange.OrderBook.Futures.Entry;
using ComputeExchange.OrderBook.Futures.Instruments;
using ComputeExchange.OrderBook.Futures.MarketData;
using ComputeExchange.OrderBook.Futures.Orders;
using ComputeExchange.OrderBook.V1;
using Grpc.Core;

namespace ComputeExchange.OrderBook;

/// <summary>The door to the futures market.</summary>
public sealed class FuturesGrpc(
    OrderEntry entry,
    EnterOneOrder one,
    CancelAll cancelAll,
    ReadOrders orders,
    ReadFuturesTrades trades,
    ReadPositions positions,
    ReadInstruments instruments,
    OperateInstruments operate,
    ReadBook book,
    ReadTape tape) : FuturesService.FuturesServiceBase
{
    /// <inheritdoc />
    public override Task<PlaceOrderResponse> PlaceOrder(PlaceOrderRequest request, ServerCallContext context) =>
        one.Place(request, Caller.Of(context), context.CancellationToken);

    /// <inheritdoc />
    public override Task<ReplaceOrderResponse> ReplaceOrder(ReplaceOrderRequest request, ServerCallContext context) =>
        one.Replace(request, Caller.Of(context), context.CancellationToken);

    /// <inheritdoc />
    public override Task<CancelOrderResponse> CancelOrder(CancelOrderRequest request, ServerCallContext context) =>
        one.Cancel(request, Caller.Of(context), context.CancellationToken);

    /// <inheritdoc />
    public override Task<CancelOrdersResponse> CancelOrders(CancelOrdersRequest request, ServerCallContext context) =>
        cancelAll.Handle(request, Caller.Of(context), context.CancellationToken);

    /// <inheritdoc />
    public override Task EnterOrders(IAsyncStreamReader<EnterOrdersRequest> requestStream, IServerStreamWriter<EnterOrdersResponse> responseStream, ServerCallContext context) =>
        entry.Enter(requestStream, responseStream, Caller.Of(context), context.CancellationToken);

    /// <inheritdoc />
    public override Task<GetOrderResponse> GetOrder(GetOrderRequest request, ServerCallContext context) =>
        orders.Get(request, Caller.Of(context), context.CancellationToken);

    /// <inheritdoc />
    public override Task<ListOrdersResponse> ListOrders(ListOrdersRequest request, ServerCallContext context) =>
        orders.List(request, Caller.Of(context), context.CancellationToken);

    /// <inheritdoc />
    public override Task<ListFuturesTradesResponse> ListFuturesTrades(ListFuturesTradesRequest request, ServerCallContext context) =>
        trades.List(request, Caller.Of(context), context.CancellationToken);

    /// <inheritdoc />
    public override Task<ListPositionsResponse> ListPositions(ListPositionsRequest request, ServerCallContext context) =>
        positions.List(request, Caller.Of(context), context.CancellationToken);

    /// <inheritdoc />
    public override Task<ListInstrumentsResponse> ListInstruments(ListInstrumentsRequest request, ServerCallContext context) =>
        instruments.List(context.CancellationToken);

    /// <inheritdoc />
    public override Task<GetBookResponse> GetBook(GetBookRequest request, ServerCallContext context) =>
        book.Get(request, context.CancellationToken);

    /// <inheritdoc />
    public override Task<ListInstrumentTradesResponse> ListInstrumentTrades(ListInstrumentTradesRequest request, ServerCallContext context) =>
        tape.Trades(request, context.CancellationToken);

    /// <inheritdoc />
    public override Task<ListCandlesResponse> ListCandles(ListCandlesRequest request, ServerCallContext context) =>
        tape.Candles(request, context.CancellationToken);

    /// <inheritdoc />
    public override Task<DefineInstrumentResponse> DefineInstrument(DefineInstrumentRequest request, ServerCallContext context) =>
        operate.Define(request, Caller.Of(context), context.CancellationToken);

    /// <inheritdoc />
    public override Task<SetInstrumentPhaseResponse> SetInstrumentPhase(SetInstrumentPhaseRequest request, ServerCallContext context) =>
        operate.SetPhase(request, Caller.Of(context), context.CancellationToken);

    /// <inheritdoc />
    public override Task<SetReferencePriceResponse> SetReferencePrice(SetReferencePriceRequest request, ServerCallContext context) =>
        operate.SetReference(request, Caller.Of(context), context.CancellationToken);

    /// <inheritdoc />
    public override Task<SetAccountLimitsResponse> SetAccountLimits(SetAccountLimitsRequest request, ServerCallContext context) =>
        operate.Limit(request, Caller.Of(context), context.CancellationToken);

    /// <inheritdoc />
    public override Task<BustTradeResponse> BustTrade(BustTradeRequest request, ServerCallContext context) =>
        operate.Bust(request, Caller.Of(context), context.CancellationToken);
}
