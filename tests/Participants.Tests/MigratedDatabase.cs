using ComputeExchange.Testing;
using Npgsql;
using Xunit;

namespace ComputeExchange.Participants.Tests;

/// <summary>A database with Participants' tables for the tests of one class; each begins with them empty.</summary>
public sealed class MigratedDatabase(PostgresServer server) : IAsyncLifetime
{
    private const string Empty = """
        ALTER TABLE participants.audit_rows DISABLE TRIGGER USER;
        DELETE FROM participants.audit_rows;
        ALTER TABLE participants.audit_rows ENABLE TRIGGER USER;
        UPDATE participants.audit_head SET last_number = 0, last_hash = repeat('0', 64);
        DELETE FROM participants.payment_destinations; DELETE FROM participants.api_keys; DELETE FROM participants.state_requests; DELETE FROM participants.participants;
        DELETE FROM participants.facts; DELETE FROM participants.engine_commands; DELETE FROM participants.cursors;
        UPDATE participants.fact_head SET last_number = 0
        """;

    /// <summary>Shared by the tests of the class: the model of the tables is built once for it.</summary>
    public NpgsqlDataSource Source { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Source = NpgsqlDataSource.Create(await server.CreateDatabase());
        await Office.Migrate(Source);
    }

    /// <summary>Empties the tables.</summary>
    public Task Clean() => Execute(Empty);

    /// <summary>Does something to the tables as their owner, past the service.</summary>
    public async Task Execute(string sql)
    {
        await using var command = Source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }

    public ValueTask DisposeAsync() => Source.DisposeAsync();
}
