using System.Security.Cryptography;
using System.Text;
using ComputeExchange.Access.V1;
using ComputeExchange.Client;
using ComputeExchange.Settlement.Domain;
using ComputeExchange.Settlement.Rails;
using ComputeExchange.Settlement.V1;
using ComputeExchange.Values;
using Google.Protobuf;
using Grpc.Core;
using Shouldly;
using Xunit;

namespace ComputeExchange.Settlement.Tests;

/// <summary>Deposits, withdrawals and what needs two operators, called over the wire by people with roles.</summary>
public sealed class PaymentDoorTests(SettlementWithBankFiles wire) : IClassFixture<SettlementWithBankFiles>
{
    private const string Header = "entry_id,booked_on,amount,currency,reference,kind";

    private readonly Guid _annId = Guid.NewGuid();
    private readonly PaymentsService.PaymentsServiceClient _olga = wire.PaymentsAs(Guid.NewGuid(), Role.Operator);
    private readonly PaymentsService.PaymentsServiceClient _otto = wire.PaymentsAs(Guid.NewGuid(), Role.Operator);

    private PaymentsService.PaymentsServiceClient Ann => wire.PaymentsAs(_annId, Role.Buyer);

    [Fact]
    public async Task Money_comes_in_by_the_banks_statement_and_leaves_by_a_file_for_the_bank()
    {
        var destination = await Begin();
        var reference = (await Ann.GetPaymentInstructionsAsync(new GetPaymentInstructionsRequest())).Reference;
        var line = $"{Header}\n{_annId:N},2026-03-02,1000.00,USD,\"Invoice, {reference}\",credit\n";
        (await Import(line)).ShouldSatisfyAllConditions(r => r.AppliedCount.ShouldBe(1), r => r.UnmatchedCount.ShouldBe(0));
        (await Import(line)).ShouldSatisfyAllConditions(r => r.AppliedCount.ShouldBe(0), r => r.RepeatedCount.ShouldBe(1));
        await Until(async () => (await Account()).FreeMicros == 1_000_000_000);
        (await Ann.ListDepositsAsync(new ListDepositsRequest())).Deposits.ShouldHaveSingleItem().ShouldSatisfyAllConditions(
            d => d.State.ShouldBe(DepositState.Booked), d => d.Rail.ShouldBe("csv"));

        var asked = await Withdraw(destination, 250_000_000);
        await Until(async () => (await State(asked)) == WithdrawalState.Ready);
        var file = await _olga.ExportBankPaymentsAsync(new ExportBankPaymentsRequest());
        file.Csv.ShouldContain($"{asked},250.00,USD,Ann Smith,IBAN,DE89370400440532013000,COBADEFFXXX,CX {asked}");
        (await State(asked)).ShouldBe(WithdrawalState.Sent);
        (await _otto.ExportBankPaymentsAsync(new ExportBankPaymentsRequest { FileNumber = file.FileNumber })).ShouldBe(file);
        (await _olga.ExportBankPaymentsAsync(new ExportBankPaymentsRequest())).FileNumber.ShouldBe(0);

        await Import($"{Header}\nout {asked},2026-03-03,250.00,USD,CX {asked},debit_settled\n");
        (await State(asked)).ShouldBe(WithdrawalState.Paid);
        await Import($"{Header}\nback {asked},2026-03-04,250.00,USD,CX {asked},debit_returned\n");
        (await State(asked)).ShouldBe(WithdrawalState.Reversed);
        await Until(async () => (await Account()).FreeMicros == 1_000_000_000);

        // What the bank takes back is asked of the engine at once.
        await Import($"{Header}\nreversed {_annId:N},2026-03-05,1000.00,USD,{_annId:N},credit_reversed\n");
        await Until(async () => (await Account()) is { CollateralMicros: 0, TransitMicros: 0, OwedMicros: 0 });
    }

    [Fact]
    public async Task A_payment_whose_destination_is_forgotten_fails_when_the_file_is_made()
    {
        var destination = await Begin(500);
        var asked = await Withdraw(destination, 100_000_000);
        await Until(async () => (await State(asked)) == WithdrawalState.Ready);
        wire.ForgetDestination(Guid.Parse(destination));
        (await _olga.ExportBankPaymentsAsync(new ExportBankPaymentsRequest())).Csv.ShouldNotContain(asked);
        var failed = (await Ann.ListWithdrawalsAsync(new ListWithdrawalsRequest())).Withdrawals.ShouldHaveSingleItem();
        (failed.State, failed.Explanation).ShouldBe((WithdrawalState.Failed, "The destination was taken out of use before the money left."));
        await Until(async () => (await Account()).FreeMicros == 500_000_000);
    }

