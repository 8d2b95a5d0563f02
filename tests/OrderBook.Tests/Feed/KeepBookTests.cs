using System.Diagnostics;
using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.OrderBook.Storage;
using ComputeExchange.OrderBook.V1;
using Microsoft.EntityFrameworkCore;
using Shouldly;
using Xunit;
using static ComputeExchange.OrderBook.Tests.Happened;

namespace ComputeExchange.OrderBook.Tests.Feed;

public sealed class KeepBookTests(BookDatabase database) : Book(database)
{
    private static readonly Guid Ann = Ids.Of(1);
    private static readonly Guid Pam = Ids.Of(3);

    [Fact]
    public async Task The_tables_are_what_the_code_says() =>
        (await Db(db => Task.FromResult(db.Database.HasPendingModelChanges()))).ShouldBeFalse();

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(100)]
    public async Task However_the_feed_is_cut_into_batches_the_book_is_the_same(int size)
    {
        foreach (var batch in Entries(ADay()).Chunk(size)) await Apply(batch);

        var bid = await Db(db => db.Bids.SingleAsync(row => row.BidId == 1, Cancel));
        bid.State.ShouldBe(OrderState.Cancelled);
        bid.FilledGpuCounts.ShouldBe([5, 5, 2]);
        bid.FilledGpuMinutes.ShouldBe(12 * 60);
        bid.CostMicros.ShouldBe((10 * 1_500_000) + (2 * 1_400_000));
        var offer = await Db(db => db.Offers.SingleAsync(row => row.OfferId == 1, Cancel));
        offer.State.ShouldBe(OrderState.Open);
        offer.SoldGpuCounts.ShouldBe([0, 5, 5, 2]);
        offer.ProceedsMicros.ShouldBe(bid.CostMicros);
        (await Db(db => db.Runs.OrderBy(run => run.RunId).Select(run => run.LeaseCount).ToListAsync(Cancel))).ShouldBe([1, 1]);
    }

    [Fact]
    public async Task What_the_feed_tells_again_changes_nothing()
    {
        var entries = Entries(ADay());
        await Apply(entries);
        var before = await Picture();
        (await Apply(entries)).ShouldBe(entries[^1].Number);
        await Apply([.. entries.Skip(4)]);
        (await Picture()).ShouldBe(before);
    }

    [Fact]
    public async Task What_is_missing_is_waited_for()
    {
        var entries = Entries(ADay());
        (await Apply([.. entries.Skip(1)])).ShouldBe(0);
        (await Picture()).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_batch_that_breaks_leaves_nothing_and_can_be_applied_again()
    {
        var entries = Entries(ADay());
        FeedEntry[] broken = [.. entries.Take(6), new FeedEntry { Number = 7, HappenedTime = entries[6].HappenedTime, Event = BidEnds(99, CloseReason.Filled) }];
        await Should.ThrowAsync<UnreachableException>(() => Apply(broken));
        (await Picture()).ShouldBeEmpty();

        await Apply(entries);
        (await Picture()).ShouldNotBeEmpty();
    }

    [Fact]
    public async Task Prompt_capacity_counts_in_the_slot_it_is_delivered_in()
    {
        await Feed(Bid(1, Ann, 2, 8, 10, 2_000_000), Offer(1, Pam, 4, 7, 10, 1), RunClosed(1), RunCleared(1),
            Sold(1, 1, 1, 1, Ann, 2, H100, Slot(At(8, 20), At(9), 2, 1_500_000), Slot(At(9), At(10), 2, 1_500_000)));
        (await Db(db => db.Bids.SingleAsync(Cancel))).FilledGpuCounts.ShouldBe([2, 2]);
        (await Db(db => db.Offers.SingleAsync(Cancel))).SoldGpuCounts.ShouldBe([0, 2, 2]);
        (await Db(db => db.Leases.SingleAsync(Cancel))).GpuMinutes.ShouldBe(200);
    }

    [Fact]
    public async Task However_much_a_run_sells_it_is_read_with_a_few_look_ups()
    {
        const int count = 200;
        await Feed([MarketIs(H100), SettingsAre(), .. Enumerable.Range(1, count).SelectMany(id => new[]
        {
            Bid(id, Ids.Of(id), 4, 9, 21, 2_000_000), Offer(id, Ids.Of(id), 4, 9, 21, 1_000_000),
        })]);
        var solution = $"{{\"fills\":[{string.Join(',', Enumerable.Range(1, count).Select(id => $"{{\"bid\":\"b{id}\",\"offer\":\"o{id}.2\"}}"))}]}}";
        var sold = Enumerable.Range(1, count).SelectMany(id => new[] { Sold(id, 1, id, id, Ids.Of(id), 4, 9, 15, 1_500_000), BidEnds(id, CloseReason.Filled) });

        var before = LookUps;
        await Feed([RunClosed(1), RunCleared(1, solution: solution), .. sold]);
        (LookUps - before).ShouldBeLessThan(10);
        (await Db(db => db.Bids.CountAsync(bid => bid.State == OrderState.Filled && bid.FilledGpuMinutes == 4 * 360, Cancel))).ShouldBe(count);
    }

    private static IEnumerable<EngineEvent> ADay() =>
    [
        MarketIs(H100), SettingsAre(),
        Bid(1, Ann, 8, 10, 13, 2_000_000), Offer(1, Pam, 8, 9, 13, 1_000_000),
        RunClosed(1), RunCleared(1), Sold(1, 1, 1, 1, Ann, 5, 10, 12, 1_500_000),
        RunClosed(2), RunCleared(2), Sold(2, 2, 1, 1, Ann, 2, 12, 13, 1_400_000),
        BidEnds(1, CloseReason.Cancelled),
    ];

    private Task<string> Picture() => Db(async db =>
    {
        var bids = await db.Bids.OrderBy(row => row.BidId).ToListAsync(Cancel);
        var offers = await db.Offers.OrderBy(row => row.OfferId).ToListAsync(Cancel);
        var leases = await db.Leases.OrderBy(row => row.LeaseId).ToListAsync(Cancel);
        var runs = await db.Runs.OrderBy(row => row.RunId).ToListAsync(Cancel);
        return bids.Count == 0 ? "" : System.Text.Json.JsonSerializer.Serialize(new { bids, offers, leases, runs });
    });
}
