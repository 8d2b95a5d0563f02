using ComputeExchange.Client;
using ComputeExchange.Facts.Storage;
using ComputeExchange.Hosting.Postgres;
using ComputeExchange.Settlement.Deposits;
using ComputeExchange.Settlement.Storage;
using ComputeExchange.Values;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using Shouldly;
using Xunit;

namespace ComputeExchange.Settlement.Tests;

/// <summary>A database whose synchronous standby is away: nobody is told that his money is booked, the first time or again.</summary>
public sealed class ConfirmedCommitTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("cx-confirm-").FullName;
    private readonly ConfirmedCommits _confirmed = new();
    private PrivatePostgres _postgres = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(_folder, (UnixFileMode)0b111_101_101);
        _postgres = await PrivatePostgres.Start(Path.Combine(_folder, "postgres"), Cancel, "fsync=off");
        await using var db = Open();
        await db.Database.MigrateAsync(Cancel);
    }

    public async ValueTask DisposeAsync()
    {
        NpgsqlConnection.ClearAllPools();
        await _postgres.Stop("immediate");
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task A_deposit_is_acknowledged_when_the_standby_has_it_and_not_before_however_often_it_is_asked()
    {
        var (request, participant) = (Guid.NewGuid(), Guid.NewGuid());
        await StandbyIs("nobody");
        for (var attempt = 1; attempt <= 2; attempt++)
        {
            var booking = Book(request, participant);
            while (await Waiting() == 0 && !booking.IsCompleted) await Task.Delay(50, Cancel);
            booking.IsCompleted.ShouldBeFalse();
            await Execute("SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'");
            await Should.ThrowAsync<UnconfirmedCommitException>(() => booking);
        }

        // It is in the tables all the same; what was missing was the standby's word.
        await StandbyIs("");
        (await Book(request, participant)).ShouldBeOfType<DepositOutcome.Booked>();
        await using var db = Open();
        (await db.Deposits.CountAsync(Cancel)).ShouldBe(1);
        (await db.Transfers.CountAsync(Cancel)).ShouldBe(1);
    }

    private async Task<DepositOutcome> Book(Guid request, Guid participant)
    {
        await using var db = Open();
        return await new BookDepositHandler(db, TimeProvider.System).Handle(new BookDeposit(Guid.NewGuid(), request, participant, new Money(5)), Cancel);
    }

    private SettlementDb Open()
    {
        var options = new DbContextOptionsBuilder<SettlementDb>(
            Hosting.Storage.OptionsFor<SettlementDb>(_postgres.ConnectionString("postgres"), ServiceNames.Settlement));
        options.AddInterceptors(_confirmed);
        return new SettlementDb(options.Options, TimeProvider.System);
    }

    private async Task<long> Waiting()
    {
        await using var connection = await Local();
        await using var command = new NpgsqlCommand("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'", connection);
        return (long)(await command.ExecuteScalarAsync(Cancel))!;
    }

    private async Task StandbyIs(string name)
    {
        await Execute($"ALTER SYSTEM SET synchronous_standby_names = '{name}'");
        await Execute("SELECT pg_reload_conf()");
        await Task.Delay(300, Cancel);
    }

    private async Task Execute(string sql)
    {
        await using var connection = await Local();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(Cancel);
    }

    /// <summary>A connection whose own statements wait for no standby.</summary>
    private async Task<NpgsqlConnection> Local()
    {
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(_postgres.ConnectionString("postgres")) { Options = "-c synchronous_commit=local" }.ConnectionString);
        await connection.OpenAsync(Cancel);
        return connection;
    }
}
