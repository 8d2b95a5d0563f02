using ComputeExchange.Values;
using ComputeExchange.Values.Ledger;

namespace ComputeExchange.Settlement.Domain;

/// <summary>Money on its way to a participant's bank: from which account, and the words that its transfers go by.</summary>
/// <param name="Id">The withdrawal's or payout's.</param>
/// <param name="IsPayout">Whether it pays a provider's earnings; else a withdrawal.</param>
public sealed record OutgoingMoney(Guid Id, bool IsPayout, Guid ParticipantId, Money Amount)
{
    /// <summary>What its transfers are caused by.</summary>
    public string Cause => IsPayout ? $"payout {Id}" : $"withdrawal {Id}";

    /// <summary>Where the money is before it leaves.</summary>
    public Account Source => IsPayout ? Account.Earnings(ParticipantId) : Account.Transit(ParticipantId);

    /// <summary>Set aside until the rail says what became of it.</summary>
    public Transfer SetAside(DateTimeOffset at) =>
        new(Source, Account.Bank, Amount, IsPayout ? TransferKinds.Payout : TransferKinds.Withdrawal, Cause, at) { Phase = TransferPhase.Pending };

    /// <summary>The rail paid it.</summary>
    public Transfer Paid(DateTimeOffset at) => SetAside(at).Posted(IsPayout ? TransferKinds.PayoutPaid : TransferKinds.WithdrawalPaid, at);

    /// <summary>The rail could not pay it.</summary>
    public Transfer Failed(DateTimeOffset at) => SetAside(at).Voided(IsPayout ? TransferKinds.PayoutFailed : TransferKinds.WithdrawalFailed, at);

    /// <summary>It was paid and came back.</summary>
    public Transfer Returned(DateTimeOffset at) =>
        new(Account.Bank, Source, Amount, IsPayout ? TransferKinds.PayoutReturned : TransferKinds.WithdrawalReturned, Cause, at);

    /// <summary>It was paid although the rail had said that it could not be: the participant has it twice and owes it.</summary>
    public Transfer PaidAfterAll(DateTimeOffset at) => new(
        Account.Receivable(ParticipantId), Account.Bank, Amount,
        IsPayout ? TransferKinds.PayoutPaidAfterAll : TransferKinds.WithdrawalPaidAfterAll, Cause, at);
}

/// <summary>Money that comes in over a rail, and what its transfers are.</summary>
/// <param name="Id">The deposit's.</param>
public sealed record IncomingMoney(Guid Id, Money Amount)
{
    /// <summary>How long what was announced is waited for.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromDays(7);

    private string Cause => $"deposit {Id}";

    /// <summary>To come from the bank, until it is there or its time is over.</summary>
    public Transfer Announced(Guid participant, DateTimeOffset at) =>
        new(Account.Bank, Account.Transit(participant), Amount, TransferKinds.DepositAnnounced, Cause, at)
        { Phase = TransferPhase.Pending, Expires = at + Patience };

    /// <summary>What was announced is there.</summary>
    public Transfer Arrived(Guid participant, DateTimeOffset at) => Announced(participant, at).Posted(TransferKinds.Deposit, at);

    /// <summary>What was announced does not come.</summary>
    public Transfer Failed(Guid participant, DateTimeOffset at) => Announced(participant, at).Voided(TransferKinds.DepositFailed, at);

    /// <summary>What was announced did not come in time.</summary>
    public Transfer Expired(Guid participant, DateTimeOffset at) =>
        Failed(participant, at) with { Phase = TransferPhase.Expire, Kind = TransferKinds.DepositExpired };

    /// <summary>It is there and was not announced.</summary>
    public Transfer Booked(Guid participant, DateTimeOffset at) =>
        new(Account.Bank, Account.Transit(participant), Amount, TransferKinds.Deposit, Cause, at);

    /// <summary>It is there and nobody is known whose it is.</summary>
    public Transfer Unmatched(DateTimeOffset at) => new(Account.Bank, Account.Suspense, Amount, TransferKinds.DepositUnmatched, Cause, at);

    /// <summary>Operators said whose it is.</summary>
    public Transfer Assigned(Guid participant, DateTimeOffset at) =>
        new(Account.Suspense, Account.Transit(participant), Amount, TransferKinds.DepositAssigned, Cause, at);

    /// <summary>The bank took it back: it was the participant's, who owes it now, or nobody's.</summary>
    public Transfer Reversed(Guid? participant, DateTimeOffset at) => new(
        participant is { } owner ? Account.Receivable(owner) : Account.Suspense, Account.Bank, Amount, TransferKinds.DepositReversed, Cause, at);
}

/// <summary>What is paid back of what participants owe.</summary>
public static class DebtPostings
{
    /// <summary>Out of money that left trading for it, or that could not enter it.</summary>
    public static Transfer FromTransit(Guid participant, Money amount, string cause, DateTimeOffset at) =>
        new(Account.Transit(participant), Account.Receivable(participant), amount, TransferKinds.DebtRecovered, cause, at);

    /// <summary>Out of earnings, before the rest is paid out.</summary>
    public static Transfer FromEarnings(Guid provider, Money amount, Guid payout, DateTimeOffset at) =>
        new(Account.Earnings(provider), Account.Receivable(provider), amount, TransferKinds.DebtRecovered, $"payout {payout}", at);
}
