using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using ComputeExchange.Client;
using ComputeExchange.Facts;
using ComputeExchange.Settlement.Reconciliation;
using ComputeExchange.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using Shouldly;
using Xunit;

namespace ComputeExchange.Settlement.Tests;

public sealed class MeasuresTests(PostgresServer server)
{
    [Fact]
    public async Task A_ledger_that_was_tampered_with_shows_in_the_gauge_and_a_whole_one_shows_nothing()
    {
        using var measured = new Measured();
        await using var books = await Books.Open(server);
        await books.Fund(Guid.NewGuid(), 1_000);

        await Watch(books);
        measured["cx.settlement.breaks"].ShouldBe(0);

        // Past the triggers, as only the database's owner could.
        await books.Do(db => db.Database.ExecuteSqlAsync($"ALTER TABLE settlement.accounts DISABLE TRIGGER USER"));
        await books.Do(db => db.Database.ExecuteSqlAsync($"UPDATE settlement.accounts SET balance_micros = balance_micros + 1 WHERE kind = 'collateral'"));
        await Watch(books);
        measured["cx.settlement.breaks"].ShouldBeGreaterThan(0);
    }

    private static async Task Watch(Books books)
    {
        using var nobody = new ExchangeClient(new ExchangeAddresses(new Uri("http://127.0.0.1:1")), apiKey: null);
        using var watch = new LedgerWatch(books.Scopes, nobody, NullLogger<LedgerWatch>.Instance);
        await watch.Look(TestContext.Current.CancellationToken);
    }

    /// <summary>The last number that each metric of Settlement showed on this flow of control.</summary>
    private sealed class Measured : IDisposable
    {
        private readonly MeterListener _listener = new();
        private readonly ConcurrentDictionary<string, long> _last = new();
        private readonly AsyncLocal<bool> _mine = new() { Value = true };

        public Measured()
        {
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Name == Tracing.Prefix + "Settlement") listener.EnableMeasurementEvents(instrument);
            };
            _listener.SetMeasurementEventCallback<int>((instrument, value, _, _) => Keep(instrument, value));
            _listener.SetMeasurementEventCallback<long>((instrument, value, _, _) => Keep(instrument, value));
            _listener.Start();
        }

        public long this[string metric] => _last[metric];

        public void Dispose() => _listener.Dispose();

        private void Keep(Instrument instrument, long value)
        {
            if (_mine.Value) _last[instrument.Name] = value;
        }
    }
}
