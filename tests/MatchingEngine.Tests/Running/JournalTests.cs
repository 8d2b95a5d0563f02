using ComputeExchange.Client;
using ComputeExchange.Facts.Hearing;
using ComputeExchange.Hosting;
using ComputeExchange.MatchingEngine.Core;
using ComputeExchange.MatchingEngine.Running;
using ComputeExchange.MatchingEngine.Storage;
using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.Testing;
using ComputeExchange.Values;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Shouldly;
using Xunit;

[assembly: AssemblyFixture(typeof(PostgresServer))]

namespace ComputeExchange.MatchingEngine.Tests.Running;

/// <summary>The promises of the journal, on a real PostgreSQL: one writer, one history, nothing acknowledged is lost.</summary>
public sealed class JournalTests(PostgresServer postgres) : IAsyncLifetime
{
    private readonly List<RunningEngine> _engines = [];
    private string _database = "";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _database = await postgres.CreateDatabase();
        await using var db = new EngineDb(Hosting.Storage.OptionsFor<EngineDb>(_database, ServiceNames.MatchingEngine));
        await db.Database.MigrateAsync(Cancel);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var engine in _engines) await engine.DisposeAsync();
    }

    [Fact]
    public async Task The_model_has_no_change_that_a_migration_lacks()
    {
        await using var db = new EngineDb(Hosting.Storage.OptionsFor<EngineDb>(_database, ServiceNames.MatchingEngine));
        db.Database.HasPendingModelChanges().ShouldBeFalse();
    }

    [Fact]
    public async Task What_was_acknowledged_is_there_after_a_restart_and_the_state_is_the_same()
    {
        var first = await Start();
        for (var i = 0; i < 200; i++) await first.Engine.Submit(Id(i), Credit(i), Cancel);
        var (hash, sequence) = await StateOf(first);
        await first.Crash();

        var second = await Start();
        (await StateOf(second)).ShouldBe((hash, sequence));
        sequence.ShouldBe(200);
    }

    [Fact]
    public async Task A_repeated_command_gets_its_first_outcome_and_does_nothing_also_after_a_restart()
    {
        var first = await Start();
        var answer = await first.Engine.Submit(Id(1), Credit(1), Cancel);
        var again = await first.Engine.Submit(Id(1), Credit(1), Cancel);
        await first.Crash();
        var second = await Start();
        var late = await second.Engine.Submit(Id(1), Credit(1), Cancel);

        foreach (var repeat in (SubmitResponse[])[again, late])
        {
            repeat.RepeatedCommand.ShouldBeTrue();
            repeat.Sequence.ShouldBe(answer.Sequence);
            repeat.Events.ShouldBe(answer.Events);
        }
        (await second.Engine.Ask((exchange, _) => exchange.Holdings.Single().Collateral.Micros, Cancel)).ShouldBe(1_000_001);
    }

    [Fact]
    public async Task An_id_that_is_used_for_another_command_is_refused()
    {
        var engine = await Start();
        await engine.Engine.Submit(Id(1), Credit(1), Cancel);
        await Should.ThrowAsync<CommandIdReusedException>(() => engine.Engine.Submit(Id(1), Credit(2), Cancel));
    }

    [Fact]
    public async Task Of_two_engines_only_the_owner_writes_and_the_one_that_was_replaced_acknowledges_nothing()
    {
        var old = await Start();
        await old.Engine.Submit(Id(1), Credit(1), Cancel);

        // The old owner seems dead to the database: its lease is over. A new one takes the shard.
        await Execute("UPDATE matching_engine.shard_owner SET lease_until = clock_timestamp() - interval '1 s'");
        await using (var usurper = await Journal.Open(_database, "usurper", Cancel))
        {
            (await usurper.TryOwn()).ShouldBeTrue();
            await Should.ThrowAsync<EngineUnavailableException>(() => old.Engine.Submit(Id(2), Credit(2), Cancel));
            (await Scalar("SELECT count(*) FROM matching_engine.commands WHERE epoch > 1 OR sequence > 1")).ShouldBe(0);
            await usurper.Release();
        }

        // When the shard is free again the old one reads the history anew and serves.
        var answer = await Patiently(() => old.Engine.Submit(Id(2), Credit(2), Cancel));
        answer.Sequence.ShouldBe(2);
        old.Engine.Epoch.ShouldBe(3);
    }

    [Fact]
    public async Task A_journal_with_one_changed_byte_halts_the_shard()
    {
        var first = await Start();
        for (var i = 0; i < 5; i++) await first.Engine.Submit(Id(i), Credit(i), Cancel);
        await first.Crash();
        await Execute("UPDATE matching_engine.commands SET body = set_byte(body, length(body) - 1, get_byte(body, length(body) - 1) # 1) WHERE sequence = 3");

        var second = New();
        await second.Engine.StartAsync(Cancel);
        await second.Engine.ExecuteTask!.WaitAsync(TimeSpan.FromSeconds(20), Cancel);
        second.Engine.IsServing.ShouldBeFalse();
    }

    [Fact]
    public async Task The_feed_reads_from_any_number_without_gap_or_repeat_while_it_grows()
    {
        var engine = await Start();
        var writing = Task.Run(async () =>
        {
            for (var i = 0; i < 300; i += 10) await Task.WhenAll(Enumerable.Range(i, 10).Select(n => engine.Engine.Submit(Id(n), Credit(n), Cancel)));
        }, Cancel);

        foreach (var from in (long[])[1, 77, 299])
        {
            var numbers = new List<long>();
            await foreach (var page in engine.Feed.From(from, Cancel))
            {
                numbers.AddRange(page.Select(entry => entry.Number));
                if (numbers.Count > 0 && numbers[^1] == 300) break;
            }
            numbers.ShouldBe(Enumerable.Range((int)from, 301 - (int)from).Select(n => (long)n));
        }
        await writing;
    }

    private static Guid Id(int number) => DerivedId.From("test", number);

    private static EngineCommand Credit(int number) => new()
    {
        CreditCollateral = new CreditCollateral { ParticipantId = DerivedId.From("someone").ToString(), AmountMicros = 1_000_000 + number, Reference = "test" },
    };

    private static Task<(string Hash, long Sequence)> StateOf(RunningEngine engine) =>
        engine.Engine.Ask((exchange, status) => (exchange.StateHash(), status.Sequence), Cancel);

    private async Task<RunningEngine> Start()
    {
        var engine = New();
        await engine.Engine.StartAsync(Cancel);
        await Patiently(() => engine.Engine.Ask((_, status) => status.Sequence, Cancel));
        return engine;
    }

    private RunningEngine New()
    {
        var source = NpgsqlDataSource.Create(_database);
        var feed = new Feed(source);
        var options = new ServiceOptions
        {
            Database = _database,
            Listen = new Uri("http://127.0.0.1:1"),
            Addresses = new ExchangeAddresses(new Uri("http://127.0.0.1:1")),
            ServiceKey = new byte[32],
        };
        var engine = new RunningEngine(new Engine(options, feed, source, new ExchangeClock(simulated: false), NullLogger<Engine>.Instance), feed, source);
        _engines.Add(engine);
        return engine;
    }

    private static async Task<T> Patiently<T>(Func<Task<T>> call)
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

    private async Task Execute(string sql)
    {
        await using var source = NpgsqlDataSource.Create(_database);
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(Cancel);
    }

    private async Task<long> Scalar(string sql)
    {
        await using var source = NpgsqlDataSource.Create(_database);
        await using var command = source.CreateCommand(sql);
        return (long)(await command.ExecuteScalarAsync(Cancel))!;
    }

    /// <summary>An engine with what it needs; a crash is a stop whose ownership is not given up, so that the next one waits for the lease.</summary>
    private sealed record RunningEngine(Engine Engine, Feed Feed, NpgsqlDataSource Source) : IAsyncDisposable
    {
        public Task Crash() => Engine.StopAsync(CancellationToken.None);

        public async ValueTask DisposeAsync()
        {
            await Engine.StopAsync(CancellationToken.None);
            Engine.Dispose();
            await Source.DisposeAsync();
        }
    }
}
