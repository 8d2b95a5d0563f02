using System.Diagnostics;
using ComputeExchange.Hosting;
using ComputeExchange.Settlement.Deposits;
using ComputeExchange.Settlement.Domain;
using ComputeExchange.Settlement.Storage;
using ComputeExchange.Settlement.V1;
using ComputeExchange.Settlement.Withdrawals;
using ComputeExchange.Values;
using ComputeExchange.Values.Ledger;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Transfer = ComputeExchange.Settlement.V1.Transfer;

namespace ComputeExchange.Settlement;

/// <summary>Requests as they come over the wire into commands, every wrong field named, and rows into replies.</summary>
internal static class Wire
{
    private const long DepositMost = 1_000_000_000_000_000;

    public static BookDeposit Parse(this DepositRequest request, Guid operatorId)
    {
        var wrong = new List<(string, string)>();
        var requestId = Id("request_id", request.RequestId, wrong);
        var participantId = Id("participant_id", request.ParticipantId, wrong);
        if (request.AmountMicros is <= 0 or > DepositMost)
            wrong.Add(("amount_micros", $"is {request.AmountMicros}; it can be 1 to {DepositMost} millionths of a dollar."));
        if (wrong.Count > 0) throw Refuse.Fields(wrong);
        return new BookDeposit(operatorId, requestId, participantId, new Money(request.AmountMicros));
    }

    public static RequestWithdrawal Parse(this WithdrawRequest request, Guid participantId)
    {
        var wrong = new List<(string, string)>();
        var requestId = Id("request_id", request.RequestId, wrong);
        if (request.AmountMicros <= 0) wrong.Add(("amount_micros", $"is {request.AmountMicros}; it must be at least 1 millionth of a dollar."));
        var destinationId = Id("destination_id", request.DestinationId, wrong);
        if (wrong.Count > 0) throw Refuse.Fields(wrong);
        return new RequestWithdrawal(participantId, requestId, new Money(request.AmountMicros), destinationId);
    }

    public static Withdrawal ToProto(WithdrawalRow row, IReadOnlyList<Guid> approvedBy, PaymentRulesRow rules) => new()
    {
        WithdrawalId = row.Id.ToString(),
        AmountMicros = row.AmountMicros,
        DestinationId = row.DestinationId.ToString(),
        ParticipantId = row.ParticipantId.ToString(),
        Explanation = Explain.Withdrawal(row, approvedBy.Count, rules),
        ApprovedBy = { approvedBy.Select(id => id.ToString()) },
        State = row.State switch
        {
            WithdrawalRow.Pending => WithdrawalState.Pending,
            WithdrawalRow.Paid => WithdrawalState.Paid,
            WithdrawalRow.Refused => WithdrawalState.Refused,
            WithdrawalRow.AwaitingApproval => WithdrawalState.AwaitingApproval,
            WithdrawalRow.Ready => WithdrawalState.Ready,
            WithdrawalRow.Sent => WithdrawalState.Sent,
            WithdrawalRow.Failed => WithdrawalState.Failed,
            WithdrawalRow.Reversed => WithdrawalState.Reversed,
            WithdrawalRow.Rejected => WithdrawalState.Rejected,
            var other => throw new UnreachableException($"A withdrawal cannot be {other}."),
        },
        RequestedTime = row.RequestedTime.ToTimestamp(),
    };

    public static Transfer ToProto(TransferRow row) => new()
    {
        TransferId = row.Number,
        DebitAccount = row.DebitAccount,
        CreditAccount = row.CreditAccount,
        AmountMicros = row.AmountMicros,
        Kind = row.Kind,
        Cause = row.Cause,
        HappenedTime = row.HappenedTime.ToTimestamp(),
        Phase = row.Phase switch
        {
            TransferPhase.Direct => "direct",
            TransferPhase.Pending => "pending",
            TransferPhase.Post => "post",
            TransferPhase.Void => "void",
            TransferPhase.Expire => "expire",
            var other => throw new UnreachableException($"A transfer cannot be {other}."),
        },
        PendingTransferId = row.PendingNumber ?? 0,
        RecordedTime = row.RecordedTime.ToTimestamp(),
        Hash = Convert.ToHexStringLower(row.Hash),
    };

    /// <param name="row">The payout.</param>
    /// <param name="payment">How it stands; null for those that were made before rails were.</param>
    /// <param name="rules">Whether money may leave.</param>
    public static Payout ToProto(PayoutRow row, PaymentRow? payment, PaymentRulesRow rules) => new()
    {
        PayoutId = row.Id.ToString(),
        ProviderId = row.ProviderId.ToString(),
        AmountMicros = row.AmountMicros,
        PaidTime = row.PaidTime.ToTimestamp(),
        State = payment?.State ?? PaymentRow.Paid,
        Explanation = payment is null ? "" : Explain.Payment(payment.State, payment.Explanation, rules),
    };

    public static RpcException ToRpcException(this WithdrawalOutcome.Refused refused, RequestWithdrawal command, long unitMicros) => refused.Reason switch
    {
        WithdrawalRefusal.DestinationUnknown => Refuse.Rule(
            "DESTINATION_UNKNOWN", "You have no such payment destination; add it, or wait a moment if you just did.", "destination_id"),
        WithdrawalRefusal.DestinationRemoved => Refuse.Rule("DESTINATION_REMOVED", "You took this destination out of use; name another.", "destination_id"),
        WithdrawalRefusal.DestinationCooling => Refuse.Rule(
            "DESTINATION_COOLING", $"A new destination waits before money goes there; this one can be used from {refused.UsableFrom:yyyy-MM-dd HH:mm:ss} UTC on.", "destination_id"),
        WithdrawalRefusal.AmountNotPayable => Refuse.Field("amount_micros", $"is {command.Amount.Micros}; the bank moves multiples of {new Money(unitMicros)} ({unitMicros} micro-dollars)."),
        WithdrawalRefusal.OverSingleLimit => Refuse.Rule("OVER_SINGLE_LIMIT", $"One withdrawal can be at most {refused.Limits.PerWithdrawal}; ask for less.", "amount_micros"),
        WithdrawalRefusal.OverDailyLimit => Refuse.Rule(
            "OVER_DAILY_LIMIT", $"In 24 hours at most {refused.Limits.PerDay} can be withdrawn, and {refused.Withdrawn} were asked for; ask for less, or later.", "amount_micros"),
        WithdrawalRefusal.MoneyOwed => Refuse.Rule(
            "MONEY_OWED", $"{refused.Owed} are owed to the exchange, for money that the bank took back, or for corrected deliveries; nothing can be withdrawn until they are paid."),
        var other => throw new UnreachableException($"No reply for {other}."),
    };

    public static Guid Id(string field, string value, List<(string, string)> wrong)
    {
        if (Guid.TryParse(value, out var id) && id != Guid.Empty) return id;
        wrong.Add((field, value.Length == 0 ? "is missing: give a UUID." : $"'{value}' is not a UUID."));
        return Guid.Empty;
    }
}
