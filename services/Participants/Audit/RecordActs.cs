using ComputeExchange.Client;
using ComputeExchange.Facts.Hearing;
using ComputeExchange.Facts.Settlement.V1;
using ComputeExchange.MatchingEngine.V1;
using Google.Protobuf;

namespace ComputeExchange.Participants.Audit;

/// <summary>Notes what operators had the engine do: settings and markets.</summary>
/// <remarks>The feed does not say which operator it was; the actor is the engine.</remarks>
public sealed class RecordEngineActs(AuditLog audit) : IReadFeed
{
    private static readonly JsonFormatter Json =
        new(JsonFormatter.Settings.Default.WithFormatDefaultValues(true).WithPreserveProtoFieldNames(true));

    /// <inheritdoc />
    public bool Heeds(EngineEvent.EventOneofCase kind) =>
        kind is EngineEvent.EventOneofCase.SettingsChanged or EngineEvent.EventOneofCase.MarketDefined;

    /// <inheritdoc />
    public Task Apply(FeedEntry entry, CancellationToken cancel) => entry.Event switch
    {
        { SettingsChanged: { } settings } => Add(entry, "settings changed", settings, cancel),
        { MarketDefined: { } market } => Add(entry, "market defined", market, cancel),
        _ => Task.CompletedTask,
    };

    private Task Add(FeedEntry entry, string act, IMessage detail, CancellationToken cancel) =>
        audit.Add(entry.HappenedTime.ToDateTimeOffset(), ServiceNames.MatchingEngine, act, Json.Format(detail), cancel);
}

/// <summary>Notes the deposits that operators booked.</summary>
public sealed class RecordDeposit(AuditLog audit) : IHear<DepositBooked>
{
    /// <inheritdoc />
    public Task Hear(DepositBooked happened, DateTimeOffset at, CancellationToken cancel) => audit.AddHeard(
        at, happened.OperatorId.ToString(), "deposit booked",
        new { happened.DepositId, happened.ParticipantId, happened.AmountMicros }, cancel);
}

/// <summary>Notes the payouts that Settlement made.</summary>
public sealed class RecordPayout(AuditLog audit) : IHear<PayoutMade>
{
    /// <inheritdoc />
    public Task Hear(PayoutMade happened, DateTimeOffset at, CancellationToken cancel) => audit.AddHeard(
        at, ServiceNames.Settlement, "payout made",
        new { happened.PayoutId, happened.ProviderId, happened.AmountMicros }, cancel);
}
