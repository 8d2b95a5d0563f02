using ComputeExchange.Hosting;
using ComputeExchange.Hosting.Access;
using ComputeExchange.OrderBook.Domain;
using ComputeExchange.OrderBook.Entry;
using ComputeExchange.OrderBook.MarketData;
using ComputeExchange.OrderBook.Runs;
using ComputeExchange.OrderBook.Storage;
using ComputeExchange.OrderBook.V1;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.OrderBook.Bids;

/// <summary>Bids and what became of them: a buyer's own; operators and auditors see everyone's.</summary>
public sealed class ReadBids(OrderBookDb db, LastRunSheet lastRun, TimeProvider clock)
{
    /// <summary>One bid with its leases.</summary>
    /// <exception cref="RpcException">NOT_FOUND: there is none, or it is another's; which of both is not told.</exception>
    public async Task<GetBidResponse> Get(GetBidRequest request, Caller caller, CancellationToken cancel)
    {
        var bid = await Visible(caller).SingleOrDefaultAsync(row => row.BidId == request.BidId, cancel)
            ?? throw Refuse.NotFound($"You have no bid {request.BidId}.");
        var leases = await db.Leases.AsNoTracking().Where(lease => lease.BidId == bid.BidId).OrderBy(lease => lease.LeaseId).ToListAsync(cancel);
        return new GetBidResponse { Bid = (await ToMessages([bid], cancel))[0], Trades = { leases.Select(lease => lease.ToMessage(caller)) } };
    }

    /// <summary>Bids, newest first.</summary>
    public async Task<ListBidsResponse> List(ListBidsRequest request, Caller caller, CancellationToken cancel)
    {
        OrderStates.Check(request.State);
        var (size, skip) = Refuse.ParsePage(request.PageSize, request.PageToken, standard: 100, most: 500);
        var visible = Visible(caller);
        if (request.State != OrderState.Unspecified) visible = visible.Where(bid => bid.State == request.State);
        var bids = await visible.OrderByDescending(bid => bid.BidId).Skip(skip).Take(size).ToListAsync(cancel);
        return new ListBidsResponse { Bids = { await ToMessages(bids, cancel) }, NextPageToken = Refuse.NextPage(skip, size, bids.Count) };
    }

    private IQueryable<BidRow> Visible(Caller caller)
    {
        if (caller.SeesAll) return db.Bids.AsNoTracking();
        var buyer = caller.Participant;
        return db.Bids.AsNoTracking().Where(bid => bid.BuyerId == buyer);
    }

    private async Task<IReadOnlyList<Bid>> ToMessages(IReadOnlyList<BidRow> bids, CancellationToken cancel)
    {
        var settings = await db.SettingsInForce(cancel);
        var last = bids.Any(bid => bid.State == OrderState.Open) ? await lastRun.Of(db, cancel) : null;
        var now = clock.GetUtcNow();
        return [.. bids.Select(bid => ToMessage(bid, BidReason.Of(Standing(bid), last, now, settings)))];
    }

    private static BidStanding Standing(BidRow bid) => new(
        bid.BidId, bid.Kind, bid.Markets, bid.FromTime, bid.GpuCount, bid.FilledGpuCounts, bid.LimitMicros, bid.PlacedTime, bid.State, bid.CloseReason)
    {
        AsksOfNodes = bid.Where.Length > 0,
    };

    private static Standing? StandingOf(BidRow bid)
    {
        if (bid.StandingState == StandingState.Unspecified) return null;
        var standing = new Standing
        {
            State = bid.StandingState,
            HeldUntilTime = bid.HeldUntilTime?.ToTimestamp(),
            HeldGpuCount = bid.HeldGpuCount,
            InterruptionReason = bid.InterruptionReason,
        };
        if (bid.InterruptionPriceMicros is { } price) standing.InterruptionPriceMicrosPerGpuHour = price;
        return standing;
    }

    private static Bid ToMessage(BidRow bid, BidReason reason) => new()
    {
        BidId = bid.BidId,
        BuyerId = bid.BuyerId.ToString(),
        Kind = bid.Kind,
        Markets = { bid.Markets },
        GpuCount = bid.GpuCount,
        FromTime = bid.FromTime.ToTimestamp(),
        ToTime = bid.ToTime == BidRow.NoEnd ? null : bid.ToTime.ToTimestamp(),
        RunSlotCount = bid.RunSlotCount,
        StartTimes = { bid.StartTimes.Select(start => start.ToTimestamp()) },
        MinFillPerMille = bid.MinFillPerMille,
        NodeGpuCount = bid.NodeGpuCount,
        ParentBidId = bid.ParentBidId,
        Group = bid.GroupName,
        Where = bid.Where,
        Standing = StandingOf(bid),
        LimitMicrosPerGpuHour = bid.LimitMicros,
        State = bid.State,
        FilledGpuMinutes = bid.FilledGpuMinutes,
        CostMicros = bid.CostMicros,
        ReservedMicros = bid.ReservedMicros,
        PlacedTime = bid.PlacedTime.ToTimestamp(),
        Reason = reason.Sentence,
        Why = new BidVerdict
        {
            Outcome = reason.Outcome,
            Sentence = reason.Sentence,
            RunId = reason.RunId,
            NeededLimitMicrosPerGpuHour = reason.NeededMicros,
            OutbidByMicrosPerGpuHour = reason.OutbidByMicros,
        },
    };
}
