using ComputeExchange.Settlement.Storage;
using ComputeExchange.Values;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.Settlement.Reconciliation;

/// <summary>What was compared, and a sentence for each thing that does not agree.</summary>
public sealed record Findings(long Checks, IReadOnlyList<string> Breaks)
{
    public static Findings operator +(Findings left, Findings right) => new(left.Checks + right.Checks, [.. left.Breaks, .. right.Breaks]);
}

/// <summary>Compares the ledger with itself. Each check is one statement, so that it sees one moment.</summary>
public static class SelfChecks
{
    /// <summary>How many breaks of one check are named.</summary>
    private const int NamedLimit = 100;

    /// <summary>The cheap checks: everything adds up to zero, nobody owes, and escrow is what the open slots of each lease hold.</summary>
    public static async Task<Findings> Quick(SettlementDb db, CancellationToken cancel) =>
        await Sum(db, cancel) + await Negative(db, cancel) + await Escrow(db, cancel);

    /// <summary>All checks: also every balance against all of its transfers.</summary>
    public static async Task<Findings> Full(SettlementDb db, CancellationToken cancel) =>
        await Quick(db, cancel) + await Balances(db, cancel);

    /// <summary>What all escrow accounts hold, and what the slots that are not metered yet cost, at one moment.</summary>
    public static async Task<(Money Escrow, Money OpenLeases)> Held(SettlementDb db, CancellationToken cancel)
    {
        var held = (await db.Database.SqlQuery<Difference>(
            $"""
            SELECT 'escrow' AS "Name",
                (SELECT coalesce(sum(balance_micros), 0)::bigint FROM settlement.accounts WHERE kind = 'escrow') AS "Left",
                (SELECT coalesce(sum(cost_micros + buyer_fee_micros), 0)::bigint FROM settlement.lease_slots WHERE metered_time IS NULL) AS "Right"
            """).ToListAsync(cancel)).Single();
        return (new Money(held.Left), new Money(held.Right));
    }

    private static async Task<Findings> Sum(SettlementDb db, CancellationToken cancel)
    {
        var micros = (await db.Database.SqlQuery<decimal>($"""SELECT coalesce(sum(balance_micros), 0) AS "Value" FROM settlement.accounts""")
            .ToListAsync(cancel)).Single();
        return new Findings(1, micros == 0 ? [] : [$"All accounts together hold {new Money((long)micros)}; they should hold nothing."]);
    }

    private static async Task<Findings> Negative(SettlementDb db, CancellationToken cancel)
    {
        var owing = await db.Database.SqlQuery<Difference>(
            $"""
            SELECT name AS "Name", balance_micros AS "Left", 0::bigint AS "Right"
            FROM settlement.accounts WHERE balance_micros < 0 AND kind <> 'bank' ORDER BY name LIMIT {NamedLimit}
            """).ToListAsync(cancel);
        return new Findings(1, [.. owing.Select(d => $"{d.Name} owes {new Money(-d.Left)}; it may not be negative.")]);
    }

    private static async Task<Findings> Escrow(SettlementDb db, CancellationToken cancel)
    {
        var wrong = await db.Database.SqlQuery<Difference>(
            $"""
            SELECT coalesce(account.name, 'escrow:' || open.lease_id) AS "Name",
                coalesce(account.balance_micros, 0) AS "Left", coalesce(open.micros, 0) AS "Right"
            FROM (SELECT name, balance_micros FROM settlement.accounts WHERE kind = 'escrow' AND balance_micros <> 0) AS account
            FULL JOIN (
                SELECT lease_id, sum(cost_micros + buyer_fee_micros)::bigint AS micros
                FROM settlement.lease_slots WHERE metered_time IS NULL GROUP BY lease_id
            ) AS open ON account.name = 'escrow:' || open.lease_id
            WHERE coalesce(account.balance_micros, 0) <> coalesce(open.micros, 0)
            ORDER BY 1 LIMIT {NamedLimit}
            """).ToListAsync(cancel);
        var open = await db.LeaseSlots.Where(slot => slot.MeteredTime == null).Select(slot => slot.LeaseId).Distinct().LongCountAsync(cancel);
        return new Findings(open, [.. wrong.Select(d =>
            $"{d.Name} holds {new Money(d.Left)}; the slots of the lease that are not metered yet cost {new Money(d.Right)}.")]);
    }

    private static async Task<Findings> Balances(SettlementDb db, CancellationToken cancel)
    {
        var wrong = await db.Database.SqlQuery<Difference>(
            $"""
            SELECT coalesce(account.name, moved.name) AS "Name",
                coalesce(account.balance_micros, 0) AS "Left", coalesce(moved.micros, 0) AS "Right"
            FROM settlement.accounts AS account
            FULL JOIN (
                SELECT name, sum(micros)::bigint AS micros
                FROM (
                    SELECT debit_account AS name, -amount_micros AS micros FROM settlement.transfers
                    UNION ALL
                    SELECT credit_account, amount_micros FROM settlement.transfers
                ) AS sides
                GROUP BY name
            ) AS moved ON account.name = moved.name
            WHERE coalesce(account.balance_micros, 0) <> coalesce(moved.micros, 0)
            ORDER BY 1 LIMIT {NamedLimit}
            """).ToListAsync(cancel);
        return new Findings(
            await db.Accounts.LongCountAsync(cancel),
            [.. wrong.Select(d => $"{d.Name} holds {new Money(d.Left)}; its transfers add up to {new Money(d.Right)}.")]);
    }

    /// <summary>Two amounts of one account that should be equal.</summary>
    private sealed record Difference(string Name, long Left, long Right);
}
