using ComputeExchange.Settlement.Domain;
using ComputeExchange.Settlement.Domain.Documents;
using ComputeExchange.Settlement.Storage;
using ComputeExchange.Values.Ledger;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.Settlement.Statements;

/// <summary>Transfers that are in a row: after one number, through another.</summary>
/// <param name="After">The last transfer before; 0: none.</param>
/// <param name="Through">The last one inside.</param>
/// <param name="Hash">Its hash, hexadecimal; of 32 zero bytes where there is none.</param>
public readonly record struct Stretch(long After, long Through, string Hash);

/// <summary>What statements and documents read of the ledger: always by the numbers of transfers, which do not change any more.</summary>
public sealed class LedgerExtracts(SettlementDb db)
{
    /// <summary>How many causes are asked for at once.</summary>
    private const int CauseLimit = 5_000;

    /// <summary>Waits for whoever writes the ledger at this moment: what is recorded after it is recorded later.</summary>
    /// <remarks>Not inside a transaction: the lock would be held to its end.</remarks>
    public Task Settle(CancellationToken cancel) =>
        db.Database.ExecuteSqlRawAsync("SELECT last_number FROM settlement.ledger_head WHERE id = 1 FOR SHARE", cancel);

    /// <summary>When the ledger last recorded something.</summary>
    public Task<DateTimeOffset> LastRecorded(CancellationToken cancel) =>
        db.LedgerHead.AsNoTracking().Select(head => head.RecordedTime).SingleAsync(cancel);

    /// <summary>The transfers of a period: those that the ledger recorded in it.</summary>
    public async Task<Stretch> Recorded(DateTimeOffset from, DateTimeOffset to, CancellationToken cancel)
    {
        var through = await LastBefore(to, cancel);
        var hash = await db.Transfers.Where(transfer => transfer.Number == through).Select(transfer => transfer.Hash).SingleOrDefaultAsync(cancel);
        return new Stretch(await LastBefore(from, cancel), through, Convert.ToHexStringLower(hash ?? LedgerChain.Beginning.Span));
    }

    /// <summary>What each kind of a participant's accounts held after a transfer.</summary>
    public async Task<IReadOnlyDictionary<string, long>> Held(Guid participant, long after, CancellationToken cancel)
    {
        var moved = await db.Database.SqlQuery<Moved>(
            $"""
            SELECT split_part(account, ':', 1) AS "Kind", sum(micros)::bigint AS "Micros"
            FROM (
                SELECT debit_account AS account, -amount_micros AS micros FROM settlement.transfers
                WHERE debit_owner_id = {participant} AND number <= {after} AND phase IN (0, 2)
                UNION ALL
                SELECT credit_account, amount_micros FROM settlement.transfers
                WHERE credit_owner_id = {participant} AND number <= {after} AND phase IN (0, 2)
            ) AS sides
            GROUP BY 1
            """).ToListAsync(cancel);
        return moved.ToDictionary(kind => kind.Kind, kind => kind.Micros, StringComparer.Ordinal);
    }

    /// <summary>How many transfers touch a participant's accounts.</summary>
    public Task<int> Count(Guid participant, Stretch stretch, CancellationToken cancel) => Of(participant, stretch).CountAsync(cancel);

    /// <summary>Every transfer that touches a participant's accounts, in order.</summary>
    public async Task<IReadOnlyList<Movement>> Movements(Guid participant, Stretch stretch, CancellationToken cancel) =>
        [.. (await Of(participant, stretch).OrderBy(transfer => transfer.Number).ToListAsync(cancel)).Select(ToMovement)];

    /// <summary>Every transfer of these causes, in order.</summary>
    public async Task<IReadOnlyList<Movement>> Movements(IReadOnlyCollection<string> causes, Stretch stretch, CancellationToken cancel)
    {
        var found = new List<TransferRow>();
        foreach (var some in causes.Chunk(CauseLimit))
        {
            found.AddRange(await db.Transfers.AsNoTracking()
                .Where(transfer => some.Contains(transfer.Cause) && transfer.Number > stretch.After && transfer.Number <= stretch.Through).ToListAsync(cancel));
        }
        return [.. found.OrderBy(transfer => transfer.Number).Select(ToMovement)];
    }

