using ComputeExchange.MatchingEngine.Core;
using ComputeExchange.MatchingEngine.Core.Futures;
using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.OrderBook.Futures.MarketData;
using ComputeExchange.OrderBook.Live;
using ComputeExchange.OrderBook.Storage;
using ComputeExchange.OrderBook.V1;
using Microsoft.EntityFrameworkCore;
using Shouldly;
using Xunit;
using OrderRequest = ComputeExchange.OrderBook.V1.OrderRequest;
using OrderType = ComputeExchange.OrderBook.V1.OrderType;
using TimeInForce = ComputeExchange.OrderBook.V1.TimeInForce;

namespace ComputeExchange.OrderBook.Tests.Futures;

public sealed class KeepFuturesTests(BookDatabase database) : FuturesBook(database)
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task The_tables_and_the_book_in_memory_say_at_every_number_what_the_rules_hold(int seed)
    {
        var random = new Random(seed);
        await Open();
        Lags = true;
        LiveFutures? live = null;
        long[] ids = [0, 0];
        for (var round = 0; round < 25; round++)
        {
            for (var i = 0; i < 12; i++) await Next(random, ids);
            if (round % 5 == 4) await Turn(random, round);
            Clock.MoveTo(Clock.GetUtcNow().AddSeconds(20));
            if (live is null && round >= seed) live = await Db(db => LiveFutures.Load(db, Cancel));
            foreach (var batch in TakeUntold().Chunk(1 + random.Next(6)))
            {
                await Apply(batch);
                foreach (var entry in batch) live?.Apply(entry, new Told { Update = new StreamMarketDataResponse() }, isHeard: true);
            }
            await SayTheSame(live);
        }
        (await Db(db => db.Trades.CountAsync(Cancel))).ShouldBeGreaterThan(20, "a market in which nothing trades shows nothing");
    }

    [Fact]
    public async Task What_the_feed_tells_again_changes_nothing()
    {
        await Open();
        Lags = true;
        await Enter(Ann, Sell(5, 2_500, 1));
        await Enter(Bob, Buy(3, 2_500, 1));
        var entries = TakeUntold();
        await Apply(entries);
        var before = await Picture();
        await Apply(entries);
        (await Picture()).ShouldBe(before);
    }

    [Fact]
    public async Task A_position_is_closed_at_its_mean_entry_and_turns_with_what_is_left()
    {
        await Open();
        await Enter(Ann, Sell(10, 2_500, 1));
        await Enter(Bob, Buy(4, 2_500, 1));
        await Enter(Ann, Sell(2, 2_530, 2));
        await Enter(Bob, Buy(6, 2_500, 2));
        await Enter(Bob, Buy(2, 2_530, 3));

        // Bob holds 12 lots for 10 × 2,500 + 2 × 2,530 and sells 15 at 2,520.
        await Enter(Ann, Buy(15, 2_520, 3));
        await Enter(Bob, Sell(15, 2_520, 4));
        var bob = await Db(db => db.Positions.SingleAsync(row => row.AccountIndex == 1, Cancel));
        bob.ClosedGainTickLots.ShouldBe((12 * 2_520) - (10 * 2_500) - (2 * 2_530));
        (bob.LotCount, bob.EntryTickLots).ShouldBe((-3, -3 * 2_520));
        (bob.BoughtLotCount, bob.SoldLotCount).ShouldBe((12, 15));
    }

    private async Task Next(Random random, long[] ids)
    {
        var who = random.Next(2);
        var price = 2_500 + random.Next(-12, 13);
        var lots = 1 + random.Next(12);
        OrderRequest order;
        switch (random.Next(12))
        {
            case 0:
                order = CancelOf(1 + random.Next(200));
                break;
            case 1 or 2:
                order = Replace(1 + random.Next(200), lots, price, ++ids[who]);
                break;
            default:
                order = Place(random.Next(2) == 0 ? OrderSide.Buy : OrderSide.Sell, lots, price, ++ids[who], made =>
                {
                    made.SelfTradeRule = (SelfTradeRule)(1 + random.Next(4));
                    switch (random.Next(9))
                    {
                        case 0: made.TimeInForce = TimeInForce.ImmediateOrCancel; break;
                        case 1: made.TimeInForce = TimeInForce.FillOrKill; break;
                        case 2: made.TimeInForce = TimeInForce.Day; break;
                        case 3: (made.TimeInForce, made.ExpirySeconds) = (TimeInForce.GoodTillDate, Clock.GetUtcNow().ToUnixTimeSeconds() + random.Next(1, 90)); break;
                        case 4: (made.Type, made.PriceTicks, made.TimeInForce) = (OrderType.Market, 0, TimeInForce.ImmediateOrCancel); break;
                        case 5: (made.Type, made.StopPriceTicks) = (OrderType.StopLimit, price + random.Next(-4, 5)); break;
                        case 6: (made.Type, made.PriceTicks, made.StopPriceTicks) = (OrderType.Stop, 0, price); break;
                        case 7: made.PeakLotCount = 1 + random.Next(3); break;
                        case 8: made.ReduceOnly = true; break;
                    }
                });
                break;
        }
        await Enter(who == 0 ? Ann : Bob, order);
    }

    /// <summary>Something besides orders: an auction, a bust, a mass cancel.</summary>
    private async Task Turn(Random random, int round)
    {
        switch (round / 5)
        {
            case 0 or 3:
                Do(new Command.SetPhase(Future, Phase.OpeningCall, Clock.GetUtcNow().AddSeconds(random.Next(5, 50))));
                break;
            case 1 when Rules.Futures.LastTrade > 0:
                Do(new Command.BustTrade(Rules.Futures.LastTrade, Ids.Of(901), "wrong price"));
                Do(new Command.BustTrade(Rules.Futures.LastTrade, Ids.Of(902), "wrong price"));
                break;
            case 2:
                Do(new Command.CancelOrders(Ann, "", MatchingEngine.Core.Book.Side.Buy, CancelReason.MassCancel));
                break;
        }
        await Task.CompletedTask;
    }

    private async Task SayTheSame(LiveFutures? live)
    {
        for (var account = 0; account < 2; account++)
        {
            var open = await Db(db => db.Orders.Where(row => row.AccountIndex == account && row.OpenLotCount > 0).ToListAsync(Cancel));
            open.Count.ShouldBe(Rules.Futures.OpenOrdersOf(account));
            open.ShouldAllBe(row => row.State == FuturesOrderState.Open || row.State == FuturesOrderState.Waiting);
            var (lots, buys, sells, cost) = Rules.Futures.PositionOf(account, 0);
            open.Where(row => row.Side == OrderSide.Buy).Sum(row => row.OpenLotCount).ShouldBe(buys);
            open.Where(row => row.Side == OrderSide.Sell).Sum(row => row.OpenLotCount).ShouldBe(sells);
            var position = await Db(db => db.Positions.SingleOrDefaultAsync(row => row.AccountIndex == account, Cancel)) ?? new PositionRow();
            position.LotCount.ShouldBe(lots);
            (position.EntryTickLots - position.ClosedGainTickLots).ShouldBe(cost, "what was paid is what is held less what was gained");
        }
        open_and_shown(await Db(db => db.Orders.Where(row => row.OpenLotCount > 0).ToListAsync(Cancel)));
        if (live is null) return;
        var told = await Slice<ReadBook, GetBookResponse>(book => book.Get(new GetBookRequest { Instrument = Future, LevelCount = 1_000 }, Cancel));
        var known = live.Book(Future, 1_000)!;
        known.FeedNumber = told.FeedNumber;
        known.ShouldBe(told);

        static void open_and_shown(List<FuturesOrderRow> orders) => orders.ShouldAllBe(row =>
            row.State == FuturesOrderState.Waiting ? row.ShownLotCount == 0
            : row.PeakLotCount == 0 ? row.ShownLotCount == row.OpenLotCount
            : row.ShownLotCount >= 1 && row.ShownLotCount <= row.PeakLotCount);
    }

    private Task<string> Picture() => Db(async db => System.Text.Json.JsonSerializer.Serialize(new
    {
        orders = await db.Orders.OrderBy(row => row.OrderId).ToListAsync(Cancel),
        trades = await db.Trades.ToListAsync(Cancel),
        positions = await db.Positions.OrderBy(row => row.AccountIndex).ToListAsync(Cancel),
    }));
}
