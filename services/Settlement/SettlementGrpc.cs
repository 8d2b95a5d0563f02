using System.Diagnostics;
using ComputeExchange.Access.V1;
using ComputeExchange.Hosting;
using ComputeExchange.Hosting.Access;
using ComputeExchange.Settlement.Accounts;
using ComputeExchange.Settlement.Deposits;
using ComputeExchange.Settlement.Payments;
using ComputeExchange.Settlement.Rails;
using ComputeExchange.Settlement.Reconciliation;
using ComputeExchange.Settlement.V1;
using ComputeExchange.Settlement.Withdrawals;
using Grpc.Core;

namespace ComputeExchange.Settlement;

/// <summary>Settlement's door: it reads the request, calls, and replies.</summary>
public sealed class SettlementGrpc(
    BookDepositHandler bookDeposit,
    RequestWithdrawalHandler requestWithdrawal,
    ReadAccounts accounts,
    ReadPayments payments,
    RailBook rails,
    Reconciler reconciler) : SettlementService.SettlementServiceBase
{
    private const int PageStandard = 100;
    private const int PageMost = 1_000;

    /// <inheritdoc />
    public override async Task<DepositResponse> Deposit(DepositRequest request, ServerCallContext context)
    {
        var command = request.Parse(Caller.Of(context).Participant);
        return await bookDeposit.Handle(command, context.CancellationToken) switch
        {
            DepositOutcome.Booked booked => new DepositResponse { DepositId = booked.DepositId.ToString() },
            DepositOutcome.RequestIdReused => throw Reused("deposit"),
            var other => throw new UnreachableException($"No reply for {other}."),
        };
    }

    /// <inheritdoc />
    public override async Task<WithdrawResponse> Withdraw(WithdrawRequest request, ServerCallContext context)
    {
        var command = request.Parse(Caller.Of(context).Participant);
        return await requestWithdrawal.Handle(command, context.CancellationToken) switch
        {
            WithdrawalOutcome.Recorded recorded => new WithdrawResponse { Withdrawal = await payments.Explained(recorded.Withdrawal, context.CancellationToken) },
            WithdrawalOutcome.RequestIdReused => throw Reused("withdrawal"),
            WithdrawalOutcome.Refused refused => throw refused.ToRpcException(command, rails.InUse.UnitMicros),
            var other => throw new UnreachableException($"No reply for {other}."),
        };
    }

    /// <inheritdoc />
    public override async Task<GetWithdrawalResponse> GetWithdrawal(GetWithdrawalRequest request, ServerCallContext context)
    {
        var caller = Caller.Of(context);
        var id = Refuse.ParseId("withdrawal_id", request.WithdrawalId);
        var withdrawal = await accounts.Withdrawal(id, context.CancellationToken);
        if (withdrawal is null || (!caller.SeesAll && withdrawal.ParticipantId != caller.Participant))
            throw Refuse.NotFound($"There is no withdrawal {id} of yours.");
        return new GetWithdrawalResponse { Withdrawal = await payments.Explained(withdrawal, context.CancellationToken) };
    }

    /// <inheritdoc />
    public override async Task<GetAccountResponse> GetAccount(GetAccountRequest request, ServerCallContext context)
    {
        var caller = Caller.Of(context);
        return await accounts.Of(Named(request.ParticipantId, caller) ?? caller.Participant, context.CancellationToken);
    }

    /// <inheritdoc />
    public override async Task<ListTransfersResponse> ListTransfers(ListTransfersRequest request, ServerCallContext context)
    {
        var caller = Caller.Of(context);
        var whose = Named(request.ParticipantId, caller) ?? (caller.SeesAll ? null : caller.Participant);
        var (size, skip) = Refuse.ParsePage(request.PageSize, request.PageToken, PageStandard, PageMost);
        var transfers = await accounts.Transfers(whose, size, skip, context.CancellationToken);
        return new ListTransfersResponse
        {
            Transfers = { transfers.Select(Wire.ToProto) },
            NextPageToken = Refuse.NextPage(skip, size, transfers.Count),
        };
    }

    /// <inheritdoc />
    public override async Task<ListPayoutsResponse> ListPayouts(ListPayoutsRequest request, ServerCallContext context)
    {
        var caller = Caller.Of(context);
        var (size, skip) = Refuse.ParsePage(request.PageSize, request.PageToken, PageStandard, PageMost);
        var payouts = await payments.Payouts(caller.SeesAll ? null : caller.Participant, size, skip, context.CancellationToken);
        return new ListPayoutsResponse
        {
            Payouts = { payouts },
            NextPageToken = Refuse.NextPage(skip, size, payouts.Count),
        };
    }

    /// <inheritdoc />
    public override Task<GetTrialBalanceResponse> GetTrialBalance(GetTrialBalanceRequest request, ServerCallContext context) =>
        accounts.TrialBalance(context.CancellationToken);

    /// <inheritdoc />
    public override async Task<ReconcileResponse> Reconcile(ReconcileRequest request, ServerCallContext context)
    {
        var (feedNumber, findings) = await reconciler.Compare(context.CancellationToken);
        return new ReconcileResponse { FeedNumber = feedNumber, CheckCount = findings.Checks, Breaks = { findings.Breaks.Select(found => found.Text) } };
    }

    /// <summary>The participant a request names; null where it names none. Others than the caller are for those who see all.</summary>
    private static Guid? Named(string participantId, Caller caller)
    {
        if (participantId.Length == 0) return null;
        var id = Refuse.ParseId("participant_id", participantId);
        return caller.SeesAll || id == caller.Participant ? id : throw Refuse.Denied("These are another participant's accounts; leave participant_id empty for your own.");
    }

    private static RpcException Reused(string thing) =>
        Refuse.Exists("REQUEST_ID_REUSED", $"This request_id stands for another {thing}; give a new {thing} a new one.", "request_id");
}
