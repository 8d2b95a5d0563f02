using System.CommandLine;
using System.Text.Json.Nodes;
using ComputeExchange.Cli.Output;
using ComputeExchange.Settlement.V1;

namespace ComputeExchange.Cli.Commands;

/// <summary><c>cx ledger</c>, <c>cx trial-balance</c> and <c>cx reconcile</c>: that no money was made or lost.</summary>
public static class LedgerCommands
{
    static readonly Sheet<TrialBalanceRow> Rows = new Sheet<TrialBalanceRow>("rows", "The ledger is empty.")
        .Text("Kind of account", "account_kind", row => row.AccountKind)
        .Count("Accounts", "account_count", row => row.AccountCount)
        .Money("Balance", "balance_micros", row => row.BalanceMicros)
        .Money("Set aside", "pending_out_micros", row => row.PendingOutMicros)
        .Money("To come", "pending_in_micros", row => row.PendingInMicros);

    static readonly Sheet<GetPaymentStatusResponse> Status = new Sheet<GetPaymentStatusResponse>("status", "")
        .Flag("Payments halted", "halted", status => status.Halted)
        .Time("Since", "halted_time", status => status.HaltedTime)
        .Time("Ledger compared", "compared_time", status => status.ComparedTime)
        .Number("At feed number", "feed_number", status => status.FeedNumber)
        .Number("Chain checked through transfer", "checked_transfer_id", status => status.CheckedTransferId)
        .Text("Payment rail", "rail", status => status.Rail)
        .Count("Withdrawals that wait for approval", "awaiting_approval_count", status => status.AwaitingApprovalCount)
        .Count("Deposits that nobody is known to own", "unmatched_count", status => status.UnmatchedCount)
        .Count("Payments on their way", "sent_count", status => status.SentCount);

    /// <summary><c>cx ledger</c>.</summary>
    public static Command Make() => CommandShape.Make("ledger", "The ledger as an auditor sees it: export, verify, compare.",
        LedgerFileCommands.MakeExport(),
        LedgerFileCommands.MakeVerify(),
        MakeStatus(),
        MakeReconcile(),
        MakeTrialBalance());

    /// <summary><c>cx trial-balance</c>.</summary>
    public static Command MakeTrialBalance() => CommandShape.Make("trial-balance", "Every kind of account with its total. Exit code 1 if they do not add up to zero.")
        .Does(async session =>
        {
            var reply = await session.Ask(cancel => session.Exchange.Settlement.GetTrialBalanceAsync(new GetTrialBalanceRequest(), cancellationToken: cancel));
            session.Print.Rows(Rows, reply.Rows);
            session.Print.Say($"Total {Show.Money(reply.TotalMicros)}");
            session.Print.Field("total_micros", reply.TotalMicros);
            return reply.TotalMicros == 0 ? 0 : 1;
        });

    /// <summary><c>cx reconcile</c>.</summary>
    public static Command MakeReconcile() => CommandShape.Make("reconcile", "Compare the ledger with itself and with the engine. Exit code 1 if anything disagrees.")
        .Does(async session =>
        {
            var reply = await session.Ask(cancel => session.Exchange.Settlement.ReconcileAsync(new ReconcileRequest(), cancellationToken: cancel));
            session.Print.Say(reply.Breaks.Count == 0
                ? $"{reply.CheckCount} checks at feed number {reply.FeedNumber}: all agree."
                : $"{reply.CheckCount} checks at feed number {reply.FeedNumber}: {reply.Breaks.Count} disagree.");
            foreach (var line in reply.Breaks) session.Print.Say(line);
            session.Print.Field("feed_number", reply.FeedNumber);
            session.Print.Field("check_count", reply.CheckCount);
            session.Print.Field("breaks", new JsonArray([.. reply.Breaks.Select(line => (JsonNode)line)]));
            return reply.Breaks.Count == 0 ? 0 : 1;
        });

    /// <summary>How far the ledger was compared and checked, and whether money may leave.</summary>
    static Command MakeStatus() => CommandShape.Make("status", "When the ledger was last compared, how far its chain was checked, and whether money may leave. Exit code 1 while payments are halted.")
        .Does(async session =>
        {
            var status = await session.Ask(cancel => session.Exchange.Payments.GetPaymentStatusAsync(new GetPaymentStatusRequest(), cancellationToken: cancel));
            session.Print.Card(Status, status);
            foreach (var reason in status.Reasons) session.Print.Say(reason);
            session.Print.Field("reasons", new JsonArray([.. status.Reasons.Select(reason => (JsonNode)reason)]));
            return status.Halted ? 1 : 0;
        });
}
