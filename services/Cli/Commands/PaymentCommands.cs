using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using ComputeExchange.Cli.Output;
using ComputeExchange.Cli.Words;
using ComputeExchange.Settlement.V1;

namespace ComputeExchange.Cli.Commands;

/// <summary><c>cx withdraw</c>, <c>cx withdrawals</c>, <c>cx deposits</c> and <c>cx payments</c>: money that comes in and goes out.</summary>
public static class PaymentCommands
{
    static readonly Argument<string> Amount = CommandShape.Needed("amount", "How much, in dollars, for example 250.00.");
    static readonly Option<string> To = CommandShape.Required("--to", "UUID", "Where to: one of your destinations (cx destinations).");
    static readonly Option<bool> Unmatched = new("--unmatched") { Description = "Only those that nobody is known to own (operators)." };
    static readonly Option<bool> Awaiting = new("--awaiting-approval") { Description = "Only those that wait for operators." };
    static readonly Argument<string> Id = CommandShape.Needed("withdrawal", "The withdrawal, by UUID.");
    static readonly Option<string> Approved = CommandShape.Required("--amount", "DOLLARS", "The amount that you approve; it must be the withdrawal's.");
    static readonly Option<string> Why = CommandShape.Required("--reason", "TEXT", "Why.");
    static readonly Option<string?> Out = CommandShape.May("-o", "FILE", "Where to write the file. Default: print it.");
    static readonly Option<long> Number = CommandShape.Whole<long>("--number", "N", "An earlier file, again.");
    static readonly Argument<string> Statement = CommandShape.Needed("file", "The bank's statement: CSV with entry_id,booked_on,amount,currency,reference,kind.");

    static readonly Sheet<Withdrawal> Withdrawals = new Sheet<Withdrawal>("withdrawals", "No withdrawals.")
        .Text("Withdrawal", "withdrawal_id", withdrawal => withdrawal.WithdrawalId)
        .Text("Participant", "participant_id", withdrawal => withdrawal.ParticipantId)
        .Money("Amount", "amount_micros", withdrawal => withdrawal.AmountMicros)
        .Text("To", "destination_id", withdrawal => withdrawal.DestinationId)
        .Word("State", "state", withdrawal => withdrawal.State)
        .Time("Asked for", "requested_time", withdrawal => withdrawal.RequestedTime)
        .Text("Why", "explanation", withdrawal => withdrawal.Explanation);

    static readonly Sheet<DepositRecord> Deposits = new Sheet<DepositRecord>("deposits", "No deposits.")
        .Text("Deposit", "deposit_id", deposit => deposit.DepositId)
        .Text("Participant", "participant_id", deposit => deposit.ParticipantId)
        .Money("Amount", "amount_micros", deposit => deposit.AmountMicros)
        .Word("State", "state", deposit => deposit.State)
        .Text("Rail", "rail", deposit => deposit.Rail)
        .Text("The bank's name for it", "rail_reference", deposit => deposit.RailReference)
        .Time("Heard of", "booked_time", deposit => deposit.BookedTime);

    static readonly Sheet<GetPaymentStatusResponse> StatusSheet = new Sheet<GetPaymentStatusResponse>("status", "")
        .Flag("Halted", "halted", status => status.Halted)
        .Time("Since", "halted_time", status => status.HaltedTime)
        .Text("Rail", "rail", status => status.Rail)
        .Money("Most at once", "single_micros", status => status.Limits.SingleMicros)
        .Money("Most in 24 hours", "daily_micros", status => status.Limits.DailyMicros)
        .Money("Two operators from", "approval_micros", status => status.Limits.ApprovalMicros)
        .Number("A new destination waits, minutes", "cooling_minutes", status => status.Limits.CoolingMinutes)
        .Count("Withdrawals that wait for approval", "awaiting_approval_count", status => status.AwaitingApprovalCount)
        .Count("Deposits that nobody is known to own", "unmatched_count", status => status.UnmatchedCount)
        .Count("Payments on their way", "sent_count", status => status.SentCount)
        .Time("Ledger compared", "compared_time", status => status.ComparedTime);

    /// <summary><c>cx withdraw</c>.</summary>
    public static Command MakeWithdraw() =>
        CommandShape.Make("withdraw", "Ask for your money to leave the exchange.", Amount, To, CommandShape.RequestId).Does(Withdraw);

