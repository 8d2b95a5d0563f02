using ComputeExchange.Hosting;
using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.OrderBook.Domain;
using ComputeExchange.OrderBook.Entry;
using ComputeExchange.OrderBook.V1;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace ComputeExchange.OrderBook.Bids;

/// <summary>A bid as it was asked for, made into what the engine is told.</summary>
/// <param name="Command">What the engine is told.</param>
/// <param name="Complaints">What is wrong by the settings as far as they were read.</param>
/// <param name="Warnings">What its buyer may not expect.</param>
public sealed record BidAsked(PlaceBid Command, Complaints Complaints, IReadOnlyList<string> Warnings);

/// <summary>Reads requests for bids: refuses what is wrong whatever the market is doing, and fills in what was left open.</summary>
public static class BidReader
{
    private const string LimitField = "limit_micros_per_gpu_hour";

    /// <summary>The bid.</summary>
    /// <exception cref="RpcException">Something is wrong with it; every such field is named.</exception>
    public static BidAsked Read(PlaceBidRequest request, Guid buyer, MarketSettings settings, Complaints complaints)
    {
        if (request.Kind is not (BidKind.Divisible or BidKind.Block or BidKind.Standing))
            complaints.Add("kind", "is missing: a bid is BID_KIND_DIVISIBLE, BID_KIND_BLOCK or BID_KIND_STANDING.");
        complaints.Add(OrderRules.Markets(request.Markets));
        complaints.Add(OrderRules.GpuCount(request.GpuCount));
        complaints.Doubt(OrderRules.GpuCountWithin(request.GpuCount, settings.BidGpuCountMax));
        var isOpen = request.Kind == BidKind.Standing && request.ToTime is null;
        var from = complaints.Time("from_time", request.FromTime);
        var to = isOpen ? null : complaints.Time("to_time", request.ToTime);
        complaints.Add(OrderRules.Window(from, to, settings.Slots));
        complaints.Add(OrderRules.Price(LimitField, request.LimitMicrosPerGpuHour));
        complaints.Doubt(OrderRules.PriceWithin(LimitField, request.LimitMicrosPerGpuHour, settings.Prices));
        var needs = NodeAsked.Read(request.Where, out var noFilter);
        if (noFilter is { } wrong) complaints.Add([wrong]);
        if (request.Kind != BidKind.Block) complaints.Add(OnlyBlocksHave(request));
        else complaints.Add(BlockRules.Relations(request.MinFillPerMille, request.NodeGpuCount, request.GpuCount, request.ParentBidId, request.Group));

        var slotCount = from < to ? settings.Slots.Count(from.Value, to.Value) : 0;
        var isBlock = request.Kind == BidKind.Block && slotCount > 0;
        if (isBlock) complaints.Add(BlockRules.Run(request.RunSlotCount, slotCount));
        complaints.ThrowIfAny();
        if (slotCount > OrderRules.WindowSlotCountMax && request.Kind != BidKind.Standing)
            throw Refuse.Rule("WINDOW_TOO_LONG", $"The window has {slotCount} slots; none can have more than {OrderRules.WindowSlotCountMax}.", "to_time");

        var command = new PlaceBid
        {
            BuyerId = buyer.ToString(),
            Kind = request.Kind,
            Markets = { request.Markets },
            GpuCount = request.GpuCount,
            FromTime = from!.Value.ToTimestamp(),
            ToTime = to?.ToTimestamp(),
            LimitMicrosPerGpuHour = request.LimitMicrosPerGpuHour,
            Needs = needs,
        };
        return new BidAsked(command, complaints, isBlock ? Fit(request, command, (int)slotCount, settings, complaints) : []);
    }

    /// <summary>Gives a block its run and its starts; tells which were left out.</summary>
    private static IReadOnlyList<string> Fit(PlaceBidRequest request, PlaceBid command, int slotCount, MarketSettings settings, Complaints complaints)
    {
        var (from, to) = (command.FromTime.ToDateTimeOffset(), command.ToTime.ToDateTimeOffset());
        var run = request.RunSlotCount == 0 ? slotCount : request.RunSlotCount;
        var named = request.StartTimes.Select(start => complaints.Time("start_times", start)).OfType<DateTimeOffset>().ToList();
        complaints.Add(BlockRules.Starts(named, from, to, run, settings.Slots));
        complaints.ThrowIfAny();

        command.RunSlotCount = run;
        command.MinFillPerMille = request.MinFillPerMille == 1_000 ? 0 : request.MinFillPerMille;
        command.NodeGpuCount = request.NodeGpuCount;
        command.ParentBidId = request.ParentBidId;
        command.Group = request.Group;
        command.StartTimes.AddRange(named.Order().Select(start => start.ToTimestamp()));
        if (named.Count > 0 || BlockStarts.Thinned(from, to, run, settings.Slots) is not { } thinned) return [];

        command.StartTimes.AddRange(thinned.Select(start => start.ToTimestamp()));
        return
        [
            $"The window leaves {slotCount - run + 1} starts for a run of {run}; {thinned.Count} of them are used, evenly spaced from {thinned[0]:yyyy-MM-dd HH:mm} to {thinned[^1]:yyyy-MM-dd HH:mm} UTC. "
                + "Name start_times to choose others.",
        ];
    }

    private static IEnumerable<Wrong> OnlyBlocksHave(PlaceBidRequest request)
    {
        const string why = "is given: only a block has it; leave it out of any other bid.";
        if (request.RunSlotCount != 0) yield return new Wrong("run_slot_count", why);
        if (request.StartTimes.Count > 0) yield return new Wrong("start_times", why);
        if (request.MinFillPerMille != 0) yield return new Wrong("min_fill_per_mille", why);
        if (request.NodeGpuCount != 0) yield return new Wrong("node_gpu_count", why);
        if (request.ParentBidId != 0) yield return new Wrong("parent_bid_id", why);
        if (request.Group.Length > 0) yield return new Wrong("group", why);
        if (request.Where.Length > 0)
            yield return new Wrong("where", "is given: only a block gets its GPUs from certain nodes; bid for a block, of one slot if that is all, or leave it out.");
    }
}
