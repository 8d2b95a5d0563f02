using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.Settlement.Deposits;
using ComputeExchange.Settlement.Domain;
using ComputeExchange.Settlement.Rails;
using ComputeExchange.Settlement.Storage;
using ComputeExchange.Settlement.Withdrawals;
using ComputeExchange.Testing;
using ComputeExchange.Values;
using Microsoft.EntityFrameworkCore;
using Shouldly;
using Xunit;

namespace ComputeExchange.Settlement.Tests;

/// <summary>What becomes of a deposit by what its rail says.</summary>
public sealed class RailDepositTests(PostgresServer server) : IAsyncLifetime
{
    private readonly Guid _ann = Guid.NewGuid();
    private Books _books = null!;

    public async ValueTask InitializeAsync()
    {
        _books = await Books.Open(server);
        await _books.Do(async db =>
        {
            db.Open(Account.Transit(_ann), Account.Transit(Guid.NewGuid()));
            await db.SaveChangesAsync();
        });
    }

    public ValueTask DisposeAsync() => _books.DisposeAsync();

    [Fact]
    public async Task Announced_money_is_to_come_and_is_the_participants_when_it_is_there()
    {
        await _books.Tell(Says(RailSays.DepositAnnounced));
        (await State()).ShouldBe(DepositRow.Announced);
        (await _books.Balances()).ShouldBe("");
        (await ToCome()).ShouldBe(500);

        await _books.Tell(Says(RailSays.DepositSettled));
        (await State()).ShouldBe(DepositRow.Booked);
        await _books.AnswerCommands();
        (await _books.Balances()).ShouldBe($"bank -500; collateral:{_ann} 500");
        (await ToCome()).ShouldBe(0);
    }

    [Fact]
    public async Task In_every_order_and_however_often_a_deposit_is_booked_once()
    {
        foreach (var order in (RailSays[][])[
            [RailSays.DepositSettled, RailSays.DepositAnnounced],
            [RailSays.DepositAnnounced, RailSays.DepositSettled],
            [RailSays.DepositSettled, RailSays.DepositSettled, RailSays.DepositAnnounced]])
        {
            var name = Guid.NewGuid().ToString();
            foreach (var says in order) await _books.Tell(Says(says, name) with { Id = Guid.NewGuid().ToString() });
        }
        (await _books.Balance("bank")).ShouldBe(-1_500);
        (await _books.Pending()).Count.ShouldBe(3);
    }

    [Fact]
    public async Task Announced_money_that_does_not_come_leaves_nothing()
    {
        await _books.Tell(Says(RailSays.DepositAnnounced), Says(RailSays.DepositFailed));
        (await State()).ShouldBe(DepositRow.Failed);
        (await ToCome()).ShouldBe(0);
        (await _books.Pending()).ShouldBeEmpty();
    }

    [Fact]
    public async Task Announced_money_is_waited_for_seven_days_and_booked_when_it_comes_later()
    {
        await _books.Tell(Says(RailSays.DepositAnnounced));
        _books.Clock.Now = Books.Start.AddDays(7).AddMinutes(-1);
        await _books.Run<ExpireDeposits>(_books.Clock.Now);
        (await State()).ShouldBe(DepositRow.Announced);

        _books.Clock.Now = Books.Start.AddDays(7);
        await _books.Run<ExpireDeposits>(_books.Clock.Now);
        (await State()).ShouldBe(DepositRow.Failed);
        (await ToCome()).ShouldBe(0);

        await _books.Tell(Says(RailSays.DepositSettled));
        (await State()).ShouldBe(DepositRow.Booked);
        (await _books.Balance("bank")).ShouldBe(-500);
        await _books.ShouldBalance();
    }

    [Fact]
    public async Task Money_that_comes_after_its_time_and_before_the_clock_looked_is_booked()
    {
        await _books.Tell(Says(RailSays.DepositAnnounced));
        _books.Clock.Now = Books.Start.AddDays(8);
        await _books.Tell(Says(RailSays.DepositSettled));
        (await _books.Balance("bank")).ShouldBe(-500);
        (await ToCome()).ShouldBe(0);
    }

    [Fact]
    public async Task What_is_there_counts_and_not_what_was_announced()
    {
        await _books.Tell(Says(RailSays.DepositAnnounced), Says(RailSays.DepositSettled) with { Amount = new Money(450) });
        await _books.AnswerCommands();
        (await _books.Balances()).ShouldBe($"bank -450; collateral:{_ann} 450");
        (await _books.Ask(db => db.Deposits.SingleAsync())).AmountMicros.ShouldBe(450);
    }

