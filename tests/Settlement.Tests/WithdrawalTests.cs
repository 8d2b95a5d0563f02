using ComputeExchange.Facts.Settlement.V1;
using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.Settlement.Domain;
using ComputeExchange.Settlement.Storage;
using ComputeExchange.Settlement.Withdrawals;
using ComputeExchange.Testing;
using ComputeExchange.Values;
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
        (await _books.Withdraw(_ann, 200, request, Guid.NewGuid())).ShouldBeOfType<WithdrawalOutcome.RequestIdReused>();

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
    public async Task Money_goes_to_ones_own_destinations_only()
    {
        var bob = Guid.NewGuid();
        var ofBob = await _books.AddDestination(bob);
        Reason(await _books.Withdraw(_ann, 1, destination: ofBob)).ShouldBe(WithdrawalRefusal.DestinationUnknown);
        Reason(await _books.Withdraw(_ann, 1, destination: Guid.NewGuid())).ShouldBe(WithdrawalRefusal.DestinationUnknown);
        await _books.Do(db => db.Destinations.ExecuteUpdateAsync(row => row.SetProperty(r => r.RemovedTime, Books.Start)));
        Reason(await _books.Withdraw(bob, 1, destination: ofBob)).ShouldBe(WithdrawalRefusal.DestinationRemoved);
        (await _books.Pending()).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_new_destination_waits_a_day_before_money_goes_there()
    {
        var destination = await _books.AddDestination(_ann, Books.Start.AddHours(-23));
        var refused = (await _books.Withdraw(_ann, 1, destination: destination)).ShouldBeOfType<WithdrawalOutcome.Refused>();
        (refused.Reason, refused.UsableFrom).ShouldBe((WithdrawalRefusal.DestinationCooling, Books.Start.AddHours(1)));
        _books.Clock.Now = Books.Start.AddHours(1);
        Recorded(await _books.Withdraw(_ann, 1, destination: destination));
    }

    [Fact]
    public async Task No_more_than_the_limits_goes_out()
    {
        await Limits(single: 300, daily: 400, approval: 1_000);
        Reason(await _books.Withdraw(_ann, 301)).ShouldBe(WithdrawalRefusal.OverSingleLimit);
        Recorded(await _books.Withdraw(_ann, 300));
        Reason(await _books.Withdraw(_ann, 101)).ShouldBe(WithdrawalRefusal.OverDailyLimit);
        await _books.AnswerCommands(_ => new CommandRefused { Reason = "INSUFFICIENT_FUNDS" });

        // What was refused does not count; what was paid counts for 24 hours.
        Recorded(await _books.Withdraw(_ann, 300));
        await _books.AnswerCommands();
        Reason(await _books.Withdraw(_ann, 101)).ShouldBe(WithdrawalRefusal.OverDailyLimit);
        _books.Clock.Now = Books.Start.AddHours(24);
        Recorded(await _books.Withdraw(_ann, 101));
    }

    [Fact]
    public async Task Withdrawals_that_race_are_together_within_the_limit_of_the_day()
    {
        await Limits(single: 100, daily: 250, approval: 1_000);
        await _books.AddDestination(_ann);
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Task.Run(() => _books.Withdraw(_ann, 100))));
        outcomes.OfType<WithdrawalOutcome.Recorded>().Count().ShouldBe(2);
    }

    [Fact]
    public async Task A_large_withdrawal_leaves_when_two_operators_have_approved_it()
    {
        await Limits(single: 1_000, daily: 1_000, approval: 200);
        var asked = Recorded(await _books.Withdraw(_ann, 200));
        await _books.AnswerCommands();
        (await State(asked.Id)).ShouldBe(WithdrawalRow.AwaitingApproval);
        (await _books.Balances()).ShouldBe($"bank -500; collateral:{_ann} 300; transit:{_ann} 200");

        var (olga, otto) = (Guid.NewGuid(), Guid.NewGuid());
        (await Approve(olga, asked.Id, 199)).ShouldBe(new ReviewOutcome.AmountDiffers(new Money(200)));
        await Approve(olga, asked.Id, 200);
        await Approve(olga, asked.Id, 200);
        (await State(asked.Id)).ShouldBe(WithdrawalRow.AwaitingApproval);

        _books.CrashAtCommit = true;
        await Should.ThrowAsync<CrashedException>(() => Approve(otto, asked.Id, 200));
        (await State(asked.Id)).ShouldBe(WithdrawalRow.AwaitingApproval);
        await Approve(otto, asked.Id, 200);
        (await State(asked.Id)).ShouldBe(WithdrawalRow.Paid);
        await Approve(otto, asked.Id, 200);
        (await Approve(Guid.NewGuid(), asked.Id, 200)).ShouldBe(new ReviewOutcome.NotWaiting(WithdrawalRow.Paid));
        (await _books.Balance("bank")).ShouldBe(-300);
        (await _books.Said<OperatorActed>()).Count(said => said.Contains("withdrawal approved", StringComparison.Ordinal)).ShouldBe(2);
        await _books.ShouldBalance();
    }

    [Fact]
    public async Task A_large_withdrawal_that_operators_turn_down_can_be_traded_with_again()
    {
        await Limits(single: 1_000, daily: 1_000, approval: 200);
        var asked = Recorded(await _books.Withdraw(_ann, 200));
        await _books.AnswerCommands();
        foreach (var _ in (int[])[1, 2])
            await _books.With<RejectWithdrawalHandler, ReviewOutcome>(handler => handler.Handle(Guid.NewGuid(), asked.Id, "unknown payee", default));
        (await State(asked.Id)).ShouldBe(WithdrawalRow.Rejected);
        await _books.AnswerCommands();
        (await _books.Balances()).ShouldBe($"bank -500; collateral:{_ann} 500");
        (await Approve(Guid.NewGuid(), asked.Id, 200)).ShouldBe(new ReviewOutcome.NotWaiting(WithdrawalRow.Rejected));
        (await _books.Ask(db => db.Payments.CountAsync())).ShouldBe(0);
    }

    [Fact]
    public async Task A_bank_moves_whole_cents()
    {
        _books.Rail = "csv";
        Reason(await _books.Withdraw(_ann, 10_001)).ShouldBe(WithdrawalRefusal.AmountNotPayable);
        Recorded(await _books.Withdraw(_ann, 10_000));
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

    private static WithdrawalRefusal Reason(WithdrawalOutcome outcome) => outcome.ShouldBeOfType<WithdrawalOutcome.Refused>().Reason;

    private Task Limits(long single, long daily, long approval) => _books.Do(db => db.PaymentRules.ExecuteUpdateAsync(row => row
        .SetProperty(r => r.SingleMicros, single).SetProperty(r => r.DailyMicros, daily).SetProperty(r => r.ApprovalMicros, approval)));

    private Task<ReviewOutcome> Approve(Guid operatorId, Guid withdrawal, long micros) =>
        _books.With<ApproveWithdrawalHandler, ReviewOutcome>(handler => handler.Handle(operatorId, withdrawal, new Money(micros), default));
}
