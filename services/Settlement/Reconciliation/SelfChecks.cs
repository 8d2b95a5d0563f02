using ComputeExchange.Settlement.Storage;
using ComputeExchange.Values;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.Settlement.Reconciliation;

/// <summary>Compares the ledger with itself. Each check is one statement, so that it sees one moment.</summary>
public static class SelfChecks
{
    /// <summary>How many breaks of one check are named.</summary>
    private const int NamedLimit = 100;

    /// <summary>The cheap checks: everything adds up to zero, nobody is outside limits, escrow is what the open slots of each lease hold, sub-ledgers are their controls.</summary>
    public static async Task<Findings> Quick(SettlementDb db, CancellationToken cancel) =>
        await Sum(db, cancel) + await Limits(db, cancel) + await Escrow(db, cancel) + await Controls.Compare(db, cancel);

    /// <summary>All checks: also every balance against all of its transfers.</summary>
    public static async Task<Findings> Full(SettlementDb db, CancellationToken cancel) =>
        await Quick(db, cancel) + await Whole(db, cancel);

    /// <summary>What reads the whole ledger: every balance against all of its transfers, and the controls of what only grows.</summary>
    public static async Task<Findings> Whole(SettlementDb db, CancellationToken cancel) =>
        await Balances(db, cancel) + await Controls.CompareHistory(db, cancel);

    /// <summary>What all escrow accounts hold, and what the slots that are not metered yet cost, at one moment.</summary>
    public static async Task<(Money Escrow, Money OpenLeases)> Held(SettlementDb db, CancellationToken cancel)
    {
        var held = (await db.Database.SqlQuery<Difference>(
            $"""
            SELECT 'escrow' AS "Name", ''::text AS "Transfers",
                (SELECT coalesce(sum(balance_micros), 0)::bigint FROM settlement.accounts WHERE kind = 'escrow') AS "Left",
                (SELECT coalesce(sum(cost_micros + buyer_fee_micros), 0)::bigint FROM settlement.lease_slots WHERE metered_time IS NULL) AS "Right"
            """).ToListAsync(cancel)).Single();
        return (new Money(held.Left), new Money(held.Right));
    }

    private static async Task<Findings> Sum(SettlementDb db, CancellationToken cancel)
    {
        var sums = (await db.Database.SqlQuery<Sums>(
            $"""
            SELECT coalesce(sum(balance_micros), 0)::bigint AS "Balance", coalesce(sum(pending_out_micros), 0)::bigint AS "Out",
                coalesce(sum(pending_in_micros), 0)::bigint AS "In",
                (SELECT coalesce(sum(pending.amount_micros), 0)::bigint FROM settlement.transfers AS pending
                 WHERE pending.phase = 1 AND NOT EXISTS (SELECT 1 FROM settlement.transfers AS ending WHERE ending.pending_number = pending.number)) AS "Open"
            FROM settlement.accounts
            """).ToListAsync(cancel)).Single();
        var breaks = new List<Break>();
        if (sums.Balance != 0) breaks.Add(new Break(Checks.Sum, "all accounts", $"All accounts together hold {new Money(sums.Balance)}; they should hold nothing."));
        if (sums.Out != sums.Open || sums.In != sums.Open)
            breaks.Add(new Break(
                Checks.Sum, "pending",
                $"{new Money(sums.Out)} is set aside and {new Money(sums.In)} is to come; the open pending transfers add up to {new Money(sums.Open)}."));
        return new Findings(2, breaks);
    }

    private static async Task<Findings> Limits(SettlementDb db, CancellationToken cancel)
    {
        var outside = await db.Database.SqlQuery<Difference>(
            $"""
            SELECT name AS "Name", balance_micros AS "Left", pending_out_micros AS "Right", ''::text AS "Transfers"
            FROM settlement.accounts
            WHERE balance_micros - pending_out_micros < floor_micros OR balance_micros + pending_in_micros > ceiling_micros
                OR pending_out_micros < 0 OR pending_in_micros < 0
            ORDER BY name LIMIT {NamedLimit}
            """).ToListAsync(cancel);
        return new Findings(1, [.. outside.Select(d => new Break(
            Checks.Limits, d.Name, $"{d.Name} holds {new Money(d.Left)}, of it {new Money(d.Right)} set aside; that is outside its limits."))]);
    }

