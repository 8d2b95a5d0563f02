using ComputeExchange.MatchingEngine.Core;
using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.Values;
using ComputeExchange.Values.Auctions;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using CloseReason = ComputeExchange.MatchingEngine.V1.CloseReason;
using CoreKind = ComputeExchange.MatchingEngine.Core.BidKind;

namespace ComputeExchange.MatchingEngine;

/// <summary>Commands and events between the engine's own words and the contracts'.</summary>
internal static class Wire
{
    /// <summary>The minimum fill of a block that is filled whole, per mille: what a command that says none means.</summary>
    private const int WholeFill = 1_000;

    /// <summary>A command as the engine knows it.</summary>
    /// <exception cref="MalformedCommandException">A field cannot be read; the message names it.</exception>
    public static Command ToCore(EngineCommand command) => command.CommandCase switch
    {
        EngineCommand.CommandOneofCase.ChangeSettings => new Command.ChangeSettings(ToCore(command.ChangeSettings)),
        EngineCommand.CommandOneofCase.DefineMarket => new Command.DefineMarket(
            command.DefineMarket.Market, command.DefineMarket.State switch
            {
                MarketState.Open => true,
                MarketState.Halted => false,
                _ => throw new MalformedCommandException("state", "must be open or halted."),
            }),
        EngineCommand.CommandOneofCase.SetParticipant => new Command.SetParticipant(
            Id("participant_id", command.SetParticipant.ParticipantId), command.SetParticipant.MayBuy,
            command.SetParticipant.MaySell, command.SetParticipant.Active),
        EngineCommand.CommandOneofCase.CreditCollateral => new Command.CreditCollateral(
            Id("participant_id", command.CreditCollateral.ParticipantId), new Money(command.CreditCollateral.AmountMicros), command.CreditCollateral.Reference),
        EngineCommand.CommandOneofCase.DebitCollateral => new Command.DebitCollateral(
            Id("participant_id", command.DebitCollateral.ParticipantId), new Money(command.DebitCollateral.AmountMicros), command.DebitCollateral.Reference),
        EngineCommand.CommandOneofCase.SetFees => new Command.SetFees(
            Id("participant_id", command.SetFees.ParticipantId),
            command.SetFees.HasAuctionBuyerPpm ? command.SetFees.AuctionBuyerPpm : null,
            command.SetFees.HasAuctionSellerPpm ? command.SetFees.AuctionSellerPpm : null),
        EngineCommand.CommandOneofCase.SetNode => new Command.SetNode(
            Id("node_id", command.SetNode.NodeId), Id("provider_id", command.SetNode.ProviderId), command.SetNode.Market, command.SetNode.GpuCount)
        {
            Traits = NodeWire.ToCore(command.SetNode.Traits),
        },
        EngineCommand.CommandOneofCase.PlaceOffer => new Command.PlaceOffer(
            Id("provider_id", command.PlaceOffer.ProviderId), NodeOf(command.PlaceOffer), command.PlaceOffer.GpuCount,
            Time("from_time", command.PlaceOffer.FromTime), Time("to_time", command.PlaceOffer.ToTime),
            new Price(command.PlaceOffer.ReserveMicrosPerGpuHour), new Price(command.PlaceOffer.PromptReserveMicrosPerGpuHour),
            Math.Max(1, command.PlaceOffer.RunSlotCountMin))
        {
            Reserves = [.. command.PlaceOffer.SlotReservesMicrosPerGpuHour.Select(micros => new Price(micros))],
            Lease = command.PlaceOffer.LeaseId,
            ByPolicy = command.PlaceOffer.ByPolicy,
        },
        EngineCommand.CommandOneofCase.CancelOffer => new Command.CancelOffer(
            Id("provider_id", command.CancelOffer.ProviderId), command.CancelOffer.OfferId),
        EngineCommand.CommandOneofCase.PlaceBid => new Command.PlaceBid(
            Id("buyer_id", command.PlaceBid.BuyerId), (CoreKind)command.PlaceBid.Kind, [.. command.PlaceBid.Markets], command.PlaceBid.GpuCount,
            Time("from_time", command.PlaceBid.FromTime), EndOf(command.PlaceBid),
            command.PlaceBid.RunSlotCount, new Price(command.PlaceBid.LimitMicrosPerGpuHour))
        {
            Starts = [.. command.PlaceBid.StartTimes.Select(start => Time("start_times", start))],
            MinFill = command.PlaceBid.MinFillPerMille == 0 ? WholeFill : command.PlaceBid.MinFillPerMille,
            NodeGpus = command.PlaceBid.NodeGpuCount,
            Parent = command.PlaceBid.ParentBidId,
            Group = command.PlaceBid.Group,
            Needs = NodeWire.ToCore(command.PlaceBid.Needs),
            Replaces = command.PlaceBid.ReplacesLeaseId,
            Extends = command.PlaceBid.ExtendsLeaseId,
        },
        EngineCommand.CommandOneofCase.CancelBid => new Command.CancelBid(
            Id("buyer_id", command.CancelBid.BuyerId), command.CancelBid.BidId),
        EngineCommand.CommandOneofCase.CloseRun => new Command.CloseRun(),
        EngineCommand.CommandOneofCase.ClearRun => new Command.ClearRun(command.ClearRun.RunId, command.ClearRun.SolutionJson.Memory),
        EngineCommand.CommandOneofCase.ReopenRun => new Command.ReopenRun(command.ReopenRun.RunId),
        EngineCommand.CommandOneofCase.SettleBond => new Command.SettleBond(
            command.SettleBond.LeaseId, command.SettleBond.SlotIndex, new Money(command.SettleBond.TakenMicros)),
        EngineCommand.CommandOneofCase.MoveLease => new Command.MoveLease(command.MoveLease.LeaseId, Id("node_id", command.MoveLease.NodeId)),
        EngineCommand.CommandOneofCase.AdvanceClock => new Command.AdvanceClock(Time("to_time", command.AdvanceClock.ToTime)),
        _ => FuturesWire.ToCore(command),
    };

