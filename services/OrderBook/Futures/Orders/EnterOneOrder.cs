using ComputeExchange.Hosting;
using ComputeExchange.Hosting.Access;
using ComputeExchange.OrderBook.Futures.Entry;
using ComputeExchange.OrderBook.V1;
using Grpc.Core;

namespace ComputeExchange.OrderBook.Futures.Orders;

/// <summary>One order placed, changed or taken back: what is refused fails, everything else is the result.</summary>
public sealed class EnterOneOrder(OrderEntry entry)
{
    /// <summary>Places an order.</summary>
    /// <exception cref="RpcException">It is malformed, the market refuses it, or the outcome is not known.</exception>
    public async Task<PlaceOrderResponse> Place(PlaceOrderRequest request, Caller caller, CancellationToken cancel)
    {
        var order = request.Order?.Clone() ?? throw Refuse.Field("order", "is missing.");
        if (order.Kind is not (OrderRequestKind.Unspecified or OrderRequestKind.Place))
            throw Refuse.Field("order.kind", "is another than ORDER_REQUEST_KIND_PLACE; leave it out.");
        order.Kind = OrderRequestKind.Place;
        return new PlaceOrderResponse { Result = await Enter(order, "order.", caller, cancel) };
    }

    /// <summary>Changes an order.</summary>
    /// <exception cref="RpcException">It is malformed, the market refuses it, or the outcome is not known.</exception>
    public async Task<ReplaceOrderResponse> Replace(ReplaceOrderRequest request, Caller caller, CancellationToken cancel) => new()
    {
        Result = await Enter(new OrderRequest
        {
            Kind = OrderRequestKind.Replace,
            OrderId = request.OrderId,
            ClientOrderId = request.ClientOrderId,
            LotCount = request.LotCount,
            PriceTicks = request.PriceTicks,
            StopPriceTicks = request.StopPriceTicks,
        }, "", caller, cancel),
    };

    /// <summary>Takes an order back.</summary>
    /// <exception cref="RpcException">The caller has no such open order, or the outcome is not known.</exception>
    public async Task<CancelOrderResponse> Cancel(CancelOrderRequest request, Caller caller, CancellationToken cancel) => new()
    {
        Result = await Enter(new OrderRequest { Kind = OrderRequestKind.Cancel, OrderId = request.OrderId }, "", caller, cancel),
    };

    private async Task<OrderResult> Enter(OrderRequest order, string prefix, Caller caller, CancellationToken cancel)
    {
        var result = await entry.Enter(order, caller, cancel);
        var field = result.Field.Length > 0 ? prefix + result.Field : "";
        var message = field.Length > 0 ? $"{field}: {result.Message}" : result.Message;
        return result.RejectReason switch
        {
            OrderRejectReason.Unspecified => result,
            OrderRejectReason.Malformed => throw Refuse.Field(field, result.Message),
            OrderRejectReason.ClientOrderIdReused => throw Refuse.Exists(Reasons.Name(result.RejectReason), message, field),
            _ => throw Refuse.Rule(Reasons.Name(result.RejectReason), message, field),
        };
    }
}
