using System.Diagnostics;
using ComputeExchange.Settlement.Domain;
using ComputeExchange.Values.Ledger;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;
using NpgsqlTypes;

namespace ComputeExchange.Settlement.Storage;

/// <summary>How accounts and transfers get into their tables: any number of them in three round trips.</summary>
/// <remarks>
/// The row of the ledger's head is locked first of all, so that postings are one after the other, whoever makes them: what
/// is read after it stands until the commit, numbers have no gap, and the chain has one end. The rules decide in memory
/// (<see cref="LedgerBook"/>); the database moves the balances when the transfers are inserted and checks all of it again
/// (<c>Migrations/LedgerChainSql.cs</c>).
/// </remarks>
internal static class Ledger
{
    /// <summary>Opens accounts where they are not open already.</summary>
    public static async Task Open(SettlementDb db, IReadOnlyCollection<Account> accounts, CancellationToken cancel)
    {
        var wanted = accounts.DistinctBy(account => account.Name).ToList();
        var names = wanted.Select(account => account.Name).ToArray();
        var kinds = wanted.Select(account => account.Kind).ToArray();
        var owners = wanted.Select(account => account.OwnerId).ToArray();
        var floors = wanted.Select(account => account.FloorMicros).ToArray();
        var ceilings = wanted.Select(account => account.CeilingMicros).ToArray();

        // In the order of the names: two that open the same accounts wait one way.
        await db.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO settlement.accounts (name, kind, owner_id, floor_micros, ceiling_micros)
            SELECT name, kind, owner_id, floor, ceiling
            FROM unnest({names}, {kinds}, {owners}, {floors}, {ceilings}) AS wanted (name, kind, owner_id, floor, ceiling)
            WHERE NOT EXISTS (SELECT 1 FROM settlement.accounts known WHERE known.name = wanted.name)
            ORDER BY name COLLATE "C"
            ON CONFLICT DO NOTHING
            """,
            cancel);
    }

    /// <summary>Takes groups of transfers in order, each group whole or not at all. In the transaction that is open.</summary>
    /// <returns>One outcome a transfer, in the order given.</returns>
    public static Task<IReadOnlyList<TransferOutcome>> Take(
        SettlementDb db, IReadOnlyList<IReadOnlyList<Transfer>> groups, DateTimeOffset now, CancellationToken cancel) =>
        Take(db, groups, () => now, cancel);

    /// <summary>Takes groups of transfers in order, each group whole or not at all. In the transaction that is open.</summary>
    /// <param name="db">Whose transaction it is.</param>
    /// <param name="groups">Linked transfers, group by group.</param>
    /// <param name="clock">Read when the head is locked: who waited for it is not recorded before a moment that a statement was given out for.</param>
    /// <param name="cancel">When nobody waits for it any more.</param>
    /// <returns>One outcome a transfer, in the order given.</returns>
    public static async Task<IReadOnlyList<TransferOutcome>> Take(
        SettlementDb db, IReadOnlyList<IReadOnlyList<Transfer>> groups, Func<DateTimeOffset> clock, CancellationToken cancel)
    {
        if (groups.Count == 0) return [];
        var connection = (NpgsqlConnection)db.Database.GetDbConnection();
        var transaction = (NpgsqlTransaction?)db.Database.CurrentTransaction?.GetDbTransaction()
            ?? throw new UnreachableException("The ledger is written inside a transaction.");
        var transfers = groups.SelectMany(group => group).ToList();

        var (head, accounts, known) = await Load(connection, transaction, transfers, cancel);
        var unopened = transfers.SelectMany(transfer => new[] { transfer.Debit, transfer.Credit })
            .DistinctBy(account => account.Name).Where(account => !accounts.ContainsKey(account.Name)).ToList();
        if (unopened.Count > 0)
        {
            await Open(db, unopened, cancel);
            foreach (var account in unopened) accounts[account.Name] = AccountState.New(account);
        }

        var now = clock();
        var book = new LedgerBook(accounts, known, head.Number, LedgerChain.ToMicrosecond(now < head.Time ? head.Time : now));
        var outcomes = new List<TransferOutcome>(transfers.Count);
        foreach (var group in groups) outcomes.AddRange(book.Take(group));
        await Insert(connection, book.Taken, transfers, head.Hash, cancel);
        return outcomes;
    }

    /// <summary>Takes all transfers or none.</summary>
    /// <exception cref="LedgerRefusedException">One of them was refused.</exception>
    public static async Task Post(SettlementDb db, IReadOnlyList<Transfer> transfers, Func<DateTimeOffset> clock, CancellationToken cancel)
    {
        if (transfers.Count == 0) return;
        var outcomes = await Take(db, [transfers], clock, cancel);
        for (var i = 0; i < transfers.Count; i++)
            if (outcomes[i] is TransferOutcome.Refused { Reason: not TransferRefusal.LinkRefused } refused)
                throw new LedgerRefusedException(transfers[i], refused.Reason);
    }

    private static async Task<(Head Head, Dictionary<string, AccountState> Accounts, List<KnownTransfer> Known)> Load(
        NpgsqlConnection connection, NpgsqlTransaction transaction, List<Transfer> transfers, CancellationToken cancel)
    {
        var names = transfers.Select(t => t.Debit.Name).Concat(transfers.Select(t => t.Credit.Name)).Distinct(StringComparer.Ordinal).ToArray();
        var keys = transfers.Select(t => t.Key).Concat(transfers.Where(t => t.Ends is not null).Select(t => t.Ends!.Value)).Distinct().ToList();
        await using var batch = new NpgsqlBatch(connection, transaction)
        {
            BatchCommands =
            {
                new NpgsqlBatchCommand("SELECT last_number, last_hash, recorded_time FROM settlement.ledger_head WHERE id = 1 FOR UPDATE"),
                new NpgsqlBatchCommand("SELECT * FROM settlement.accounts_named($1)") { Parameters = { new() { Value = names } } },
                new NpgsqlBatchCommand("SELECT * FROM settlement.transfers_given($1, $2)")
                {
                    Parameters = { new() { Value = keys.ConvertAll(key => key.Cause).ToArray() }, new() { Value = keys.ConvertAll(key => key.Kind).ToArray() } },
                },
            },
        };
        await using var reader = await batch.ExecuteReaderAsync(cancel);
        if (!await reader.ReadAsync(cancel)) throw new UnreachableException("The ledger has no head.");
        var head = new Head(reader.GetInt64(0), reader.GetFieldValue<byte[]>(1), reader.GetFieldValue<DateTimeOffset>(2));

        await reader.NextResultAsync(cancel);
        var accounts = new Dictionary<string, AccountState>(names.Length, StringComparer.Ordinal);
        while (await reader.ReadAsync(cancel))
            accounts.Add(reader.GetString(0), new AccountState(
                reader.GetInt64(1), reader.GetInt64(2), reader.GetInt64(3),
                reader.IsDBNull(4) ? null : reader.GetInt64(4), reader.IsDBNull(5) ? null : reader.GetInt64(5)));

        await reader.NextResultAsync(cancel);
        var known = new List<KnownTransfer>();
        while (await reader.ReadAsync(cancel))
            known.Add(new KnownTransfer(
                reader.GetInt64(0), (TransferPhase)reader.GetInt16(1), new TransferKey(reader.GetString(2), reader.GetString(3)),
                reader.IsDBNull(4) ? null : new TransferKey(reader.GetString(4), reader.GetString(5)),
                reader.GetString(6), reader.GetString(7), reader.GetInt64(8),
                reader.IsDBNull(9) ? null : reader.GetFieldValue<DateTimeOffset>(9), reader.GetBoolean(10)));
        return (head, accounts, known);
    }

    private static async Task Insert(
        NpgsqlConnection connection, IReadOnlyList<TransferRecord> taken, List<Transfer> transfers, byte[] lastHash, CancellationToken cancel)
    {
        if (taken.Count == 0) return;
        var owners = new Dictionary<string, Guid?>(StringComparer.Ordinal);
        foreach (var transfer in transfers)
            (owners[transfer.Debit.Name], owners[transfer.Credit.Name]) = (transfer.Debit.OwnerId, transfer.Credit.OwnerId);

        await using var copy = await connection.BeginBinaryImportAsync(
            """
            COPY settlement.transfers (number, phase, pending_number, debit_account, credit_account, amount_micros, kind, cause, happened_time,
                recorded_time, feed_number, expires_time, debit_owner_id, credit_owner_id, hash) FROM STDIN (FORMAT BINARY)
            """, cancel);
        ReadOnlyMemory<byte> hash = lastHash;
        foreach (var unchained in taken)
        {
            var transfer = LedgerChain.Next(hash.Span, unchained);
            hash = transfer.Hash;
            await copy.StartRowAsync(cancel);
            await copy.WriteAsync(transfer.Number, NpgsqlDbType.Bigint, cancel);
            await copy.WriteAsync((short)transfer.Phase, NpgsqlDbType.Smallint, cancel);
            await Write(copy, transfer.PendingNumber, NpgsqlDbType.Bigint, cancel);
            await copy.WriteAsync(transfer.Debit, NpgsqlDbType.Text, cancel);
            await copy.WriteAsync(transfer.Credit, NpgsqlDbType.Text, cancel);
            await copy.WriteAsync(transfer.AmountMicros, NpgsqlDbType.Bigint, cancel);
            await copy.WriteAsync(transfer.Kind, NpgsqlDbType.Text, cancel);
            await copy.WriteAsync(transfer.Cause, NpgsqlDbType.Text, cancel);
            await copy.WriteAsync(transfer.HappenedTime.UtcDateTime, NpgsqlDbType.TimestampTz, cancel);
            await copy.WriteAsync(transfer.RecordedTime.UtcDateTime, NpgsqlDbType.TimestampTz, cancel);
            await Write(copy, transfer.FeedNumber, NpgsqlDbType.Bigint, cancel);
            await Write(copy, transfer.ExpiresTime?.UtcDateTime, NpgsqlDbType.TimestampTz, cancel);
            await Write(copy, owners[transfer.Debit], NpgsqlDbType.Uuid, cancel);
            await Write(copy, owners[transfer.Credit], NpgsqlDbType.Uuid, cancel);
            await copy.WriteAsync(transfer.Hash.ToArray(), NpgsqlDbType.Bytea, cancel);
        }
        await copy.CompleteAsync(cancel);
    }

    private static Task Write<T>(NpgsqlBinaryImporter copy, T? value, NpgsqlDbType type, CancellationToken cancel)
        where T : struct => value is { } some ? copy.WriteAsync(some, type, cancel) : copy.WriteNullAsync(cancel);

    private readonly record struct Head(long Number, byte[] Hash, DateTimeOffset Time);
}

/// <summary>The ledger would not take a transfer, and with it nothing of what was saved.</summary>
public sealed class LedgerRefusedException(Transfer transfer, TransferRefusal reason) : Exception(
    $"The ledger refused {transfer.Amount} from {transfer.Debit.Name} to {transfer.Credit.Name} ({transfer.Kind}, {transfer.Cause}): {reason}.")
{
    /// <summary>What was refused.</summary>
    public Transfer Transfer { get; } = transfer;

    /// <summary>Why.</summary>
    public TransferRefusal Reason { get; } = reason;
}
