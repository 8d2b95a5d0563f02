using System.Collections.Concurrent;
using ComputeExchange.Client;
using ComputeExchange.Facts.Hearing;
using ComputeExchange.MatchingEngine.Running;
using ComputeExchange.MatchingEngine.Storage;
using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.Testing;
using ComputeExchange.Values;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Npgsql;
using Xunit;

namespace ComputeExchange.MatchingEngine.Tests.Running;

/// <summary>Engines over one journal in a real PostgreSQL: started, stopped, and looked at.</summary>
internal sealed class Engines : IAsyncDisposable
{
    private readonly List<RunningEngine> _engines = [];
    private readonly NpgsqlDataSource _source;

    private Engines(string database)
    {
        Database = database;
        _source = NpgsqlDataSource.Create(database);
        Store = new JournalStore(_source, database);
    }

    public string Database { get; }

    public JournalStore Store { get; }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static async Task<Engines> Over(PostgresServer postgres) => await Over(await postgres.CreateDatabase());

    public static async Task<Engines> Over(string database)
    {
        var engines = new Engines(database);
        await using var db = engines.Db();
        await db.Database.MigrateAsync(Cancel);
        return engines;
    }

    public EngineDb Db() => new(Hosting.Storage.OptionsFor<EngineDb>(Database, ServiceNames.MatchingEngine));

    public static Guid Id(int number) => DerivedId.From("test", number);

    public static EngineCommand Credit(int number) => new()
    {
        CreditCollateral = new CreditCollateral { ParticipantId = DerivedId.From("someone").ToString(), AmountMicros = 1_000_000 + number, Reference = "test" },
    };

    /// <summary>Credits numbered so, as many at once as there are.</summary>
    public static Task Credits(RunningEngine engine, int from, int count) =>
        Task.WhenAll(Enumerable.Range(from, count).Select(number => engine.Engine.Submit(Id(number), Credit(number), Cancel)));

    /// <summary>An engine that answers.</summary>
    public async Task<RunningEngine> Start(int snapshotEvery = 100_000)
    {
        var engine = New(snapshotEvery);
        await engine.Engine.StartAsync(Cancel);
        await Patiently(() => engine.Engine.Ask((_, status) => status.Sequence, Cancel));
        return engine;
    }

    /// <summary>An engine that is not started.</summary>
    public RunningEngine New(int snapshotEvery = 100_000, IJournalStore? store = null)
    {
        var log = new Sayings();
        var feed = new Feed(store ?? Store, TimeProvider.System);
        var engine = new RunningEngine(
            new Engine(new EngineOptions("test", snapshotEvery), store ?? Store, feed, new ExchangeClock(simulated: false), TimeProvider.System, log), feed, log);
        _engines.Add(engine);
        return engine;
    }

    public static async Task<T> Patiently<T>(Func<Task<T>> call)
    {
        for (var i = 0; ; i++)
        {
            try
            {
                return await call();
            }
            catch (EngineUnavailableException) when (i < 200)
            {
                await Task.Delay(50, Cancel);
            }
        }
    }

    public static async Task Until(Func<Task<bool>> holds)
    {
        for (var i = 0; i < 200 && !await holds(); i++) await Task.Delay(50, Cancel);
    }

    public async Task Execute(string sql)
    {
        await using var command = _source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(Cancel);
    }

    public async Task<long> Scalar(string sql)
    {
        await using var command = _source.CreateCommand(sql);
        return (long)(await command.ExecuteScalarAsync(Cancel))!;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var engine in _engines)
        {
            await engine.Engine.StopAsync(CancellationToken.None);
            engine.Engine.Dispose();
        }
        await _source.DisposeAsync();
    }
}

/// <summary>An engine with what it needs and what it says.</summary>
internal sealed record RunningEngine(Engine Engine, Feed Feed, Sayings Log)
{
    public Task Stop() => Engine.StopAsync(CancellationToken.None);

    public Task<EngineStanding> Standing() => Engine.AskStanding(TestContext.Current.CancellationToken);
}

/// <summary>What an engine has said.</summary>
internal sealed class Sayings : ILogger<Engine>
{
    private readonly ConcurrentQueue<string> _lines = new();

    public string All => string.Join('\n', _lines);

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _lines.Enqueue(formatter(state, exception));
}
