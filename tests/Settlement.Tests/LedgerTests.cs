using ComputeExchange.Settlement.Domain;
using ComputeExchange.Settlement.Storage;
using ComputeExchange.Testing;
using ComputeExchange.Values;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using Shouldly;
using Xunit;

namespace ComputeExchange.Settlement.Tests;

public sealed class LedgerTests(PostgresServer server) : IAsyncLifetime
{
    private static readonly Guid Ann = Guid.Parse("00000000-0000-7000-8000-00000000000a");
    private static readonly Guid Ben = Guid.Parse("00000000-0000-7000-8000-00000000000b");

    private Books _books = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _books = await Books.Open(server);

    public ValueTask DisposeAsync() => _books.DisposeAsync();

    [Fact]
    public async Task The_tables_are_those_of_the_model() =>
        (await _books.Ask(db => Task.FromResult(db.Database.HasPendingModelChanges()))).ShouldBeFalse();

    [Fact]
    public async Task The_first_migration_can_be_taken_back_and_made_again()
    {
        await _books.Do(db => Microsoft.EntityFrameworkCore.Infrastructure.AccessorExtensions
            .GetService<Microsoft.EntityFrameworkCore.Migrations.IMigrator>(db.Database).MigrateAsync("0", Cancel));
        await _books.Do(db => db.Database.MigrateAsync(Cancel));
        await Post(In(Ann, 5));
        (await _books.Balance("bank")).ShouldBe(-5);
    }

    [Fact]
    public async Task A_ledger_from_before_the_chain_is_numbered_and_chained_and_goes_on()
    {
        var migrator = (SettlementDb db) => Microsoft.EntityFrameworkCore.Infrastructure.AccessorExtensions
            .GetService<Microsoft.EntityFrameworkCore.Migrations.IMigrator>(db.Database);
        await _books.Do(db => migrator(db).MigrateAsync("LeaseTrace", Cancel));
        const string insert =
            "INSERT INTO settlement.transfers (debit_account, credit_account, amount_micros, kind, cause, happened_time, debit_owner_id, credit_owner_id) VALUES";
        await _books.Do(db => db.Database.ExecuteSqlRawAsync(
            $"INSERT INTO settlement.accounts (name, kind, owner_id, balance_micros) VALUES ('transit:{Ann}', 'transit', '{Ann}', 0)", Cancel));
        for (var i = 1; i <= 5; i++)
        {
            await _books.Do(db => db.Database.ExecuteSqlRawAsync($"{insert} ('bank', 'transit:{Ann}', {i}, 'deposit', 'deposit {i}', '2026-01-0{6 - i}', NULL, '{Ann}')", Cancel));

            // What was refused took a number with it.
            await _books.ShouldBeRefused($"{insert} ('transit:{Ann}', 'bank', 1000, 'withdrawal', 'withdrawal {i}', '2026-01-0{6 - i}', '{Ann}', NULL)");
        }

        await _books.Do(db => db.Database.MigrateAsync(Cancel));
        await Post(In(Ben, 7));
        (await _books.Ask(db => db.Transfers.OrderBy(transfer => transfer.Number).Select(transfer => transfer.AmountMicros).ToListAsync(Cancel)))
            .ShouldBe([1, 2, 3, 4, 5, 7]);
        (await _books.Ask(db => db.Transfers.MaxAsync(transfer => transfer.Number, Cancel))).ShouldBe(6);
        (await _books.Ask(db => new Reconciliation.ChainSweep().Go(db, long.MaxValue, Cancel))).Breaks.ShouldBeEmpty();
        await _books.ShouldBalance();
    }

    [Fact]
    public async Task A_transfer_moves_both_balances_and_the_sum_stays_zero()
    {
        await Post(In(Ann, 70), In(Ben, 30), Move(Ann, Ben, 20));
        (await _books.Balances()).ShouldBe($"bank -100; transit:{Ann} 50; transit:{Ben} 50");
        await _books.ShouldBalance();
    }

