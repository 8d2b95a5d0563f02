using ComputeExchange.Client;
using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.Settlement.Reconciliation;
using ComputeExchange.Settlement.Storage;
using ComputeExchange.Testing;
using Grpc.Core;
using Microsoft.EntityFrameworkCore;
using Shouldly;
using Xunit;

namespace ComputeExchange.Settlement.Tests;

public sealed class ReconcilerTests(PostgresServer server) : IAsyncLifetime
{
    private readonly Guid _ann = Guid.NewGuid();
    private readonly Guid _ben = Guid.NewGuid();
    private Books _books = null!;
    private FakeExchange _exchange = null!;
    private ExchangeClient _client = null!;

    public async ValueTask InitializeAsync()
    {
        _books = await Books.Open(server);
        _exchange = await FakeExchange.Start(_books.Clock);
        _client = new ExchangeClient(new ExchangeAddresses(_exchange.Address), apiKey: null);
        await _books.Deposit(_ann, 1_000_000);
        await _books.Deposit(_ben, 1_000_000);
        await Settle();
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _exchange.DisposeAsync();
        await _books.DisposeAsync();
    }

    [Fact]
    public async Task Where_all_is_well_every_account_lease_and_holding_was_compared()
    {
        await Sell();
        var (number, findings) = await Compare();
        findings.Breaks.ShouldBeEmpty();
        number.ShouldBe(_exchange.Engine.Feed.Count);

        // Sums and limits, one lease, six controls; bank, fees, suspense, two transits, two collaterals, one escrow; two holdings; five transfers.
        findings.Checks.ShouldBe(3 + 1 + 6 + 8 + 2 + 6);
    }

