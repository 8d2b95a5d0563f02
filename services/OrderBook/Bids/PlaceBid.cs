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

namespace ComputeExchange.OrderBook.Bids;

/// <summary>Bids for capacity: answered from what the engine decided, after it is journaled.</summary>
public sealed class PlaceBidHandler(OrderBookDb db, EngineDoor engine, TimeProvider clock)
{
    /// <summary>The bid that was placed, by this request or by an earlier one of the same id.</summary>
    /// <exception cref="RpcException">It is malformed, the engine refused it, or the engine is away.</exception>
    public async Task<PlaceBidResponse> Handle(PlaceBidRequest request, Caller caller, CancellationToken cancel)
    {
        var settings = await db.SettingsInForce(cancel);
        var (requestId, command, complaints) = Read(request, caller.Participant, settings);
        var answer = await engine.Ask(caller, requestId, new EngineCommand { PlaceBid = command }, complaints, cancel);

        var placed = answer.Events.Select(happened => happened.BidPlaced).FirstOrDefault(bid => bid is not null)
            ?? throw new UnreachableException($"Command {answer.CommandId} placed no bid and was not refused.");
        return new PlaceBidResponse { Bid = ToMessage(placed, await PlacedTime(placed, answer.RepeatedCommand, cancel)) };
    }

    private static (Guid RequestId, PlaceBid Command, Complaints Complaints) Read(PlaceBidRequest request, Guid buyer, MarketSettings settings)
    {
        const string limitField = "limit_micros_per_gpu_hour";
        var complaints = new Complaints();
        var requestId = complaints.Id("request_id", request.RequestId);
        if (request.Kind is not (BidKind.Divisible or BidKind.Block))
            complaints.Add("kind", "is missing: a bid is BID_KIND_DIVISIBLE or BID_KIND_BLOCK.");
        if (request.Markets.Count != 1)
            complaints.Add("markets", $"has {request.Markets.Count} markets: name exactly one; ListMarkets has them.");
        else if (request.Markets[0].Length == 0)
            complaints.Add("markets", "names no market: ListMarkets has them.");
        complaints.Add(OrderRules.GpuCount(request.GpuCount));
        complaints.Doubt(OrderRules.GpuCountWithin(request.GpuCount, settings.BidGpuCountMax));
        var from = complaints.Time("from_time", request.FromTime);
        var to = complaints.Time("to_time", request.ToTime);
        complaints.Add(OrderRules.Window(from, to, settings.Slots));
        complaints.Add(OrderRules.Price(limitField, request.LimitMicrosPerGpuHour));
        complaints.Doubt(OrderRules.PriceWithin(limitField, request.LimitMicrosPerGpuHour, settings.Prices));
        complaints.ThrowIfAny();

        var slotCount = settings.Slots.Count(from!.Value, to!.Value);
        if (slotCount > OrderRules.WindowSlotCountMax)
            throw Refuse.Rule("WINDOW_TOO_LONG", $"The window has {slotCount} slots; none can have more than {OrderRules.WindowSlotCountMax}.", "to_time");
        return (requestId, new PlaceBid
        {
            BuyerId = buyer.ToString(),
            Kind = request.Kind,
            Markets = { request.Markets },
            GpuCount = request.GpuCount,
            FromTime = from.Value.ToTimestamp(),
            ToTime = to.Value.ToTimestamp(),
            RunSlotCount = request.Kind == BidKind.Block ? (int)slotCount : 0,
            LimitMicrosPerGpuHour = request.LimitMicrosPerGpuHour,
        }, complaints);
    }

    // The engine's answer bears no time. A repetition may come long after the bid, whose own time the feed has told by then.
    private async Task<DateTimeOffset> PlacedTime(BidPlaced placed, bool repeated, CancellationToken cancel)
    {
        DateTimeOffset? told = repeated
            ? await db.Bids.Where(bid => bid.BidId == placed.BidId).Select(bid => (DateTimeOffset?)bid.PlacedTime).SingleOrDefaultAsync(cancel)
            : null;
        return told ?? clock.GetUtcNow();
    }

    private static Bid ToMessage(BidPlaced placed, DateTimeOffset at) => new()
    {
        BidId = placed.BidId,
        BuyerId = placed.Bid.BuyerId,
        Kind = placed.Bid.Kind,
        Markets = { placed.Bid.Markets },
        GpuCount = placed.Bid.GpuCount,
        FromTime = placed.Bid.FromTime,
        ToTime = placed.Bid.ToTime,
        RunSlotCount = placed.Bid.RunSlotCount,
        LimitMicrosPerGpuHour = placed.Bid.LimitMicrosPerGpuHour,
        State = OrderState.Open,
        ReservedMicros = placed.ReservedMicros,
        PlacedTime = at.ToTimestamp(),
    };
}
