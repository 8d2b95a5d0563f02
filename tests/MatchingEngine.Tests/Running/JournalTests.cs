using ComputeExchange.MatchingEngine.Running;
using ComputeExchange.MatchingEngine.Storage;
using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.Testing;
using Microsoft.EntityFrameworkCore;
using Shouldly;
using Xunit;
using static ComputeExchange.MatchingEngine.Tests.Running.Engines;

[assembly: AssemblyFixture(typeof(PostgresServer))]

namespace ComputeExchange.MatchingEngine.Tests.Running;

/// <summary>The promises of the journal, on a real PostgreSQL: one writer, one history, nothing acknowledged is lost.</summary>
public sealed class JournalTests(PostgresServer postgres) : IAsyncLifetime
{
    private Engines _engines = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _engines = await Over(postgres);

    public ValueTask DisposeAsync() => _engines.DisposeAsync();

    [Fact]
    public async Task The_model_has_no_change_that_a_migration_lacks()
    {
        await using var db = _engines.Db();
        db.Database.HasPendingModelChanges().ShouldBeFalse();
    }

    [Fact]
    public async Task What_was_acknowledged_is_there_after_a_restart_and_the_state_is_the_same()
    {
        var first = await _engines.Start();
        for (var i = 0; i < 200; i++) await first.Engine.Submit(Id(i), Credit(i), Cancel);
        var before = await first.Standing();
        await first.Stop();

        var second = await _engines.Start();
        var after = await second.Standing();
        (after.StateHash, after.JournalHash, after.Sequence).ShouldBe((before.StateHash, before.JournalHash, before.Sequence));
        after.Sequence.ShouldBe(200);
    }

    [Fact]
    public async Task A_repeated_command_gets_its_first_outcome_and_does_nothing_also_after_a_restart()
    {
        var first = await _engines.Start();
        var answer = await first.Engine.Submit(Id(1), Credit(1), Cancel);
        var again = await first.Engine.Submit(Id(1), Credit(1), Cancel);
        await first.Stop();
        var second = await _engines.Start();
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
        var engine = await _engines.Start();
        await engine.Engine.Submit(Id(1), Credit(1), Cancel);
        await Should.ThrowAsync<CommandIdReusedException>(() => engine.Engine.Submit(Id(1), Credit(2), Cancel));
    }

    [Fact]
    public async Task A_command_that_the_rules_fail_on_is_answered_and_does_not_keep_the_others_from_theirs()
    {
        var engine = await _engines.Start();
        await engine.Engine.Submit(Id(1), Credit(1), Cancel);
        var tooMuch = Credit(2);
        tooMuch.CreditCollateral.AmountMicros = long.MaxValue;
        await Should.ThrowAsync<EngineFaultException>(() => engine.Engine.Submit(Id(2), tooMuch, Cancel));

        // It reads its history anew; until it has, it asks its callers to ask again with the same id.
        (await Patiently(() => engine.Engine.Submit(Id(3), Credit(3), Cancel))).Sequence.ShouldBe(2);
        (await engine.Engine.Ask((exchange, _) => exchange.Holdings.Single().Collateral.Micros, Cancel)).ShouldBe(2_000_004);
    }

    [Fact]
    public async Task Of_two_engines_only_the_owner_writes_and_the_one_that_was_replaced_acknowledges_nothing()
    {
        var old = await _engines.Start();
        await old.Engine.Submit(Id(1), Credit(1), Cancel);

        // The old owner seems dead to the database: its lease is over. A new one takes the shard.
        await using (var usurper = await Journal.Open(_engines.Database, "usurper", Cancel))
        {
            await TakeFromTheLiving(usurper);
            await Should.ThrowAsync<EngineUnavailableException>(() => old.Engine.Submit(Id(2), Credit(2), Cancel));
            (await _engines.Scalar("SELECT count(*) FROM matching_engine.commands WHERE epoch > 1 OR sequence > 1")).ShouldBe(0);
            await usurper.Release();
        }

        // When the shard is free again the old one reads the history anew and serves.
        var answer = await Patiently(() => old.Engine.Submit(Id(2), Credit(2), Cancel));
        answer.Sequence.ShouldBe(2);
        old.Engine.Epoch.ShouldBe(3);
    }

