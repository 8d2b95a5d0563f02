using ComputeExchange.Facts.Settlement.V1;
using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.Settlement.Domain;
using ComputeExchange.Settlement.Storage;
using ComputeExchange.Testing;
using Google.Protobuf.WellKnownTypes;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using Shouldly;
using Xunit;

namespace ComputeExchange.Settlement.Tests;

public sealed class FeedTests(PostgresServer server) : IAsyncLifetime
{
    private readonly Guid _buyer = Guid.NewGuid();
    private readonly Guid _provider = Guid.NewGuid();
    private Books _books = null!;

    public async ValueTask InitializeAsync()
    {
        _books = await Books.Open(server);
        await _books.Fund(_buyer, 10_000);
    }

    public ValueTask DisposeAsync() => _books.DisposeAsync();

    [Fact]
    public async Task A_sold_lease_is_paid_into_its_escrow_and_told()
    {
        await _books.Feed(Happened.Sold(55, _buyer, _provider, Books.Start, 2, Happened.Slot(100, 200, 3, 4, 50), Happened.Slot(110, 220, 5)));
        (await _books.Balances()).ShouldBe($"bank -10000; collateral:{_buyer} 9572; escrow:55 428");

        var told = (await _books.Said<CapacityPaid>()).ShouldHaveSingleItem();
        told.ShouldContain(_provider.ToString());
        told.ShouldContain("\"gpus\": 2");
        told.ShouldContain("2026-03-02T11:00:00");
        var transfer = await _books.Ask(db => db.Transfers.SingleAsync(t => t.Kind == "lease paid"));
        (transfer.Cause, transfer.FeedNumber).ShouldBe(($"feed {_books.FeedNumber}", _books.FeedNumber));
        await _books.ShouldBalance();
    }

    [Fact]
    public async Task A_lease_that_cost_nothing_moves_nothing_and_is_told_all_the_same()
    {
        await _books.Feed(Happened.Sold(55, _buyer, _provider, Books.Start, 1, Happened.Slot(0, 0)));
        (await _books.Balances()).ShouldBe($"bank -10000; collateral:{_buyer} 10000");
        (await _books.Said<CapacityPaid>()).Count.ShouldBe(1);
    }

    [Fact]
    public async Task Entries_that_come_again_change_nothing()
    {
        var entries = Entries(
            Happened.Sold(55, _buyer, _provider, Books.Start, 1, Happened.Slot(100, 100)),
            Happened.Sold(56, _buyer, _provider, Books.Start, 1, Happened.Slot(100, 100)));
        await _books.Apply(entries);
        var before = await _books.Balances();

        await _books.Apply(entries);
        await _books.Apply(entries[..1]);
        (await _books.Balances()).ShouldBe(before);
        (await _books.Said<CapacityPaid>()).Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_batch_that_crashed_at_its_commit_left_nothing_and_is_applied_the_next_time()
    {
        var entries = Entries(
            Happened.Sold(55, _buyer, _provider, Books.Start, 1, Happened.Slot(100, 100)),
            Happened.Cleared(1, (Books.Start, 100)));
        _books.CrashAtCommit = true;
        await Should.ThrowAsync<CrashedException>(() => _books.Apply(entries));
        (await _books.Balances()).ShouldBe($"bank -10000; collateral:{_buyer} 10000");
        (await _books.Ask(db => db.ReferencePrices.CountAsync())).ShouldBe(0);

        await _books.Apply(entries);
        (await _books.Balance("escrow:55")).ShouldBe(100);
        (await _books.Said<CapacityPaid>()).Count.ShouldBe(1);
    }

    [Fact]
    public async Task Hundreds_of_entries_are_one_transaction()
    {
        var sold = Enumerable.Range(1, 400).Select(lease => Happened.Sold(lease, _buyer, _provider, Books.Start, 1, Happened.Slot(10, 10, 1), Happened.Slot(10, 10, 1)));
        await _books.Feed([.. sold]);
        (await _books.Balance($"collateral:{_buyer}")).ShouldBe(10_000 - (400 * 22));
        await _books.ShouldBalance();
    }

    [Fact]
    public async Task A_lease_is_paid_out_of_what_the_same_batch_credited()
    {
        var late = Guid.NewGuid();
        await _books.Deposit(late, 100);
        var asked = (await _books.Pending()).Single();
        await _books.Feed(
            Happened.Credited(EngineCommand.Parser.ParseFrom(asked.Body).CreditCollateral, asked.CommandId),
            Happened.Sold(55, late, _provider, Books.Start, 1, Happened.Slot(100, 100)));
        (await _books.Balance("escrow:55")).ShouldBe(100);
    }

    [Fact]
    public async Task Collateral_that_nobody_paid_in_is_not_made()
    {
        var refused = await Should.ThrowAsync<LedgerRefusedException>(() => _books.Feed(
            Happened.Credited(new CreditCollateral { ParticipantId = _buyer.ToString(), AmountMicros = 5 }, Guid.NewGuid())));
        refused.Reason.ShouldBe(TransferRefusal.BelowFloor);
        (await _books.Balance($"collateral:{_buyer}")).ShouldBe(10_000);
    }

    [Fact]
    public async Task Of_the_runs_that_sold_a_slot_the_last_ones_price_is_kept()
    {
        await _books.Feed(Happened.Cleared(1, (Books.Start, 100), (Books.Start.AddHours(1), 200)), Happened.Cleared(2, (Books.Start, 150)));
        (await _books.Ask(db => db.ReferencePrices.OrderBy(p => p.SlotTime).Select(p => p.PriceMicrosPerGpuHour).ToListAsync())).ShouldBe([150, 200]);
    }

    private List<FeedEntry> Entries(params EngineEvent[] events) => [.. events.Select((happened, index) => new FeedEntry
    {
        Number = _books.FeedNumber + 1 + index, HappenedTime = Books.Start.ToTimestamp(), Event = happened,
    })];
}