    private static async Task<Findings> Escrow(SettlementDb db, CancellationToken cancel)
    {
        var wrong = await db.Database.SqlQuery<Difference>(
            $"""
            SELECT coalesce(account.name, 'escrow:' || open.lease_id) AS "Name",
                coalesce(account.balance_micros, 0) AS "Left", coalesce(open.micros, 0) AS "Right",
                settlement.last_transfers(coalesce(account.name, 'escrow:' || open.lease_id)) AS "Transfers"
            FROM (SELECT name, balance_micros FROM settlement.accounts WHERE kind = 'escrow' AND balance_micros <> 0) AS account
            FULL JOIN (
                SELECT lease_id, sum(cost_micros + buyer_fee_micros)::bigint AS micros
                FROM settlement.lease_slots WHERE metered_time IS NULL GROUP BY lease_id
            ) AS open ON account.name = 'escrow:' || open.lease_id
            WHERE coalesce(account.balance_micros, 0) <> coalesce(open.micros, 0)
            ORDER BY 1 LIMIT {NamedLimit}
            """).ToListAsync(cancel);
        var open = await db.LeaseSlots.Where(slot => slot.MeteredTime == null).Select(slot => slot.LeaseId).Distinct().LongCountAsync(cancel);
        return new Findings(open, [.. wrong.Select(d => new Break(
            Checks.Escrow, d.Name, $"{d.Name} holds {new Money(d.Left)}; the slots of the lease that are not metered yet cost {new Money(d.Right)}.{d.Named}"))]);
    }

    private static async Task<Findings> Balances(SettlementDb db, CancellationToken cancel)
    {
        var wrong = await db.Database.SqlQuery<Difference>(
            $"""
            SELECT coalesce(account.name, moved.name) AS "Name",
                coalesce(account.balance_micros, 0) AS "Left", coalesce(moved.micros, 0)::bigint AS "Right",
                settlement.last_transfers(coalesce(account.name, moved.name)) AS "Transfers"
            FROM settlement.accounts AS account
            FULL JOIN (
                SELECT name, sum(micros) AS micros, sum(held_out) AS held_out, sum(held_in) AS held_in
                FROM (
                    SELECT debit_account AS name, CASE WHEN phase IN (0, 2) THEN -amount_micros ELSE 0 END AS micros, 0 AS held_out, 0 AS held_in
                    FROM settlement.transfers
                    UNION ALL
                    SELECT credit_account, CASE WHEN phase IN (0, 2) THEN amount_micros ELSE 0 END, 0, 0 FROM settlement.transfers
                    UNION ALL
                    SELECT side.name, 0, side.held_out, side.held_in
                    FROM settlement.transfers AS pending
                    CROSS JOIN LATERAL (
                        VALUES (pending.debit_account, pending.amount_micros, 0::bigint), (pending.credit_account, 0, pending.amount_micros)
                    ) AS side (name, held_out, held_in)
                    WHERE pending.phase = 1
                        AND NOT EXISTS (SELECT 1 FROM settlement.transfers AS ending WHERE ending.pending_number = pending.number)
                ) AS sides
                GROUP BY name
            ) AS moved ON account.name = moved.name
            WHERE coalesce(account.balance_micros, 0) <> coalesce(moved.micros, 0)
                OR coalesce(account.pending_out_micros, 0) <> coalesce(moved.held_out, 0)
                OR coalesce(account.pending_in_micros, 0) <> coalesce(moved.held_in, 0)
            ORDER BY 1 LIMIT {NamedLimit}
            """).ToListAsync(cancel);
        return new Findings(
            await db.Accounts.LongCountAsync(cancel),
            [.. wrong.Select(d => new Break(
                Checks.Balances, d.Name,
                d.Left == d.Right
                    ? $"{d.Name} has something else set aside or to come than its open pending transfers add up to.{d.Named}"
                    : $"{d.Name} holds {new Money(d.Left)}; its transfers add up to {new Money(d.Right)}.{d.Named}"))]);
    }

    /// <summary>Two amounts of one account that should be equal, and its last transfers.</summary>
    private sealed record Difference(string Name, long Left, long Right, string Transfers)
    {
        public string Named => Transfers.Length == 0 ? "" : $" Its last transfers: {Transfers}.";
    }

    private sealed record Sums(long Balance, long Out, long In, long Open);
}
