using ComputeExchange.Client;
using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.OrderBook.V1;
using Grpc.Core;
using Shouldly;
using Xunit;
using EnterOrdersRequest = ComputeExchange.OrderBook.V1.EnterOrdersRequest;

namespace ComputeExchange.EndToEnd.Tests;

/// <summary>A host in real time, shared by the tests of one class.</summary>
public sealed class LiveHost : IAsyncLifetime
{
    internal RunningHost Host { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Host = await RunningHost.Start("live");

    public ValueTask DisposeAsync() => Host.DisposeAsync();
}

public class FuturesTests(LiveHost live) : IClassFixture<LiveHost>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Two_traders_trade_and_each_sees_its_own_side_and_never_the_other()
    {
        using var floor = new FuturesFloor(live.Host, Cancel);
        var instrument = await floor.List("CX-TWO-2027-01");
        var (ann, bob) = (await floor.Trader("ann"), await floor.Trader("bob"));
        var sold = await floor.Enter(ann, FuturesFloor.Place(instrument, OrderSide.Sell, 10, 2_510, 1));
        var bought = await floor.Enter(bob, FuturesFloor.Place(instrument, OrderSide.Buy, 4, 2_520, 1));
        (bought.State, bought.FilledLotCount, bought.FilledValueMicros).ShouldBe((FuturesOrderState.Filled, 4, 4 * 2_510 * FuturesFloor.TickValue));

        await floor.Until(async () => (await bob.Futures.ListFuturesTradesAsync(new ListFuturesTradesRequest { Instrument = instrument }, cancellationToken: Cancel)).Trades.Count == 1);
        var trade = (await ann.Futures.ListFuturesTradesAsync(new ListFuturesTradesRequest { Instrument = instrument }, cancellationToken: Cancel)).Trades.ShouldHaveSingleItem();
        (trade.Side, trade.OrderId, trade.Maker, trade.LotCount).ShouldBe((OrderSide.Sell, sold.OrderId, true, 4));
        var tape = (await bob.Futures.ListInstrumentTradesAsync(new ListInstrumentTradesRequest { Instrument = instrument }, cancellationToken: Cancel)).Trades.ShouldHaveSingleItem();
        (tape.ParticipantId, tape.OrderId).ShouldBe(("", 0));
        (await Fails(() => bob.Futures.GetOrderAsync(new GetOrderRequest { OrderId = sold.OrderId }, cancellationToken: Cancel))).StatusCode.ShouldBe(StatusCode.NotFound);

        var book = await bob.Futures.GetBookAsync(new GetBookRequest { Instrument = instrument }, cancellationToken: Cancel);
        book.Bids.ShouldBeEmpty();
        var level = book.Asks.ShouldHaveSingleItem();
        (level.PriceTicks, level.LotCount, level.OrderCount).ShouldBe((2_510, 6, 1));
        var position = (await bob.Futures.ListPositionsAsync(new ListPositionsRequest { Instrument = instrument }, cancellationToken: Cancel)).Positions.ShouldHaveSingleItem();
        (position.LotCount, position.EntryPriceMicrosPerLot, position.OpenGainMicros).ShouldBe((4, 2_510 * FuturesFloor.TickValue, 0));
        var candle = (await bob.Futures.ListCandlesAsync(new ListCandlesRequest { Instrument = instrument }, cancellationToken: Cancel)).Candles.ShouldHaveSingleItem();
        (candle.FirstPriceTicks, candle.LotCount, candle.ValueMicros).ShouldBe((2_510, 4, 4 * 2_510 * FuturesFloor.TickValue));
    }

    [Fact]
    public async Task Orders_that_ask_for_it_are_cancelled_some_seconds_after_the_last_stream_ended_and_others_stay()
    {
        using var floor = new FuturesFloor(live.Host, Cancel);
        var instrument = await floor.List("CX-GONE-2027-01");
        var ann = await floor.Trader("ann of the line");
        var fleeting = FuturesFloor.Place(instrument, OrderSide.Buy, 1, 2_400, 1);
        fleeting.CancelOnDisconnect = true;
        using (var line = floor.Stream(ann))
        {
            await line.RequestStream.WriteAsync(new EnterOrdersRequest { Orders = { fleeting, FuturesFloor.Place(instrument, OrderSide.Buy, 1, 2_401, 2) } }, Cancel);
            (await line.ResponseStream.MoveNext(Cancel)).ShouldBeTrue();
            line.ResponseStream.Current.Results.ShouldAllBe(result => result.State == FuturesOrderState.Open);

            // A unary request comes and goes; the stream is still there.
            await floor.Enter(ann, FuturesFloor.Place(instrument, OrderSide.Buy, 1, 2_402, 3));
            await Task.Delay(TimeSpan.FromSeconds(11), Cancel);
            (await floor.Open(ann)).Count.ShouldBe(3, "connected all the time");
        }
        await floor.Until(async () => (await floor.Open(ann)).Count < 3, seconds: 20);
        (await floor.Open(ann)).Select(order => order.ClientOrderId).ShouldBe([3, 2]);
        var gone = (await ann.Futures.GetOrderAsync(new GetOrderRequest { ClientOrderId = 1 }, cancellationToken: Cancel)).Order;
        (gone.State, gone.CancelReason).ShouldBe((FuturesOrderState.Cancelled, OrderCancelReason.Disconnected));
    }