    [Fact]
    public async Task A_statement_with_wrong_lines_books_nothing_and_names_each()
    {
        var failure = await Refused(() => _olga.ImportBankStatementAsync(new ImportBankStatementRequest
        {
            Csv = $"{Header}\nx1,2026-03-02,5.00,USD,a,credit\nx2,yesterday,5.00,USD,a,credit\nx3,2026-03-02,-5,USD,a,credit\nx4,2026-03-02,5,EUR,a,credit\nx5,2026-03-02,5,USD,a,refund\nx6,2026-03-02\n",
        }), StatusCode.InvalidArgument, "", "csv", "csv", "csv", "csv", "csv");
        failure.Fields.Select(field => field.Description[..5]).ShouldBe(["row 3", "row 4", "row 5", "row 6", "row 7"]);
        (await _olga.ListDepositsAsync(new ListDepositsRequest { Unmatched = true })).Deposits.ShouldNotContain(d => d.RailReference == "x1");
        await Refused(() => _olga.ImportBankStatementAsync(new ImportBankStatementRequest { Csv = "id,amount\n" }), StatusCode.InvalidArgument, "", "csv");

        await Import($"{Header}\ny1,2026-03-02,5.00,USD,for Ann,credit\n");
        await Refused(() => _olga.ImportBankStatementAsync(new ImportBankStatementRequest { Csv = $"{Header}\ny2,2026-03-02,5.00,USD,a,credit\ny1,2026-03-02,6.00,USD,for Ann,credit\n" }),
            StatusCode.AlreadyExists, "RAIL_EVENT_CONFLICT");
        var unmatched = (await _olga.ListDepositsAsync(new ListDepositsRequest { Unmatched = true })).Deposits;
        unmatched.ShouldNotContain(d => d.RailReference == "y2");
        unmatched.Single(d => d.RailReference == "y1").ParticipantId.ShouldBe("");
    }

    [Fact]
    public async Task A_rail_is_heard_when_it_signs_what_it_says()
    {
        await Begin();
        var body = RailMessage.Write([new RailEvent(
            "test", $"{_annId}", RailSays.DepositSettled, null, DepositReference.Of(_annId).ToString(), $"in {_annId}", new Money(7_000_000), Books.Start)]);
        var signature = Convert.ToHexStringLower(HMACSHA256.HashData(SettlementOnTheWire.RailSecret, body));
        var anyone = wire.PaymentsAsAnyone();
        await Refused(() => Deliver(body, signature[..63] + (signature[63] == '0' ? '1' : '0')), StatusCode.PermissionDenied, "ACCESS_DENIED");
        await Refused(() => Deliver(body, ""), StatusCode.PermissionDenied, "ACCESS_DENIED");
        await Refused(() => Deliver(body, signature, "csv"), StatusCode.PermissionDenied, "ACCESS_DENIED");
        await Refused(() => Deliver([], signature), StatusCode.InvalidArgument, "", "body");
        foreach (var wrong in (string[])["[]", "{", """{"events":[{"id":"1","kind":"paid"}]}""", """{"events":[{"id":"1","kind":"payment settled","rail_reference":"r","amount_micros":1,"happened_time":"2026-03-02T10:00:00Z"}]}"""])
        {
            var bytes = Encoding.UTF8.GetBytes(wrong);
            await Refused(() => Deliver(bytes, Convert.ToHexStringLower(HMACSHA256.HashData(SettlementOnTheWire.RailSecret, bytes))), StatusCode.InvalidArgument, "", "body");
        }
        (await Deliver(body, signature)).AppliedCount.ShouldBe(1);
        (await Deliver(body, signature)).RepeatedCount.ShouldBe(1);
        await Until(async () => (await Account()).FreeMicros == 7_000_000);

        AsyncUnaryCall<DeliverRailEventsResponse> Deliver(byte[] bytes, string signed, string rail = "test") =>
            anyone.DeliverRailEventsAsync(new DeliverRailEventsRequest { Rail = rail, Body = ByteString.CopyFrom(bytes), Signature = signed });
    }

