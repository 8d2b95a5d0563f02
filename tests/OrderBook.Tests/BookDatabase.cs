using ComputeExchange.Client;
using ComputeExchange.Facts.Storage;
using ComputeExchange.OrderBook.Storage;
using ComputeExchange.Testing;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using Xunit;

namespace ComputeExchange.OrderBook.Tests;

/// <summary>A database with the edge's tables for the tests of one class; each test begins with them empty.</summary>
public sealed class BookDatabase(PostgresServer postgres) : IAsyncLifetime
{
    private const string Empty = """
        DELETE FROM order_book.settings; DELETE FROM order_book.markets; DELETE FROM order_book.bids; DELETE FROM order_book.offers;
        DELETE FROM order_book.leases; DELETE FROM order_book.runs; DELETE FROM order_book.run_records; DELETE FROM order_book.cursors;
        TRUNCATE order_book.instruments, order_book.futures_accounts, order_book.futures_orders, order_book.futures_trades, order_book.futures_positions,
        order_book.order_outcomes, order_book.orders_read, order_book.fees
        """;

    private NpgsqlDataSource? _source;

    /// <summary>Where it is.</summary>
    public NpgsqlDataSource Source => _source ?? throw new InvalidOperationException("Not initialised.");

    public async ValueTask InitializeAsync()
    {
        _source = NpgsqlDataSource.Create(await postgres.CreateDatabase());
        var options = new DbContextOptionsBuilder<OrderBookDb>();
        Hosting.Storage.Configure(options, _source, ServiceNames.OrderBook);
        await using ServiceDb db = new OrderBookDb(options.Options, TimeProvider.System);
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