    /// <summary>An event as the feed tells it.</summary>
    public static EngineEvent ToProto(Event happened, Guid commandId) => happened switch
    {
        Event.Refused e => new EngineEvent
        {
            CommandRefused = new CommandRefused
            {
                Reason = e.Reason,
                Field = e.Field,
                Message = e.Message,
                CommandId = commandId.ToString(),
                ParticipantId = e.Participant == Guid.Empty ? "" : e.Participant.ToString(),
            },
        },
        Event.SettingsChanged e => new EngineEvent { SettingsChanged = ToProto(e.Settings) },
        Event.MarketDefined e => new EngineEvent { MarketDefined = ToProto(e.Market, e.Open) },
        Event.ParticipantSet e => new EngineEvent
        {
            ParticipantSet = new SetParticipant { ParticipantId = e.Id.ToString(), MayBuy = e.MayBuy, MaySell = e.MaySell, Active = e.Active },
        },
        Event.CollateralCredited e => new EngineEvent { CollateralCredited = Moved(e.Participant, e.Amount, e.Reference, commandId) },
        Event.CollateralDebited e => new EngineEvent { CollateralDebited = Moved(e.Participant, e.Amount, e.Reference, commandId) },
        Event.FeesSet e => new EngineEvent { FeesSet = ToProto(e) },
        Event.NodeSet e => new EngineEvent
        {
            NodeSet = new SetNode
            {
                NodeId = e.Node.ToString(), ProviderId = e.Provider.ToString(), Market = e.Market, GpuCount = e.Gpus, Traits = NodeWire.ToProto(e.Traits),
            },
        },
        Event.OfferPlaced e => new EngineEvent
        {
            OfferPlaced = new OfferPlaced { OfferId = e.Id, Offer = ToProto(e.Offer), Market = e.Market, BondMicros = e.Bond.Micros },
        },
        Event.OfferClosed e => new EngineEvent
        {
            OfferClosed = new OfferClosed { OfferId = e.Id, ProviderId = e.Provider.ToString(), Reason = (CloseReason)e.Reason, ReleasedMicros = e.Released.Micros },
        },
        Event.BidPlaced e => new EngineEvent { BidPlaced = new BidPlaced { BidId = e.Id, Bid = ToProto(e.Bid), ReservedMicros = e.Reserved.Micros } },
        Event.BidClosed e => new EngineEvent
        {
            BidClosed = new BidClosed { BidId = e.Id, BuyerId = e.Buyer.ToString(), Reason = (CloseReason)e.Reason, ReleasedMicros = e.Released.Micros },
        },
        Event.StandingInterrupted e => new EngineEvent { StandingInterrupted = ToProto(e) },
        Event.StandingResumed e => new EngineEvent
        {
            StandingResumed = new StandingResumed { BidId = e.Bid, BuyerId = e.Buyer.ToString(), FromTime = e.From.ToTimestamp(), GpuCount = e.Gpus },
        },
        Event.CancelPending e => new EngineEvent { CancelPending = new CancelPending { BidId = e.Bid, OfferId = e.Offer, RunId = e.Run } },
        Event.RunClosed e => new EngineEvent
        {
            RunClosed = new RunClosed
            {
                RunId = e.Run,
                FirstSlotTime = e.FirstSlot.ToTimestamp(),
                ProblemJson = ByteString.CopyFrom(AuctionJson.WriteProblem(e.Problem)),
            },
        },
        Event.RunCleared e => new EngineEvent { RunCleared = ToProto(e) },
        Event.LeaseSold e => new EngineEvent { LeaseSold = ToProto(e) },
        Event.RunReopened e => new EngineEvent { RunReopened = new RunReopened { RunId = e.Run } },
        Event.BondSettled e => new EngineEvent
        {
            BondSettled = new BondSettled
            {
                LeaseId = e.Lease,
                SlotIndex = e.Slot,
                ProviderId = e.Provider.ToString(),
                ReleasedMicros = e.Released.Micros,
                TakenMicros = e.Taken.Micros,
            },
        },
        Event.LeaseMoved e => new EngineEvent
        {
            LeaseMoved = new LeaseMoved { LeaseId = e.Lease, FromNodeId = e.From.ToString(), ToNodeId = e.To.ToString() },
        },
        Event.ClockAdvanced e => new EngineEvent { ClockAdvanced = new AdvanceClock { ToTime = e.To.ToTimestamp() } },
        _ => FuturesWire.ToProto(happened),
    };

