using System.Diagnostics;
using ComputeExchange.Hosting.Access;
using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.OrderBook.Entry;
using ComputeExchange.OrderBook.V1;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace ComputeExchange.OrderBook.Futures.Instruments;

/// <summary>What operators do with instruments, accounts and trades: each answered from what the engine decided, after it is journaled.</summary>
public sealed class OperateInstruments(EngineDoor engine)
{
    private const int ReasonLengthMax = 500;

    /// <summary>Lists a contract, or changes its terms.</summary>
    /// <exception cref="RpcException">A value is out of its range, the engine refused it, or it is away.</exception>
    public async Task<DefineInstrumentResponse> Define(DefineInstrumentRequest request, Caller caller, CancellationToken cancel)
    {
        var complaints = new Complaints();
        var requestId = complaints.Id("request_id", request.RequestId);
        if (request.Terms is null) complaints.Add("terms", "is missing: give all of the contract's terms.");
        else if (request.Terms.LotCountMax is < 1 or > 1_000_000) complaints.Add("terms.lot_count_max", $"is {request.Terms.LotCountMax}: it can be 1 to 1000000.");
        var reference = Reference(request.ReferenceTicks, complaints);
        complaints.ThrowIfAny();

        var answer = await engine.Ask(caller, requestId, new EngineCommand { DefineInstrument = new DefineInstrument { Terms = request.Terms, ReferenceTicks = reference } }, complaints, cancel);
        return new DefineInstrumentResponse { Instrument = Told(answer, happened => happened.InstrumentDefined) };
    }

    /// <summary>Opens, calls, halts or closes an instrument.</summary>
    /// <exception cref="RpcException">The phase cannot be, or the engine is away.</exception>
    public async Task<SetInstrumentPhaseResponse> SetPhase(SetInstrumentPhaseRequest request, Caller caller, CancellationToken cancel)
    {
        var complaints = new Complaints();
        var requestId = complaints.Id("request_id", request.RequestId);
        Name(request.Instrument, complaints);
        if (request.Phase is <= InstrumentPhase.Unspecified or > InstrumentPhase.Halted)
            complaints.Add("phase", "is missing: give INSTRUMENT_PHASE_CLOSED, _OPENING_CALL, _CONTINUOUS, _CLOSING_CALL or _HALTED.");
        var until = request.Phase is InstrumentPhase.OpeningCall or InstrumentPhase.ClosingCall ? complaints.Time("until_time", request.UntilTime) : null;
        complaints.ThrowIfAny();

        await engine.Ask(caller, requestId, new EngineCommand
        {
            SetPhase = new SetPhase { Instrument = request.Instrument, Phase = request.Phase, UntilTime = until?.ToTimestamp() },
        }, complaints, cancel);
        return new SetInstrumentPhaseResponse { Instrument = request.Instrument, Phase = request.Phase };
    }

    /// <summary>Sets a reference price.</summary>
    /// <exception cref="RpcException">The price cannot be, or the engine is away.</exception>
    public async Task<SetReferencePriceResponse> SetReference(SetReferencePriceRequest request, Caller caller, CancellationToken cancel)
    {
        var complaints = new Complaints();
        var requestId = complaints.Id("request_id", request.RequestId);
        Name(request.Instrument, complaints);
        var reference = Reference(request.ReferenceTicks, complaints);
        complaints.ThrowIfAny();

        await engine.Ask(caller, requestId, new EngineCommand { SetReference = new SetReference { Instrument = request.Instrument, ReferenceTicks = reference } }, complaints, cancel);
        return new SetReferencePriceResponse { Instrument = request.Instrument, ReferenceTicks = reference };
    }

    /// <summary>Says what an account may do; a participant that has none yet gets it.</summary>
    /// <exception cref="RpcException">A limit is out of its range, the participant is unknown, or the engine is away.</exception>
    public async Task<SetAccountLimitsResponse> Limit(SetAccountLimitsRequest request, Caller caller, CancellationToken cancel)
    {
        var complaints = new Complaints();
        var requestId = complaints.Id("request_id", request.RequestId);
        var participant = complaints.Id("participant_id", request.ParticipantId);
        if (request.Limits is null) complaints.Add("limits", "is missing: give all limits.");
        complaints.ThrowIfAny();

        var opening = new EngineCommand { OpenAccount = new OpenAccount { ParticipantId = participant.ToString() } };
        await engine.Ask(caller, EngineDoor.CommandId(participant, requestId), opening, complaints, cancel);
        var answer = await engine.Ask(caller, requestId, new EngineCommand
        {
            LimitAccount = new LimitAccount { ParticipantId = participant.ToString(), Limits = request.Limits },
        }, complaints, cancel);
        return new SetAccountLimitsResponse { Account = Told(answer, happened => happened.AccountLimited) };
    }

    /// <summary>Proposes that a trade be undone, or agrees to another operator's proposal.</summary>
    /// <exception cref="RpcException">It cannot be undone, the same operator proposed it, or the engine is away.</exception>
    public async Task<BustTradeResponse> Bust(BustTradeRequest request, Caller caller, CancellationToken cancel)
    {
        var complaints = new Complaints();
        var requestId = complaints.Id("request_id", request.RequestId);
        if (request.TradeId < 1) complaints.Add("trade_id", $"is {request.TradeId}: trades are numbered from 1.");
        if (request.Reason.Trim().Length is 0 or > ReasonLengthMax) complaints.Add("reason", $"has {request.Reason.Trim().Length} characters: give 1 to {ReasonLengthMax}, for the trail.");
        complaints.ThrowIfAny();

        var answer = await engine.Ask(caller, requestId, new EngineCommand
        {
            BustTrade = new BustTrade { TradeId = request.TradeId, OperatorId = caller.Participant.ToString(), Reason = request.Reason.Trim() },
        }, complaints, cancel);
        var proposed = answer.Events.Select(happened => happened.BustProposed).FirstOrDefault(told => told is not null);
        return new BustTradeResponse { TradeId = request.TradeId, Busted = proposed is null, UntilTime = proposed?.UntilTime };
    }

    private static void Name(string instrument, Complaints complaints)
    {
        if (instrument.Length == 0) complaints.Add("instrument", "is missing: ListInstruments has them.");
    }

    private static int Reference(long ticks, Complaints complaints)
    {
        if (ticks is >= 1 and <= int.MaxValue) return (int)ticks;
        complaints.Add("reference_ticks", $"is {ticks}: give the price in whole ticks, at least 1.");
        return 0;
    }

    private static T Told<T>(SubmitResponse answer, Func<EngineEvent, T?> what)
        where T : class => answer.Events.Select(what).FirstOrDefault(told => told is not null)
            ?? throw new UnreachableException($"Command {answer.CommandId} told no {typeof(T).Name} and was not refused.");
}
