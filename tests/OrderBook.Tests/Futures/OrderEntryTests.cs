using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.OrderBook.Futures.Entry;
using ComputeExchange.OrderBook.Futures.Orders;
using ComputeExchange.OrderBook.V1;
using Grpc.Core;
using Microsoft.EntityFrameworkCore;
using Shouldly;
using Xunit;
using EnterOrdersRequest = ComputeExchange.OrderBook.V1.EnterOrdersRequest;
using EnterOrdersResponse = ComputeExchange.OrderBook.V1.EnterOrdersResponse;

namespace ComputeExchange.OrderBook.Tests.Futures;

public sealed class OrderEntryTests(BookDatabase database) : FuturesBook(database)
{
    [Fact]
    public async Task An_order_trades_what_it_can_at_once_and_the_rest_of_it_stands()
    {
        await Open();
        await Enter(Ann, Sell(3, 2_510, 1));
        var result = await Enter(Bob, Buy(5, 2_520, 1));

        result.State.ShouldBe(FuturesOrderState.Open);
        (result.FilledLotCount, result.OpenLotCount).ShouldBe((3, 2));
        result.FilledTickLots.ShouldBe(3 * 2_510);
        result.FilledValueMicros.ShouldBe(3 * 2_510 * TickValue, "at the price of the order that was there first");
        result.RepeatedRequest.ShouldBeFalse();
    }

    [Fact]
    public async Task The_same_client_order_id_again_gets_the_first_outcome_and_places_nothing()
    {
        await Open();
        var first = await Enter(Bob, Buy(5, 2_400, 7));
        var again = await Enter(Bob, Buy(5, 2_400, 7));

        again.RejectReason.ShouldBe(OrderRejectReason.Unspecified);
        (again.OrderId, again.State, again.OpenLotCount, again.RepeatedRequest).ShouldBe((first.OrderId, FuturesOrderState.Open, 5, true));
        (await Db(db => db.Orders.CountAsync(Cancel))).ShouldBe(1);
    }

    [Fact]
    public async Task A_client_order_id_used_for_something_else_is_refused_and_says_for_what()
    {
        await Open();
        var first = await Enter(Bob, Buy(5, 2_400, 7));
        var others = new[] { Buy(6, 2_400, 7), Buy(5, 2_401, 7), Sell(5, 2_400, 7), Replace(first.OrderId, 4, 2_400, 7) };
        foreach (var other in others)
        {
            var result = await Enter(Bob, other);
            (result.RejectReason, result.OffendingValue, result.Field).ShouldBe((OrderRejectReason.ClientOrderIdReused, first.OrderId, "client_order_id"));
        }
    }

    [Fact]
    public async Task A_refused_request_asked_again_is_refused_for_the_same_reason()
    {
        await Open();
        var first = await Enter(Bob, Buy(5, 9_999, 7));
        first.RejectReason.ShouldBe(OrderRejectReason.PriceOutsideBand);
        var again = await Enter(Bob, Buy(5, 9_999, 7));
        (again.RejectReason, again.OffendingValue, again.Field, again.RepeatedRequest).ShouldBe((OrderRejectReason.PriceOutsideBand, 9_999, "price_ticks", true));
    }

    [Fact]
    public async Task A_client_order_id_below_the_last_that_was_never_used_is_refused_with_the_last_one()
    {
        await Open();
        await Enter(Bob, Buy(5, 2_400, 7));
        var result = await Enter(Bob, Buy(5, 2_400, 6));
        (result.RejectReason, result.OffendingValue).ShouldBe((OrderRejectReason.ClientOrderIdNotRising, 7));
        result.Message.ShouldContain("above 7");
    }

    [Fact]
    public async Task A_replace_asked_again_gets_its_first_outcome()
    {
        await Open();
        var order = (await Enter(Bob, Buy(5, 2_400, 1))).OrderId;
        var first = await Enter(Bob, Replace(order, 3, 2_400, 2));
        (first.KeptPlace, first.OpenLotCount).ShouldBe((true, 3));
        var again = await Enter(Bob, Replace(order, 3, 2_400, 2));
        (again.RepeatedRequest, again.KeptPlace, again.OpenLotCount, again.OrderId).ShouldBe((true, true, 3, order));
    }