    [Fact]
    public async Task Money_without_a_known_reference_is_nobodys_until_it_is_taken_back()
    {
        await _books.Tell(Says(RailSays.DepositSettled) with { Reference = "for my account" });
        (await State()).ShouldBe(DepositRow.Unmatched);
        (await _books.Balances()).ShouldBe("bank -500; suspense 500");
        (await _books.Pending()).ShouldBeEmpty();

        await _books.Tell(Says(RailSays.DepositReversed));
        (await _books.Balances()).ShouldBe("");
        (await State()).ShouldBe(DepositRow.Reversed);
    }

    [Fact]
    public async Task Money_that_the_bank_took_back_after_it_was_spent_is_owed_and_nothing_is_let_out()
    {
        await _books.Tell(Says(RailSays.DepositSettled));
        await _books.AnswerCommands();
        var provider = Guid.NewGuid();
        await _books.Feed(Happened.Sold(1, _ann, provider, Books.Start, 1, Happened.Slot(400, 400)));
        (await _books.Tell(Says(RailSays.DepositReversed))).Owing.ShouldBe([_ann]);
        (await _books.Balances()).ShouldBe($"collateral:{_ann} 100; escrow:1 400; receivable:{_ann} -500");
        (await _books.Withdraw(_ann, 50)).ShouldBeOfType<WithdrawalOutcome.Refused>().ShouldSatisfyAllConditions(
            refused => refused.Reason.ShouldBe(WithdrawalRefusal.MoneyOwed), refused => refused.Owed.Micros.ShouldBe(500));

        await AskForDebt(100, "first");
        await _books.AnswerCommands();
        (await _books.Balances()).ShouldBe($"escrow:1 400; receivable:{_ann} -400");
        await _books.ShouldBalance();
    }

    [Fact]
    public async Task More_than_is_owed_goes_back_when_it_was_asked_for_twice()
    {
        await _books.Fund(_ann, 1_000);
        await _books.Tell(Says(RailSays.DepositSettled));
        await _books.AnswerCommands();
        await _books.Tell(Says(RailSays.DepositReversed));
        await AskForDebt(500, "first");
        await AskForDebt(500, "first");
        await AskForDebt(500, "second");
        (await _books.Pending()).Count.ShouldBe(2);
        await _books.AnswerCommands();
        (await _books.Balances()).ShouldBe($"bank -1000; collateral:{_ann} 1000");
        await _books.ShouldBalance();
    }

    [Fact]
    public async Task A_deposit_that_was_taken_back_before_the_engine_refused_it_pays_for_itself()
    {
        await _books.Tell(Says(RailSays.DepositSettled), Says(RailSays.DepositReversed));
        await _books.AnswerCommands(_ => new CommandRefused { Reason = "PARTICIPANT_UNKNOWN" });
        (await _books.Balances()).ShouldBe("");
        (await State()).ShouldBe(DepositRow.Reversed);
    }

    [Fact]
    public async Task A_deposit_that_was_taken_back_before_it_was_there_is_never_booked()
    {
        await _books.Tell(Says(RailSays.DepositReversed), Says(RailSays.DepositAnnounced), Says(RailSays.DepositSettled));
        (await _books.Balances()).ShouldBe("");
        (await ToCome()).ShouldBe(0);
        (await State()).ShouldBe(DepositRow.Reversed);
    }

    [Fact]
    public async Task What_is_owed_is_kept_back_from_a_payout()
    {
        var provider = Guid.NewGuid();
        await _books.Fund(_ann, 1_000);
        await _books.Do(async db =>
        {
            db.Open(Account.Transit(provider));
            await db.SaveChangesAsync();
        });
        await _books.Tell(Says(RailSays.DepositSettled) with { Reference = DepositReference.Of(provider).ToString(), Amount = new Money(300) });
        await _books.AnswerCommands();
        await _books.Tell(Says(RailSays.DepositReversed) with { Amount = new Money(300) });
        await _books.Feed(Happened.Sold(1, _ann, provider, Books.Start, 1, Happened.Slot(700, 700)));
        await _books.Meter(Happened.Metered(1, 0, 3_600, 3_600));
        await _books.PayOut(new DateTimeOffset(2026, 3, 3, 1, 0, 0, TimeSpan.Zero));
        (await _books.Ask(db => db.Payouts.SingleAsync())).AmountMicros.ShouldBe(400);
        (await _books.Balance($"receivable:{provider}")).ShouldBe(0);
        await _books.ShouldBalance();
    }

    private Task AskForDebt(long micros, string occasion) => _books.Do(async db =>
    {
        await Debts.AskForDebt(db, _ann, new Money(micros), occasion, default);
        await db.SaveChangesAsync();
    });

    private RailEvent Says(RailSays says, string name = "in 1") => new(
        TestRail.RailName, $"{name} {says}", says, null, $"Invoice, {DepositReference.Of(_ann)}", name, new Money(500), Books.Start);

    private Task<string> State() => _books.Ask(db => db.Deposits.Select(deposit => deposit.State).SingleAsync());

    private Task<long> ToCome() => _books.Ask(db => db.Accounts.SumAsync(account => account.PendingInMicros));
}
