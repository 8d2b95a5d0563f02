using ComputeExchange.MatchingEngine.V1;
using Microsoft.EntityFrameworkCore;
using Shouldly;
using Xunit;

namespace ComputeExchange.Pricing.Tests.Feed;

public sealed class KeepPricesTests(PricesDatabase database) : Prices(database)
{
    [Fact]
    public async Task The_tables_are_what_the_code_says() =>
        (await Db(db => Task.FromResult(db.Database.HasPendingModelChanges()))).ShouldBeFalse();

    [Fact]
    public async Task Every_slot_of_a_lease_is_a_trade_at_its_own_price()
    {
        await Feed(Day, BidIs(1, BidKind.Divisible), Sold(1, 1, buyer: 1, provider: 2, gpus: 4, Day.AddHours(3), 2_000_000, 3_000_000));
        var trades = await Db(db => db.Trades.OrderBy(trade => trade.Part).ToListAsync(Cancel));
        trades.Select(trade => (trade.Part, trade.PriceMicros, trade.GpuMinutes, trade.DeliveryTime)).ShouldBe([
            (0, 2_000_000, 240, Day.AddHours(3)), (1, 3_000_000, 240, Day.AddHours(4)),
        ]);
        trades.ShouldAllBe(trade => trade.BidId == 1 && trade.BuyerId == Id(1) && trade.ProviderId == Id(2) && trade.HappenedTime == Day);
    }

    [Fact]
    public async Task Which_bids_are_blocks_is_kept()
    {
        await Feed(Day, BidIs(1, BidKind.Divisible), BidIs(2, BidKind.Block));
        (await Db(db => db.BlockBids.Select(block => block.BidId).ToListAsync(Cancel))).ShouldBe([2]);
    }

    [Fact]
    public async Task What_the_feed_tells_again_changes_nothing()
    {
        var entries = Entries(Day,
            MarketIs(H100), MarketIs(H100), BidIs(1, BidKind.Block), Cleared(1, Price(Day, 2_000_000, 4)), Sold(1, 1, 1, 2, 4, Day, 2_000_000));
        await Apply(entries);
        (await Apply(entries)).ShouldBe(entries[^1].Number);
        await Apply([.. entries.Skip(2)]);
        (await Db(db => db.Markets.CountAsync(Cancel))).ShouldBe(1);
        (await Db(db => db.SpotPrices.CountAsync(Cancel))).ShouldBe(1);
        (await Db(db => db.Trades.CountAsync(Cancel))).ShouldBe(1);
    }

    [Fact]
    public async Task A_batch_that_breaks_leaves_nothing_and_can_be_applied_again()
    {
        var entries = Entries(Day, MarketIs(H100), Cleared(1, Price(Day, 2_000_000, 4)), Sold(1, 1, 1, 2, 4, Day, 2_000_000));
        var broken = entries[2].Clone();
        broken.Event.LeaseSold.BuyerId = "nobody";
        await Should.ThrowAsync<FormatException>(() => Apply([entries[0], entries[1], broken]));
        (await Db(db => db.SpotPrices.CountAsync(Cancel))).ShouldBe(0);

        await Apply(entries);
        (await Db(db => db.Trades.CountAsync(Cancel))).ShouldBe(1);
    }
}