    [Fact]
    public async Task While_the_tables_have_not_got_that_far_the_caller_is_told_to_ask_again()
    {
        await Open();
        Lags = true;
        var first = await Enter(Bob, Buy(5, 2_400, 7));
        var failure = await Refused(() => Enter(Bob, Buy(5, 2_400, 7)));
        failure.Code.ShouldBe(StatusCode.Unavailable);

        await Tell();
        Lags = false;
        (await Enter(Bob, Buy(5, 2_400, 7))).OrderId.ShouldBe(first.OrderId);
    }

    [Fact]
    public async Task In_a_batch_every_request_has_its_own_result_in_its_place_and_a_wrong_one_stops_none()
    {
        await Open();
        var stop = Buy(1, 2_600, 5, order => (order.Type, order.StopPriceTicks) = (OrderType.StopLimit, 2_550));
        var results = await Stream(Bob, [
            [
                Sell(4, 2_500, 1), Buy(0, 2_500, 2), Buy(2, 2_500, 3, order => order.Instrument = "CX-NOTHING"), Buy(6, 2_500, 4, order => order.SelfTradeRule = SelfTradeRule.CancelOldest),
                stop, CancelOf(99), CancelOf(2), Buy(1, 2_499, 6, order => order.Side = OrderSide.Unspecified), Buy(1, 2_499, 6),
            ],
        ]);

        var batch = results.ShouldHaveSingleItem();
        batch.Select(result => (result.ClientOrderId, result.RejectReason)).ShouldBe([
            (1, OrderRejectReason.Unspecified), (2, OrderRejectReason.Malformed), (3, OrderRejectReason.InstrumentUnknown), (4, OrderRejectReason.Unspecified),
            (5, OrderRejectReason.Unspecified), (0, OrderRejectReason.OrderUnknown), (0, OrderRejectReason.Unspecified), (6, OrderRejectReason.Malformed),
            (6, OrderRejectReason.Unspecified),
        ]);
        batch.Select(result => result.Field).ShouldBe(["", "lot_count", "instrument", "", "", "order_id", "", "side", ""]);
        batch[2].Message.ShouldContain("CX-NOTHING");
        (batch[3].FilledLotCount, batch[3].OpenLotCount, batch[3].State).ShouldBe((0, 6, FuturesOrderState.Open), "its own older order was cancelled");
        batch[4].State.ShouldBe(FuturesOrderState.Waiting);
        (batch[6].State, batch[6].CancelReason).ShouldBe((FuturesOrderState.Cancelled, OrderCancelReason.Owner));
    }

    [Fact]
    public async Task The_answers_of_a_stream_come_in_the_order_of_its_batches()
    {
        await Open();
        var batches = Enumerable.Range(0, 300).Select(batch => Enumerable.Range(1, 3).Select(n => Buy(1, 2_300 + n, (batch * 3) + n)).ToArray()).ToArray();
        var results = await Stream(Bob, batches);
        results.SelectMany(batch => batch).Select(result => result.ClientOrderId).ShouldBe(Enumerable.Range(1, 900).Select(n => (long)n));
        results.SelectMany(batch => batch).ShouldAllBe(result => result.State == FuturesOrderState.Open);
    }

    [Fact]
    public async Task When_the_engine_goes_away_under_a_stream_that_asks_nothing_the_stream_ends_so_that_the_caller_knows()
    {
        await Open();
        Broken = new TaskCompletionSource();
        var waiting = Slice<OrderEntry, int>(async entry =>
        {
            await entry.Enter(new Idle(), new Written(), Trader(Bob), Cancel);
            return 0;
        });
        await Task.Delay(50, Cancel);
        waiting.IsCompleted.ShouldBeFalse();
        Broken.SetResult();
        (await Refused(() => waiting)).Code.ShouldBe(StatusCode.Unavailable);
    }

    [Fact]
    public async Task A_batch_that_is_too_large_ends_the_stream_and_says_so()
    {
        await Open();
        var failure = await Refused(() => Stream(Bob, [[.. Enumerable.Range(1, 8_193).Select(n => Buy(1, 2_400, n))]]));
        (failure.Code, failure.Fields.Single().Field).ShouldBe((StatusCode.InvalidArgument, "orders"));
    }

    public static TheoryData<string, string> Malformed => new()
    {
        { "client_order_id", "order.ClientOrderId = 0" }, { "lot_count", "order.LotCount = -1" }, { "type", "order.Type = none" }, { "time_in_force", "order.TimeInForce = none" },
        { "price_ticks", "order.PriceTicks = 0" }, { "stop_price_ticks", "order.StopPriceTicks = 3" }, { "expiry_seconds", "gtd" }, { "peak_lot_count", "peak" },
        { "self_trade_rule", "rule" }, { "instrument", "instrument" }, { "side", "side" },
    };

