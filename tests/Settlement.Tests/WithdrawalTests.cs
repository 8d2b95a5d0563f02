using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.Settlement.Storage;
using ComputeExchange.Settlement.Withdrawals;
using ComputeExchange.Testing;
using Microsoft.EntityFrameworkCore;
using Shouldly;
using Xunit;

namespace ComputeExchange.Settlement.Tests;

public sealed class WithdrawalTests(PostgresServer server) : IAsyncLifetime
{
    private readonly Guid _ann = Guid.NewGuid();
    private Books _books = null!;

    public async ValueTask InitializeAsync()
    {
        _books = await Books.Open(server);
        await _books.Fund(_ann, 500);
    }

    public ValueTask DisposeAsync() => _books.DisposeAsync();

    [Fact]
    public async Task A_withdrawal_is_paid_when_the_engine_lets_the_money_go()
    {
        var asked = Recorded(await _books.Withdraw(_ann, 200));
        asked.State.ShouldBe(WithdrawalRow.Pending);
        (await _books.Balances()).ShouldBe($"bank -500; collateral:{_ann} 500");

        await _books.AnswerCommands();
        (await State(asked.Id)).ShouldBe(WithdrawalRow.Paid);
        (await _books.Balances()).ShouldBe($"bank -300; collateral:{_ann} 300");
        await _books.ShouldBalance();
    }

    [Fact]
    public async Task A_withdrawal_of_what_is_not_free_is_refused_and_moves_nothing()
    {
        var asked = Recorded(await _books.Withdraw(_ann, 900));
        await _books.AnswerCommands(_ => new CommandRefused { Reason = "INSUFFICIENT_FUNDS" });
        (await State(asked.Id)).ShouldBe(WithdrawalRow.Refused);
        (await _books.Balances()).ShouldBe($"bank -500; collateral:{_ann} 500");
    }

    [Fact]
    public async Task The_same_request_is_one_withdrawal_and_a_repetition_says_how_it_stands()
    {
        var request = Guid.NewGuid();
        var first = Recorded(await _books.Withdraw(_ann, 200, request));
        Recorded(await _books.Withdraw(_ann, 200, request)).Id.ShouldBe(first.Id);
        await _books.AnswerCommands();
        Recorded(await _books.Withdraw(_ann, 200, request)).State.ShouldBe(WithdrawalRow.Paid);
        (await _books.Balance("bank")).ShouldBe(-300);

        (await _books.Withdraw(_ann, 201, request)).ShouldBeOfType<WithdrawalOutcome.RequestIdReused>();
        (await _books.Withdraw(_ann, 200, request, "elsewhere")).ShouldBeOfType<WithdrawalOutcome.RequestIdReused>();

        // Another participant's request of the same id is its own.
        Recorded(await _books.Withdraw(Guid.NewGuid(), 200, request)).Id.ShouldNotBe(first.Id);
    }

    [Fact]
    public async Task Of_equal_withdrawals_that_race_one_is_asked_for()
    {
        var request = Guid.NewGuid();
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => _books.Withdraw(_ann, 200, request))));
        outcomes.Select(outcome => Recorded(outcome).Id).Distinct().Count().ShouldBe(1);
        (await _books.Pending()).Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_refusal_of_what_somebody_else_asked_changes_nothing()
    {
        await _books.Withdraw(_ann, 200);
        await _books.Feed(
            new EngineEvent { CommandRefused = new CommandRefused { Reason = "LIMIT_NOT_POSITIVE", CommandId = Guid.NewGuid().ToString() } },
            new EngineEvent { CommandRefused = new CommandRefused { Reason = "RUN_UNKNOWN" } });
        (await _books.Pending()).Count.ShouldBe(1);
        (await _books.Balance($"collateral:{_ann}")).ShouldBe(500);
    }

    [Fact]
    public async Task Collateral_that_somebody_else_took_out_stays_in_transit_so_that_ledger_and_engine_agree()
    {
        await _books.Feed(Happened.Debited(new DebitCollateral { ParticipantId = _ann.ToString(), AmountMicros = 5 }, Guid.NewGuid()));
        (await _books.Balances()).ShouldBe($"bank -500; collateral:{_ann} 495; transit:{_ann} 5");
    }

    private static WithdrawalRow Recorded(WithdrawalOutcome outcome) => outcome.ShouldBeOfType<WithdrawalOutcome.Recorded>().Withdrawal;

    private Task<string> State(Guid id) => _books.Ask(db => db.Withdrawals.Where(w => w.Id == id).Select(w => w.State).SingleAsync());
}
