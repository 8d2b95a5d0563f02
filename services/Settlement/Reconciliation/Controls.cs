using ComputeExchange.Settlement.Domain;
using ComputeExchange.Settlement.Storage;
using ComputeExchange.Values;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.Settlement.Reconciliation;

/// <summary>Compares the sub-ledgers with their control accounts: what the tables of payments, deposits and slots say, and what the transfers moved.</summary>
internal static class Controls
{
    private static readonly string[] Paid =
        [TransferKinds.WithdrawalPaid, TransferKinds.PayoutPaid, TransferKinds.WithdrawalPaidAfterAll, TransferKinds.PayoutPaidAfterAll];

    private static readonly string[] DeliveryCorrections = [.. TransferKinds.DeliveryCorrections];

    private static readonly string[] Returned = [TransferKinds.WithdrawalReturned, TransferKinds.PayoutReturned];

    /// <summary>What is under way now: cheap.</summary>
    public static async Task<Findings> Compare(SettlementDb db, CancellationToken cancel)
    {
        // One statement: it sees one moment.
        var totals = await db.Database.SqlQuery<Control>(
            $"""
            SELECT 'payments under way' AS "Name", 'what the bank is to get' AS "Other",
                (SELECT coalesce(sum(amount_micros), 0)::bigint FROM settlement.payments WHERE state IN ('READY', 'SENT')) AS "Left",
                (SELECT pending_in_micros FROM settlement.accounts WHERE name = 'bank') AS "Right"
            UNION ALL
            SELECT 'deposits announced', 'what the bank is to give',
                (SELECT coalesce(sum(amount_micros), 0)::bigint FROM settlement.deposits WHERE state = 'ANNOUNCED'),
                (SELECT pending_out_micros FROM settlement.accounts WHERE name = 'bank')
            """).ToListAsync(cancel);
        return new Findings(totals.Count, [.. totals.Where(control => control.Left != control.Right).Select(control => new Break(
            Checks.Controls, control.Name, $"The {control.Name} add up to {new Money(control.Left)}; {control.Other} is {new Money(control.Right)}."))]);
    }

    /// <summary>The same for what only grows; it reads the whole ledger.</summary>
    public static async Task<Findings> CompareHistory(SettlementDb db, CancellationToken cancel)
    {
        var totals = await db.Database.SqlQuery<Control>(
            $"""
            SELECT 'metered slots' AS "Name", 'what left the escrow accounts' AS "Other",
                (SELECT coalesce(sum(cost_micros + buyer_fee_micros), 0)::bigint FROM settlement.lease_slots WHERE metered_time IS NOT NULL) AS "Left",
                (SELECT coalesce(sum(amount_micros), 0)::bigint FROM settlement.transfers WHERE debit_account LIKE 'escrow:%') AS "Right"
            UNION ALL
            SELECT 'unmatched deposits', 'the suspense account, corrections apart',
                (SELECT coalesce(sum(amount_micros), 0)::bigint FROM settlement.deposits WHERE state = 'UNMATCHED'),
                (SELECT balance_micros FROM settlement.accounts WHERE name = 'suspense')
                    - (SELECT coalesce(sum(CASE WHEN credit_account = 'suspense' THEN amount_micros ELSE -amount_micros END), 0)::bigint
                       FROM settlement.transfers WHERE kind = {TransferKinds.Correction} AND 'suspense' IN (debit_account, credit_account))
            UNION ALL
            SELECT 'compensations that bonds gave', 'what moved as compensation',
                (SELECT coalesce(sum(compensated_micros), 0)::bigint FROM settlement.lease_slots),
                (SELECT coalesce(sum(amount_micros), 0)::bigint FROM settlement.transfers WHERE kind = {TransferKinds.Compensation})
            UNION ALL
            SELECT 'corrections of deliveries', 'what moved to the buyers by them, less what moved from them',
                (SELECT coalesce(sum(to_buyer_micros), 0)::bigint FROM settlement.delivery_corrections),
                (SELECT coalesce(sum(CASE WHEN credit_account LIKE 'transit:%' THEN amount_micros ELSE -amount_micros END), 0)::bigint
                 FROM settlement.transfers WHERE kind = ANY ({DeliveryCorrections}))
            UNION ALL
            SELECT 'payments made', 'what the rails paid and did not give back',
                (SELECT coalesce(sum(amount_micros), 0)::bigint FROM settlement.payments WHERE state = 'PAID'),
                (SELECT coalesce(sum(CASE WHEN kind = ANY ({Paid}) THEN amount_micros ELSE -amount_micros END), 0)::bigint
                 FROM settlement.transfers WHERE kind = ANY ({Paid}) OR kind = ANY ({Returned}))
            """).ToListAsync(cancel);
        return new Findings(totals.Count, [.. totals.Where(control => control.Left != control.Right).Select(control => new Break(
            Checks.History, control.Name, $"The {control.Name} add up to {new Money(control.Left)}; {control.Other} is {new Money(control.Right)}."))]);
    }

    private sealed record Control(string Name, string Other, long Left, long Right);
}