    [Fact]
    public async Task Two_operators_halt_propose_and_resume()
    {
        await _olga.HaltPaymentsAsync(new HaltPaymentsRequest { Reason = "the bank called" });
        (await _otto.GetPaymentStatusAsync(new GetPaymentStatusRequest())).ShouldSatisfyAllConditions(
            s => s.Halted.ShouldBeTrue(), s => s.Reasons.ShouldContain("the bank called"), s => s.Rail.ShouldBe("csv"));
        await Refused(() => _olga.ExportBankPaymentsAsync(new ExportBankPaymentsRequest()), StatusCode.FailedPrecondition, "PAYMENTS_HALTED");

        var proposal = (await _olga.ProposeAsync(new ProposeRequest { RequestId = NewId(), Resume = new ResumePayments { Explanation = "it was about something else" } })).Proposal;
        (proposal.State, proposal.Kind).ShouldBe((ProposalState.Open, "resume payments"));
        await Refused(() => Approve(_olga, proposal, proposal.Hash), StatusCode.FailedPrecondition, "OWN_PROPOSAL");
        await Refused(() => Approve(_otto, proposal, new string('0', 64)), StatusCode.FailedPrecondition, "HASH_DIFFERS");
        await Refused(() => Approve(_otto, proposal, ""), StatusCode.InvalidArgument, "", "hash");
        (await Approve(_otto, proposal, proposal.Hash)).Proposal.State.ShouldBe(ProposalState.Done);
        (await _otto.GetPaymentStatusAsync(new GetPaymentStatusRequest())).Halted.ShouldBeFalse();
        (await wire.PaymentsAs(Guid.NewGuid(), Role.Auditor).ListProposalsAsync(new ListProposalsRequest())).Proposals.ShouldContain(one => one.ProposalId == proposal.ProposalId);
        await Refused(() => _olga.ProposeAsync(new ProposeRequest { RequestId = NewId(), Resume = new ResumePayments { Explanation = "again" } }), StatusCode.FailedPrecondition, "NOT_HALTED");
    }

    [Fact]
    public async Task Bad_requests_are_told_every_field_that_is_wrong()
    {
        await Refused(() => _olga.ProposeAsync(new ProposeRequest()), StatusCode.InvalidArgument, "", "request_id", "what");
        await Refused(() => _olga.ProposeAsync(new ProposeRequest { RequestId = "1", SetLimits = new PaymentLimits { SingleMicros = -1 } }),
            StatusCode.InvalidArgument, "", "request_id", "set_limits.single_micros", "set_limits.approval_micros");
        await Refused(() => _olga.ProposeAsync(new ProposeRequest { RequestId = NewId(), AssignDeposit = new AssignDeposit() }),
            StatusCode.InvalidArgument, "", "assign_deposit.deposit_id", "assign_deposit.participant_id");
        await Refused(() => _olga.HaltPaymentsAsync(new HaltPaymentsRequest { Reason = " " }), StatusCode.InvalidArgument, "", "reason");
        await Refused(() => _olga.RejectWithdrawalAsync(new RejectWithdrawalRequest { WithdrawalId = NewId(), Reason = new string('x', 201) }), StatusCode.InvalidArgument, "", "reason");
        await Refused(() => _olga.ApproveWithdrawalAsync(new ApproveWithdrawalRequest { WithdrawalId = "7" }), StatusCode.InvalidArgument, "", "withdrawal_id");
        await Refused(() => _olga.ApproveWithdrawalAsync(new ApproveWithdrawalRequest { WithdrawalId = NewId(), AmountMicros = 1 }), StatusCode.NotFound, "NOT_FOUND");
        await Refused(() => _olga.ExportBankPaymentsAsync(new ExportBankPaymentsRequest { FileNumber = 999 }), StatusCode.NotFound, "NOT_FOUND");
        await Refused(() => _olga.ExportBankPaymentsAsync(new ExportBankPaymentsRequest { FileNumber = -1 }), StatusCode.InvalidArgument, "", "file_number");
        await Refused(() => Ann.ListWithdrawalsAsync(new ListWithdrawalsRequest { PageSize = 1_001 }), StatusCode.InvalidArgument, "", "page_size");
    }

