using ComputeExchange.Client;
using ComputeExchange.Facts.Hearing;
using ComputeExchange.Facts.Settlement.V1;
using ComputeExchange.MatchingEngine.V1;
using Google.Protobuf;

namespace ComputeExchange.Participants.Audit;

/// <summary>Notes what operators had the engine do: settings, markets, instruments, accounts' limits, and trades undone.</summary>
/// <remarks>Where the feed does not say which operator it was, the actor is the engine.</remarks>
public sealed class RecordEngineActs(AuditLog audit) : IReadFeed
{
    private static readonly JsonFormatter Json =
        new(JsonFormatter.Settings.Default.WithFormatDefaultValues(true).WithPreserveProtoFieldNames(true));

    /// <inheritdoc />
    public bool Heeds(EngineEvent.EventOneofCase kind) =>
        kind is EngineEvent.EventOneofCase.SettingsChanged or EngineEvent.EventOneofCase.MarketDefined
            or EngineEvent.EventOneofCase.InstrumentDefined or EngineEvent.EventOneofCase.AccountLimited
            or EngineEvent.EventOneofCase.BustProposed or EngineEvent.EventOneofCase.TradeBusted;

    /// <inheritdoc />
    public Task Apply(FeedEntry entry, CancellationToken cancel) => entry.Event switch
    {
        { SettingsChanged: { } settings } => Add(entry, "settings changed", settings, cancel),
        { MarketDefined: { } market } => Add(entry, "market defined", market, cancel),
        { InstrumentDefined: { } instrument } => Add(entry, "instrument defined", instrument, cancel),
        { AccountLimited: { } account } => Add(entry, "account limited", account, cancel),
        { BustProposed: { } proposed } => Add(entry, "bust proposed", proposed, cancel, proposed.OperatorId),
        { TradeBusted: { } busted } => Add(entry, "trade busted", busted, cancel, busted.ApproverId),
        _ => Task.CompletedTask,
    };

    private Task Add(FeedEntry entry, string act, IMessage detail, CancellationToken cancel, string actor = ServiceNames.MatchingEngine) =>
        audit.Add(entry.HappenedTime.ToDateTimeOffset(), actor, act, Json.Format(detail), cancel);
}

/// <summary>Notes the deposits that operators booked.</summary>
public sealed class RecordDeposit(AuditLog audit) : IHear<DepositBooked>
{
    /// <inheritdoc />
    public Task Hear(DepositBooked happened, DateTimeOffset at, CancellationToken cancel) => audit.AddHeard(
        at, happened.OperatorId.ToString(), "deposit booked",
        new { happened.DepositId, happened.ParticipantId, happened.AmountMicros }, cancel);
}

/// <summary>Notes what operators did about money: approvals, proposals, halts, files for the bank.</summary>
public sealed class RecordMoneyAct(AuditLog audit) : IHear<OperatorActed>
{
    /// <inheritdoc />
    public Task Hear(OperatorActed happened, DateTimeOffset at, CancellationToken cancel) =>
        audit.Add(at, happened.OperatorId.ToString(), happened.Act, happened.Detail, cancel);
}

/// <summary>Notes what operators did about nodes and deliveries: suspensions, decisions of disputes.</summary>
public sealed class RecordRegistryAct(AuditLog audit) : IHear<Facts.ProviderRegistry.V1.OperatorActed>
{
    /// <inheritdoc />
    public Task Hear(Facts.ProviderRegistry.V1.OperatorActed happened, DateTimeOffset at, CancellationToken cancel) =>
        audit.Add(at, happened.OperatorId.ToString(), happened.Act, happened.Detail, cancel);
}

/// <summary>Notes the payouts that Settlement made.</summary>
public sealed class RecordPayout(AuditLog audit) : IHear<PayoutMade>
{
    /// <inheritdoc />
    public Task Hear(PayoutMade happened, DateTimeOffset at, CancellationToken cancel) => audit.AddHeard(
        at, ServiceNames.Settlement, "payout made",
        new { happened.PayoutId, happened.ProviderId, happened.AmountMicros }, cancel);
}
