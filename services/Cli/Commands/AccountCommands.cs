using System.CommandLine;
using ComputeExchange.Cli.Output;
using ComputeExchange.Cli.Words;
using ComputeExchange.Settlement.V1;

namespace ComputeExchange.Cli.Commands;

/// <summary><c>cx account</c>: money; <c>cx deposit</c>: what the bank brought.</summary>
public static class AccountCommands
{
    static readonly Argument<string?> Whose = CommandShape.Optional("participant", "Whose, by UUID; operators and auditors only. Default: your own.");
    static readonly Argument<string> Participant = CommandShape.Needed("participant", "Whose, by UUID.");
    static readonly Argument<string> Amount = CommandShape.Needed("amount", "How much, in dollars, for example 250.00.");

    static readonly Sheet<GetAccountResponse> Account = new Sheet<GetAccountResponse>("account", "")
        .Text("Participant", "participant_id", account => account.ParticipantId)
        .Money("Tradable", "collateral_micros", account => account.CollateralMicros)
        .Money("  free", "free_micros", account => account.FreeMicros)
        .Money("  reserved", "reserved_micros", account => account.ReservedMicros)
        .Money("  bonds", "bond_micros", account => account.BondMicros)
        .Money("Escrow of leases", "escrow_micros", account => account.EscrowMicros)
        .Money("Earned, not paid out", "earnings_micros", account => account.EarningsMicros)
        .Money("On its way", "transit_micros", account => account.TransitMicros)
        .Money("Set aside for payments", "set_aside_micros", account => account.SetAsideMicros)
        .Money("Owed to the exchange", "owed_micros", account => account.OwedMicros);

    static readonly Sheet<AmountReason> Reasons = new Sheet<AmountReason>("reasons", "The accounts are empty.")
        .Text("Balance", "balance", reason => reason.Balance.Replace('_', ' '))
        .Money("Amount", "amount_micros", reason => reason.AmountMicros)
        .Text("Why", "text", reason => reason.Text)
        .Text("Cause", "cause", reason => reason.Cause);

    static readonly Sheet<Transfer> Transfers = new Sheet<Transfer>("transfers", "No transfers.")
        .Number("Transfer", "transfer_id", transfer => transfer.TransferId)
        .Time("When", "happened_time", transfer => transfer.HappenedTime)
        .Text("What", "kind", transfer => transfer.Kind)
        .Money("Amount", "amount_micros", transfer => transfer.AmountMicros)
        .Text("From", "debit_account", transfer => transfer.DebitAccount)
        .Text("To", "credit_account", transfer => transfer.CreditAccount)
        .Text("Cause", "cause", transfer => transfer.Cause);

    static readonly Sheet<Payout> Payouts = new Sheet<Payout>("payouts", "No payouts.")
        .Text("Payout", "payout_id", payout => payout.PayoutId)
        .Text("Provider", "provider_id", payout => payout.ProviderId)
        .Money("Amount", "amount_micros", payout => payout.AmountMicros)
        .Time("Paid", "paid_time", payout => payout.PaidTime);

    /// <summary><c>cx account</c>.</summary>
    public static Command Make() => CommandShape.Make("account", "Balances and why each is what it is; statements, documents, transfers, payouts.", Whose,
            StatementCommand.Make(),
            DocumentCommands.MakeList(),
            DocumentCommands.Make(),
            FeesCommand.Make(),
            CommandShape.Make("transfers", "Transfers, newest first.", Whose, States.Most).Does(ListTransfers),
            CommandShape.Make("payouts", "Payouts, newest first.", States.Most).Does(ListPayouts))
        .Does(async session =>
        {
            var request = new GetAccountRequest { ParticipantId = Of(session) };
            var account = await session.Ask(cancel => session.Exchange.Settlement.GetAccountAsync(request, cancellationToken: cancel));
            session.Print.Card(Account, account);
            session.Print.Rows(Reasons, account.Reasons);
        });

    /// <summary><c>cx deposit</c>.</summary>
    public static Command MakeDeposit() => CommandShape.Make("deposit", "Book a deposit that the bank reported (operators).", Participant, Amount, CommandShape.RequestId)
        .Does(async session =>
        {
            var id = IdWords.Request(session.Line.GetValue(CommandShape.RequestId));
            var amount = MoneyWords.Amount("amount", session.Line.GetRequiredValue(Amount));
            var whose = IdWords.Uuid("participant", session.Line.GetRequiredValue(Participant));
            var request = new DepositRequest { RequestId = id, ParticipantId = whose, AmountMicros = amount.Micros };
            var reply = await session.Ask(cancel => session.Exchange.Settlement.DepositAsync(request, cancellationToken: cancel));
            session.Print.Say($"deposit {reply.DepositId} of {amount} for {whose} booked (request {id})");
            session.Print.Field("deposit_id", reply.DepositId);
            session.Print.Field("amount_micros", amount.Micros);
            session.Print.Field("request_id", id);
        });

    static string Of(Session session) => session.Line.GetValue(Whose) is { } whose ? IdWords.Uuid("participant", whose) : "";

    static async Task ListTransfers(Session session)
    {
        var (whose, most) = (Of(session), session.Line.GetValue(States.Most));
        session.Print.Rows(Transfers, await Session.Pages<Transfer>(async token =>
        {
            var request = new ListTransfersRequest { ParticipantId = whose, PageSize = most is > 0 and < 1000 ? most : 1000, PageToken = token };
            var reply = await session.Ask(cancel => session.Exchange.Settlement.ListTransfersAsync(request, cancellationToken: cancel));
            return (reply.Transfers, reply.NextPageToken);
        }, most));
    }

    static async Task ListPayouts(Session session)
    {
        var most = session.Line.GetValue(States.Most);
        session.Print.Rows(Payouts, await Session.Pages<Payout>(async token =>
        {
            var request = new ListPayoutsRequest { PageSize = most is > 0 and < 1000 ? most : 1000, PageToken = token };
            var reply = await session.Ask(cancel => session.Exchange.Settlement.ListPayoutsAsync(request, cancellationToken: cancel));
            return (reply.Payouts, reply.NextPageToken);
        }, most));
    }
}
