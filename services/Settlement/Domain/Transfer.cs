using ComputeExchange.Values;
using ComputeExchange.Values.Ledger;

namespace ComputeExchange.Settlement.Domain;

/// <summary>An amount from one account to another. Its cause and kind together are its key: the ledger takes it once.</summary>
/// <param name="Debit">The account it is taken from.</param>
/// <param name="Credit">The account it is given to.</param>
/// <param name="Amount">Above 0.</param>
/// <param name="Kind">What it is: one of <see cref="TransferKinds"/>.</param>
/// <param name="Cause">What caused it, for example <c>feed 812</c> or <c>lease 55 slot 3</c>.</param>
/// <param name="Happened">When, by the exchange's clock.</param>
/// <param name="FeedNumber">The entry of the engine's feed that moved it; null where it was not the engine.</param>
public sealed record Transfer(
    Account Debit, Account Credit, Money Amount, string Kind, string Cause, DateTimeOffset Happened, long? FeedNumber = null)
{
    /// <summary>What it does to the balances: moves at once, or sets aside, or ends what was set aside.</summary>
    public TransferPhase Phase { get; init; } = TransferPhase.Direct;

    /// <summary>For one that ends a pending transfer, that one's key; null otherwise.</summary>
    public TransferKey? Ends { get; init; }

    /// <summary>For a pending transfer, when it is freed if nobody ends it before; null: never.</summary>
    public DateTimeOffset? Expires { get; init; }

    /// <summary>By what the ledger knows it.</summary>
    public TransferKey Key => new(Cause, Kind);

    /// <summary>The transfer that moves what this pending one set aside, or a part of it; the rest is free again.</summary>
    public Transfer Posted(string kind, DateTimeOffset happened, Money? part = null) =>
        Ending(TransferPhase.Post, kind, happened) with { Amount = part ?? Amount };

    /// <summary>The transfer that frees what this pending one set aside.</summary>
    public Transfer Voided(string kind, DateTimeOffset happened) => Ending(TransferPhase.Void, kind, happened);

    private Transfer Ending(TransferPhase phase, string kind, DateTimeOffset happened) =>
        this with { Phase = phase, Kind = kind, Happened = happened, Ends = Key, Expires = null, FeedNumber = null };
}

/// <summary>What makes a transfer happen once: its cause and its kind.</summary>
public readonly record struct TransferKey(string Cause, string Kind);

/// <summary>What transfers are, in the words that people read.</summary>
public static class TransferKinds
{
    /// <summary>bank → transit.</summary>
    public const string Deposit = "deposit";

    /// <summary>bank → transit, set aside until the money is there.</summary>
    public const string DepositAnnounced = "deposit announced";

    /// <summary>bank → transit, freed: what was announced did not come.</summary>
    public const string DepositFailed = "deposit failed";

    /// <summary>bank → transit, freed: what was announced did not come in time.</summary>
    public const string DepositExpired = "deposit expired";

    /// <summary>bank → suspense: nobody is known whose it is.</summary>
    public const string DepositUnmatched = "deposit unmatched";

    /// <summary>suspense → transit: operators said whose it is.</summary>
    public const string DepositAssigned = "deposit assigned";

    /// <summary>receivable or suspense → bank: the bank took it back.</summary>
    public const string DepositReversed = "deposit reversed";

    /// <summary>transit → bank: the engine would not take a deposit.</summary>
    public const string DepositReturned = "deposit returned";

    /// <summary>transit → collateral.</summary>
    public const string MadeTradable = "made tradable";

    /// <summary>collateral → transit.</summary>
    public const string TakenFromTrading = "taken from trading";

    /// <summary>transit → bank, set aside until the rail says what became of it.</summary>
    public const string Withdrawal = "withdrawal";

    /// <summary>transit → bank: the rail paid it.</summary>
    public const string WithdrawalPaid = "withdrawal paid";