    /// <summary>What is held for one participant; why, if that is wanted too.</summary>
    public static V1.Holding ToProto(Core.Holding held, IEnumerable<Core.Reservation> reservations, IEnumerable<OpenBond> bonds)
    {
        var proto = new V1.Holding
        {
            ParticipantId = held.Participant.ToString(),
            CollateralMicros = held.Collateral.Micros,
            ReservedMicros = held.Reserved.Micros,
            BondMicros = held.Bonds.Micros,
            FreeMicros = held.Free.Micros,
            MarginMicros = held.Margin.Micros,
            AuctionBuyerPpm = held.BuyerFeePpm,
            AuctionSellerPpm = held.SellerFeePpm,
        };
        proto.Reservations.AddRange(reservations.Select(one => new V1.Reservation
        {
            Reason = (V1.ReservationReason)one.Reason, BidId = one.Bid, Instrument = one.Instrument, AmountMicros = one.Amount.Micros,
        }));
        proto.Bonds.AddRange(bonds.Select(one => new Bond { OfferId = one.Offer, LeaseId = one.Lease, SlotIndex = one.Slot, AmountMicros = one.Amount.Micros }));
        return proto;
    }

    private static SetFees ToProto(Event.FeesSet set)
    {
        var proto = new SetFees { ParticipantId = set.Participant.ToString() };
        if (set.BuyerPpm is { } buyer) proto.AuctionBuyerPpm = buyer;
        if (set.SellerPpm is { } seller) proto.AuctionSellerPpm = seller;
        return proto;
    }

    public static DefineMarket ToProto(string market, bool open) =>
        new() { Market = market, State = open ? MarketState.Open : MarketState.Halted };

