using System.Diagnostics;
using ComputeExchange.Hosting.Access;
using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.OrderBook.Entry;
using ComputeExchange.OrderBook.Storage;
using ComputeExchange.OrderBook.V1;
using Grpc.Core;

namespace ComputeExchange.OrderBook.Offers;

/// <summary>Offers what is left of a lease, by its buyer: answered from what the engine decided, after it is journaled.</summary>
public sealed class PlaceResaleHandler(OrderBookDb db, EngineDoor engine, TimeProvider clock)
{
    /// <summary>The offer that was placed, by this request or by an earlier one of the same id.</summary>
    /// <exception cref="RpcException">It is malformed, the engine refused it, or the engine is away.</exception>
    public async Task<PlaceResaleResponse> Handle(PlaceResaleRequest request, Caller caller, CancellationToken cancel)
    {
        var settings = await db.SettingsInForce(cancel);
        var complaints = new Complaints();
        var requestId = complaints.Id("request_id", request.RequestId);
        if (request.LeaseId < 1) complaints.Add("lease_id", $"is {request.LeaseId}: leases are numbered from 1.");
        var command = new OfferTerms(
            request.GpuCount, request.FromTime, request.ToTime, request.ReserveMicrosPerGpuHour,
            request.HasPromptReserveMicrosPerGpuHour ? request.PromptReserveMicrosPerGpuHour : null, request.RunSlotCountMin).Read(settings, complaints);
        complaints.ThrowIfAny();
        OfferTerms.RefuseTooLong(settings.Slots.Count(command.FromTime.ToDateTimeOffset(), command.ToTime.ToDateTimeOffset()));

        command.ProviderId = caller.Participant.ToString();
        command.LeaseId = request.LeaseId;
        var answer = await engine.Ask(caller, requestId, new EngineCommand { PlaceOffer = command }, complaints, cancel);
        var placed = answer.Events.Select(happened => happened.OfferPlaced).FirstOrDefault(offer => offer is not null)
            ?? throw new UnreachableException($"Command {answer.CommandId} placed no offer and was not refused.");
        return new PlaceResaleResponse { Offer = await db.Message(placed, answer.RepeatedCommand, clock, cancel), BondMicros = placed.BondMicros };
    }
}