    /// <summary>The causes of slots of which nothing was delivered, by the provider who sold them: its accounts know nothing of them.</summary>
    public async Task<ILookup<Guid, string>> Undelivered(Guid? provider, Stretch stretch, CancellationToken cancel)
    {
        var slots = await db.Database.SqlQuery<UndeliveredSlot>(
            $"""
            SELECT lease.provider_id AS "Provider", refund.cause AS "Cause"
            FROM settlement.transfers AS refund
            JOIN settlement.leases AS lease ON refund.debit_account = 'escrow:' || lease.lease_id
            WHERE refund.number > {stretch.After} AND refund.number <= {stretch.Through} AND refund.kind = {TransferKinds.Refund}
                AND ({provider}::uuid IS NULL OR lease.provider_id = {provider}::uuid)
                AND NOT EXISTS (SELECT 1 FROM settlement.transfers AS earned WHERE earned.cause = refund.cause AND earned.kind = {TransferKinds.Earned})
            """).ToListAsync(cancel);
        return slots.ToLookup(slot => slot.Provider, slot => slot.Cause);
    }

    /// <summary>The slots that these transfers settled, as they were sold and delivered.</summary>
    /// <param name="movements">The transfers.</param>
    /// <param name="mine">Which leases count: those bought, or those sold.</param>
    public async Task<IReadOnlyDictionary<(long, int), SlotTerms>> Slots(
        IEnumerable<Movement> movements, Func<LeaseRow, bool> mine, CancellationToken cancel)
    {
        var named = movements.Where(movement => movement.DebitKind == AccountKinds.Escrow && movement.Slot is not null)
            .Select(movement => movement.Slot!.Value).Distinct().ToList();
        var (leases, indices) = (named.Select(slot => slot.Lease).ToArray(), named.Select(slot => slot.Slot).ToArray());
        var rows = await db.LeaseSlots
            .FromSql($"SELECT * FROM settlement.lease_slots WHERE (lease_id, slot_index) IN (SELECT * FROM unnest({leases}, {indices}))")
            .AsNoTracking().Include(slot => slot.Lease).ToListAsync(cancel);
        return rows.Where(row => mine(row.Lease)).ToDictionary(row => (row.LeaseId, row.SlotIndex), row => new SlotTerms(
            row.LeaseId, row.SlotIndex, row.Lease.Market, row.FromTime, row.ToTime, row.PriceMicrosPerGpuHour,
            row.SoldGpuSeconds ?? 0, row.DeliveredGpuSeconds ?? 0));
    }

    /// <summary>Everyone whose accounts a transfer touched.</summary>
    public Task<List<Guid>> Owners(Stretch stretch, CancellationToken cancel) => db.Database.SqlQuery<Guid>(
        $"""
        SELECT DISTINCT owner AS "Value"
        FROM (
            SELECT debit_owner_id AS owner FROM settlement.transfers WHERE number > {stretch.After} AND number <= {stretch.Through}
            UNION ALL
            SELECT credit_owner_id FROM settlement.transfers WHERE number > {stretch.After} AND number <= {stretch.Through}
        ) AS sides
        WHERE owner IS NOT NULL
        ORDER BY owner
        """).ToListAsync(cancel);

    /// <summary>The number of the last transfer recorded before a moment; 0: there is none.</summary>
    /// <remarks>Numbers have no gap and times never go back, so a search by halves finds it in any ledger with some look-ups.</remarks>
    public async Task<long> LastBefore(DateTimeOffset moment, CancellationToken cancel)
    {
        var (before, notBefore) = (0L, await db.LedgerHead.AsNoTracking().Select(head => head.LastNumber).SingleAsync(cancel) + 1);
        while (notBefore - before > 1)
        {
            var middle = before + ((notBefore - before) / 2);
            var recorded = await db.Transfers.Where(transfer => transfer.Number == middle).Select(transfer => transfer.RecordedTime).SingleAsync(cancel);
            if (recorded < moment) before = middle;
            else notBefore = middle;
        }
        return before;
    }

    private static Movement ToMovement(TransferRow row) => new(row.ToRecord(), row.DebitOwnerId, row.CreditOwnerId);

    private IQueryable<TransferRow> Of(Guid participant, Stretch stretch) => db.Transfers.AsNoTracking().Where(transfer =>
        (transfer.DebitOwnerId == participant || transfer.CreditOwnerId == participant) && transfer.Number > stretch.After && transfer.Number <= stretch.Through);

    private sealed record Moved(string Kind, long Micros);

    private sealed record UndeliveredSlot(Guid Provider, string Cause);
}
