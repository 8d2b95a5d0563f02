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
        var complaints = new Complaints();
        var requestId = complaints.Id("request_id", request.RequestId);
        var asked = BidReader.Read(request, caller.Participant, settings, complaints);
        if (!request.Confirm) await RefuseFatFinger(asked.Command, cancel);
        var answer = await engine.Ask(caller, requestId, new EngineCommand { PlaceBid = asked.Command }, complaints, cancel);

        var placed = answer.Events.Select(happened => happened.BidPlaced).FirstOrDefault(bid => bid is not null)
            ?? throw new UnreachableException($"Command {answer.CommandId} placed no bid and was not refused.");
        return new PlaceBidResponse
        {
            Bid = ToMessage(placed, await PlacedTime(placed, answer.RepeatedCommand, cancel)),
            Warnings = { asked.Warnings },
        };
    }

    /// <remarks>
    /// The price may have moved since the first request of the same id: its repetition is then asked to confirm too, and confirmed it gets the first bid.
    /// </remarks>
    private async Task RefuseFatFinger(PlaceBid bid, CancellationToken cancel)
    {
        var limit = bid.LimitMicrosPerGpuHour;
        var reference = await db.LastPrice(bid.Markets, bid.FromTime.ToDateTimeOffset(), bid.ToTime?.ToDateTimeOffset(), cancel);
        if (FatFinger.NeedsConfirm(limit, reference)) throw Refuse.Rule("LIMIT_NOT_CONFIRMED", FatFinger.Reason(limit, reference!.Value), "confirm");
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
        StartTimes = { placed.Bid.StartTimes },
        MinFillPerMille = BidRow.MinFillOf(placed.Bid),
        NodeGpuCount = placed.Bid.NodeGpuCount,
        ParentBidId = placed.Bid.ParentBidId,
        Group = placed.Bid.Group,
        Where = NodeAsked.Write(placed.Bid.Needs),
        Standing = placed.Bid.Kind == BidKind.Standing ? new Standing { State = StandingState.Waiting } : null,
        LimitMicrosPerGpuHour = placed.Bid.LimitMicrosPerGpuHour,
        State = OrderState.Open,
        ReservedMicros = placed.ReservedMicros,
        PlacedTime = at.ToTimestamp(),
    };
}
