using ComputeExchange.Hosting.Postgres;
using ComputeExchange.MatchingEngine.Running;
using ComputeExchange.MatchingEngine.Storage;
using Npgsql;
using Shouldly;
using Xunit;
using static ComputeExchange.MatchingEngine.Tests.Running.Engines;

namespace ComputeExchange.MatchingEngine.Tests.Running;

/// <summary>A database whose synchronous standby is away: a commit waits, and one whose wait is cut short says that all is well. Nothing of it may be acknowledged.</summary>
public sealed class SyncCommitTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("cx-sync-").FullName;
    private PrivatePostgres _postgres = null!;
    private Engines _engines = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        // PostgreSQL may run as another user there, and must be able to reach its folder.
        File.SetUnixFileMode(_folder, (UnixFileMode)0b111_101_101);
        _postgres = await PrivatePostgres.Start(Path.Combine(_folder, "postgres"), Cancel, "fsync=off");
        _engines = await Over(_postgres.ConnectionString("postgres"));
    }

    public async ValueTask DisposeAsync()
    {
        await StandbyIs("");
        await _engines.DisposeAsync();
        NpgsqlConnection.ClearAllPools();
        await _postgres.Stop("immediate");
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task A_commit_whose_wait_for_the_standby_was_cut_short_counts_as_uncertain_although_the_database_says_yes()
    {
        await using var journal = await Journal.Open(_engines.Database, "writer", Cancel);
        (await journal.TryOwn()).ShouldBeTrue();
        await using var plain = new NpgsqlConnection(_engines.Database);
        await plain.OpenAsync(Cancel);
        await using (var create = new NpgsqlCommand("CREATE TABLE plain (number int)", plain)) await create.ExecuteNonQueryAsync(Cancel);
        await StandbyIs("nobody");

        var append = journal.Append([new JournalEntry(1, Id(1), "2", DateTimeOffset.UnixEpoch, "", [1], [], new byte[32])]);
        await using var insert = new NpgsqlCommand("INSERT INTO plain VALUES (1)", plain) { CommandTimeout = 0 };
        var inserting = insert.ExecuteNonQueryAsync(Cancel);
        await Until(async () => await _engines.Scalar("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'") == 2);
        (append.IsCompleted, inserting.IsCompleted).ShouldBe((false, false));
        await _engines.Execute("SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'");

        // The control: an ordinary client is told that its row is safe.
        (await inserting).ShouldBe(1);
        (await Should.ThrowAsync<InvalidOperationException>(() => append)).Message.ShouldBe("A commit may not have reached the synchronous standby.");
    }

    [Fact]
    public async Task An_engine_whose_database_waits_for_its_standby_acknowledges_nothing_until_the_standby_is_back()
    {
        var engine = await _engines.Start();
        await engine.Engine.Submit(Id(1), Credit(1), Cancel);
        await StandbyIs("nobody");
        await Should.ThrowAsync<EngineUnavailableException>(() => engine.Engine.Submit(Id(2), Credit(2), Cancel));

        // Command 2 is in the journal for all to see by and by, unless its statement was given up before it was written; nobody may be told either way.
        for (var i = 0; i < 60; i++)
        {
            engine.Engine.IsServing.ShouldBeFalse();
            await Should.ThrowAsync<EngineUnavailableException>(() => engine.Engine.Submit(Id(2), Credit(2), Cancel));
            await Task.Delay(100, Cancel);
        }
        var isWritten = await _engines.Scalar("SELECT count(*) FROM matching_engine.commands") == 2;

        await StandbyIs("");
        var answer = await Patiently(() => engine.Engine.Submit(Id(2), Credit(2), Cancel));
        (answer.Sequence, answer.RepeatedCommand).ShouldBe((2, isWritten));
    }

    private async Task StandbyIs(string name)
    {
        // Of the wait that this very statement would have to do, the rest of the server knows nothing.
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(_postgres.ConnectionString("postgres")) { Options = "-c synchronous_commit=local" }.ConnectionString);
        await connection.OpenAsync(CancellationToken.None);
        foreach (var sql in (string[])[$"ALTER SYSTEM SET synchronous_standby_names = '{name}'", "SELECT pg_reload_conf()"])
        {
            await using var command = new NpgsqlCommand(sql, connection);
            await command.ExecuteNonQueryAsync(CancellationToken.None);
        }
        await Task.Delay(300, CancellationToken.None);
    }
}