    /// <summary><c>cx withdrawals</c>.</summary>
    public static Command MakeWithdrawals() => CommandShape.Make("withdrawals", "Withdrawals, newest first, and what they wait for.", Awaiting, States.Most,
            CommandShape.Make("approve", "Let a large withdrawal go (two operators must).", Id, Approved).Does(Approve),
            CommandShape.Make("reject", "Turn a large withdrawal down (operators).", Id, Why).Does(Reject))
        .Does(ListWithdrawals);

    /// <summary><c>cx deposits</c>.</summary>
    public static Command MakeDeposits() => CommandShape.Make("deposits", "Deposits, newest first.", Unmatched, States.Most,
            CommandShape.Make("how", "How to pay in: the reference to name, and the limits of withdrawals.").Does(Instructions))
        .Does(ListDeposits);

    /// <summary><c>cx payments</c>.</summary>
    public static Command Make() => CommandShape.Make("payments", "Money in and out, for operators: status, halt, and the bank's files.",
        CommandShape.Make("status", "Whether money may leave, why not, and what waits. Exit code 1 while it may not.").Does(Status),
        CommandShape.Make("halt", "Stop all money from leaving. To resume: cx proposals propose resume.", Why).Does(Halt),
        CommandShape.Make("export", "Make the bank's file of the payments that are ready.", Out, Number).Does(Export),
        CommandShape.Make("import", "Book the bank's statement; again does nothing.", Statement).Does(Import));

    static async Task Withdraw(Session session)
    {
        var id = IdWords.Request(session.Line.GetValue(CommandShape.RequestId));
        var amount = MoneyWords.Amount("amount", session.Line.GetRequiredValue(Amount));
        var request = new WithdrawRequest { RequestId = id, AmountMicros = amount.Micros, DestinationId = IdWords.Uuid("--to", session.Line.GetRequiredValue(To)) };
        var withdrawal = (await session.Ask(cancel => session.Exchange.Settlement.WithdrawAsync(request, cancellationToken: cancel))).Withdrawal;
        Done(session, withdrawal, $"withdrawal {withdrawal.WithdrawalId} of {amount} {Show.Word(withdrawal.State)} (request {id})");
        session.Print.Field("request_id", id);
    }

    static async Task ListWithdrawals(Session session)
    {
        var (awaiting, most) = (session.Line.GetValue(Awaiting), session.Line.GetValue(States.Most));
        session.Print.Rows(Withdrawals, await Session.Pages<Withdrawal>(async token =>
        {
            var request = new ListWithdrawalsRequest { AwaitingApproval = awaiting, PageSize = Size(most), PageToken = token };
            var reply = await session.Ask(cancel => session.Exchange.Payments.ListWithdrawalsAsync(request, cancellationToken: cancel));
            return (reply.Withdrawals, reply.NextPageToken);
        }, most));
    }

    static async Task Approve(Session session)
    {
        var amount = MoneyWords.Amount("--amount", session.Line.GetRequiredValue(Approved));
        var request = new ApproveWithdrawalRequest { WithdrawalId = IdWords.Uuid("withdrawal", session.Line.GetRequiredValue(Id)), AmountMicros = amount.Micros };
        var withdrawal = (await session.Ask(cancel => session.Exchange.Payments.ApproveWithdrawalAsync(request, cancellationToken: cancel))).Withdrawal;
        Done(session, withdrawal, $"withdrawal {withdrawal.WithdrawalId} of {amount} approved by {withdrawal.ApprovedBy.Count} of 2, {Show.Word(withdrawal.State)}");
    }

    static async Task Reject(Session session)
    {
        var request = new RejectWithdrawalRequest { WithdrawalId = IdWords.Uuid("withdrawal", session.Line.GetRequiredValue(Id)), Reason = session.Line.GetRequiredValue(Why) };
        var withdrawal = (await session.Ask(cancel => session.Exchange.Payments.RejectWithdrawalAsync(request, cancellationToken: cancel))).Withdrawal;
        Done(session, withdrawal, $"withdrawal {withdrawal.WithdrawalId} {Show.Word(withdrawal.State)}");
    }

    static async Task ListDeposits(Session session)
    {
        var (unmatched, most) = (session.Line.GetValue(Unmatched), session.Line.GetValue(States.Most));
        session.Print.Rows(Deposits, await Session.Pages<DepositRecord>(async token =>
        {
            var request = new ListDepositsRequest { Unmatched = unmatched, PageSize = Size(most), PageToken = token };
            var reply = await session.Ask(cancel => session.Exchange.Payments.ListDepositsAsync(request, cancellationToken: cancel));
            return (reply.Deposits, reply.NextPageToken);
        }, most));
    }

