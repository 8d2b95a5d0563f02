using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using ComputeExchange.MatchingEngine.V1;
using Google.Protobuf;
using Npgsql;
using NpgsqlTypes;

namespace ComputeExchange.MatchingEngine.Storage;

/// <summary>One journaled command with what it caused.</summary>
internal sealed record JournalEntry(
    long Sequence, Guid CommandId, string EngineVersion, DateTimeOffset At, string TraceParent, byte[] Body,
    IReadOnlyList<FeedEntry> Events, byte[] Hash);

/// <summary>The journal in PostgreSQL: appended by one owner, in groups, each group one transaction that its epoch fences.</summary>
/// <remarks>
/// What is uncertain counts as not written: any failure throws, and the owner must throw its memory away and read the
/// journal again. The connection has no timeout and no token, because a commit that waits for a synchronous standby
/// and is cut short reports success; the server's notice of that is treated as a failure too.
/// </remarks>
internal sealed class Journal : IAsyncDisposable
{
    private const int Shard = 0;
    private const string LeaseLength = "2 seconds";

    private readonly NpgsqlConnection _connection;
    private readonly string _owner;
    private volatile bool _syncWaitCancelled;

    private Journal(NpgsqlConnection connection, string owner)
    {
        _connection = connection;
        _owner = owner;
        connection.Notice += (_, notice) =>
        {
            if (notice.Notice.SqlState == "01000" && notice.Notice.MessageText.Contains("canceling wait for synchronous replication", StringComparison.Ordinal))
                _syncWaitCancelled = true;
        };
    }

    /// <summary>The owner's number; every append bears it.</summary>
    public long Epoch { get; private set; }

    /// <summary>Opens a connection of its own.</summary>
    public static async Task<Journal> Open(string database, string owner, CancellationToken cancel)
    {
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(database)
        {
            CommandTimeout = 0,
            Pooling = false,
            ApplicationName = "matching_engine journal",
        }.ConnectionString);
        try
        {
            await connection.OpenAsync(cancel);
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
        return new Journal(connection, owner);
    }

    /// <summary>Tries to become the owner: succeeds when the last one's lease is over, by the database's clock.</summary>
    public async Task<bool> TryOwn()
    {
        await Execute($"""
            INSERT INTO matching_engine.shard_owner (shard, epoch, owner, lease_until)
            VALUES ({Shard}, 0, '', clock_timestamp()) ON CONFLICT DO NOTHING
            """);
        await using var take = new NpgsqlCommand($"""
            UPDATE matching_engine.shard_owner
            SET epoch = epoch + 1, owner = $1, lease_until = clock_timestamp() + interval '{LeaseLength}'
            WHERE shard = {Shard} AND lease_until < clock_timestamp() RETURNING epoch
            """, _connection);
        take.Parameters.Add(new NpgsqlParameter { Value = _owner });
        if (await take.ExecuteScalarAsync() is not long epoch) return false;
        Epoch = epoch;
        return true;
    }

    /// <summary>Says that the owner lives.</summary>
    /// <exception cref="FencedException">Another owner has taken over.</exception>
    public async Task Renew()
    {
        if (await Execute(Fence) != 1) throw new FencedException();
    }

    /// <summary>Gives the ownership up, so that another need not wait.</summary>
    public Task Release() =>
        Execute($"UPDATE matching_engine.shard_owner SET lease_until = clock_timestamp() WHERE shard = {Shard} AND epoch = {Epoch}");

    /// <summary>Appends a group; when it returns, the group is committed and this owner was the owner.</summary>
    /// <exception cref="FencedException">Another owner has taken over; nothing was written.</exception>
    public async Task Append(IReadOnlyList<JournalEntry> group)
    {
        await using var transaction = await _connection.BeginTransactionAsync();
        if (await Execute(Fence) != 1) throw new FencedException();

        await using (var commands = await _connection.BeginBinaryImportAsync(
            "COPY matching_engine.commands (shard, sequence, epoch, command_id, engine_version, at_time, trace_parent, body, hash) FROM STDIN (FORMAT BINARY)"))
        {
            foreach (var entry in group)
            {
                await commands.StartRowAsync();
                await commands.WriteAsync(Shard, NpgsqlDbType.Integer);
                await commands.WriteAsync(entry.Sequence, NpgsqlDbType.Bigint);
                await commands.WriteAsync(Epoch, NpgsqlDbType.Bigint);
                await commands.WriteAsync(entry.CommandId, NpgsqlDbType.Uuid);
                await commands.WriteAsync(entry.EngineVersion, NpgsqlDbType.Text);
                await commands.WriteAsync(entry.At, NpgsqlDbType.TimestampTz);
                await commands.WriteAsync(entry.TraceParent, NpgsqlDbType.Text);
                await commands.WriteAsync(entry.Body, NpgsqlDbType.Bytea);
                await commands.WriteAsync(entry.Hash, NpgsqlDbType.Bytea);
            }
            await commands.CompleteAsync();
        }
        await using (var events = await _connection.BeginBinaryImportAsync(
            "COPY matching_engine.events (shard, number, sequence, body) FROM STDIN (FORMAT BINARY)"))
        {
            foreach (var entry in group)
            foreach (var happened in entry.Events)
            {
                await events.StartRowAsync();
                await events.WriteAsync(Shard, NpgsqlDbType.Integer);
                await events.WriteAsync(happened.Number, NpgsqlDbType.Bigint);
                await events.WriteAsync(entry.Sequence, NpgsqlDbType.Bigint);
                await events.WriteAsync(happened.ToByteArray(), NpgsqlDbType.Bytea);
            }
            await events.CompleteAsync();
        }
        await transaction.CommitAsync();
        if (_syncWaitCancelled) throw new InvalidOperationException("A commit may not have reached the synchronous standby.");
    }

