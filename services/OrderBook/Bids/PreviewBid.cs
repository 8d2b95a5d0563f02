using ComputeExchange.Hosting.Access;
using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.OrderBook.Domain;
using ComputeExchange.OrderBook.Entry;
using ComputeExchange.OrderBook.Storage;
using ComputeExchange.OrderBook.V1;
using ComputeExchange.Values;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace ComputeExchange.OrderBook.Bids;

/// <summary>Says what a bid would come to, and places nothing.</summary>
public sealed class PreviewBidHandler(OrderBookDb db, TimeProvider clock)
{
    /// <summary>What would be reserved, where it could start, and what its buyer may not expect.</summary>
    /// <exception cref="RpcException">It is malformed.</exception>
    public async Task<PreviewBidResponse> Handle(PreviewBidRequest request, Caller caller, CancellationToken cancel)
    {
        var settings = await db.SettingsInForce(caller.Participant, cancel);
        var asked = BidReader.Read(request.Bid ?? new PlaceBidRequest(), caller.Participant, settings, new Complaints());
        asked.Complaints.ThrowIfAnyOrDoubt();
        var bid = asked.Command;
        var (from, to) = (bid.FromTime.ToDateTimeOffset(), bid.ToTime?.ToDateTimeOffset());
        var now = clock.GetUtcNow();
        var cost = new Price(bid.LimitMicrosPerGpuHour).CostOf(GpuMinutes(bid, settings, now));
        var fee = cost.Share(settings.BuyerFeePpm);
        var reference = await db.LastPrice(bid.Markets, from, to, cancel);

        var preview = new PreviewBidResponse
        {
            ReservedMicros = (cost + fee).Micros,
            FeeMicros = fee.Micros,
            RunSlotCount = bid.RunSlotCount,
            NeedsConfirm = FatFinger.NeedsConfirm(bid.LimitMicrosPerGpuHour, reference),
        };
        if (reference is { } micros) preview.ReferenceMicrosPerGpuHour = micros;
        preview.Warnings.AddRange(asked.Warnings);
        if (preview.NeedsConfirm) preview.Warnings.Add(FatFinger.Reason(bid.LimitMicrosPerGpuHour, reference!.Value));
        if (bid.Kind == BidKind.Block) AddStarts(preview, bid, settings, now);
        if (bid.Kind == BidKind.Standing)
            preview.Warnings.Add("A standing bid can lose its GPUs at the end of any slot, with a notice at the gate, and may get others on another node when it goes on.");
        return preview;
    }

    /// <summary>What its money must cover: of a block its run wherever it starts, of a standing bid its next slots, else every slot that is left.</summary>
    private static long GpuMinutes(PlaceBid bid, MarketSettings settings, DateTimeOffset now)
    {
        var first = bid.FromTime.ToDateTimeOffset() is var from && from > now ? from : settings.Slots.StartOf(now);
        var left = bid.ToTime is null ? long.MaxValue : Math.Max(0, settings.Slots.Count(first, bid.ToTime.ToDateTimeOffset()));
        var slots = bid.Kind switch
        {
            BidKind.Block => bid.RunSlotCount,
            BidKind.Standing => Math.Min(left, settings.StandingSlotCount),
            _ => left,
        };
        return slots * bid.GpuCount * settings.Slots.Minutes;
    }

    private static void AddStarts(PreviewBidResponse preview, PlaceBid bid, MarketSettings settings, DateTimeOffset now)
    {
        var starts = bid.StartTimes.Count > 0
            ? bid.StartTimes.Select(start => start.ToDateTimeOffset()).ToList()
            : [.. BlockStarts.All(bid.FromTime.ToDateTimeOffset(), bid.ToTime.ToDateTimeOffset(), bid.RunSlotCount, settings.Slots)];
        var isCluster = bid.NodeGpuCount > 0 && bid.GpuCount > bid.NodeGpuCount;
        var possible = starts.Where(start => settings.CanStart(start, now, isCluster)).ToList();
        preview.StartTimes.AddRange(possible.Select(start => start.ToTimestamp()));
        if (possible.Count == 0) preview.Warnings.Add("None of its starts can be traded any more.");
        else if (possible.Count < starts.Count) preview.Warnings.Add($"{starts.Count - possible.Count} of its {starts.Count} starts can no longer be traded.");
        if (isCluster) preview.Warnings.Add($"Its GPUs come from several nodes: it is sold {settings.ClusterGateMinutes} minutes before it starts at the latest.");
    }
}
