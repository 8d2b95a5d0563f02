using ComputeExchange.Hosting;
using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.OrderBook.V1;
using Grpc.Core;

namespace ComputeExchange.OrderBook.Entry;

/// <summary>Where bids and offers stand, in the engine's words and in the edge's.</summary>
public static class OrderStates
{
    /// <summary>The state of what came to its end.</summary>
    public static OrderState Of(CloseReason reason) => reason switch
    {
        CloseReason.Filled => OrderState.Filled,
        CloseReason.Cancelled => OrderState.Cancelled,
        CloseReason.Expired => OrderState.Expired,
        _ => OrderState.Closed,
    };

    /// <summary>Refuses a filter that is none of the states.</summary>
    /// <exception cref="RpcException">INVALID_ARGUMENT.</exception>
    public static void Check(OrderState filter)
    {
        if (!Enum.IsDefined(filter))
            throw Refuse.Field("state", $"is {(int)filter}: give one of the ORDER_STATE values from 1 to 5, or none for all.");
    }
}
