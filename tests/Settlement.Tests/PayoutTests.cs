using ComputeExchange.Facts.Settlement.V1;
using ComputeExchange.Testing;
using Microsoft.EntityFrameworkCore;
using Shouldly;
using Xunit;

namespace ComputeExchange.Settlement.Tests;

public sealed class PayoutTests(PostgresServer server) : IAsyncLifetime
{
    private static readonly DateTimeOffset Due = new(2026, 3, 3, 1, 0, 0, TimeSpan.Zero);

    private readonly Guid _buyer = Guid.NewGuid();
    private readonly Guid _provider = Guid.NewGuid();
    private Books _books = null!;
    private long _lease;

    public async ValueTask InitializeAsync()
    {
        _books = await Books.Open(server);
        await _books.Fund(_buyer, 10_000);
    }

    public ValueTask DisposeAsync() => _books.DisposeAsync();

    [Fact]
    public async Task Earnings_of_the_day_before_are_sent_to_the_providers_bank()
    {
        await Deliver(700);
        await _books.PayOut(Due);

        (await _books.Balance($"earnings:{_provider}")).ShouldBe(0);
        (await _books.Balance("bank")).ShouldBe(-9_300);
        var payout = await _books.Ask(db => db.Payouts.SingleAsync());
        (payout.ProviderId, payout.Day, payout.AmountMicros, payout.PaidTime).ShouldBe((_provider, new DateOnly(2026, 3, 3), 700, Due));
        (await _books.Said<PayoutMade>()).ShouldHaveSingleItem().ShouldContain(payout.Id.ToString());
        await _books.ShouldBalance();
    }

    [Fact]
    public async Task A_provider_is_paid_once_a_day_however_often_the_job_runs()
    {
        await Deliver(700);
        await _books.PayOut(Due);
        await Deliver(50);
        await _books.PayOut(Due);
        (await _books.Balance($"earnings:{_provider}")).ShouldBe(50);

        await _books.PayOut(Due.AddDays(1));
        (await _books.Balance($"earnings:{_provider}")).ShouldBe(0);
        (await _books.Ask(db => db.Payouts.OrderBy(p => p.Day).Select(p => p.AmountMicros).ToListAsync())).ShouldBe([700, 50]);
    }

    [Fact]
    public async Task What_was_earned_after_midnight_is_paid_tomorrow()
    {
        await Deliver(700);
        _books.Clock.Now = Due.AddMinutes(-30);
        await Deliver(50);
        await _books.PayOut(Due);
        (await _books.Balance($"earnings:{_provider}")).ShouldBe(50);
    }

    [Fact]
    public async Task A_payout_that_crashed_at_its_commit_left_nothing_and_is_made_the_next_time()
    {
        await Deliver(700);
        _books.CrashAtCommit = true;
        await Should.ThrowAsync<CrashedException>(() => _books.PayOut(Due));
        (await _books.Balance($"earnings:{_provider}")).ShouldBe(700);

        await _books.PayOut(Due);
        (await _books.Balance($"earnings:{_provider}")).ShouldBe(0);
        (await _books.Said<PayoutMade>()).Count.ShouldBe(1);
    }

    [Fact]
    public async Task Where_nothing_was_earned_nothing_is_paid()
    {
        await _books.PayOut(Due);
        (await _books.Ask(db => db.Payouts.CountAsync())).ShouldBe(0);
    }

    private async Task Deliver(long micros)
    {
        await _books.Feed(Happened.Sold(++_lease, _buyer, _provider, Books.Start, 1, Happened.Slot(micros, micros)));
        await _books.Meter(Happened.Metered(_lease, 0, 3_600, 3_600));
    }
}
