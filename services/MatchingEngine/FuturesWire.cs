using ComputeExchange.MatchingEngine.Core;
using ComputeExchange.MatchingEngine.Core.Book;
using ComputeExchange.MatchingEngine.Core.Futures;
using ComputeExchange.MatchingEngine.V1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Case = ComputeExchange.MatchingEngine.V1.EngineCommand.CommandOneofCase;
using CoreLimits = ComputeExchange.MatchingEngine.Core.Futures.AccountLimits;
using CoreTerms = ComputeExchange.MatchingEngine.Core.Futures.InstrumentTerms;

namespace ComputeExchange.MatchingEngine;

/// <summary>The futures market's commands and events between the engine's own words and the contracts'.</summary>
internal static class FuturesWire
{
    /// <summary>A command as the engine knows it.</summary>
    /// <exception cref="MalformedCommandException">A field cannot be read; the message names it.</exception>
    public static Command ToCore(EngineCommand command) => command.CommandCase switch
    {
        Case.PassTime => new Command.PassTime(),
        Case.DefineInstrument => new Command.DefineInstrument(
            ToCore(command.DefineInstrument.Terms ?? throw new MalformedCommandException("terms", "is missing.")), command.DefineInstrument.ReferenceTicks),
        Case.SetPhase => new Command.SetPhase(
            command.SetPhase.Instrument, ToCore(command.SetPhase.Phase),
            command.SetPhase.UntilTime is null ? default : Wire.Time("until_time", command.SetPhase.UntilTime)),
        Case.SetReference => new Command.SetReference(command.SetReference.Instrument, command.SetReference.ReferenceTicks),
        Case.OpenAccount => new Command.OpenAccount(Wire.Id("participant_id", command.OpenAccount.ParticipantId)),
        Case.LimitAccount => new Command.LimitAccount(
            Wire.Id("participant_id", command.LimitAccount.ParticipantId),
            ToCore(command.LimitAccount.Limits ?? throw new MalformedCommandException("limits", "is missing."))),
        Case.EnterOrders => new Command.EnterOrders(
            command.EnterOrders.Requests.Length is > 0 and var length && length % OrderRequest.Size == 0
                ? command.EnterOrders.Requests.Memory
                : throw new MalformedCommandException("requests", $"is not one or more records of {OrderRequest.Size} bytes.")),
        Case.CancelOrders => new Command.CancelOrders(
            command.CancelOrders.ParticipantId.Length == 0 ? Guid.Empty : Wire.Id("participant_id", command.CancelOrders.ParticipantId),
            command.CancelOrders.Instrument, ToCore(command.CancelOrders.Side),
            command.CancelOrders.Reason switch
            {
                OrderCancelReason.Owner => CancelReason.Owner,
                OrderCancelReason.Disconnected => CancelReason.Disconnected,
                OrderCancelReason.MassCancel => CancelReason.MassCancel,
                _ => throw new MalformedCommandException("reason", "must be owner, disconnected or mass cancel."),
            }),
        Case.BustTrade => new Command.BustTrade(
            command.BustTrade.TradeId, Wire.Id("operator_id", command.BustTrade.OperatorId), command.BustTrade.Reason),
        _ => throw new MalformedCommandException("command", "names no command that this engine knows."),
    };

    /// <summary>An event as the feed tells it.</summary>
    public static EngineEvent ToProto(Event happened) => happened switch
    {
        Event.InstrumentDefined e => new EngineEvent
        {
            InstrumentDefined = new InstrumentDefined { InstrumentIndex = e.Index, Terms = ToProto(e.Terms), ReferenceTicks = e.Reference },
        },
        Event.AccountOpened e => new EngineEvent { AccountOpened = new AccountOpened { AccountIndex = e.Index, ParticipantId = e.Participant.ToString() } },
        Event.AccountLimited e => new EngineEvent
        {
            AccountLimited = new LimitAccount { ParticipantId = e.Participant.ToString(), Limits = ToProto(e.Limits) },
        },
        Event.OrdersHandled e => new EngineEvent { OrdersHandled = new OrdersHandled { Events = UnsafeByteOperations.UnsafeWrap(e.Events) } },
        Event.BustProposed e => new EngineEvent
        {
            BustProposed = new BustProposed
            {
                TradeId = e.Trade, OperatorId = e.Operator.ToString(), Reason = e.Reason, UntilTime = e.Until.ToTimestamp(),
            },
        },
        Event.TradeBusted e => new EngineEvent
        {
            TradeBusted = new TradeBusted
            {
                TradeId = e.Trade, ProposerId = e.Proposer.ToString(), ApproverId = e.Approver.ToString(), Reason = e.Reason,
            },
        },
        _ => throw new System.Diagnostics.UnreachableException($"No word for {happened}."),
    };

    private static V1.InstrumentTerms ToProto(CoreTerms terms) => new()
    {
        Name = terms.Name,
        TickValueMicros = terms.TickValueMicros,
        LotCountMax = terms.MostLots,
        NotionalMicrosMax = terms.MostNotionalMicros,
        PositionLotCountMax = terms.MostPosition,
        MarginMicrosPerLot = terms.MarginMicros,
        BandPpm = terms.BandPpm,
        BandTickCountMin = terms.BandFloorTicks,
        VelocityPpm = terms.VelocityPpm,
        VelocitySeconds = terms.VelocitySeconds,
        CallSeconds = terms.CallSeconds,
    };

    private static CoreTerms ToCore(V1.InstrumentTerms terms) => new(
        terms.Name, terms.TickValueMicros,
        terms.LotCountMax is >= 0 and <= uint.MaxValue
            ? (uint)terms.LotCountMax
            : throw new MalformedCommandException("lot_count_max", $"is {terms.LotCountMax}; it can be 1 to 1000000."),
        terms.NotionalMicrosMax, terms.PositionLotCountMax, terms.MarginMicrosPerLot, terms.BandPpm, terms.BandTickCountMin,
        terms.VelocityPpm, terms.VelocitySeconds, terms.CallSeconds);

    private static V1.AccountLimits ToProto(CoreLimits limits) => new()
    {
        MayTrade = limits.MayTrade,
        OrdersPerSecond = limits.OrdersPerSecond,
        OrderBurst = limits.Burst,
        OpenOrderCountMax = limits.MostOpenOrders,
    };

    private static CoreLimits ToCore(V1.AccountLimits limits) =>
        new(limits.MayTrade, limits.OrdersPerSecond, limits.OrderBurst, limits.OpenOrderCountMax);

    private static Phase ToCore(InstrumentPhase phase) => phase switch
    {
        InstrumentPhase.Closed => Phase.Closed,
        InstrumentPhase.OpeningCall => Phase.OpeningCall,
        InstrumentPhase.Continuous => Phase.Continuous,
        InstrumentPhase.ClosingCall => Phase.ClosingCall,
        InstrumentPhase.VolatilityCall => Phase.VolatilityCall,
        InstrumentPhase.Halted => Phase.Halted,
        _ => throw new MalformedCommandException("phase", "is missing."),
    };

    private static Side? ToCore(OrderSide side) => side switch
    {
        OrderSide.Unspecified => null,
        OrderSide.Buy => Side.Buy,
        OrderSide.Sell => Side.Sell,
        _ => throw new MalformedCommandException("side", "must be buy, sell, or unspecified for both."),
    };
}
