using ComputeExchange.Facts.Hearing;
using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.OrderBook.Domain;
using ComputeExchange.OrderBook.Entry;
using ComputeExchange.OrderBook.Futures.Feed;
using ComputeExchange.OrderBook.Storage;
using ComputeExchange.OrderBook.V1;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.OrderBook.Feed;

/// <summary>Draws the edge's picture of the market from the engine's feed.</summary>
/// <remarks>Rows are looked up with <c>Find</c>: what an earlier entry of the same batch added is not in the database yet.</remarks>
public sealed class KeepBook(OrderBookDb db) : IReadFeed
{
    private readonly KeepFutures _futures = new(db);
    private SlotGrid? _slots;

    /// <inheritdoc />
    public bool Heeds(EngineEvent.EventOneofCase kind) => kind is EngineEvent.EventOneofCase.SettingsChanged
        or EngineEvent.EventOneofCase.MarketDefined or EngineEvent.EventOneofCase.FeesSet or EngineEvent.EventOneofCase.BidPlaced or EngineEvent.EventOneofCase.BidClosed
        or EngineEvent.EventOneofCase.StandingInterrupted or EngineEvent.EventOneofCase.StandingResumed
        or EngineEvent.EventOneofCase.OfferPlaced or EngineEvent.EventOneofCase.OfferClosed or EngineEvent.EventOneofCase.RunClosed
        or EngineEvent.EventOneofCase.RunCleared or EngineEvent.EventOneofCase.RunReopened or EngineEvent.EventOneofCase.LeaseSold
        or EngineEvent.EventOneofCase.InstrumentDefined or EngineEvent.EventOneofCase.AccountOpened or EngineEvent.EventOneofCase.OrdersHandled;

    /// <inheritdoc />
    public Task Apply(FeedEntry entry, CancellationToken cancel)
    {
        var at = entry.HappenedTime.ToDateTimeOffset();
        var happened = entry.Event;
        return happened.EventCase switch
        {
            EngineEvent.EventOneofCase.SettingsChanged => Settings(happened.SettingsChanged, cancel),
            EngineEvent.EventOneofCase.MarketDefined => Market(happened.MarketDefined, cancel),
            EngineEvent.EventOneofCase.FeesSet => Fees(happened.FeesSet, cancel),
            EngineEvent.EventOneofCase.BidPlaced => Bid(happened.BidPlaced, at, cancel),
            EngineEvent.EventOneofCase.BidClosed => BidEnds(happened.BidClosed, at, cancel),
            EngineEvent.EventOneofCase.StandingInterrupted => Interrupted(happened.StandingInterrupted, cancel),
            EngineEvent.EventOneofCase.StandingResumed => Resumed(happened.StandingResumed, cancel),
            EngineEvent.EventOneofCase.OfferPlaced => Offer(happened.OfferPlaced, at, cancel),
            EngineEvent.EventOneofCase.OfferClosed => OfferEnds(happened.OfferClosed, at, cancel),
            EngineEvent.EventOneofCase.RunClosed => db.AddRun(happened.RunClosed, at),
            EngineEvent.EventOneofCase.RunCleared => db.ClearRun(happened.RunCleared, at, cancel),
            EngineEvent.EventOneofCase.RunReopened => db.ReopenRun(happened.RunReopened, at, cancel),
            EngineEvent.EventOneofCase.LeaseSold => Lease(happened.LeaseSold, at, cancel),
            EngineEvent.EventOneofCase.InstrumentDefined => _futures.Instrument(happened.InstrumentDefined, cancel),
            EngineEvent.EventOneofCase.AccountOpened => _futures.Account(happened.AccountOpened, cancel),
            EngineEvent.EventOneofCase.OrdersHandled => _futures.Orders(happened.OrdersHandled, entry.Sequence, at),
            _ => Task.CompletedTask,
        };
    }

    private async Task Settings(ChangeSettings settings, CancellationToken cancel)
    {
        var body = SettingsRow.Format(settings);
        if (await db.Settings.FindAsync([SettingsRow.OnlyId], cancel) is { } row) row.Body = body;
        else db.Settings.Add(new SettingsRow { Body = body });
        _slots = null;
    }

    private async Task Market(DefineMarket market, CancellationToken cancel)
    {
        if (await db.Markets.FindAsync([market.Market], cancel) is { } row) row.State = market.State;
        else db.Markets.Add(new MarketRow { Market = market.Market, State = market.State });
    }

    private async Task Fees(SetFees set, CancellationToken cancel)
    {
        var participant = Guid.Parse(set.ParticipantId);
        int? buyer = set.HasAuctionBuyerPpm ? set.AuctionBuyerPpm : null;
        if (await db.Fees.FindAsync([participant], cancel) is { } row) row.BuyerFeePpm = buyer;
        else db.Fees.Add(new FeeRow { ParticipantId = participant, BuyerFeePpm = buyer });
    }

