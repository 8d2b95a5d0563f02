using System.Diagnostics;
using ComputeExchange.Hosting;
using ComputeExchange.Settlement.Deposits;
using ComputeExchange.Settlement.Storage;
using ComputeExchange.Settlement.V1;
using ComputeExchange.Settlement.Withdrawals;
using ComputeExchange.Values;
using Google.Protobuf.WellKnownTypes;

namespace ComputeExchange.Settlement;

/// <summary>Requests as they come over the wire into commands, every wrong field named, and rows into replies.</summary>
internal static class Wire
{
    private const long DepositMost = 1_000_000_000_000_000;
    private const int DestinationLength = 100;

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
        if (string.IsNullOrWhiteSpace(request.Destination)) wrong.Add(("destination", "is missing: give the bank's reference."));
        else if (request.Destination.Length > DestinationLength)
            wrong.Add(("destination", $"has {request.Destination.Length} characters; it can have {DestinationLength}."));
        else if (request.Destination.Any(char.IsControl)) wrong.Add(("destination", "has control characters; give letters, digits and signs."));
        if (wrong.Count > 0) throw Refuse.Fields(wrong);
        return new RequestWithdrawal(participantId, requestId, new Money(request.AmountMicros), request.Destination);
    }

    public static Withdrawal ToProto(this WithdrawalRow row) => new()
    {
        WithdrawalId = row.Id.ToString(),
        AmountMicros = row.AmountMicros,
        Destination = row.Destination,
        State = row.State switch
        {
            WithdrawalRow.Pending => WithdrawalState.Pending,
            WithdrawalRow.Paid => WithdrawalState.Paid,
            WithdrawalRow.Refused => WithdrawalState.Refused,
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
    };

    public static Payout ToProto(PayoutRow row) => new()
    {
        PayoutId = row.Id.ToString(),
        ProviderId = row.ProviderId.ToString(),
        AmountMicros = row.AmountMicros,
        PaidTime = row.PaidTime.ToTimestamp(),
    };

    private static Guid Id(string field, string value, List<(string, string)> wrong)
    {
        if (Guid.TryParse(value, out var id) && id != Guid.Empty) return id;
        wrong.Add((field, value.Length == 0 ? "is missing: give a UUID." : $"'{value}' is not a UUID."));
        return Guid.Empty;
    }
}
