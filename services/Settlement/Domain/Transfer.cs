using ComputeExchange.Values;

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
    Account Debit, Account Credit, Money Amount, string Kind, string Cause, DateTimeOffset Happened, long? FeedNumber = null);

/// <summary>What transfers are, in the words that people read.</summary>
public static class TransferKinds
{
    /// <summary>bank → transit.</summary>
    public const string Deposit = "deposit";

    /// <summary>transit → bank: the engine would not take a deposit.</summary>
    public const string DepositReturned = "deposit returned";

    /// <summary>transit → collateral.</summary>
    public const string MadeTradable = "made tradable";

    /// <summary>collateral → transit.</summary>
    public const string TakenFromTrading = "taken from trading";

    /// <summary>transit → bank.</summary>
    public const string Withdrawal = "withdrawal";

    /// <summary>collateral → escrow.</summary>
    public const string LeasePaid = "lease paid";

    /// <summary>escrow → earnings.</summary>
    public const string Earned = "delivery earned";

    /// <summary>escrow → fees.</summary>
    public const string BuyerFee = "buyer's fee";

    /// <summary>escrow → fees, out of the provider's proceeds.</summary>
    public const string SellerFee = "seller's fee";

    /// <summary>escrow → transit of the buyer.</summary>
    public const string Refund = "refund";

    /// <summary>collateral of the provider → transit of the buyer.</summary>
    public const string Compensation = "compensation";

    /// <summary>earnings → bank.</summary>
    public const string Payout = "payout";
}
