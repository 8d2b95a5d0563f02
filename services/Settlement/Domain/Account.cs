namespace ComputeExchange.Settlement.Domain;

/// <summary>One account of the ledger. Its name says its kind and whose it is, for example <c>collateral:0192…</c>.</summary>
/// <param name="Name">Unique in the ledger.</param>
/// <param name="Kind">One of <see cref="AccountKinds"/>.</param>
/// <param name="OwnerId">The participant whose money it is; null for the exchange's own and the outside world's.</param>
public sealed record Account(string Name, string Kind, Guid? OwnerId)
{
    /// <summary>The outside world: what came in from banks less what went out to them, as a negative balance.</summary>
    public static readonly Account Bank = new(AccountKinds.Bank, AccountKinds.Bank, null);

    /// <summary>What the exchange earned, tax apart.</summary>
    public static readonly Account Fees = new(AccountKinds.Fees, AccountKinds.Fees, null);

    /// <summary>Money that came in and nobody is known to own yet.</summary>
    public static readonly Account Suspense = new(AccountKinds.Suspense, AccountKinds.Suspense, null);

    /// <summary>The least it may hold, less what is set aside, in micro-dollars; null: it may owe without end.</summary>
    public long? FloorMicros { get; init; } = Kind is AccountKinds.Bank or AccountKinds.Receivable ? null : 0;

    /// <summary>The most it may hold, with what is to come, in micro-dollars; null: any amount.</summary>
    public long? CeilingMicros { get; init; } = Kind is AccountKinds.Receivable ? 0 : null;

    /// <summary>A participant's money on its way into or out of trading.</summary>
    public static Account Transit(Guid participant) => Of(AccountKinds.Transit, participant);

    /// <summary>A participant's money in the engine: free, reserved for bids, and bonds. Moved by feed entries alone.</summary>
    public static Account Collateral(Guid participant) => Of(AccountKinds.Collateral, participant);

    /// <summary>What a provider earned and was not yet paid.</summary>
    public static Account Earnings(Guid provider) => Of(AccountKinds.Earnings, provider);

    /// <summary>What a participant owes the exchange, as a negative balance: deposits that the bank took back after they were spent, and corrected deliveries.</summary>
    public static Account Receivable(Guid participant) => Of(AccountKinds.Receivable, participant);

    /// <summary>What a buyer paid for a lease and was not yet delivered or given back.</summary>
    public static Account Escrow(long leaseId, Guid buyer) => new($"{AccountKinds.Escrow}:{leaseId}", AccountKinds.Escrow, buyer);

    /// <summary>Tax in the exchange's fees, owed to the authority that a tax code stands for.</summary>
    public static Account Tax(string code) => new($"{AccountKinds.Tax}:{code}", AccountKinds.Tax, null);

    private static Account Of(string kind, Guid owner) => new($"{kind}:{owner}", kind, owner);
}

/// <summary>The chart of accounts. Only the bank and what is owed to the exchange may be negative.</summary>
public static class AccountKinds
{
    public const string Bank = "bank";
    public const string Transit = "transit";
    public const string Collateral = "collateral";
    public const string Escrow = "escrow";
    public const string Earnings = "earnings";
    public const string Fees = "fees";
    public const string Suspense = "suspense";
    public const string Receivable = "receivable";
    public const string Tax = "tax";
}