    /// <summary>transit → bank, freed: the rail could not pay it.</summary>
    public const string WithdrawalFailed = "withdrawal failed";

    /// <summary>bank → transit: it was paid and came back.</summary>
    public const string WithdrawalReturned = "withdrawal returned";

    /// <summary>receivable → bank: the rail paid what it had said it could not.</summary>
    public const string WithdrawalPaidAfterAll = "withdrawal paid after all";

    /// <summary>collateral → escrow.</summary>
    public const string LeasePaid = "lease paid";

    /// <summary>escrow → earnings.</summary>
    public const string Earned = "delivery earned";

    /// <summary>escrow → fees.</summary>
    public const string BuyerFee = "buyer's fee";

    /// <summary>escrow → fees, out of the provider's proceeds.</summary>
    public const string SellerFee = "seller's fee";

    /// <summary>escrow → tax, beside the buyer's fee that it is part of.</summary>
    public const string BuyerFeeTax = "tax in buyer's fee";

    /// <summary>escrow → tax, beside the seller's fee that it is part of.</summary>
    public const string SellerFeeTax = "tax in seller's fee";

    /// <summary>escrow → transit of the buyer.</summary>
    public const string Refund = "refund";

    /// <summary>collateral of the provider → transit of the buyer.</summary>
    public const string Compensation = "compensation";

    /// <summary>earnings → bank, set aside until the rail says what became of it.</summary>
    public const string Payout = "payout";

    /// <summary>earnings → bank: the rail paid it.</summary>
    public const string PayoutPaid = "payout paid";

    /// <summary>earnings → bank, freed: the rail could not pay it.</summary>
    public const string PayoutFailed = "payout failed";

    /// <summary>bank → earnings: it was paid and came back.</summary>
    public const string PayoutReturned = "payout returned";

    /// <summary>receivable → bank: the rail paid what it had said it could not.</summary>
    public const string PayoutPaidAfterAll = "payout paid after all";

    /// <summary>transit or earnings → receivable.</summary>
    public const string DebtRecovered = "debt recovered";

    /// <summary>transit of the provider → transit of the buyer, or transit of the buyer → earnings: a dispute changed what was delivered.</summary>
    public const string EarnedCorrected = "delivery corrected";

    /// <summary>The same for what the provider gives for what it did not deliver.</summary>
    public const string CompensationCorrected = "compensation corrected";

    /// <summary>fees → transit of the buyer, or back.</summary>
    public const string BuyerFeeCorrected = "buyer's fee corrected";

    /// <summary>tax → transit of the buyer, or back.</summary>
    public const string BuyerFeeTaxCorrected = "tax in buyer's fee corrected";

    /// <summary>fees → transit of the buyer, or back.</summary>
    public const string SellerFeeCorrected = "seller's fee corrected";

    /// <summary>tax → transit of the buyer, or back.</summary>
    public const string SellerFeeTaxCorrected = "tax in seller's fee corrected";

    /// <summary>earnings → transit of the provider: for what a correction takes from it.</summary>
    public const string CorrectionEarnings = "correction out of earnings";

    /// <summary>receivable → transit of the provider: what its earnings do not cover.</summary>
    public const string CorrectionOwed = "correction owed";

    /// <summary>earnings → transit of the buyer: for what a correction takes from it.</summary>
    public const string BuyerCorrectionEarnings = "buyer's correction out of earnings";

    /// <summary>receivable → transit of the buyer: what its earnings do not cover.</summary>
    public const string BuyerCorrectionOwed = "buyer's correction owed";

    /// <summary>What a correction of a delivery moves between the buyer and the others.</summary>
    public static readonly IReadOnlyList<string> DeliveryCorrections =
        [EarnedCorrected, CompensationCorrected, BuyerFeeCorrected, BuyerFeeTaxCorrected, SellerFeeCorrected, SellerFeeTaxCorrected];

    /// <summary>Between any two accounts that operators may correct.</summary>
    public const string Correction = "correction";
}
