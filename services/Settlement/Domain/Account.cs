namespace ComputeExchange.Settlement.Domain;

/// <summary>One account of the ledger. Its name says its kind and whose it is, for example <c>collateral:0192…</c>.</summary>
/// <param name="Name">Unique in the ledger.</param>
/// <param name="Kind">One of <see cref="AccountKinds"/>.</param>
/// <param name="OwnerId">The participant whose money it is; null for the exchange's own and the outside world's.</param>
public sealed record Account(string Name, string Kind, Guid? OwnerId)
{
    /// <summary>The outside world: what came in from banks less what went out to them, as a negative balance.</summary>
    public static readonly Account Bank = new(AccountKinds.Bank, AccountKinds.Bank, null);

    /// <summary>What the exchange earned.</summary>
    public static readonly Account Fees = new(AccountKinds.Fees, AccountKinds.Fees, null);

    /// <summary>A participant's money on its way into or out of trading.</summary>
    public static Account Transit(Guid participant) => Of(AccountKinds.Transit, participant);

    /// <summary>A participant's money in the engine: free, reserved for bids, and bonds. Moved by feed entries alone.</summary>
    public static Account Collateral(Guid participant) => Of(AccountKinds.Collateral, participant);

    /// <summary>What a provider earned and was not yet paid.</summary>
    public static Account Earnings(Guid provider) => Of(AccountKinds.Earnings, provider);

    /// <summary>What a buyer paid for a lease and was not yet delivered or given back.</summary>
    public static Account Escrow(long leaseId, Guid buyer) => new($"{AccountKinds.Escrow}:{leaseId}", AccountKinds.Escrow, buyer);

    private static Account Of(string kind, Guid owner) => new($"{kind}:{owner}", kind, owner);
}

/// <summary>The chart of accounts. Only <see cref="Bank"/> may be negative.</summary>
public static class AccountKinds
{
    public const string Bank = "bank";
    public const string Transit = "transit";
    public const string Collateral = "collateral";
    public const string Escrow = "escrow";
    public const string Earnings = "earnings";
    public const string Fees = "fees";
}