    public static ChangeSettings ToProto(Settings settings) => new()
    {
        SlotMinutes = settings.SlotMinutes,
        HorizonSlotCount = settings.HorizonSlots,
        GateMinutes = settings.GateMinutes,
        RunIntervalSeconds = settings.RunIntervalSeconds,
        BuyerFeePpm = settings.BuyerFeePpm,
        SellerFeePpm = settings.SellerFeePpm,
        BondPpm = settings.BondPpm,
        LeastBondMicrosPerGpuHour = settings.LeastBondMicros,
        TickMicros = settings.TickMicros,
        HighestPriceMicrosPerGpuHour = settings.HighestPriceMicros,
        BidGpuCountMax = settings.MostGpusPerBid,
        OpenBidCountMax = settings.MostOpenBids,
        PromptMinutesMin = settings.LeastPromptMinutes,
        SolverNodeCountMax = settings.SolverNodes,
        SolveAgainSeconds = settings.SolveAgainSeconds,
        SolveAttemptCountMax = settings.MostSolveAttempts,
        OpenBlockCountMax = Said(settings.MostOpenBlocks, Settings.Default.MostOpenBlocks),
        ClusterGateMinutes = Said(settings.ClusterGateMinutes, Settings.Default.ClusterGateMinutes),
        StandingSlotCount = Said(settings.StandingSlots, Settings.Default.StandingSlots),
    };

    /// <summary>Settings that came later are told only where they differ from their default: so histories older than they are read as they were told.</summary>
    private static int Said(int value, int standard) => value == standard ? 0 : value;

    private static int Meant(int said, int standard) => said == 0 ? standard : said;

    private static Settings ToCore(ChangeSettings settings) => new()
    {
        SlotMinutes = settings.SlotMinutes,
        HorizonSlots = settings.HorizonSlotCount,
        GateMinutes = settings.GateMinutes,
        RunIntervalSeconds = settings.RunIntervalSeconds,
        BuyerFeePpm = settings.BuyerFeePpm,
        SellerFeePpm = settings.SellerFeePpm,
        BondPpm = settings.BondPpm,
        LeastBondMicros = settings.LeastBondMicrosPerGpuHour,
        TickMicros = settings.TickMicros,
        HighestPriceMicros = settings.HighestPriceMicrosPerGpuHour,
        MostGpusPerBid = settings.BidGpuCountMax,
        MostOpenBids = settings.OpenBidCountMax,
        LeastPromptMinutes = settings.PromptMinutesMin,
        SolverNodes = settings.SolverNodeCountMax,
        SolveAgainSeconds = settings.SolveAgainSeconds,
        MostSolveAttempts = settings.SolveAttemptCountMax,
        MostOpenBlocks = Meant(settings.OpenBlockCountMax, Settings.Default.MostOpenBlocks),
        ClusterGateMinutes = Meant(settings.ClusterGateMinutes, Settings.Default.ClusterGateMinutes),
        StandingSlots = Meant(settings.StandingSlotCount, Settings.Default.StandingSlots),
    };

    private static PlaceOffer ToProto(Command.PlaceOffer offer)
    {
        var proto = new PlaceOffer
        {
            ProviderId = offer.Provider.ToString(),
            NodeId = offer.Node.ToString(),
            GpuCount = offer.Gpus,
            FromTime = offer.From.ToTimestamp(),
            ToTime = offer.To.ToTimestamp(),
            ReserveMicrosPerGpuHour = offer.Reserve.MicrosPerGpuHour,
            PromptReserveMicrosPerGpuHour = offer.PromptReserve.MicrosPerGpuHour,
            RunSlotCountMin = offer.LeastRun,
            LeaseId = offer.Lease,
            ByPolicy = offer.ByPolicy,
        };
        proto.SlotReservesMicrosPerGpuHour.AddRange(offer.Reserves.Select(reserve => reserve.MicrosPerGpuHour));
        return proto;
    }

    private static Guid NodeOf(PlaceOffer offer) =>
        offer.LeaseId > 0 && offer.NodeId.Length == 0 ? Guid.Empty : Id("node_id", offer.NodeId);

    private static PlaceBid ToProto(Command.PlaceBid bid)
    {
        var proto = new PlaceBid
        {
            BuyerId = bid.Buyer.ToString(),
            Kind = (V1.BidKind)bid.Kind,
            GpuCount = bid.Gpus,
            FromTime = bid.From.ToTimestamp(),
            ToTime = bid.To == Command.PlaceBid.NoEnd ? null : bid.To.ToTimestamp(),
            RunSlotCount = bid.Run,
            LimitMicrosPerGpuHour = bid.Limit.MicrosPerGpuHour,
            MinFillPerMille = bid.MinFill == WholeFill ? 0 : bid.MinFill,
            NodeGpuCount = bid.NodeGpus,
            ParentBidId = bid.Parent,
            Group = bid.Group,
            Needs = NodeWire.ToProto(bid.Needs),
            ReplacesLeaseId = bid.Replaces,
            ExtendsLeaseId = bid.Extends,
        };
        proto.Markets.AddRange(bid.Markets);
        proto.StartTimes.AddRange(bid.Starts.Select(start => start.ToTimestamp()));
        return proto;
    }