    [Fact]
    public async Task Nobody_sees_or_does_what_is_operators_or_anothers()
    {
        var destination = await Begin(10);
        var asked = await Withdraw(destination, 1_000_000);
        (await wire.PaymentsAs(Guid.NewGuid(), Role.Buyer).ListWithdrawalsAsync(new ListWithdrawalsRequest())).Withdrawals.ShouldBeEmpty();
        (await _olga.ListWithdrawalsAsync(new ListWithdrawalsRequest())).Withdrawals.ShouldContain(w => w.WithdrawalId == asked);
        await Refused(() => Ann.ListDepositsAsync(new ListDepositsRequest { Unmatched = true }), StatusCode.PermissionDenied, "ACCESS_DENIED");
        await Refused(() => Ann.ApproveWithdrawalAsync(new ApproveWithdrawalRequest()), StatusCode.PermissionDenied, "ACCESS_DENIED");
        await Refused(() => Ann.HaltPaymentsAsync(new HaltPaymentsRequest()), StatusCode.PermissionDenied, "ACCESS_DENIED");
        await Refused(() => Ann.GetPaymentStatusAsync(new GetPaymentStatusRequest()), StatusCode.PermissionDenied, "ACCESS_DENIED");
        await Refused(() => wire.PaymentsAs(Guid.NewGuid(), Role.Auditor).ProposeAsync(new ProposeRequest()), StatusCode.PermissionDenied, "ACCESS_DENIED");
        await Refused(() => wire.As(Guid.NewGuid(), Role.Buyer).WithdrawAsync(new WithdrawRequest { RequestId = NewId(), AmountMicros = 10_000, DestinationId = destination }),
            StatusCode.FailedPrecondition, "DESTINATION_UNKNOWN");
        var cooling = wire.AddDestination(_annId, TimeSpan.FromMinutes(1)).ToString();
        await Until(async () => (await Reason(cooling, 10_000)) == "DESTINATION_COOLING");
        (await Reason(destination, 10_001)).ShouldBe("");
    }

    /// <summary>Ann is admitted, has a destination that can be used, and so many dollars.</summary>
    private async Task<string> Begin(int dollars = 0)
    {
        wire.Admit(_annId);
        var destination = wire.AddDestination(_annId).ToString();
        await Until(async () => (await Reason(destination, long.MaxValue - (long.MaxValue % 10_000))) == "OVER_SINGLE_LIMIT");
        if (dollars == 0) return destination;
        await wire.As(Guid.NewGuid(), Role.Operator).DepositAsync(
            new DepositRequest { RequestId = NewId(), ParticipantId = _annId.ToString(), AmountMicros = dollars * Money.MicrosPerDollar });
        await Until(async () => (await Account()).FreeMicros == dollars * Money.MicrosPerDollar);
        return destination;
    }

    private async Task<string> Reason(string destination, long micros) => RpcFailure.From(await Should.ThrowAsync<RpcException>(async () =>
        await wire.As(_annId, Role.Buyer).WithdrawAsync(new WithdrawRequest { RequestId = NewId(), AmountMicros = micros, DestinationId = destination }))).Reason;

    private async Task<string> Withdraw(string destination, long micros) => (await wire.As(_annId, Role.Buyer).WithdrawAsync(
        new WithdrawRequest { RequestId = NewId(), AmountMicros = micros, DestinationId = destination })).Withdrawal.WithdrawalId;

    private async Task<WithdrawalState> State(string id) =>
        (await Ann.ListWithdrawalsAsync(new ListWithdrawalsRequest())).Withdrawals.Single(w => w.WithdrawalId == id).State;

    private async Task<GetAccountResponse> Account() => await wire.As(_annId, Role.Buyer).GetAccountAsync(new GetAccountRequest());

    private async Task<ImportBankStatementResponse> Import(string csv) => await _olga.ImportBankStatementAsync(new ImportBankStatementRequest { Csv = csv });

    private static AsyncUnaryCall<ApproveProposalResponse> Approve(PaymentsService.PaymentsServiceClient who, Proposal proposal, string hash) =>
        who.ApproveProposalAsync(new ApproveProposalRequest { ProposalId = proposal.ProposalId, Hash = hash });

    private static async Task Until(Func<Task<bool>> condition)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            TimeProvider.System.GetElapsedTime(started).ShouldBeLessThan(TimeSpan.FromSeconds(30));
            await Task.Delay(20);
        }
    }

    private static async Task<RpcFailure> Refused<T>(Func<AsyncUnaryCall<T>> call, StatusCode code, string reason, params string[] fields)
    {
        var failure = RpcFailure.From(await Should.ThrowAsync<RpcException>(async () => await call()));
        (failure.Code, failure.Reason).ShouldBe((code, reason));
        failure.Fields.Select(field => field.Field).ShouldBe(fields);
        return failure;
    }

    private static string NewId() => Guid.NewGuid().ToString();
}
