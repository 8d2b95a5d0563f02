using System.Diagnostics;
using ComputeExchange.Hosting.Access;
using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.OrderBook.Domain;
using ComputeExchange.OrderBook.Entry;
using ComputeExchange.OrderBook.Storage;
using ComputeExchange.OrderBook.V1;
using Grpc.Core;

namespace ComputeExchange.OrderBook.Offers;

/// <summary>Offers a node's GPUs: answered from what the engine decided, after it is journaled.</summary>
public sealed class PlaceOfferHandler(OrderBookDb db, EngineDoor engine, TimeProvider clock)
{
    /// <summary>The offer that was placed, by this request or by an earlier one of the same id.</summary>
    /// <exception cref="RpcException">It is malformed, the engine refused it, or the engine is away.</exception>
    public async Task<PlaceOfferResponse> Handle(PlaceOfferRequest request, Caller caller, CancellationToken cancel)
    {
        var settings = await db.SettingsInForce(cancel);
        var (requestId, command, complaints) = Read(request, caller.Participant, settings);
        var answer = await engine.Ask(caller, requestId, new EngineCommand { PlaceOffer = command }, complaints, cancel);

        var placed = answer.Events.Select(happened => happened.OfferPlaced).FirstOrDefault(offer => offer is not null)
            ?? throw new UnreachableException($"Command {answer.CommandId} placed no offer and was not refused.");
        return new PlaceOfferResponse { Offer = await db.Message(placed, answer.RepeatedCommand, clock, cancel), BondMicros = placed.BondMicros };
    }

    private static (Guid RequestId, PlaceOffer Command, Complaints Complaints) Read(PlaceOfferRequest request, Guid provider, MarketSettings settings)
    {
        const string listField = "slot_reserves_micros_per_gpu_hour";
        var complaints = new Complaints();
        var requestId = complaints.Id("request_id", request.RequestId);
        var nodeId = complaints.Id("node_id", request.NodeId);
        var reserves = request.SlotReservesMicrosPerGpuHour;
        var reserve = reserves.Count == 0 ? request.ReserveMicrosPerGpuHour : reserves.Max();
        if (reserves.Count > 0 && request.ReserveMicrosPerGpuHour != 0 && request.ReserveMicrosPerGpuHour != reserve)
            complaints.Add("reserve_micros_per_gpu_hour", $"is {request.ReserveMicrosPerGpuHour}: beside a list it is 0 or the highest of the list, {reserve}.");
        foreach (var one in reserves.Distinct())
        {
            complaints.Add(OrderRules.Price(listField, one));
            complaints.Doubt(OrderRules.PriceWithin(listField, one, settings.Prices));
        }
        var terms = new OfferTerms(
            request.GpuCount, request.FromTime, request.ToTime, reserve,
            request.HasPromptReserveMicrosPerGpuHour ? request.PromptReserveMicrosPerGpuHour : null, request.RunSlotCountMin);
        var command = terms.Read(settings, complaints);
        var slotCount = command.FromTime is not null && command.ToTime is not null && command.FromTime < command.ToTime
            ? settings.Slots.Count(command.FromTime.ToDateTimeOffset(), command.ToTime.ToDateTimeOffset())
            : 0;
        if (reserves.Count > 0 && slotCount > 0 && reserves.Count != slotCount)
            complaints.Add(listField, $"has {reserves.Count} values: the window has {slotCount} slots, one value for each.");
        complaints.ThrowIfAny();
        OfferTerms.RefuseTooLong(slotCount);

        command.ProviderId = provider.ToString();
        command.NodeId = nodeId.ToString();
        command.SlotReservesMicrosPerGpuHour.AddRange(reserves);
        return (requestId, command, complaints);
    }
}