    [Theory]
    [MemberData(nameof(Malformed))]
    public async Task A_malformed_order_fails_with_its_field(string field, string wrong)
    {
        await Open();
        var order = Buy(1, 2_400, 1, order =>
        {
            switch (field)
            {
                case "client_order_id": order.ClientOrderId = 0; break;
                case "lot_count": order.LotCount = -1; break;
                case "type": order.Type = OrderType.Unspecified; break;
                case "time_in_force": order.TimeInForce = (TimeInForce)77; break;
                case "price_ticks": order.PriceTicks = 0; break;
                case "stop_price_ticks": order.StopPriceTicks = 3; break;
                case "expiry_seconds": order.TimeInForce = TimeInForce.GoodTillDate; break;
                case "peak_lot_count": order.PeakLotCount = -1; break;
                case "self_trade_rule": order.SelfTradeRule = (SelfTradeRule)9; break;
                case "instrument": order.Instrument = ""; break;
                case "side": order.Side = OrderSide.Unspecified; break;
            }
        });
        var failure = await Refused(() => Slice<EnterOneOrder, PlaceOrderResponse>(one => one.Place(new PlaceOrderRequest { Order = order }, Trader(Bob), Cancel)));
        failure.Code.ShouldBe(StatusCode.InvalidArgument, wrong);
        failure.Fields.ShouldHaveSingleItem().Field.ShouldBe($"order.{field}");
    }

    [Fact]
    public async Task What_the_market_refuses_fails_with_its_reason_the_field_and_the_value_in_words()
    {
        await Open();
        var failure = await Refused(() => Slice<EnterOneOrder, PlaceOrderResponse>(one => one.Place(new PlaceOrderRequest { Order = Buy(5, 9_999, 1) }, Trader(Bob), Cancel)));
        (failure.Code, failure.Reason).ShouldBe((StatusCode.FailedPrecondition, "PRICE_OUTSIDE_BAND"));
        failure.Message.ShouldContain("9999");
        failure.Message.ShouldContain("2125 to 2875", customMessage: "what would be right");
        var other = await Refused(() => Slice<EnterOneOrder, CancelOrderResponse>(one => one.Cancel(new CancelOrderRequest { OrderId = 4 }, Trader(Bob), Cancel)));
        (other.Code, other.Reason).ShouldBe((StatusCode.FailedPrecondition, "ORDER_UNKNOWN"));
    }

    private async Task<List<OrderResult[]>> Stream(Guid who, IReadOnlyList<OrderRequest[]> batches)
    {
        var written = new Written();
        await Slice<OrderEntry, int>(async entry =>
        {
            await entry.Enter(new Given(batches), written, Trader(who), Cancel);
            return 0;
        });
        return written.Responses;
    }

    private sealed class Given(IReadOnlyList<OrderRequest[]> batches) : IAsyncStreamReader<EnterOrdersRequest>
    {
        private int _next;

        public EnterOrdersRequest Current { get; private set; } = new();

        public Task<bool> MoveNext(CancellationToken cancellationToken)
        {
            if (_next == batches.Count) return Task.FromResult(false);
            Current = new EnterOrdersRequest { Orders = { batches[_next++] } };
            return Task.FromResult(true);
        }
    }

    /// <summary>A caller who has nothing to say, and stays.</summary>
    private sealed class Idle : IAsyncStreamReader<EnterOrdersRequest>
    {
        public EnterOrdersRequest Current { get; } = new();

        public async Task<bool> MoveNext(CancellationToken cancellationToken)
        {
            await Task.Delay(Timeout.Infinite, cancellationToken);
            return false;
        }
    }

    private sealed class Written : IServerStreamWriter<EnterOrdersResponse>
    {
        public List<OrderResult[]> Responses { get; } = [];

        public WriteOptions? WriteOptions { get; set; }

        public Task WriteAsync(EnterOrdersResponse message, CancellationToken cancellationToken) => WriteAsync(message);

        public Task WriteAsync(EnterOrdersResponse message)
        {
            Responses.Add([.. message.Results]);
            return Task.CompletedTask;
        }
    }
}
