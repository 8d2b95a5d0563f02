using ComputeExchange.Testing;
using Npgsql;
using Xunit;

namespace ComputeExchange.ProviderRegistry.Tests;

/// <summary>A database with the registry's tables for the tests of one class; each begins with them empty.</summary>
public sealed class MigratedDatabase(PostgresServer server) : IAsyncLifetime
{
    private const string Empty = """
        DELETE FROM provider_registry.lease_slots; DELETE FROM provider_registry.leases;
        DELETE FROM provider_registry.node_requests; DELETE FROM provider_registry.nodes; DELETE FROM provider_registry.markets;
        DELETE FROM provider_registry.facts; DELETE FROM provider_registry.engine_commands; DELETE FROM provider_registry.cursors;
        UPDATE provider_registry.fact_head SET last_number = 0
        """;

    private NpgsqlDataSource _source = null!;

    public async ValueTask InitializeAsync()
    {
        _source = NpgsqlDataSource.Create(await server.CreateDatabase());
        await Registry.Migrate(_source);
    }

    /// <summary>Empties the tables; returns the way to them, the same for all tests of the class: their model is built once for it.</summary>
    public async Task<NpgsqlDataSource> Clean()
    {
        await using var clean = _source.CreateCommand(Empty);
        await clean.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        return _source;
    }

    public ValueTask DisposeAsync() => _source.DisposeAsync();
}