    private async Task Bid(BidPlaced placed, DateTimeOffset at, CancellationToken cancel)
    {
        var bid = placed.Bid;
        var (from, to) = (bid.FromTime.ToDateTimeOffset(), bid.ToTime?.ToDateTimeOffset() ?? BidRow.NoEnd);
        var isStanding = bid.Kind == BidKind.Standing;
        db.Bids.Add(new BidRow
        {
            BidId = placed.BidId,
            BuyerId = Guid.Parse(bid.BuyerId),
            Kind = bid.Kind,
            Markets = [.. bid.Markets],
            GpuCount = bid.GpuCount,
            FromTime = from,
            ToTime = to,
            RunSlotCount = bid.RunSlotCount,
            StartTimes = [.. bid.StartTimes.Select(start => start.ToDateTimeOffset())],
            MinFillPerMille = BidRow.MinFillOf(bid),
            NodeGpuCount = bid.NodeGpuCount,
            ParentBidId = bid.ParentBidId,
            GroupName = bid.Group,
            Where = NodeAsked.Write(bid.Needs),
            LimitMicros = bid.LimitMicrosPerGpuHour,
            ReservedMicros = placed.ReservedMicros,
            State = OrderState.Open,
            FilledGpuCounts = isStanding ? [] : new int[(await Slots(cancel)).Count(from, to)],
            StandingState = isStanding ? StandingState.Waiting : StandingState.Unspecified,
            PlacedTime = at,
        });
    }

    private async Task Interrupted(StandingInterrupted lost, CancellationToken cancel)
    {
        var bid = await db.Known<BidRow>(lost.BidId, cancel);
        if (lost.KeptGpuCount == 0) bid.StandingState = StandingState.Interrupted;
        bid.InterruptionReason = lost.Reason;
        bid.InterruptionPriceMicros = lost.HasPriceMicrosPerGpuHour ? lost.PriceMicrosPerGpuHour : null;
    }

    private async Task Resumed(StandingResumed resumed, CancellationToken cancel) =>
        (await db.Known<BidRow>(resumed.BidId, cancel)).StandingState = StandingState.Running;

    private async Task BidEnds(BidClosed closed, DateTimeOffset at, CancellationToken cancel)
    {
        var bid = await db.Known<BidRow>(closed.BidId, cancel);
        bid.State = OrderStates.Of(closed.Reason);
        bid.CloseReason = closed.Reason;
        bid.ClosedTime = at;
    }

    private async Task Offer(OfferPlaced placed, DateTimeOffset at, CancellationToken cancel)
    {
        var offer = placed.Offer;
        var (from, to) = (offer.FromTime.ToDateTimeOffset(), offer.ToTime.ToDateTimeOffset());
        db.Offers.Add(new OfferRow
        {
            OfferId = placed.OfferId,
            ProviderId = Guid.Parse(offer.ProviderId),
            NodeId = Guid.Parse(offer.NodeId),
            Market = placed.Market,
            GpuCount = offer.GpuCount,
            FromTime = from,
            ToTime = to,
            ReserveMicros = offer.ReserveMicrosPerGpuHour,
            PromptReserveMicros = offer.PromptReserveMicrosPerGpuHour,
            SlotReserveMicros = [.. offer.SlotReservesMicrosPerGpuHour],
            RunSlotCountMin = offer.RunSlotCountMin,
            LeaseId = offer.LeaseId,
            ByPolicy = offer.ByPolicy,
            State = OrderState.Open,
            SoldGpuCounts = new int[(await Slots(cancel)).Count(from, to)],
            PlacedTime = at,
        });
    }

    private async Task OfferEnds(OfferClosed closed, DateTimeOffset at, CancellationToken cancel)
    {
        var offer = await db.Known<OfferRow>(closed.OfferId, cancel);
        offer.State = OrderStates.Of(closed.Reason);
        offer.CloseReason = closed.Reason;
        offer.ClosedTime = at;
    }

    private async Task Lease(LeaseSold sold, DateTimeOffset at, CancellationToken cancel)
    {
        var slots = await Slots(cancel);
        var bid = await db.Known<BidRow>(sold.BidId, cancel);
        var offer = await db.Known<OfferRow>(sold.OfferId, cancel);
        var run = await db.Known<RunRow>(sold.RunId, cancel);

        var gpuMinutes = 0L;
        var cost = 0L;
        foreach (var slot in sold.Slots)
        {
            var (from, to) = (slot.FromTime.ToDateTimeOffset(), slot.ToTime.ToDateTimeOffset());
            gpuMinutes += (long)sold.GpuCount * (long)(to - from).TotalMinutes;
            cost += slot.CostMicros;
            if (bid.Kind == BidKind.Standing) bid.Hold(sold.GpuCount, to);
            else bid.FilledGpuCounts[slots.PositionOf(from, bid.FromTime)] += sold.GpuCount;
            offer.SoldGpuCounts[slots.PositionOf(from, offer.FromTime)] += sold.GpuCount;
        }
        bid.FilledGpuMinutes += gpuMinutes;
        bid.CostMicros += cost;
        offer.SoldGpuMinutes += gpuMinutes;
        offer.ProceedsMicros += cost;
        run.LeaseCount++;
        db.Leases.Add(new LeaseRow
        {
            LeaseId = sold.LeaseId,
            RunId = sold.RunId,
            BidId = sold.BidId,
            OfferId = sold.OfferId,
            BuyerId = Guid.Parse(sold.BuyerId),
            IsOwn = sold.BuyerId == sold.ProviderId,
            Market = sold.Market,
            GpuCount = sold.GpuCount,
            FromTime = sold.Slots[0].FromTime.ToDateTimeOffset(),
            ToTime = sold.Slots[^1].ToTime.ToDateTimeOffset(),
            GpuMinutes = gpuMinutes,
            CostMicros = cost,
            HappenedTime = at,
        });
    }
    private async Task<SlotGrid> Slots(CancellationToken cancel) => _slots ??= (await db.SettingsInForce(cancel)).Slots;
}
