using ComputeExchange.Facts.Participants.V1;
using ComputeExchange.Facts.Settlement.V1;
using ComputeExchange.Settlement.Domain;
using ComputeExchange.Settlement.Payments;
using ComputeExchange.Settlement.Payouts;
using ComputeExchange.Settlement.Rails;
using ComputeExchange.Settlement.Storage;
using ComputeExchange.Settlement.Withdrawals;
using ComputeExchange.Testing;
using ComputeExchange.Values;
using Microsoft.EntityFrameworkCore;
using Shouldly;
using Xunit;

namespace ComputeExchange.Settlement.Tests;

/// <summary>What becomes of a payment by what its rail says.</summary>
public sealed class RailTests(PostgresServer server) : IAsyncLifetime
{
    private readonly Guid _ann = Guid.NewGuid();
    private Books _books = null!;

    public async ValueTask InitializeAsync()
    {
        _books = await Books.Open(server);
        _books.Rail = TestRail.RailName;
        await _books.Fund(_ann, 500);
    }

    public ValueTask DisposeAsync() => _books.DisposeAsync();

    [Fact]
    public async Task A_payment_is_set_aside_handed_over_and_leaves_when_the_rail_says_that_it_arrived()
    {
        var id = await Asked(200);
        (await State(id)).ShouldBe(WithdrawalRow.Ready);
        (await _books.Balances()).ShouldBe($"bank -500; collateral:{_ann} 300; transit:{_ann} 200");
        (await SetAside()).ShouldBe(200);

        await _books.HandOver();
        (await State(id)).ShouldBe(WithdrawalRow.Sent);
        await _books.Tell(Says(id, RailSays.PaymentSettled));
        (await State(id)).ShouldBe(WithdrawalRow.Paid);
        (await _books.Balances()).ShouldBe($"bank -300; collateral:{_ann} 300");
        (await SetAside()).ShouldBe(0);
        await _books.ShouldBalance();
    }

    [Fact]
    public async Task A_payment_that_the_rail_could_not_make_can_be_traded_with_again()
    {
        var id = await Sent(200);
        await _books.Tell(Says(id, RailSays.PaymentFailed));
        (await State(id)).ShouldBe(WithdrawalRow.Failed);
        await _books.AnswerCommands();
        (await _books.Balances()).ShouldBe($"bank -500; collateral:{_ann} 500");
        await _books.ShouldBalance();
    }

    [Fact]
    public async Task A_payment_that_came_back_can_be_traded_with_again()
    {
        var id = await Sent(200);
        await _books.Tell(Says(id, RailSays.PaymentSettled));
        await _books.Tell(Says(id, RailSays.PaymentReturned));
        (await State(id)).ShouldBe(WithdrawalRow.Reversed);
        await _books.AnswerCommands();
        (await _books.Balances()).ShouldBe($"bank -500; collateral:{_ann} 500");
        (await Kinds(id)).ShouldBe(["withdrawal", "withdrawal paid", "withdrawal returned"]);
    }

    [Fact]
    public async Task What_is_said_out_of_order_ends_as_if_it_were_said_in_order()
    {
        var id = await Sent(200);
        await _books.Tell(Says(id, RailSays.PaymentReturned), Says(id, RailSays.PaymentSettled), Says(id, RailSays.PaymentReturned));
        (await State(id)).ShouldBe(WithdrawalRow.Reversed);
        await _books.AnswerCommands();
        (await _books.Balances()).ShouldBe($"bank -500; collateral:{_ann} 500");
    }

