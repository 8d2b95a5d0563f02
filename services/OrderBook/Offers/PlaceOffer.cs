using System.Diagnostics;
using ComputeExchange.Hosting;
using ComputeExchange.Hosting.Access;
using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.OrderBook.Domain;
using ComputeExchange.OrderBook.Entry;
using ComputeExchange.OrderBook.Storage;
using ComputeExchange.OrderBook.V1;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.EntityFrameworkCore;

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
        return new PlaceOfferResponse
        {
            Offer = ToMessage(placed, await PlacedTime(placed, answer.RepeatedCommand, cancel)),
            BondMicros = placed.BondMicros,
        };
    }

    private static (Guid RequestId, PlaceOffer Command, Complaints Complaints) Read(PlaceOfferRequest request, Guid provider, MarketSettings settings)
    {
        const string reserveField = "reserve_micros_per_gpu_hour";
        const string promptField = "prompt_reserve_micros_per_gpu_hour";
        var reserve = request.ReserveMicrosPerGpuHour;
        var prompt = request.HasPromptReserveMicrosPerGpuHour ? request.PromptReserveMicrosPerGpuHour : reserve;

        var complaints = new Complaints();
        var requestId = complaints.Id("request_id", request.RequestId);
        var nodeId = complaints.Id("node_id", request.NodeId);
        complaints.Add(OrderRules.GpuCount(request.GpuCount));
        var from = complaints.Time("from_time", request.FromTime);
        var to = complaints.Time("to_time", request.ToTime);
        complaints.Add(OrderRules.Window(from, to, settings.Slots));
        complaints.Add(OrderRules.Price(reserveField, reserve));
        complaints.Doubt(OrderRules.PriceWithin(reserveField, reserve, settings.Prices));
        if (request.HasPromptReserveMicrosPerGpuHour)
        {
            complaints.Add(OrderRules.Price(promptField, prompt));
            complaints.Doubt(OrderRules.PriceWithin(promptField, prompt, settings.Prices));
            if (prompt > reserve) complaints.Add(promptField, $"is {prompt}: it must not be above the reserve, {reserve}.");
        }
        var slotCount = from < to ? settings.Slots.Count(from.Value, to.Value) : long.MaxValue;
        if (request.RunSlotCountMin < 0)
            complaints.Add("run_slot_count_min", $"is {request.RunSlotCountMin}: give 1 or more, or 0 for 1.");
        else if (request.RunSlotCountMin > slotCount)
            complaints.Add("run_slot_count_min", $"is {request.RunSlotCountMin}: the window has only {slotCount} slots.");
        complaints.ThrowIfAny();

        if (slotCount > OrderRules.WindowSlotCountMax)
            throw Refuse.Rule("WINDOW_TOO_LONG", $"The window has {slotCount} slots; it can have at most {OrderRules.WindowSlotCountMax}.", "to_time");
        return (requestId, new PlaceOffer
        {
            ProviderId = provider.ToString(),
            NodeId = nodeId.ToString(),
            GpuCount = request.GpuCount,
            FromTime = from!.Value.ToTimestamp(),
            ToTime = to!.Value.ToTimestamp(),
            ReserveMicrosPerGpuHour = reserve,
            PromptReserveMicrosPerGpuHour = prompt,
            RunSlotCountMin = Math.Max(1, request.RunSlotCountMin),
        }, complaints);
    }

    // The engine's answer bears no time. A repetition may come long after the offer, whose own time the feed has told by then.
    private async Task<DateTimeOffset> PlacedTime(OfferPlaced placed, bool repeated, CancellationToken cancel)
    {
        DateTimeOffset? told = repeated
            ? await db.Offers.Where(offer => offer.OfferId == placed.OfferId).Select(offer => (DateTimeOffset?)offer.PlacedTime).SingleOrDefaultAsync(cancel)
            : null;
        return told ?? clock.GetUtcNow();
    }

    private static Offer ToMessage(OfferPlaced placed, DateTimeOffset at) => new()
    {
        OfferId = placed.OfferId,
        ProviderId = placed.Offer.ProviderId,
        NodeId = placed.Offer.NodeId,
        Market = placed.Market,
        GpuCount = placed.Offer.GpuCount,
        FromTime = placed.Offer.FromTime,
        ToTime = placed.Offer.ToTime,
        ReserveMicrosPerGpuHour = placed.Offer.ReserveMicrosPerGpuHour,
        PromptReserveMicrosPerGpuHour = placed.Offer.PromptReserveMicrosPerGpuHour,
        RunSlotCountMin = placed.Offer.RunSlotCountMin,
        State = OrderState.Open,
        PlacedTime = at.ToTimestamp(),
    };
}
