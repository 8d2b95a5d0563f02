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

        // Sum and signs, one lease, and bank, fees, two transits, two collaterals, one escrow; and two holdings.
        findings.Checks.ShouldBe(2 + 1 + 7 + 2);
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
        (await Compare()).Findings.Breaks.ShouldHaveSingleItem()
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
        (await Compare()).Findings.Breaks.ShouldBe([
            "All accounts together hold $0.000993; they should hold nothing.",
            "escrow:1 holds $0.399993; the slots of the lease that are not metered yet cost $0.40.",
            $"collateral:{_ann} holds $0.601; its transfers add up to $0.60.",
            "escrow:1 holds $0.399993; its transfers add up to $0.40.",
            $"collateral:{_ann} holds $0.601 in the ledger and $0.60 in the engine at feed number 3.",
        ]);
    }

    [Fact]
    public async Task The_clock_has_the_ledger_watched_and_breaks_logged()
    {
        var log = new ListLog<WatchLedger>();
        var noon = Books.Start.AddHours(2);
        await _books.Do(db => new WatchLedger(db, log).Run(noon, default));
        log.Lines.ShouldBeEmpty();

        await _books.Do(db => db.Database.ExecuteSqlRawAsync(
            """
            ALTER TABLE settlement.accounts DISABLE TRIGGER USER;
            UPDATE settlement.accounts SET balance_micros = balance_micros + 5 WHERE name = 'fees';
            """));
        await _books.Do(db => new WatchLedger(db, log).Run(noon, default));
        log.Lines.ShouldHaveSingleItem().ShouldContain("All accounts together hold $0.000005");

        // Once a day every balance is compared with its transfers.
        await _books.Do(db => new WatchLedger(db, log).Run(new DateTimeOffset(2026, 3, 3, 0, 0, 0, TimeSpan.Zero), default));
        log.Lines[^1].ShouldContain("fees holds $0.000005; its transfers add up to $0.00.");
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
