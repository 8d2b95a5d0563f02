using System.Runtime.CompilerServices;
using ComputeExchange.MatchingEngine.V1;
using Npgsql;

namespace ComputeExchange.MatchingEngine.Storage;

/// <summary>The journal in PostgreSQL.</summary>
/// <param name="source">For reading; the writer has a connection of its own.</param>
/// <param name="database">The connection string.</param>
internal sealed class JournalStore(NpgsqlDataSource source, string database) : IJournalStore
{
    private const int Shard = Journal.Shard;

    /// <inheritdoc />
    public async Task<IJournal> Open(string owner, CancellationToken cancel) => await Journal.Open(database, owner, cancel);

    /// <inheritdoc />
    public async IAsyncEnumerable<JournalEntry> Read(long after, [EnumeratorCancellation] CancellationToken cancel)
    {
        await using var commandsConnection = await source.OpenConnectionAsync(cancel);
        await using var commands = new NpgsqlCommand($"""
            SELECT sequence, command_id, engine_version, at_time, trace_parent, body, hash, state_hash
            FROM matching_engine.commands WHERE shard = {Shard} AND sequence > $1 ORDER BY sequence
            """, commandsConnection);
        commands.Parameters.Add(new NpgsqlParameter { Value = after });
        await using var command = await commands.ExecuteReaderAsync(cancel);
        if (!await command.ReadAsync(cancel)) yield break;

        // Asked later, so that it holds all that the commands seen above have caused.
        await using var eventsConnection = await source.OpenConnectionAsync(cancel);
        await using var events = new NpgsqlCommand($"""
            SELECT sequence, body FROM matching_engine.events WHERE shard = {Shard} AND number > coalesce((
                SELECT number FROM matching_engine.events WHERE shard = {Shard} AND sequence <= $1 ORDER BY sequence DESC, number DESC LIMIT 1), 0)
            ORDER BY number
            """, eventsConnection);
        events.Parameters.Add(new NpgsqlParameter { Value = after });
        await using var happened = await events.ExecuteReaderAsync(cancel);

        var more = await happened.ReadAsync(cancel);
        do
        {
            var sequence = command.GetInt64(0);
            var caused = new List<FeedEntry>(1);
            var bodies = new List<byte[]>(1);
            while (more && happened.GetInt64(0) == sequence)
            {
                bodies.Add(happened.GetFieldValue<byte[]>(1));
                caused.Add(FeedEntry.Parser.ParseFrom(bodies[^1]));
                more = await happened.ReadAsync(cancel);
            }
            yield return new JournalEntry(
                sequence, command.GetGuid(1), command.GetString(2), command.GetFieldValue<DateTimeOffset>(3), command.GetString(4),
                command.GetFieldValue<byte[]>(5), caused, command.GetFieldValue<byte[]>(6), command.IsDBNull(7) ? null : command.GetFieldValue<byte[]>(7))
            { EventBodies = bodies };
        }
        while (await command.ReadAsync(cancel));
    }

    /// <inheritdoc />
    public Task<IReadOnlyList<FeedEntry>> ReadFeed(long from, int atMost, CancellationToken cancel) => ReadEntries(
        $"SELECT body FROM matching_engine.events WHERE shard = {Shard} AND number >= $1 ORDER BY number LIMIT $2", [from, atMost], cancel);

    /// <inheritdoc />
    public Task<IReadOnlyList<FeedEntry>> ReadOutcome(long sequence, CancellationToken cancel) => ReadEntries(
        $"SELECT body FROM matching_engine.events WHERE shard = {Shard} AND sequence = $1 ORDER BY number", [sequence], cancel);

