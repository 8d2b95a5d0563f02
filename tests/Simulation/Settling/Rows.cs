using ComputeExchange.Settlement.Domain;
using ComputeExchange.Values;

namespace ComputeExchange.Simulation.Settling;

/// <summary>The end of the ledger's chain.</summary>
internal sealed record HeadRow(long Number, DateTimeOffset Time, byte[] Hash);

/// <summary>The next number of the feed.</summary>
internal sealed record CursorRow(long Next);

/// <summary>Something that the engine is asked.</summary>
internal sealed record AskRow(Guid CommandId, byte[] Command);

/// <summary>A withdrawal that the engine is asked to let go, and, once it has, that the bank is to pay.</summary>
internal sealed record WithdrawalRow(Guid Id, Guid Participant, long Micros)
{
    /// <summary>What moves for it.</summary>
    public OutgoingMoney Money => new(Id, IsPayout: false, Participant, new Money(Micros));
}

/// <summary>The names of Settlement's tables.</summary>
internal static class SettlementTables
{
    public const string Head = "ledger_head";
    public const string Transfers = "ledger_transfers";
    public const string Keys = "ledger_keys";
    public const string Accounts = "ledger_accounts";
    public const string Cursor = "settlement_cursor";
    public const string Asks = "settlement_asks";
    public const string OpenAsks = "settlement_open_asks";
    public const string Withdrawals = "settlement_withdrawals";
    public const string Payments = "settlement_payments";
    public const string Leases = "settlement_leases";
}