    [Fact]
    public async Task An_operator_halts_and_a_trade_is_undone_only_when_a_second_operator_agrees()
    {
        using var floor = new FuturesFloor(live.Host, Cancel);
        var instrument = await floor.List("CX-BUST-2027-01");
        var (ann, bob) = (await floor.Trader("ann who errs"), await floor.Trader("bob who gains"));
        await floor.Enter(ann, FuturesFloor.Place(instrument, OrderSide.Sell, 3, 2_300, 1));
        await floor.Enter(bob, FuturesFloor.Place(instrument, OrderSide.Buy, 3, 2_300, 1));
        await floor.Set(instrument, InstrumentPhase.Halted);
        var refused = RpcFailure.From(await Fails(() => bob.Futures.PlaceOrderAsync(
            new PlaceOrderRequest { Order = FuturesFloor.Place(instrument, OrderSide.Buy, 1, 2_300, 2) }, cancellationToken: Cancel)));
        refused.Reason.ShouldBe("PHASE_FORBIDS");
        refused.Message.ShouldContain("halted");

        await floor.Until(async () => (await Positions(bob, instrument)) is [{ LotCount: 3 }]);
        var trade = (await bob.Futures.ListFuturesTradesAsync(new ListFuturesTradesRequest { Instrument = instrument }, cancellationToken: Cancel)).Trades.Single();
        var (first, second) = (floor.Operator, await floor.SecondOperator());
        (await Bust(first)).Busted.ShouldBeFalse();
        RpcFailure.From(await Fails(() => first.Futures.BustTradeAsync(Request(), cancellationToken: Cancel))).Reason.ShouldBe("SECOND_OPERATOR_NEEDED");
        (await Bust(second)).Busted.ShouldBeTrue();

        await floor.Until(async () => (await Positions(bob, instrument)) is [{ LotCount: 0, ClosedGainMicros: 0, BoughtLotCount: 0 }]);
        (await ann.Futures.ListFuturesTradesAsync(new ListFuturesTradesRequest { Instrument = instrument }, cancellationToken: Cancel)).Trades.Single().Busted.ShouldBeTrue();

        BustTradeRequest Request() => new() { RequestId = Guid.NewGuid().ToString(), TradeId = trade.TradeId, Reason = "a price nobody meant" };
        Task<BustTradeResponse> Bust(ExchangeClient by) => floor.Ask(() => by.Futures.BustTradeAsync(Request(), cancellationToken: Cancel).ResponseAsync);
    }

    [Fact]
    public async Task A_reader_of_market_data_gets_the_book_and_the_trades_as_they_happen()
    {
        using var floor = new FuturesFloor(live.Host, Cancel);
        var instrument = await floor.List("CX-LIVE-2027-01");
        var ann = await floor.Trader("ann who watches");
        await floor.Until(async () => (await ann.Futures.ListInstrumentsAsync(new ListInstrumentsRequest(), cancellationToken: Cancel)).Instruments
            .Any(row => row.Terms.Name == instrument && row.Phase == InstrumentPhase.Continuous));
        using var stream = ann.OrderBook.StreamMarketData(new StreamMarketDataRequest { Instrument = instrument }, cancellationToken: Cancel);
        (await Next(stream, update => update.Book is not null)).Book.Asks.ShouldBeEmpty();

        var order = await floor.Enter(ann, FuturesFloor.Place(instrument, OrderSide.Sell, 5, 2_505, 1));
        (await Next(stream, update => update.Own?.OrderIds.Contains(order.OrderId) == true)).FeedNumber.ShouldBeGreaterThan(0);
        (await Next(stream, update => update.Book?.Asks.Count == 1)).Book.Asks[0].LotCount.ShouldBe(5);
        var bob = await floor.Trader("bob who is watched");
        await floor.Enter(bob, FuturesFloor.Place(instrument, OrderSide.Buy, 2, 2_505, 1));
        var trade = (await Next(stream, update => update.FuturesTrade is not null)).FuturesTrade;
        (trade.LotCount, trade.PriceTicks, trade.ParticipantId).ShouldBe((2, 2_505, ""));
        await floor.Set(instrument, InstrumentPhase.Halted);
        (await Next(stream, update => update.Instrument is { } changed && changed.Terms.Name == instrument)).Instrument.Phase.ShouldBe(InstrumentPhase.Halted);
    }

    private static async Task<IReadOnlyList<FuturesPosition>> Positions(ExchangeClient who, string instrument) =>
        (await who.Futures.ListPositionsAsync(new ListPositionsRequest { Instrument = instrument }, cancellationToken: Cancel)).Positions;

    private static async Task<StreamMarketDataResponse> Next(AsyncServerStreamingCall<StreamMarketDataResponse> stream, Func<StreamMarketDataResponse, bool> isIt)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        patience.CancelAfter(TimeSpan.FromSeconds(30));
        while (await stream.ResponseStream.MoveNext(patience.Token))
            if (isIt(stream.ResponseStream.Current)) return stream.ResponseStream.Current;
        throw new InvalidOperationException("The stream ended.");
    }

    private static Task<RpcException> Fails<T>(Func<AsyncUnaryCall<T>> call) => Should.ThrowAsync<RpcException>(() => call().ResponseAsync);
}
