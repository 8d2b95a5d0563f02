using ComputeExchange.Access.V1;
using ComputeExchange.Hosting;
using ComputeExchange.Hosting.Access;
using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.OrderBook.Entry;
using ComputeExchange.OrderBook.V1;
using Grpc.Core;

namespace ComputeExchange.OrderBook.Futures.Orders;

/// <summary>Takes back all open orders that fit: the caller's own, or as an operator anybody's.</summary>
public sealed class CancelAll(EngineDoor engine)
{
    /// <summary>How many orders were taken back by this request, or by the earlier one of the same id.</summary>
    /// <exception cref="RpcException">It is malformed, or the outcome is not known.</exception>
    public async Task<CancelOrdersResponse> Handle(CancelOrdersRequest request, Caller caller, CancellationToken cancel)
    {
        var complaints = new Complaints();
        var requestId = complaints.Id("request_id", request.RequestId);
        var isOperator = caller.Roles.Contains(Role.Operator);
        if (request.Side is < OrderSide.Unspecified or > OrderSide.Sell) complaints.Add("side", $"is {(int)request.Side}: give ORDER_SIDE_BUY, ORDER_SIDE_SELL, or none for both.");
        if (request.ParticipantId.Length > 0 && complaints.Id("participant_id", request.ParticipantId) is var whose && !isOperator && whose != caller.Participant)
            throw Refuse.Denied("Only an operator cancels another participant's orders; leave participant_id out to cancel your own.");
        complaints.ThrowIfAny();

        var answer = await engine.Ask(caller, requestId, new EngineCommand
        {
            CancelOrders = new CancelOrders
            {
                ParticipantId = isOperator ? request.ParticipantId : caller.Participant.ToString(),
                Instrument = request.Instrument,
                Side = request.Side,
                Reason = OrderCancelReason.MassCancel,
            },
        }, complaints, cancel);
        return new CancelOrdersResponse { CancelledOrderCount = answer.Events.Sum(Cancelled) };
    }

    private static int Cancelled(EngineEvent happened)
    {
        if (happened.OrdersHandled is not { } handled) return 0;
        var count = 0;
        foreach (ref readonly var record in EventRecord.In(handled.Events.Span))
            if (record.Kind == EventKind.Cancelled && record.Detail == (uint)OrderCancelReason.MassCancel) count++;
        return count;
    }
}