    [Fact]
    public async Task An_event_counts_once_however_often_it_comes_and_never_with_another_content()
    {
        var id = await Sent(200);
        var settled = Says(id, RailSays.PaymentSettled);
        (await _books.Tell(settled)).Applied.ShouldBe(1);
        (await _books.Tell(settled, settled)).ShouldSatisfyAllConditions(o => o.Applied.ShouldBe(0), o => o.Repeated.ShouldBe(2));
        (await _books.Tell(settled with { Amount = new Money(999) })).Conflicts.ShouldBe([settled.Id]);
        (await _books.Tell(settled with { Says = RailSays.PaymentReturned })).Conflicts.ShouldBe([settled.Id]);
        (await _books.Balance("bank")).ShouldBe(-300);

        var racing = Says(await Sent(100), RailSays.PaymentSettled, 100);
        await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Task.Run(() => _books.Tell(racing))));
        (await _books.Balance("bank")).ShouldBe(-200);
    }

    [Fact]
    public async Task An_event_that_crashed_at_its_commit_never_was_and_counts_when_it_comes_again()
    {
        var settled = Says(await Sent(200), RailSays.PaymentSettled);
        _books.CrashAtCommit = true;
        await Should.ThrowAsync<CrashedException>(() => _books.Tell(settled));
        (await _books.Balance("bank")).ShouldBe(-500);
        (await _books.Tell(settled)).Applied.ShouldBe(1);
        (await _books.Balance("bank")).ShouldBe(-300);
    }

    [Fact]
    public async Task A_payment_that_is_paid_after_it_failed_is_owed_and_taken_from_what_is_free()
    {
        var id = await Sent(200);
        await _books.Tell(Says(id, RailSays.PaymentFailed));
        await _books.AnswerCommands();
        (await _books.Tell(Says(id, RailSays.PaymentSettled))).Owing.ShouldBe([_ann]);
        (await _books.Balance($"receivable:{_ann}")).ShouldBe(-200);

        await _books.Do(async db =>
        {
            await Deposits.Debts.AskForDebt(db, _ann, new Money(200), "now", default);
            await db.SaveChangesAsync();
        });
        await _books.AnswerCommands();
        (await _books.Balances()).ShouldBe($"bank -300; collateral:{_ann} 300");
        await _books.ShouldBalance();
    }

    [Fact]
    public async Task What_cannot_be_moves_nothing()
    {
        var ready = await Asked(100);
        await _books.Tell(Says(ready, RailSays.PaymentSettled));
        (await State(ready)).ShouldBe(WithdrawalRow.Ready);

        var id = await Sent(200);
        await _books.Tell(Says(id, RailSays.PaymentSettled) with { Id = "wrong", Amount = new Money(201) });
        (await _books.Tell(Says(Guid.NewGuid(), RailSays.PaymentSettled))).Unmatched.ShouldBe(1);
        (await _books.Balance("bank")).ShouldBe(-500);

        await _books.Tell(Says(id, RailSays.PaymentSettled), Says(id, RailSays.PaymentFailed));
        (await State(id)).ShouldBe(WithdrawalRow.Paid);
        (await _books.Pending()).ShouldBeEmpty();
    }

    [Fact]
    public async Task While_payments_are_halted_nothing_leaves_and_what_waits_says_so()
    {
        await Halt();
        var id = await Asked(200);
        await _books.HandOver();
        (await State(id)).ShouldBe(WithdrawalRow.Ready);
        var rules = await _books.Ask(db => db.PaymentRules.SingleAsync());
        Explain.Withdrawal(await _books.Ask(db => db.Withdrawals.SingleAsync()), 0, rules).ShouldContain("No money leaves since 2026-03-02 10:00 UTC");

        await _books.Do(db => db.PaymentRules.ExecuteUpdateAsync(row => row.SetProperty(r => r.HaltedTime, (DateTimeOffset?)null)));
        await _books.HandOver();
        (await State(id)).ShouldBe(WithdrawalRow.Sent);
    }

    [Fact]
    public async Task By_hand_too_nothing_leaves_while_payments_are_halted()
    {
        _books.Rail = ManualRail.RailName;
        await Halt();
        var id = await Asked(200);
        (await State(id)).ShouldBe(WithdrawalRow.Ready);
        (await _books.Balance("bank")).ShouldBe(-500);

        await _books.Do(db => db.PaymentRules.ExecuteUpdateAsync(row => row.SetProperty(r => r.HaltedTime, (DateTimeOffset?)null)));
        await _books.HandOver();
        (await State(id)).ShouldBe(WithdrawalRow.Paid);
        (await _books.Balance("bank")).ShouldBe(-300);
    }

    [Fact]
    public async Task Of_a_halt_and_a_payment_one_comes_first()
    {
        // Whoever marks a payment holds the rules: a halt waits for it, and nothing is marked after the halt.
        await Asked(200);
        await _books.Do(async db =>
        {
            await using var transaction = await db.Database.BeginTransactionAsync();
            (await new PaymentDesk(db, _books.Rails).Rules(default)).HaltedTime.ShouldBeNull();
            var halting = Halt();
            (await Task.WhenAny(halting, Task.Delay(300))).ShouldNotBe(halting);
            await transaction.RollbackAsync();
            await halting;
        });
        (await _books.HandOver()).ShouldBe(0);
    }

    [Fact]
    public async Task A_payment_that_was_marked_and_not_given_to_the_rail_is_given_when_the_worker_is_back()
    {
        var id = await Asked(200);
        await _books.Do(db => db.Payments.ExecuteUpdateAsync(row => row.SetProperty(r => r.State, PaymentRow.Sent).SetProperty(r => r.SentTime, Books.Start)));
        (await _books.HandOver()).ShouldBe(1);
        (await _books.Ask(db => db.Payments.SingleAsync())).RailReference.ShouldBe($"test {id:N}");
        (await _books.HandOver()).ShouldBe(0);
    }

    [Fact]
    public async Task Nothing_is_paid_to_a_destination_that_was_taken_out_of_use()
    {
        var id = await Asked(200);
        await _books.Do(async db =>
        {
            var gone = new PaymentDestinationRemoved { DestinationId = Books.DestinationOf(_ann), ParticipantId = _ann };
            await new KnowDestinations(db).Hear(gone, Books.Start, default);
            await db.SaveChangesAsync();
        });
        await _books.HandOver();
        (await State(id)).ShouldBe(WithdrawalRow.Failed);
        await _books.AnswerCommands();
        (await _books.Balances()).ShouldBe($"bank -500; collateral:{_ann} 500");
    }

    [Fact]
    public async Task A_payout_that_failed_is_earned_again_and_made_again_the_next_day()
    {
        var provider = Guid.NewGuid();
        await _books.AddDestination(provider);
        await _books.Feed(Happened.Sold(1, _ann, provider, Books.Start, 1, Happened.Slot(400, 400)));
        await _books.Meter(Happened.Metered(1, 0, 3_600, 3_600));
        await PayOut(1);
        (await _books.Said<PayoutMade>()).ShouldBeEmpty();
        await _books.HandOver();
        var first = await _books.Ask(db => db.Payments.SingleAsync());
        await _books.Tell(Says(first.Id, RailSays.PaymentFailed, 400));
        (await _books.Balance($"earnings:{provider}")).ShouldBe(400);

        await PayOut(2);
        await _books.HandOver();
        var second = await _books.Ask(db => db.Payments.SingleAsync(payment => payment.Id != first.Id));
        second.DestinationId.ShouldBe(Books.DestinationOf(provider));
        await _books.Tell(Says(second.Id, RailSays.PaymentSettled, 400));
        (await _books.Balance($"earnings:{provider}")).ShouldBe(0);
        (await _books.Said<PayoutMade>()).ShouldHaveSingleItem().ShouldContain(second.Id.ToString());
    }

    [Fact]
    public async Task What_is_on_its_way_out_of_earnings_is_not_paid_out_twice()
    {
        var provider = Guid.NewGuid();
        await _books.AddDestination(provider);
        await _books.Feed(Happened.Sold(1, _ann, provider, Books.Start, 1, Happened.Slot(400, 400)));
        await _books.Meter(Happened.Metered(1, 0, 3_600, 3_600));
        await PayOut(1);
        await PayOut(2);
        (await _books.Ask(db => db.Payments.CountAsync())).ShouldBe(1);
    }

    [Fact]
    public async Task A_provider_without_a_destination_that_has_waited_long_enough_is_not_paid()
    {
        var provider = Guid.NewGuid();
        await _books.Feed(Happened.Sold(1, _ann, provider, Books.Start, 1, Happened.Slot(400, 400)));
        await _books.Meter(Happened.Metered(1, 0, 3_600, 3_600));
        await PayOut(1);
        (await NextPayout(provider)).ShouldBe("not paid out until you add a payment destination");
        await _books.AddDestination(provider, _books.Clock.Now.AddHours(-1));
        (await NextPayout(provider)).ShouldBe("not paid out before 2026-03-04 00:00 UTC, when your destination has waited long enough");
        (await _books.Ask(db => db.Payouts.CountAsync())).ShouldBe(0);
        await PayOut(2);
        (await NextPayout(provider)).ShouldBe("paid out with the next payout");
        (await _books.Ask(db => db.Payouts.CountAsync())).ShouldBe(1);
        await PayOut(3);
        (await _books.Ask(db => db.Payouts.CountAsync())).ShouldBe(1);
    }

    private Task PayOut(int days)
    {
        _books.Clock.Now = new DateTimeOffset(Books.Start.Date.AddDays(days).AddHours(1), TimeSpan.Zero);
        return _books.PayOut(_books.Clock.Now);
    }

    private Task<string> NextPayout(Guid provider) =>
        _books.Ask(db => db.NextPayout(_books.Rails.InUse, provider, _books.Clock.Now, TestContext.Current.CancellationToken));

    private Task Halt() => _books.With<HaltPaymentsHandler, int>(async handler =>
    {
        await handler.Handle(Guid.NewGuid(), "to see", default);
        return 0;
    });

    private async Task<Guid> Asked(long micros)
    {
        var id = (await _books.Withdraw(_ann, micros)).ShouldBeOfType<WithdrawalOutcome.Recorded>().Withdrawal.Id;
        await _books.AnswerCommands();
        return id;
    }

    private async Task<Guid> Sent(long micros)
    {
        var id = await Asked(micros);
        await _books.HandOver();
        return id;
    }

    private static RailEvent Says(Guid payment, RailSays says, long micros = 0) => new(
        TestRail.RailName, $"{payment} {says}", says, payment, "", $"test {payment:N}", new Money(micros > 0 ? micros : 200), Books.Start);

    private Task<string> State(Guid id) => _books.Ask(db => db.Withdrawals.Where(w => w.Id == id).Select(w => w.State).SingleAsync());

    private Task<List<string>> Kinds(Guid id) => _books.Ask(db => db.Transfers.Where(t => t.Cause == $"withdrawal {id}").OrderBy(t => t.Number).Select(t => t.Kind).ToListAsync());

    private Task<long> SetAside() => _books.Ask(db => db.Accounts.SumAsync(account => account.PendingOutMicros - (account.Name == "bank" ? account.PendingOutMicros : 0)));
}
