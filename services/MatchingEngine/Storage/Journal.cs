using Npgsql;
using NpgsqlTypes;

namespace ComputeExchange.MatchingEngine.Storage;

/// <summary>The writer of the journal in PostgreSQL: appends in groups, each group one transaction that its epoch fences.</summary>
/// <remarks>
/// The connection has no timeout and no token, because a commit that waits for a synchronous standby and is cut short
/// reports success; the server's notice of that is treated as a failure. Whoever waits for an append decides how long,
/// and takes one that it no longer waits for as uncertain.
/// <para>
/// The owner holds an advisory lock for as long as its session lives. So an owner that died is seen at once, and only
/// one that is silent has to be waited for, until its lease is over. Neither is what makes it safe: the epoch is.
/// </para>
/// </remarks>
internal sealed class Journal : IJournal
{
    internal const int Shard = 0;
    private const string LeaseLength = "2 seconds";

    /// <summary>The advisory lock of the shard's owner: this and the shard's number.</summary>
    private const int OwnerLock = 25_464;

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

    /// <inheritdoc />
    public long Epoch { get; private set; }

    /// <summary>Opens a connection of its own.</summary>
    public static async Task<Journal> Open(string database, string owner, CancellationToken cancel)
    {
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(database)
        {
            Timeout = 3,
            CommandTimeout = 0,
            Pooling = false,
            ApplicationName = "matching_engine journal",
            Options = "-c lock_timeout=1s",
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

    /// <inheritdoc />
    public async Task<bool> TryOwn()
    {
        // Two seconds' silence, not a lost connection, is what the lease measures; both end an ownership.
        await using var look = new NpgsqlCommand($"""
            SELECT epoch, lease_until < clock_timestamp(), pg_try_advisory_lock({OwnerLock}, {Shard})
            FROM matching_engine.shard_owner WHERE shard = {Shard}
            """, _connection);
        long epoch;
        bool leaseIsOver, lastIsGone;
        await using (var seen = await look.ExecuteReaderAsync())
        {
            if (!await seen.ReadAsync()) (epoch, leaseIsOver, lastIsGone) = (-1, false, false);
            else (epoch, leaseIsOver, lastIsGone) = (seen.GetInt64(0), seen.GetBoolean(1), seen.GetBoolean(2));
        }
        if (epoch < 0)
        {
            await Execute($"""
                INSERT INTO matching_engine.shard_owner (shard, epoch, owner, lease_until)
                VALUES ({Shard}, 0, '', clock_timestamp()) ON CONFLICT DO NOTHING
                """);
            return await TryOwn();
        }
        if (!lastIsGone && (!leaseIsOver || !await EndLast())) return false;

        await using var take = new NpgsqlCommand($"""
            UPDATE matching_engine.shard_owner
            SET epoch = epoch + 1, owner = $1, lease_until = clock_timestamp() + interval '{LeaseLength}'
            WHERE shard = {Shard} AND epoch = $2 RETURNING epoch
            """, _connection);
        take.Parameters.Add(new NpgsqlParameter { Value = _owner });
        take.Parameters.Add(new NpgsqlParameter { Value = epoch });
        if (await take.ExecuteScalarAsync() is not long mine)
        {
            await Unlock();
            return false;
        }
        Confirm();
        Epoch = mine;
        return true;
    }

    /// <inheritdoc />
    public async Task Renew()
    {
        if (await Execute(Fence) != 1) throw new FencedException();
        Confirm();
    }

    /// <inheritdoc />
    public async Task Release()
    {
        await Execute($"UPDATE matching_engine.shard_owner SET lease_until = clock_timestamp() WHERE shard = {Shard} AND epoch = {Epoch}");
        await Unlock();
    }

    /// <inheritdoc />
    public async Task Append(IReadOnlyList<JournalEntry> group)
    {
        await using var transaction = await _connection.BeginTransactionAsync();
        if (await Execute(Fence) != 1) throw new FencedException();

        await using (var commands = await _connection.BeginBinaryImportAsync(
            "COPY matching_engine.commands (shard, sequence, epoch, command_id, engine_version, at_time, trace_parent, body, hash, state_hash) FROM STDIN (FORMAT BINARY)"))
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
                if (entry.StateHash is { } state) await commands.WriteAsync(state, NpgsqlDbType.Bytea);
                else await commands.WriteNullAsync();
            }
            await commands.CompleteAsync();
        }
        await using (var events = await _connection.BeginBinaryImportAsync(
            "COPY matching_engine.events (shard, number, sequence, body) FROM STDIN (FORMAT BINARY)"))
        {
            foreach (var entry in group)
                for (var i = 0; i < entry.Events.Count; i++)
                {
                    await events.StartRowAsync();
                    await events.WriteAsync(Shard, NpgsqlDbType.Integer);
                    await events.WriteAsync(entry.Events[i].Number, NpgsqlDbType.Bigint);
                    await events.WriteAsync(entry.Sequence, NpgsqlDbType.Bigint);
                    await events.WriteAsync(entry.EventBodies[i], NpgsqlDbType.Bytea);
                }
            await events.CompleteAsync();
        }
        await transaction.CommitAsync();
        Confirm();
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    private string Fence => $"""
        UPDATE matching_engine.shard_owner SET lease_until = clock_timestamp() + interval '{LeaseLength}'
        WHERE shard = {Shard} AND epoch = {Epoch}
        """;

    /// <summary>
    /// Ends the session of an owner that let its lease run out. It may hold the owner's row, in a transaction that it was
    /// frozen or cut off in; what it had not committed is undone with it.
    /// </summary>
    private async Task<bool> EndLast()
    {
        await Execute($"""
            SELECT pg_terminate_backend(pid) FROM pg_locks
            WHERE locktype = 'advisory' AND classid = {OwnerLock} AND objid = {Shard} AND granted AND pid <> pg_backend_pid()
              AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
            """);
        try
        {
            await Execute($"SELECT pg_advisory_lock({OwnerLock}, {Shard})");
            return true;
        }
        catch (PostgresException late) when (late.SqlState == PostgresErrorCodes.LockNotAvailable)
        {
            return false;
        }
    }

    private Task Unlock() => Execute($"SELECT pg_advisory_unlock({OwnerLock}, {Shard})");

    private void Confirm()
    {
        if (_syncWaitCancelled) throw new InvalidOperationException("A commit may not have reached the synchronous standby.");
    }

    private async Task<int> Execute(string sql)
    {
        await using var command = new NpgsqlCommand(sql, _connection);
        return await command.ExecuteNonQueryAsync();
    }
}
