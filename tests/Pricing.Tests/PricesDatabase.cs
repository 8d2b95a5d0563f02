using ComputeExchange.Client;
using ComputeExchange.Facts.Storage;
using ComputeExchange.Pricing.Storage;
using ComputeExchange.Testing;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using Xunit;

[assembly: AssemblyFixture(typeof(PostgresServer))]

namespace ComputeExchange.Pricing.Tests;

/// <summary>A database with Pricing's tables for the tests of one class; each test begins with them empty.</summary>
public sealed class PricesDatabase(PostgresServer postgres) : IAsyncLifetime
{
    private const string Empty = """
        TRUNCATE pricing.markets, pricing.block_bids, pricing.spot_prices, pricing.trades, pricing.index_values, pricing.cursors, pricing.facts;
        UPDATE pricing.fact_head SET last_number = 0
        """;

    private NpgsqlDataSource? _source;

    /// <summary>Where it is.</summary>
    public NpgsqlDataSource Source => _source ?? throw new InvalidOperationException("Not initialised.");

    public async ValueTask InitializeAsync()
    {
        _source = NpgsqlDataSource.Create(await postgres.CreateDatabase());
        var options = new DbContextOptionsBuilder<PricingDb>();
        Hosting.Storage.Configure(options, _source, ServiceNames.Pricing);
        await using ServiceDb db = new PricingDb(options.Options, TimeProvider.System);
        await db.Database.MigrateAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Empties the tables.</summary>
    public async Task Clean()
    {
        await using var clean = Source.CreateCommand(Empty);
        await clean.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (_source is not null) await _source.DisposeAsync();
    }
}
