using ComputeExchange.Hosting.Access;
using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.OrderBook.Entry;
using ComputeExchange.OrderBook.V1;
using Grpc.Core;

namespace ComputeExchange.OrderBook.Offers;

/// <summary>Takes an offer's unsold capacity back, at once or, while a run clears, at its end.</summary>
public sealed class CancelOfferHandler(EngineDoor engine)
{
    /// <summary>The bond released, or that it waits.</summary>
    /// <exception cref="RpcException">NOT_FOUND if the caller has no such open offer; otherwise as for placing.</exception>
    public async Task<CancelOfferResponse> Handle(CancelOfferRequest request, Caller caller, CancellationToken cancel)
    {
        var complaints = new Complaints();
        var requestId = complaints.Id("request_id", request.RequestId);
        if (request.OfferId < 1) complaints.Add("offer_id", $"is {request.OfferId}: offers are numbered from 1.");
        complaints.ThrowIfAny();

        var command = new CancelOffer { ProviderId = caller.Participant.ToString(), OfferId = request.OfferId };
        var answer = await engine.Ask(caller, requestId, new EngineCommand { CancelOffer = command }, complaints, cancel);
        return new CancelOfferResponse
        {
            ReleasedMicros = answer.Events.FirstOrDefault(happened => happened.OfferClosed is not null)?.OfferClosed.ReleasedMicros ?? 0,
            Pending = answer.Events.Any(happened => happened.CancelPending is not null),
        };
    }
}