    /// <inheritdoc />
    public async Task<IReadOnlyDictionary<Guid, KnownCommand>> Find(IReadOnlyCollection<Guid> commandIds, CancellationToken cancel)
    {
        await using var command = source.CreateCommand(
            $"SELECT command_id, sequence, body FROM matching_engine.commands WHERE shard = {Shard} AND command_id = ANY ($1)");
        command.Parameters.Add(new NpgsqlParameter { Value = commandIds.ToArray() });
        var found = new Dictionary<Guid, KnownCommand>();
        await using var reader = await command.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel))
            found.Add(reader.GetGuid(0), new KnownCommand(reader.GetInt64(1), KnownCommand.ContentOf(reader.GetFieldValue<byte[]>(2))));
        return found;
    }

    /// <inheritdoc />
    public async Task Save(Snapshot snapshot, int kept, CancellationToken cancel)
    {
        await using var connection = await source.OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        await using var insert = new NpgsqlCommand($"""
            INSERT INTO matching_engine.snapshots (shard, sequence, feed_number, engine_version, chain_hash, state, checksum)
            VALUES ({Shard}, $1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING
            """, connection);
        foreach (var value in (object[])[snapshot.Sequence, snapshot.FeedNumber, snapshot.EngineVersion, snapshot.ChainHash, snapshot.State, snapshot.Checksum])
            insert.Parameters.Add(new NpgsqlParameter { Value = value });
        await insert.ExecuteNonQueryAsync(cancel);
        await using var forget = new NpgsqlCommand($"""
            DELETE FROM matching_engine.snapshots WHERE shard = {Shard} AND sequence NOT IN (
                SELECT sequence FROM matching_engine.snapshots WHERE shard = {Shard} ORDER BY sequence DESC LIMIT $1)
            """, connection);
        forget.Parameters.Add(new NpgsqlParameter { Value = kept });
        await forget.ExecuteNonQueryAsync(cancel);
        await transaction.CommitAsync(cancel);
    }

    /// <inheritdoc />
    public async Task<(long Oldest, long Newest)> Kept(CancellationToken cancel)
    {
        await using var command = source.CreateCommand(
            $"SELECT coalesce(min(sequence), 0), coalesce(max(sequence), 0) FROM matching_engine.snapshots WHERE shard = {Shard}");
        await using var reader = await command.ExecuteReaderAsync(cancel);
        await reader.ReadAsync(cancel);
        return (reader.GetInt64(0), reader.GetInt64(1));
    }

    /// <inheritdoc />
    public async IAsyncEnumerable<Snapshot> Snapshots([EnumeratorCancellation] CancellationToken cancel)
    {
        // One after the other: they are large, and mostly the first one is good.
        for (var before = long.MaxValue; ;)
        {
            Snapshot? next = null;
            await using (var command = source.CreateCommand($"""
                SELECT sequence, feed_number, engine_version, chain_hash, state, checksum
                FROM matching_engine.snapshots WHERE shard = {Shard} AND sequence < $1 ORDER BY sequence DESC LIMIT 1
                """))
            {
                command.Parameters.Add(new NpgsqlParameter { Value = before });
                await using var reader = await command.ExecuteReaderAsync(cancel);
                if (await reader.ReadAsync(cancel))
                    next = new Snapshot(
                        reader.GetInt64(0), reader.GetInt64(1), reader.GetString(2), reader.GetFieldValue<byte[]>(3),
                        reader.GetFieldValue<byte[]>(4), reader.GetFieldValue<byte[]>(5));
            }
            if (next is null) yield break;
            before = next.Sequence;
            yield return next;
        }
    }

    private async Task<IReadOnlyList<FeedEntry>> ReadEntries(string sql, object[] parameters, CancellationToken cancel)
    {
        await using var command = source.CreateCommand(sql);
        foreach (var parameter in parameters) command.Parameters.Add(new NpgsqlParameter { Value = parameter });
        var entries = new List<FeedEntry>();
        await using var reader = await command.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel)) entries.Add(FeedEntry.Parser.ParseFrom(reader.GetFieldValue<byte[]>(0)));
        return entries;
    }
}