    private static DateTimeOffset EndOf(PlaceBid bid) =>
        bid.Kind == V1.BidKind.Standing && bid.ToTime is null ? Command.PlaceBid.NoEnd : Time("to_time", bid.ToTime);

    private static StandingInterrupted ToProto(Event.StandingInterrupted lost)
    {
        var proto = new StandingInterrupted
        {
            BidId = lost.Bid,
            BuyerId = lost.Buyer.ToString(),
            EndTime = lost.EndsAt.ToTimestamp(),
            HeldGpuCount = lost.Held,
            KeptGpuCount = lost.Kept,
            Reason = (V1.InterruptionReason)lost.Reason,
        };
        if (lost.Price is { } price) proto.PriceMicrosPerGpuHour = price.MicrosPerGpuHour;
        return proto;
    }

    private static RunCleared ToProto(Event.RunCleared cleared)
    {
        var proto = new RunCleared
        {
            RunId = cleared.Run,
            FirstSlotTime = cleared.FirstSlot.ToTimestamp(),
            WelfareMicros = cleared.Welfare.Micros,
            BoundMicros = cleared.Bound.Micros,
            BidCount = cleared.Bids,
            OfferCount = cleared.Offers,
            SolutionJson = ByteString.CopyFrom(cleared.SolutionJson.Span),
        };
        proto.LeftOutBidIds.AddRange(cleared.LeftOutBids);
        proto.Prices.AddRange(cleared.Prices.Select(price => new V1.SpotPrice
        {
            Market = price.Market,
            SlotTime = price.Slot.ToTimestamp(),
            PriceMicrosPerGpuHour = price.Price.MicrosPerGpuHour,
            GpuCount = price.Gpus,
            MinuteCount = price.Minutes,
        }));
        return proto;
    }

    private static LeaseSold ToProto(Event.LeaseSold sold)
    {
        var proto = new LeaseSold
        {
            LeaseId = sold.Lease,
            RunId = sold.Run,
            BidId = sold.Bid,
            OfferId = sold.Offer,
            BuyerId = sold.Buyer.ToString(),
            ProviderId = sold.Provider.ToString(),
            NodeId = sold.Node.ToString(),
            Market = sold.Market,
            GpuCount = sold.Gpus,
            ResoldFromLeaseId = sold.ResoldFrom,
        };
        proto.Slots.AddRange(sold.Slots.Select(slot => new V1.LeaseSlot
        {
            FromTime = slot.From.ToTimestamp(),
            ToTime = slot.To.ToTimestamp(),
            PriceMicrosPerGpuHour = slot.Price.MicrosPerGpuHour,
            CostMicros = slot.Cost.Micros,
            BuyerFeeMicros = slot.BuyerFee.Micros,
            SellerFeeMicros = slot.SellerFee.Micros,
            BondMicros = slot.Bond.Micros,
        }));
        return proto;
    }

    private static CollateralMoved Moved(Guid participant, Money amount, string reference, Guid commandId) => new()
    {
        ParticipantId = participant.ToString(),
        AmountMicros = amount.Micros,
        Reference = reference,
        CommandId = commandId.ToString(),
    };

    internal static Guid Id(string field, string text) =>
        Guid.TryParse(text, out var id) && id != Guid.Empty ? id : throw new MalformedCommandException(field, "is not a UUID.");

    internal static DateTimeOffset Time(string field, Timestamp? time)
    {
        try
        {
            return (time ?? throw new MalformedCommandException(field, "is missing.")).ToDateTimeOffset();
        }
        catch (Exception wrong) when (wrong is InvalidOperationException or ArgumentOutOfRangeException or OverflowException)
        {
            throw new MalformedCommandException(field, "is not a time between the years 1 and 9999.");
        }
    }
}

/// <summary>A command that cannot be read. It is not journaled: nothing is known of it but that it is wrong.</summary>
internal sealed class MalformedCommandException(string field, string reason) : Exception($"{field} {reason}");
