using System.Diagnostics;
using ComputeExchange.Settlement.Domain;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.Settlement.Storage;

/// <summary>How accounts and transfers get into their tables: any number of them in one statement each.</summary>
/// <remarks>
/// The database does the rest (<c>Migrations/LedgerRules.cs</c>): a trigger on the insert locks the accounts in the order of their
/// names, so that two postings never wait for each other in a circle, and moves every balance once by its net amount.
/// </remarks>
internal static class Ledger
{
    public static async Task Open(SettlementDb db, IReadOnlyCollection<Account> accounts, CancellationToken cancel)
    {
        var wanted = accounts.DistinctBy(account => account.Name).ToList();
        var names = wanted.Select(account => account.Name).ToArray();
        var kinds = wanted.Select(account => account.Kind).ToArray();
        var owners = wanted.Select(account => account.OwnerId).ToArray();

        // In the order of the names here too: two that open the same accounts wait one way.
        await db.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO settlement.accounts (name, kind, owner_id, balance_micros)
            SELECT name, kind, owner_id, 0 FROM unnest({names}, {kinds}, {owners}) AS wanted (name, kind, owner_id)
            WHERE NOT EXISTS (SELECT 1 FROM settlement.accounts known WHERE known.name = wanted.name)
            ORDER BY name COLLATE "C"
            ON CONFLICT DO NOTHING
            """,
            cancel);
    }

    /// <exception cref="UnreachableException">A cause would now move something else than it did.</exception>
    public static async Task Post(SettlementDb db, IReadOnlyList<Transfer> transfers, CancellationToken cancel)
    {
        if (transfers.Count == 0) return;
        var debits = transfers.Select(t => t.Debit.Name).ToArray();
        var credits = transfers.Select(t => t.Credit.Name).ToArray();
        var amounts = transfers.Select(t => t.Amount.Micros).ToArray();
        var kinds = transfers.Select(t => t.Kind).ToArray();
        var causes = transfers.Select(t => t.Cause).ToArray();
        var times = transfers.Select(t => t.Happened).ToArray();
        var feedNumbers = transfers.Select(t => t.FeedNumber).ToArray();
        var debitOwners = transfers.Select(t => t.Debit.OwnerId).ToArray();
        var creditOwners = transfers.Select(t => t.Credit.OwnerId).ToArray();

        var posted = await db.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO settlement.transfers (
                debit_account, credit_account, amount_micros, kind, cause, happened_time, feed_number, debit_owner_id, credit_owner_id)
            SELECT debit, credit, amount, kind, cause, happened, feed, debit_owner, credit_owner
            FROM unnest({debits}, {credits}, {amounts}, {kinds}, {causes}, {times}, {feedNumbers}, {debitOwners}, {creditOwners})
                WITH ORDINALITY AS made (debit, credit, amount, kind, cause, happened, feed, debit_owner, credit_owner, place)
            ORDER BY place
            ON CONFLICT (cause, kind) DO NOTHING
            """,
            cancel);
        if (posted == transfers.Count) return;

        // Something was posted before. That is no harm if it was the same.
        var same = await db.Database.SqlQuery<int>(
            $"""
            SELECT count(*)::int AS "Value"
            FROM unnest({debits}, {credits}, {amounts}, {kinds}, {causes}) AS made (debit, credit, amount, kind, cause)
            JOIN settlement.transfers known ON known.cause = made.cause AND known.kind = made.kind
            WHERE (known.debit_account, known.credit_account, known.amount_micros) = (made.debit, made.credit, made.amount)
            """).SingleAsync(cancel);
        if (same != transfers.Count)
            throw new UnreachableException($"One of these causes moved something else before: {string.Join(", ", causes.Distinct())}.");
    }
}
