using ComputeExchange.Hosting.Access;
using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.OrderBook.Entry;
using ComputeExchange.OrderBook.V1;
using Grpc.Core;

namespace ComputeExchange.OrderBook.Bids;

/// <summary>Takes a bid's unfilled part back, at once or, while a run clears, at its end.</summary>
public sealed class CancelBidHandler(EngineDoor engine)
{
    /// <summary>What was released, or that it waits.</summary>
    /// <exception cref="RpcException">NOT_FOUND if the caller has no such open bid; otherwise as for placing.</exception>
    public async Task<CancelBidResponse> Handle(CancelBidRequest request, Caller caller, CancellationToken cancel)
    {
        var complaints = new Complaints();
        var requestId = complaints.Id("request_id", request.RequestId);
        if (request.BidId < 1) complaints.Add("bid_id", $"is {request.BidId}: bids are numbered from 1.");
        complaints.ThrowIfAny();

        var command = new CancelBid { BuyerId = caller.Participant.ToString(), BidId = request.BidId };
        var answer = await engine.Ask(caller, requestId, new EngineCommand { CancelBid = command }, complaints, cancel);
        return new CancelBidResponse
        {
            ReleasedMicros = answer.Events.FirstOrDefault(happened => happened.BidClosed is not null)?.BidClosed.ReleasedMicros ?? 0,
            Pending = answer.Events.Any(happened => happened.CancelPending is not null),
        };
    }
}
