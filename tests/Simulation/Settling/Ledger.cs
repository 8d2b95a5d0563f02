using ComputeExchange.Settlement.Domain;
using ComputeExchange.Simulation.Databases;
using ComputeExchange.Simulation.Time;
using ComputeExchange.Values.Ledger;

namespace ComputeExchange.Simulation.Settling;

/// <summary>The ledger in the simulated database, by the real rules: the head's row first, then what they need to decide, then what they took.</summary>
internal static class Ledger
{
    /// <summary>Takes all transfers in the session's transaction.</summary>
    /// <returns>One outcome a transfer.</returns>
    /// <exception cref="InvalidOperationException">The ledger would not have one: something was posted that never happened.</exception>
    public static async Task<IReadOnlyList<TransferOutcome>> Take(Session session, IReadOnlyList<Transfer> transfers, LedgerGuards guards)
    {
        if (transfers.Count == 0) return [];
        var head = await Head(session);
        var accounts = new SortedDictionary<string, AccountState>(StringComparer.Ordinal);
        foreach (var account in transfers.SelectMany(transfer => new[] { transfer.Debit, transfer.Credit }).DistinctBy(account => account.Name))
            accounts[account.Name] = await session.Lock(SettlementTables.Accounts, account.Name) is AccountState state ? state : AccountState.New(account);
        var known = new List<KnownTransfer>();
        foreach (var key in transfers.Where(_ => guards.CauseKey).Select(transfer => transfer.Key).Concat(transfers.Select(transfer => transfer.Ends).OfType<TransferKey>()).Distinct())
            if (await session.Lock(SettlementTables.Keys, Name(key)) is KnownTransfer earlier) known.Add(earlier);

        var now = LedgerChain.ToMicrosecond(session.Now);
        var book = new LedgerBook(accounts, known, head.Number, now > head.Time ? now : head.Time);
        var outcomes = book.Take(transfers);
        for (var i = 0; i < transfers.Count; i++)
            if (outcomes[i] is TransferOutcome.Refused { Reason: not TransferRefusal.LinkRefused } refused)
                throw new InvalidOperationException($"the ledger refused {transfers[i]}: {refused.Reason}.");

        foreach (var unchained in book.Taken)
        {
            var transfer = LedgerChain.Next(head.Hash, unchained);
            head = new HeadRow(transfer.Number, transfer.RecordedTime, transfer.Hash.ToArray());
            session.Put(SettlementTables.Transfers, transfer.Number, transfer);
            var given = transfers.First(given => given.Key == new TransferKey(transfer.Cause, transfer.Kind));
            session.Put(SettlementTables.Keys, Name(given.Key), new KnownTransfer(
                transfer.Number, transfer.Phase, given.Key, given.Ends, transfer.Debit, transfer.Credit, transfer.AmountMicros, transfer.ExpiresTime, Ended: false));
            if (given.Ends is { } ends) session.Put(SettlementTables.Keys, Name(ends), known.Single(one => one.Key == ends) with { Ended = true });
        }
        foreach (var (name, state) in book.Accounts) session.Put(SettlementTables.Accounts, name, state);
        session.Put(SettlementTables.Head, 0, head);
        return outcomes;
    }

    /// <summary>Writes what is written already, so that the commit waits for the standby to have it.</summary>
    public static async Task Touch(Session session) => session.Put(SettlementTables.Head, 0, await Head(session));

    private static async Task<HeadRow> Head(Session session) =>
        await session.Lock(SettlementTables.Head, 0) as HeadRow ?? new HeadRow(0, ProcessClock.Beginning.AddDays(-2), LedgerChain.Beginning.ToArray());

    private static string Name(TransferKey key) => $"{key.Cause}/{key.Kind}";
}