    [Fact]
    public async Task A_balance_changed_by_hand_is_refused()
    {
        await Post(In(Ann, 70));
        (await _books.ShouldBeRefused($"UPDATE settlement.accounts SET balance_micros = balance_micros + 1 WHERE name = 'transit:{Ann}'"))
            .MessageText.ShouldBe("A balance moves by a transfer only.");
        await _books.ShouldBeRefused($"UPDATE settlement.accounts SET owner_id = '{Ben}' WHERE name = 'transit:{Ann}'");
        await _books.ShouldBeRefused("INSERT INTO settlement.accounts (name, kind, balance_micros) VALUES ('transit:x', 'transit', 5)");
        await _books.ShouldBeRefused("INSERT INTO settlement.accounts (name, kind, balance_micros) VALUES ('purse', 'purse', 0)");
        await _books.ShouldBeRefused("DELETE FROM settlement.accounts");
        await _books.ShouldBeRefused("TRUNCATE settlement.accounts");
        (await _books.Balance($"transit:{Ann}")).ShouldBe(70);
    }

    [Theory]
    [InlineData("UPDATE settlement.transfers SET amount_micros = 1")]
    [InlineData("UPDATE settlement.transfers SET cause = 'another' WHERE number = 1")]
    [InlineData("DELETE FROM settlement.transfers")]
    [InlineData("TRUNCATE settlement.transfers")]
    public async Task A_transfer_changed_by_hand_is_refused(string sql)
    {
        await Post(In(Ann, 70));
        (await _books.ShouldBeRefused(sql)).MessageText.ShouldBe("The ledger is never changed: post a transfer.");
    }

    [Fact]
    public async Task Nobody_but_the_bank_can_owe()
    {
        await Post(In(Ann, 70));
        (await Should.ThrowAsync<LedgerRefusedException>(() => Post(Move(Ann, Ben, 71)))).Reason.ShouldBe(TransferRefusal.BelowFloor);
        (await _books.Balances()).ShouldBe($"bank -70; transit:{Ann} 70");
    }

    [Fact]
    public async Task Nothing_and_less_than_nothing_cannot_be_transferred_and_nobody_pays_himself()
    {
        foreach (var micros in (long[])[0, -5])
            (await Should.ThrowAsync<LedgerRefusedException>(() => Post(In(Ann, micros)))).Reason.ShouldBe(TransferRefusal.AmountNotPositive);
        (await Should.ThrowAsync<LedgerRefusedException>(() => Post(Move(Ann, Ann, 1)))).Reason.ShouldBe(TransferRefusal.OneAccount);
    }

    [Fact]
    public async Task The_same_cause_moves_its_money_once()
    {
        var deposit = In(Ann, 70);
        await Post(deposit);
        await Post(deposit, In(Ben, 1));
        (await _books.Balances()).ShouldBe($"bank -71; transit:{Ann} 70; transit:{Ben} 1");
    }

    [Fact]
    public async Task A_cause_that_would_now_move_something_else_moves_nothing()
    {
        var deposit = In(Ann, 70);
        await Post(deposit);
        (await Should.ThrowAsync<LedgerRefusedException>(() => Post(deposit with { Amount = new Money(71) }, In(Ben, 1))))
            .Reason.ShouldBe(TransferRefusal.CauseReused);
        (await _books.Balances()).ShouldBe($"bank -70; transit:{Ann} 70");
    }

    [Fact]
    public async Task Postings_that_meet_from_both_ends_never_wait_in_a_circle()
    {
        var people = Enumerable.Range(0, 30).Select(_ => Guid.NewGuid()).ToArray();
        await Post([.. people.Select(person => In(person, 1_000_000))]);

        // Each worker walks the accounts in another order, with new accounts in between.
        await Task.WhenAll(Enumerable.Range(0, 8).Select(worker => Task.Run(async () =>
        {
            var random = new Random(worker);
            for (var round = 0; round < 15; round++)
            {
                var batch = Enumerable.Range(0, 25).Select(_ =>
                {
                    var pair = random.GetItems(people, 2);
                    return pair[0] == pair[1] ? In(Guid.NewGuid(), 1) : Move(pair[0], pair[1], random.Next(1, 100));
                });
                await Post([.. batch]);
            }
        }, Cancel)));

        (await _books.Ask(db => db.Transfers.MaxAsync(transfer => transfer.Number, Cancel))).ShouldBe(30 + (8 * 15 * 25));
        await _books.ShouldBalance();
    }

    private static int _causes;

    private static Transfer In(Guid to, long micros) =>
        new(Account.Bank, Account.Transit(to), new Money(micros), "test", $"cause {Interlocked.Increment(ref _causes)}", Books.Start);

    private static Transfer Move(Guid from, Guid to, long micros) => In(to, micros) with { Debit = Account.Transit(from) };

    private Task Post(params Transfer[] transfers) => _books.Do(db =>
    {
        db.Post(transfers);
        return db.SaveChangesAsync(Cancel);
    });
}
