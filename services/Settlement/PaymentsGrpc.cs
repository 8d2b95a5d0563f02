using System.Diagnostics;
using ComputeExchange.Access.V1;
using ComputeExchange.Hosting;
using ComputeExchange.Hosting.Access;
using ComputeExchange.Settlement.Deposits;
using ComputeExchange.Settlement.Domain;
using ComputeExchange.Settlement.Payments;
using ComputeExchange.Settlement.Proposals;
using ComputeExchange.Settlement.Rails;
using ComputeExchange.Settlement.Storage;
using ComputeExchange.Settlement.V1;
using ComputeExchange.Settlement.Withdrawals;
using ComputeExchange.Values;
using Grpc.Core;

namespace ComputeExchange.Settlement;

/// <summary>The door of money coming in and going out: it reads the request, calls, and replies.</summary>
public sealed class PaymentsGrpc(
    ReadPayments read,
    ApproveWithdrawalHandler approve,
    RejectWithdrawalHandler reject,
    ProposeHandler propose,
    ApproveProposalHandler approveProposal,
    HaltPaymentsHandler halt,
    ApplyRailEventsHandler applyEvents,
    RecoverDebts debts,
    SettlementDb db,
    ImportBankStatementHandler importStatement,
    ExportBankPaymentsHandler exportPayments,
    RailBook rails,
    RailSecrets secrets,
    TimeProvider clock) : PaymentsService.PaymentsServiceBase
{
    private const int PageStandard = 100;
    private const int PageMost = 1_000;
    private const int MessageMost = 1024 * 1024;
    private const int StatementMost = 5 * 1024 * 1024;

    /// <inheritdoc />
    public override async Task<GetPaymentInstructionsResponse> GetPaymentInstructions(GetPaymentInstructionsRequest request, ServerCallContext context) => new()
    {
        Reference = DepositReference.Of(Caller.Of(context).Participant).ToString(),
        Rail = rails.InUse.Name,
        Limits = (await read.Rules(context.CancellationToken)).ToProto(),
    };

    /// <inheritdoc />
    public override async Task<ListDepositsResponse> ListDeposits(ListDepositsRequest request, ServerCallContext context)
    {
        var caller = Caller.Of(context);
        if (request.Unmatched && !caller.SeesAll) throw Refuse.Denied("Only operators and auditors see deposits that are nobody's.");
        var (size, skip) = Refuse.ParsePage(request.PageSize, request.PageToken, PageStandard, PageMost);
        var deposits = await read.Deposits(caller.SeesAll ? null : caller.Participant, request.Unmatched, size, skip, context.CancellationToken);
        return new ListDepositsResponse { Deposits = { deposits.Select(PaymentsWire.ToProto) }, NextPageToken = Refuse.NextPage(skip, size, deposits.Count) };
    }

    /// <inheritdoc />
    public override async Task<ListWithdrawalsResponse> ListWithdrawals(ListWithdrawalsRequest request, ServerCallContext context)
    {
        var caller = Caller.Of(context);
        var (size, skip) = Refuse.ParsePage(request.PageSize, request.PageToken, PageStandard, PageMost);
        var withdrawals = await read.Withdrawals(
            caller.SeesAll ? null : caller.Participant, request.AwaitingApproval, size, skip, context.CancellationToken);
        return new ListWithdrawalsResponse { Withdrawals = { withdrawals }, NextPageToken = Refuse.NextPage(skip, size, withdrawals.Count) };
    }

    /// <inheritdoc />
    public override async Task<ApproveWithdrawalResponse> ApproveWithdrawal(ApproveWithdrawalRequest request, ServerCallContext context)
    {
        var id = Refuse.ParseId("withdrawal_id", request.WithdrawalId);
        var outcome = await approve.Handle(Caller.Of(context).Participant, id, new Money(request.AmountMicros), context.CancellationToken);
        return new ApproveWithdrawalResponse { Withdrawal = await Reviewed(id, outcome, context.CancellationToken) };
    }

    /// <inheritdoc />
    public override async Task<RejectWithdrawalResponse> RejectWithdrawal(RejectWithdrawalRequest request, ServerCallContext context)
    {
        var id = Refuse.ParseId("withdrawal_id", request.WithdrawalId);
        var reason = PaymentsWire.ParseText("reason", request.Reason, 200);
        var outcome = await reject.Handle(Caller.Of(context).Participant, id, reason, context.CancellationToken);
        return new RejectWithdrawalResponse { Withdrawal = await Reviewed(id, outcome, context.CancellationToken) };
    }

    /// <inheritdoc />
    public override async Task<ProposeResponse> Propose(ProposeRequest request, ServerCallContext context)
    {
        var now = clock.GetUtcNow();
        var (requestId, proposed) = request.Parse(DateOnly.FromDateTime(now.UtcDateTime));
        var outcome = await propose.Handle(Caller.Of(context).Participant, requestId, proposed, context.CancellationToken);
        return new ProposeResponse { Proposal = PaymentsWire.ToProto(Standing(outcome), now) };
    }

    /// <inheritdoc />
    public override async Task<ApproveProposalResponse> ApproveProposal(ApproveProposalRequest request, ServerCallContext context)
    {
        var id = Refuse.ParseId("proposal_id", request.ProposalId);
        if (request.Hash.Length == 0) throw Refuse.Field("hash", "is missing: give the proposal's, so that what you approve is what you read.");
        var outcome = await approveProposal.Handle(Caller.Of(context).Participant, id, request.Hash, context.CancellationToken);
        return new ApproveProposalResponse { Proposal = PaymentsWire.ToProto(Standing(outcome), clock.GetUtcNow()) };
    }

    /// <inheritdoc />
    public override async Task<ListProposalsResponse> ListProposals(ListProposalsRequest request, ServerCallContext context)
    {
        var (size, skip) = Refuse.ParsePage(request.PageSize, request.PageToken, PageStandard, PageMost);
        var proposals = await read.Proposals(size, skip, context.CancellationToken);
        var now = clock.GetUtcNow();
        return new ListProposalsResponse
        {
            Proposals = { proposals.Select(proposal => PaymentsWire.ToProto(proposal, now)) },
            NextPageToken = Refuse.NextPage(skip, size, proposals.Count),
        };
    }

    /// <inheritdoc />
    public override Task<GetPaymentStatusResponse> GetPaymentStatus(GetPaymentStatusRequest request, ServerCallContext context) =>
        read.Status(context.CancellationToken);

    /// <inheritdoc />
    public override async Task<HaltPaymentsResponse> HaltPayments(HaltPaymentsRequest request, ServerCallContext context)
    {
        var reason = PaymentsWire.ParseText("reason", request.Reason, 500);
        await halt.Handle(Caller.Of(context).Participant, reason, context.CancellationToken);
        return new HaltPaymentsResponse();
    }

    /// <inheritdoc />
    public override async Task<DeliverRailEventsResponse> DeliverRailEvents(DeliverRailEventsRequest request, ServerCallContext context)
    {
        if (request.Body.Length is 0 or > MessageMost) throw Refuse.Field("body", $"has {request.Body.Length} bytes; it can have 1 to {MessageMost}.");
        if (!secrets.IsSigned(request.Rail, request.Body.Span, request.Signature)) throw Refuse.Denied("The signature is not that of a rail of this exchange.");
        var events = RailMessage.Read(request.Rail, request.Body.Span, out var wrong);
        if (wrong.Count > 0) throw Refuse.Fields([.. wrong.Select(one => ("body", one))]);

        var outcome = await applyEvents.Handle(events, context.CancellationToken);
        await Recover(outcome, context.CancellationToken);
        if (outcome.Conflicts.Count > 0)
            throw Refuse.Exists("RAIL_EVENT_CONFLICT", $"These events came before with another content: {string.Join(", ", outcome.Conflicts)}. The others are applied.", "body");
        return new DeliverRailEventsResponse { AppliedCount = outcome.Applied, RepeatedCount = outcome.Repeated };
    }

    /// <inheritdoc />
    public override async Task<ImportBankStatementResponse> ImportBankStatement(ImportBankStatementRequest request, ServerCallContext context)
    {
        if (request.Csv.Length is 0 or > StatementMost) throw Refuse.Field("csv", $"has {request.Csv.Length} characters; it can have 1 to {StatementMost}.");
        var outcome = await importStatement.Handle(Caller.Of(context).Participant, request.Csv, context.CancellationToken);
        switch (outcome)
        {
            case ImportOutcome.Wrong wrong:
                throw Refuse.Fields([.. wrong.Lines.Select(line => ("csv", line))]);
            case ImportOutcome.Conflict conflict:
                throw Refuse.Exists(
                    "RAIL_EVENT_CONFLICT",
                    $"These entries were booked before with another content: {string.Join(", ", conflict.EntryIds)}. Ask the bank which is right.", "csv");
            case ImportOutcome.Booked { Events: var events }:
                await Recover(events, context.CancellationToken);
                return new ImportBankStatementResponse { AppliedCount = events.Applied, RepeatedCount = events.Repeated, UnmatchedCount = events.Unmatched };
            default:
                throw new UnreachableException($"No reply for {outcome}.");
        }
    }

    /// <inheritdoc />
    public override async Task<ExportBankPaymentsResponse> ExportBankPayments(ExportBankPaymentsRequest request, ServerCallContext context)
    {
        if (request.FileNumber < 0) throw Refuse.Field("file_number", $"is {request.FileNumber}; it can be an earlier file's, or 0 for a new file.");
        return await exportPayments.Handle(Caller.Of(context).Participant, request.FileNumber, context.CancellationToken) switch
        {
            ExportOutcome.Made { File: var file } => new ExportBankPaymentsResponse { FileNumber = file.Number, Csv = file.Csv, PaymentCount = file.Count },
            ExportOutcome.NotFound => throw Refuse.NotFound($"There is no file {request.FileNumber}."),
            ExportOutcome.Halted halted => throw Refuse.Rule("PAYMENTS_HALTED", $"No money may leave: {halted.Reason}"),
            var other => throw new UnreachableException($"No reply for {other}."),
        };
    }

    /// <summary>What is owed since is asked for at once; what is not free now, the clock asks for again.</summary>
    private async Task Recover(RailEventsOutcome outcome, CancellationToken cancel)
    {
        if (outcome.Owing.Count == 0) return;
        await debts.Ask(outcome.Owing, $"when it was taken back, {clock.GetUtcNow():O}", cancel);
        await db.SaveChangesAsync(cancel);
    }

    private async Task<Withdrawal> Reviewed(Guid id, ReviewOutcome outcome, CancellationToken cancel) => outcome switch
    {
        ReviewOutcome.Stands stands => await read.Explained(stands.Withdrawal, cancel),
        ReviewOutcome.NotFound => throw Refuse.NotFound($"There is no withdrawal {id}."),
        ReviewOutcome.AmountDiffers differs => throw Refuse.Rule(
            "AMOUNT_DIFFERS", $"The withdrawal is for {differs.Amount} ({differs.Amount.Micros} micro-dollars); approve that or reject it.", "amount_micros"),
        ReviewOutcome.NotWaiting waiting => throw Refuse.Rule("NOT_AWAITING_APPROVAL", $"The withdrawal does not wait for operators: it is {waiting.State}."),
        var other => throw new UnreachableException($"No reply for {other}."),
    };

    private static ProposalRow Standing(ProposalOutcome outcome) => outcome switch
    {
        ProposalOutcome.Stands stands => stands.Proposal,
        ProposalOutcome.RequestIdReused => throw Refuse.Exists("REQUEST_ID_REUSED", "This request_id stands for another proposal; give a new proposal a new one.", "request_id"),
        ProposalOutcome.NotFound => throw Refuse.NotFound("There is no such proposal; cx proposals lists them."),
        ProposalOutcome.HashDiffers => throw Refuse.Rule("HASH_DIFFERS", "The hash is not this proposal's: read it again and approve what it says.", "hash"),
        ProposalOutcome.OwnProposal => throw Refuse.Rule("OWN_PROPOSAL", "You proposed it: another operator must approve it."),
        ProposalOutcome.Expired expired => throw Refuse.Rule("PROPOSAL_EXPIRED", $"Its time was over at {expired.At:yyyy-MM-dd HH:mm:ss} UTC: propose it again."),
        ProposalOutcome.Done => throw Refuse.Rule("PROPOSAL_DONE", "Another operator approved it; it took effect."),
        ProposalOutcome.Impossible impossible => throw Refuse.Rule(impossible.Reason, impossible.Message),
        var other => throw new UnreachableException($"No reply for {other}."),
    };
}
