using ComputeExchange.Facts.Settlement.V1;
using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.Settlement.Deposits;
using ComputeExchange.Settlement.Domain;
using ComputeExchange.Testing;
using Microsoft.EntityFrameworkCore;
using Shouldly;
using Xunit;

namespace ComputeExchange.Settlement.Tests;

public sealed class DepositTests(PostgresServer server) : IAsyncLifetime
{
    private readonly Guid _ann = Guid.NewGuid();
    private Books _books = null!;

    public async ValueTask InitializeAsync() => _books = await Books.Open(server);

    public ValueTask DisposeAsync() => _books.DisposeAsync();

    [Fact]
    public async Task A_deposit_is_in_transit_until_the_engine_has_credited_it()
    {
        var deposit = (await _books.Deposit(_ann, 500)).ShouldBeOfType<DepositOutcome.Booked>();
        (await _books.Balances()).ShouldBe($"bank -500; transit:{_ann} 500");

        var asked = (await _books.Pending()).ShouldHaveSingleItem();
        asked.CommandId.ShouldBe(Asks.IdFor($"deposit {deposit.DepositId}"));
        EngineCommand.Parser.ParseFrom(asked.Body).CreditCollateral.Reference.ShouldBe($"deposit {deposit.DepositId}");
        (await _books.Said<DepositBooked>()).ShouldHaveSingleItem().ShouldContain(deposit.DepositId.ToString());

        await _books.AnswerCommands();
        (await _books.Balances()).ShouldBe($"bank -500; collateral:{_ann} 500");
        await _books.ShouldBalance();
    }

    [Fact]
    public async Task The_same_line_of_the_banks_statement_is_booked_once()
    {
        var line = Guid.NewGuid();
        var first = await _books.Deposit(_ann, 500, line);
        (await _books.Deposit(_ann, 500, line)).ShouldBe(first);
        (await _books.Balance("bank")).ShouldBe(-500);
        (await _books.Pending()).Count.ShouldBe(1);
    }

    [Fact]
    public async Task The_same_line_with_another_content_is_refused()
    {
        var line = Guid.NewGuid();
        await _books.Deposit(_ann, 500, line);
        (await _books.Deposit(_ann, 501, line)).ShouldBeOfType<DepositOutcome.RequestIdReused>();
        (await _books.Deposit(Guid.NewGuid(), 500, line)).ShouldBeOfType<DepositOutcome.RequestIdReused>();
        (await _books.Balance("bank")).ShouldBe(-500);
    }

    [Fact]
    public async Task Of_equal_deposits_that_race_one_is_booked_and_all_are_told_so()
    {
        for (var round = 1; round <= 5; round++)
        {
            var line = Guid.NewGuid();
            var outcomes = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => _books.Deposit(_ann, 500, line))));
            outcomes.Distinct().Count().ShouldBe(1);
            (await _books.Balance("bank")).ShouldBe(-500 * round);
        }
        await _books.ShouldBalance();
    }

    [Fact]
    public async Task A_deposit_that_crashed_at_its_commit_never_was_and_may_be_repeated()
    {
        var line = Guid.NewGuid();
        _books.CrashAtCommit = true;
        await Should.ThrowAsync<CrashedException>(() => _books.Deposit(_ann, 500, line));
        (await _books.Balances()).ShouldBe("");
        (await _books.Pending()).ShouldBeEmpty();
        (await _books.Said<DepositBooked>()).ShouldBeEmpty();

        await _books.Deposit(_ann, 500, line);
        (await _books.Balance("bank")).ShouldBe(-500);
    }

    [Fact]
    public async Task A_deposit_that_the_engine_refuses_goes_back_to_the_bank()
    {
        await _books.Deposit(_ann, 500);
        await _books.AnswerCommands(_ => new CommandRefused { Reason = "PARTICIPANT_UNKNOWN" });
        (await _books.Balances()).ShouldBe("");
        (await _books.Ask(db => db.Transfers.Select(t => t.Kind).ToListAsync())).ShouldBe(["deposit", "deposit returned"], ignoreOrder: true);
    }
}