    static async Task Instructions(Session session)
    {
        var reply = await session.Ask(cancel => session.Exchange.Payments.GetPaymentInstructionsAsync(new GetPaymentInstructionsRequest(), cancellationToken: cancel));
        session.Print.Say($"Name {reply.Reference} in the transfer: by it the money is known for yours.");
        session.Print.Say(
            $"A withdrawal can be at most {Show.Money(reply.Limits.SingleMicros)}, in 24 hours {Show.Money(reply.Limits.DailyMicros)}; "
            + $"from {Show.Money(reply.Limits.ApprovalMicros)} on two operators look at it; a new destination waits {reply.Limits.CoolingMinutes} minutes.");
        session.Print.Field("reference", reply.Reference);
        session.Print.Field("rail", reply.Rail);
    }

    static async Task<int> Status(Session session)
    {
        var status = await session.Ask(cancel => session.Exchange.Payments.GetPaymentStatusAsync(new GetPaymentStatusRequest(), cancellationToken: cancel));
        session.Print.Card(StatusSheet, status);
        foreach (var reason in status.Reasons) session.Print.Say(reason);
        session.Print.Field("reasons", new JsonArray([.. status.Reasons.Select(reason => (JsonNode)reason)]));
        return status.Halted ? 1 : 0;
    }

    static async Task Halt(Session session)
    {
        var request = new HaltPaymentsRequest { Reason = session.Line.GetRequiredValue(Why) };
        await session.Ask(cancel => session.Exchange.Payments.HaltPaymentsAsync(request, cancellationToken: cancel));
        session.Print.Say("payments halted; to resume: cx proposals propose resume --explanation TEXT, and another operator approves");
    }

    static async Task Export(Session session)
    {
        var request = new ExportBankPaymentsRequest { FileNumber = session.Line.GetValue(Number) };
        var reply = await session.Ask(cancel => session.Exchange.Payments.ExportBankPaymentsAsync(request, cancellationToken: cancel));
        session.Print.Field("file_number", reply.FileNumber);
        session.Print.Field("payment_count", reply.PaymentCount);
        if (reply.FileNumber == 0)
        {
            session.Print.Say("no payment is ready; no file was made");
            return;
        }
        if (session.Line.GetValue(Out) is { } path)
        {
            try
            {
                await File.WriteAllTextAsync(path, reply.Csv, session.Cancel);
            }
            catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
            {
                throw new InputException($"-o: {path} could not be written ({fault.Message}); the payments are sent: cx payments export --number {reply.FileNumber} -o FILE makes the file again.");
            }
            session.Print.Say(string.Create(CultureInfo.InvariantCulture, $"file {reply.FileNumber} with {reply.PaymentCount} payments written to {path}"));
        }
        else if (session.Print.IsJson) session.Print.Field("csv", reply.Csv);
        else await session.Print.Output.WriteAsync(reply.Csv);
    }

    static async Task Import(Session session)
    {
        var path = session.Line.GetRequiredValue(Statement);
        string csv;
        try
        {
            csv = await File.ReadAllTextAsync(path, session.Cancel);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"file: {path} cannot be read: {fault.Message}", exitCode: 2);
        }
        var reply = await session.Ask(cancel => session.Exchange.Payments.ImportBankStatementAsync(new ImportBankStatementRequest { Csv = csv }, cancellationToken: cancel));
        session.Print.Say($"{reply.AppliedCount} lines booked, {reply.RepeatedCount} known, {reply.UnmatchedCount} of the booked without a participant or payment");
        session.Print.Field("applied_count", reply.AppliedCount);
        session.Print.Field("repeated_count", reply.RepeatedCount);
        session.Print.Field("unmatched_count", reply.UnmatchedCount);
    }

    static void Done(Session session, Withdrawal withdrawal, string sentence)
    {
        session.Print.Say(sentence);
        if (withdrawal.Explanation.Length > 0) session.Print.Say(withdrawal.Explanation);
        if (session.Print.IsJson) session.Print.Card(Withdrawals, withdrawal);
    }

    static int Size(int most) => most is > 0 and < 1000 ? most : 1000;
}