    [Fact]
    public async Task What_was_posted_after_the_engines_number_is_taken_back_out()
    {
        _exchange.Holdings = _exchange.Engine.Holdings("");
        var answered = _exchange.Engine.Feed.Count;
        await Sell();

        var (number, findings) = await Compare();
        number.ShouldBe(answered);
        findings.Breaks.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_holding_that_differs_is_named_with_both_amounts()
    {
        // The engine was credited by somebody else, and that entry has not come here: it says so in its holdings only.
        var id = Guid.NewGuid();
        _exchange.Engine.Submit(id, new EngineCommand { CreditCollateral = new CreditCollateral { ParticipantId = _ann.ToString(), AmountMicros = 500_000 } });
        await _books.Do(db => db.Database.ExecuteSqlAsync($"UPDATE settlement.cursors SET applied_number = applied_number + 1"));
        (await Compare()).Findings.Breaks.ShouldHaveSingleItem().Text
            .ShouldBe($"collateral:{_ann} holds $1.00 in the ledger and $1.50 in the engine at feed number 3.");
    }

    [Fact]
    public async Task A_ledger_that_is_behind_for_too_long_is_not_compared()
    {
        _exchange.Engine.Say(new EngineEvent { RunReopened = new RunReopened { RunId = 9 } });
        var refused = await Should.ThrowAsync<RpcException>(() => Compare(attempts: 2));
        refused.StatusCode.ShouldBe(StatusCode.Unavailable);
        refused.Status.Detail.ShouldContain("applied 2 of the engine's 3");
    }

    [Fact]
    public async Task A_ledger_changed_with_its_guards_off_is_found_out()
    {
        await Sell();
        await _books.Do(db => db.Database.ExecuteSqlRawAsync(
            $"""
            ALTER TABLE settlement.accounts DISABLE TRIGGER USER;
            UPDATE settlement.accounts SET balance_micros = balance_micros + 1000 WHERE name = 'collateral:{_ann}';
            UPDATE settlement.accounts SET balance_micros = balance_micros - 7 WHERE name = 'escrow:1';
            ALTER TABLE settlement.accounts ENABLE TRIGGER USER;
            """));
        (await Compare()).Findings.Breaks.Select(found => found.Text).ShouldBe([
            "All accounts together hold $0.000993; they should hold nothing.",
            "escrow:1 holds $0.399993; the slots of the lease that are not metered yet cost $0.40. Its last transfers: 5.",
            $"collateral:{_ann} holds $0.601; its transfers add up to $0.60. Its last transfers: 3, 5.",
            "escrow:1 holds $0.399993; its transfers add up to $0.40. Its last transfers: 5.",
            $"collateral:{_ann} holds $0.601 in the ledger and $0.60 in the engine at feed number 3.",
        ]);
    }

    [Theory]
    [InlineData("UPDATE settlement.transfers SET amount_micros = amount_micros + 1 WHERE number = 3", "Transfer 3 is not as it was written")]
    [InlineData("UPDATE settlement.transfers SET kind = 'made Tradable' WHERE number = 3", "Transfer 3 is not as it was written")]
    [InlineData("UPDATE settlement.transfers SET hash = set_byte(hash, 9, get_byte(hash, 9) # 4) WHERE number = 3", "Transfer 3 is not as it was written")]
    [InlineData("DELETE FROM settlement.transfers WHERE number = 4", "Transfer 4 is missing.")]
    [InlineData("DELETE FROM settlement.transfers WHERE number = 5", "Transfer 5 is missing.")]
    [InlineData("UPDATE settlement.accounts SET balance_micros = balance_micros + 5 WHERE name = 'fees'", "All accounts together hold $0.000005")]
    [InlineData("UPDATE settlement.accounts SET balance_micros = balance_micros + CASE name WHEN 'fees' THEN 5 ELSE -5 END WHERE name IN ('fees', 'escrow:1')", "escrow:1 holds $0.399995")]
    [InlineData("UPDATE settlement.accounts SET pending_in_micros = 5 WHERE name = 'bank'", "bank has something else set aside or to come")]
    [InlineData("UPDATE settlement.lease_slots SET cost_micros = cost_micros + 1", "the slots of the lease that are not metered yet cost $0.400001")]
    [InlineData("UPDATE settlement.ledger_head SET last_hash = set_byte(last_hash, 0, 255 - get_byte(last_hash, 0))", "Transfer 5 is not the one that was written last.")]
    public async Task A_row_changed_by_a_superuser_is_found_within_a_minute_and_nothing_leaves_any_more(string change, string found)
    {
        await Sell();
        var log = new ListLog<LedgerWatch>();
        using var watch = new LedgerWatch(_books.Scopes, _client, log);
        await watch.StartAsync(TestContext.Current.CancellationToken);
        await Until(async () => (await _books.Ask(db => db.Watch.SingleAsync())) is { ComparedTime: not null, CheckedNumber: 5 });
        (await _books.Ask(db => db.PaymentRules.SingleAsync())).HaltedTime.ShouldBeNull();

        await _books.Do(db => db.Database.ExecuteSqlRawAsync(
            $"""
            SET session_replication_role = replica;
            {change};
            SET session_replication_role = DEFAULT;
            """));
        var began = TimeProvider.System.GetTimestamp();
        await Until(async () => (await _books.Ask(db => db.Breaks.Select(known => known.Text).ToListAsync())).Any(text => text.Contains(found, StringComparison.Ordinal)));
        TimeProvider.System.GetElapsedTime(began).ShouldBeLessThan(TimeSpan.FromMinutes(1));

        var rules = await _books.Ask(db => db.PaymentRules.SingleAsync());
        rules.HaltedTime.ShouldBe(Books.Start);
        log.Lines.ShouldContain(line => line.Contains(found, StringComparison.Ordinal));
        await watch.StopAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task What_agrees_again_is_noted_and_the_halt_stays_until_operators_lift_it()
    {
        await Sell();
        await _books.Do(db => new KeepBreaks(db, _books.Clock).Keep([Checks.Sum], new Findings(1, [new Break(Checks.Sum, "all accounts", "They hold $1.00.")]), default));
        await _books.Do(db => new KeepBreaks(db, _books.Clock).Keep([Checks.Engine], Findings.None, default));
        (await _books.Ask(db => db.Breaks.SingleAsync())).ClearedTime.ShouldBeNull();
        await _books.Do(db => new KeepBreaks(db, _books.Clock).Keep([Checks.Sum], Findings.None, default));
        (await _books.Ask(db => db.Breaks.SingleAsync())).ClearedTime.ShouldBe(Books.Start);
        (await _books.Ask(db => db.PaymentRules.SingleAsync())).HaltedTime.ShouldBe(Books.Start);
    }

    private static async Task Until(Func<Task<bool>> true_)
    {
        for (var waited = 0; !await true_(); waited++)
        {
            if (waited == 600) throw new TimeoutException("It did not come true in a minute.");
            await Task.Delay(100);
        }
    }

    private async Task Sell()
    {
        _exchange.Engine.Sell(Happened.Sold(1, _ann, _ben, Books.Start, 1, Happened.Slot(400_000, 400_000))).ShouldBeTrue();
        await Settle();
    }

    /// <summary>Everything asked is done and everything said is applied.</summary>
    private async Task Settle()
    {
        var pending = await _books.Pending();
        foreach (var row in pending) _exchange.Engine.Submit(row.CommandId, EngineCommand.Parser.ParseFrom(row.Body));
        await _books.Answered(pending);
        await _books.Apply(_exchange.Engine.Feed);
    }

    private Task<Reconciliation.Reconciliation> Compare(int attempts = 3) =>
        _books.Ask(db => new Reconciler(db, _client) { Attempts = attempts }.Compare(TestContext.Current.CancellationToken));
}