    /// <summary>The hash that binds a command and its events to all before them.</summary>
    public static byte[] HashOf(
        byte[] before, long sequence, Guid commandId, string engineVersion, DateTimeOffset at, byte[] body, IReadOnlyList<FeedEntry> events)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> fixedPart = stackalloc byte[32];
        BinaryPrimitives.WriteInt64LittleEndian(fixedPart, sequence);
        BinaryPrimitives.WriteInt64LittleEndian(fixedPart[8..], at.UtcTicks);
        commandId.TryWriteBytes(fixedPart[16..]);
        hash.AppendData(before);
        hash.AppendData(fixedPart);
        hash.AppendData(Encoding.UTF8.GetBytes(engineVersion));
        hash.AppendData(body);
        foreach (var happened in events) hash.AppendData(happened.ToByteArray());
        return hash.GetHashAndReset();
    }

    /// <summary>Everything that was journaled, from the first command on.</summary>
    public static async IAsyncEnumerable<JournalEntry> ReadAll(string database, [EnumeratorCancellation] CancellationToken cancel)
    {
        await using var source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(database) { CommandTimeout = 0, ApplicationName = "matching_engine replay" });
        await using var commandsConnection = await source.OpenConnectionAsync(cancel);
        await using var eventsConnection = await source.OpenConnectionAsync(cancel);
        await using var commands = new NpgsqlCommand(
            $"SELECT sequence, command_id, engine_version, at_time, trace_parent, body, hash FROM matching_engine.commands WHERE shard = {Shard} ORDER BY sequence", commandsConnection);
        await using var events = new NpgsqlCommand(
            $"SELECT sequence, body FROM matching_engine.events WHERE shard = {Shard} ORDER BY number", eventsConnection);
        await using var command = await commands.ExecuteReaderAsync(cancel);
        await using var happened = await events.ExecuteReaderAsync(cancel);

        var more = await happened.ReadAsync(cancel);
        while (await command.ReadAsync(cancel))
        {
            var sequence = command.GetInt64(0);
            var caused = new List<FeedEntry>();
            while (more && happened.GetInt64(0) == sequence)
            {
                caused.Add(FeedEntry.Parser.ParseFrom(happened.GetFieldValue<byte[]>(1)));
                more = await happened.ReadAsync(cancel);
            }
            yield return new JournalEntry(
                sequence, command.GetGuid(1), command.GetString(2), command.GetFieldValue<DateTimeOffset>(3), command.GetString(4),
                command.GetFieldValue<byte[]>(5), caused, command.GetFieldValue<byte[]>(6));
        }
    }

    /// <summary>Feed entries from a number on, in order.</summary>
    public static async Task<List<FeedEntry>> ReadFeed(NpgsqlDataSource source, long from, int atMost, CancellationToken cancel)
    {
        await using var command = source.CreateCommand(
            $"SELECT body FROM matching_engine.events WHERE shard = {Shard} AND number >= $1 ORDER BY number LIMIT $2");
        command.Parameters.Add(new NpgsqlParameter { Value = from });
        command.Parameters.Add(new NpgsqlParameter { Value = atMost });
        return await ReadEntries(command, cancel);
    }

    /// <summary>What a command caused when it was journaled.</summary>
    public static async Task<List<FeedEntry>> ReadOutcome(NpgsqlDataSource source, long sequence, CancellationToken cancel)
    {
        await using var command = source.CreateCommand(
            $"SELECT body FROM matching_engine.events WHERE shard = {Shard} AND sequence = $1 ORDER BY number");
        command.Parameters.Add(new NpgsqlParameter { Value = sequence });
        return await ReadEntries(command, cancel);
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    private string Fence => $"""
        UPDATE matching_engine.shard_owner SET lease_until = clock_timestamp() + interval '{LeaseLength}'
        WHERE shard = {Shard} AND epoch = {Epoch}
        """;

    private async Task<int> Execute(string sql)
    {
        await using var command = new NpgsqlCommand(sql, _connection);
        return await command.ExecuteNonQueryAsync();
    }

    private static async Task<List<FeedEntry>> ReadEntries(NpgsqlCommand command, CancellationToken cancel)
    {
        var entries = new List<FeedEntry>();
        await using var reader = await command.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel)) entries.Add(FeedEntry.Parser.ParseFrom(reader.GetFieldValue<byte[]>(0)));
        return entries;
    }
}

/// <summary>Another engine owns the shard now: this one's memory is worth nothing any more.</summary>
internal sealed class FencedException() : Exception("Another engine owns the shard.");