    [Fact]
    public async Task A_writer_that_was_replaced_writes_nothing_although_its_connection_lives()
    {
        await using var old = await Journal.Open(_engines.Database, "old", Cancel);
        (await old.TryOwn()).ShouldBeTrue();
        await _engines.Execute("UPDATE matching_engine.shard_owner SET epoch = epoch + 1");
        await Should.ThrowAsync<FencedException>(() => old.Append([Entry(1)]));
        await Should.ThrowAsync<FencedException>(() => old.Renew());
        (await _engines.Scalar("SELECT count(*) FROM matching_engine.commands")).ShouldBe(0);
    }

    [Fact]
    public async Task A_shard_is_free_at_once_when_its_owner_dies_and_not_before_the_end_of_the_lease_while_it_lives()
    {
        var first = await Journal.Open(_engines.Database, "first", Cancel);
        (await first.TryOwn()).ShouldBeTrue();
        await using var second = await Journal.Open(_engines.Database, "second", Cancel);
        (await second.TryOwn()).ShouldBeFalse();
        await first.DisposeAsync();
        var began = TimeProvider.System.GetTimestamp();
        await Until(second.TryOwn);
        TimeProvider.System.GetElapsedTime(began).TotalSeconds.ShouldBeLessThan(1);
        second.Epoch.ShouldBe(2);
    }

    [Theory]
    [InlineData(true, true, 1)]
    [InlineData(true, false, 1)]
    [InlineData(false, true, 1)]
    [InlineData(false, false, 2)]
    public async Task Two_writers_double_a_command_only_where_both_the_fence_and_the_unique_keys_are_away(bool fence, bool keys, int written)
    {
        if (!keys)
        {
            await _engines.Execute("ALTER TABLE matching_engine.commands DROP CONSTRAINT \"PK_commands\"");
            await _engines.Execute("ALTER TABLE matching_engine.events DROP CONSTRAINT \"PK_events\"");
            await _engines.Execute("DROP INDEX matching_engine.\"IX_commands_shard_command_id\"");
        }
        await _engines.Execute("INSERT INTO matching_engine.shard_owner VALUES (0, 0, '', now())");

        // Writers that own nothing bear the number 0. Where the row says that too, each of them passes for the owner.
        await using var old = await Journal.Open(_engines.Database, "old", Cancel);
        await using var next = await Journal.Open(_engines.Database, "next", Cancel);
        if (fence) (await next.TryOwn()).ShouldBeTrue();
        await next.Append([Entry(1)]);
        var failure = await Record.ExceptionAsync(() => old.Append([Entry(1)]));

        if (fence) failure.ShouldBeOfType<FencedException>();
        else if (keys) failure.ShouldBeOfType<Npgsql.PostgresException>().SqlState.ShouldBe(Npgsql.PostgresErrorCodes.UniqueViolation);
        else failure.ShouldBeNull();
        (await _engines.Scalar("SELECT count(*) FROM matching_engine.commands")).ShouldBe(written);
        (await _engines.Scalar("SELECT count(*) FROM matching_engine.events")).ShouldBe(written);
    }

    [Fact]
    public async Task A_journal_with_one_changed_byte_halts_the_shard()
    {
        var first = await _engines.Start();
        for (var i = 0; i < 5; i++) await first.Engine.Submit(Id(i), Credit(i), Cancel);
        await first.Stop();
        await _engines.Execute("UPDATE matching_engine.commands SET body = set_byte(body, length(body) - 1, get_byte(body, length(body) - 1) # 1) WHERE sequence = 3");

        var second = _engines.New();
        await second.Engine.StartAsync(Cancel);
        await second.Engine.ExecuteTask!.WaitAsync(TimeSpan.FromSeconds(20), Cancel);
        second.Engine.IsServing.ShouldBeFalse();
    }

    [Fact]
    public async Task The_feed_reads_from_any_number_without_gap_or_repeat_while_it_grows()
    {
        var engine = await _engines.Start();
        var writing = Task.Run(async () =>
        {
            for (var i = 0; i < 300; i += 10) await Credits(engine, i, 10);
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

    /// <summary>The owner renews its lease all the time: the moment in which it is over has to be met.</summary>
    private async Task TakeFromTheLiving(Journal usurper) => await Until(async () =>
    {
        await _engines.Execute("UPDATE matching_engine.shard_owner SET lease_until = clock_timestamp() - interval '1 s'");
        return await usurper.TryOwn();
    });

    private static JournalEntry Entry(long sequence) => new(
        sequence, Id((int)sequence), "2", DateTimeOffset.UnixEpoch, "", [1], [new FeedEntry { Number = sequence, Sequence = sequence }], new byte[32]);
}
