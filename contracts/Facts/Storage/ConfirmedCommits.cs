using System.Data.Common;
using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Npgsql;

namespace ComputeExchange.Facts.Storage;

/// <summary>A commit is here, and whether the database's standby has it nobody knows: nothing of it may be acknowledged.</summary>
public sealed class UnconfirmedCommitException() : Exception("A commit may not have reached the synchronous standby.");

/// <summary>
/// Sees to it that a commit whose wait for the synchronous standby was cut short does not pass as one: PostgreSQL says that
/// it succeeded, and only a notice tells.
/// </summary>
public sealed class ConfirmedCommits : DbTransactionInterceptor, IDbConnectionInterceptor
{
    private readonly ConditionalWeakTable<DbConnection, Notices> _connections = [];

    /// <inheritdoc />
    public void ConnectionOpened(DbConnection connection, ConnectionEndEventData eventData) => Watch(connection);

    /// <inheritdoc />
    public Task ConnectionOpenedAsync(DbConnection connection, ConnectionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        Watch(connection);
        return Task.CompletedTask;
    }

    /// <inheritdoc />
    public override void TransactionCommitted(DbTransaction transaction, TransactionEndEventData eventData) => Check(eventData);

    /// <inheritdoc />
    public override Task TransactionCommittedAsync(DbTransaction transaction, TransactionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        Check(eventData);
        return Task.CompletedTask;
    }

    private void Watch(DbConnection connection)
    {
        if (connection is NpgsqlConnection postgres && !_connections.TryGetValue(postgres, out _)) _connections.Add(postgres, new Notices(postgres));
    }

    private void Check(TransactionEndEventData committed)
    {
        if (committed.Context?.Database.GetDbConnection() is not { } connection || !_connections.TryGetValue(connection, out var notices)) return;
        if (!notices.WaitWasCut) return;
        notices.WaitWasCut = false;
        throw new UnconfirmedCommitException();
    }

    private sealed class Notices
    {
        public Notices(NpgsqlConnection connection) => connection.Notice += (_, notice) =>
        {
            if (notice.Notice.SqlState == "01000" && notice.Notice.MessageText.Contains("canceling wait for synchronous replication", StringComparison.Ordinal))
                WaitWasCut = true;
        };

        public bool WaitWasCut { get; set; }
    }
}
