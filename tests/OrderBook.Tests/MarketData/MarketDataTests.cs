using ComputeExchange.Hosting.Access;
using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.OrderBook.MarketData;
using ComputeExchange.OrderBook.V1;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Shouldly;
using Xunit;
using static ComputeExchange.OrderBook.Tests.Happened;

namespace ComputeExchange.OrderBook.Tests.MarketData;

public sealed class MarketDataTests(BookDatabase database) : Book(database)
{
    private static readonly Guid Ann = Ids.Of(1);
    private static readonly Guid Bob = Ids.Of(2);
    private static readonly Guid Pam = Ids.Of(3);

    [Fact]
    public async Task Depth_adds_up_what_is_still_wanted_and_still_for_sale_in_a_slot()
    {
        await Feed(
            MarketIs(H100), MarketIs("B200-SXM-180GB.us-east"),
            Bid(1, Ann, 8, 10, 13, 2_000_000), Bid(2, Bob, 4, 11, 12, 2_000_000), Bid(3, Bob, 2, 10, 12, 2_500_000),
            Bid(4, Bob, 99, 12, 13, 2_500_000),                                             // another slot
            Bid(5, Bob, 99, 10, 13, 2_500_000, market: "B200-SXM-180GB.us-east"),           // another market
            Bid(6, Bob, 99, 10, 13, 2_500_000),                                             // taken back
            Offer(1, Pam, 8, 9, 13, 1_000_000, prompt: 500_000), Offer(2, Pam, 8, 11, 12, 1_200_000), Offer(3, Pam, 6, 10, 12, 1_200_000),
            BidEnds(6, CloseReason.Cancelled), RunClosed(1), RunCleared(1));
        await Feed(Sold(1, 1, 1, 1, Ann, 3, 11, 13, 1_500_000), Sold(2, 1, 3, 3, Bob, 2, 10, 12, 1_500_000), Sold(3, 1, 2, 2, Bob, 1, 11, 12, 1_500_000));

        var depth = await Depth(At(11));
        Levels(depth.Bids).ShouldBe([(2_000_000, 5 + 3, 2)]);
        Levels(depth.Offers).ShouldBe([(1_000_000, 5, 1), (1_200_000, 7 + 4, 2)]);
        var before = await Depth(At(10));
        Levels(before.Bids).ShouldBe([(2_000_000, 8, 1)]);
        Levels(before.Offers).ShouldBe([(1_000_000, 8, 1), (1_200_000, 4, 1)]);
    }

    [Fact]
    public async Task Prices_come_dearest_first_for_bids_and_cheapest_first_for_offers()
    {
        await Feed(
            MarketIs(H100), Bid(1, Ann, 1, 10, 11, 1_000), Bid(2, Ann, 1, 10, 11, 3_000), Bid(3, Ann, 1, 10, 11, 2_000),
            Offer(1, Pam, 1, 10, 11, 6_000), Offer(2, Pam, 1, 10, 11, 5_000), Offer(3, Pam, 1, 10, 11, 7_000));
        var depth = await Depth(At(10));
        depth.Bids.Select(level => level.PriceMicrosPerGpuHour).ShouldBe([3_000, 2_000, 1_000]);
        depth.Offers.Select(level => level.PriceMicrosPerGpuHour).ShouldBe([5_000, 6_000, 7_000]);
    }

    [Fact]
    public async Task Depth_is_of_the_next_slot_that_can_be_traded_unless_another_is_asked_for()
    {
        await Feed(MarketIs(H100));
        (await Depth(null)).SlotTime.ToDateTimeOffset().ShouldBe(At(9));
    }

    [Fact]
    public async Task In_the_slot_in_progress_offers_stand_at_their_prompt_reserve_and_what_has_passed_is_empty()
    {
        await Feed(MarketIs(H100), Offer(1, Pam, 8, 7, 13, 1_000_000, prompt: 500_000));
        Levels((await Depth(At(8))).Offers).ShouldBe([(500_000, 8, 1)]);
        (await Depth(At(7))).Offers.ShouldBeEmpty();
    }

    [Fact]
    public async Task Depth_of_no_market_or_of_a_time_inside_a_slot_is_refused()
    {
        (await Refused(() => Depth(At(9)))).Code.ShouldBe(StatusCode.NotFound);
        (await Refused(() => Depth(At(9, 30)))).Fields.ShouldHaveSingleItem().Field.ShouldBe("slot_time");
        (await Refused(() => Depth(At(9), ""))).Fields.ShouldHaveSingleItem().Field.ShouldBe("market");
    }

    [Fact]
    public async Task Trades_are_public_but_whose_they_are_is_not()
    {
        await Feed(
            Bid(1, Ann, 8, 10, 13, 2_000_000), Bid(2, Bob, 8, 10, 13, 2_000_000), Offer(1, Pam, 16, 10, 13, 1),
            RunClosed(1), RunCleared(1), Sold(1, 1, 1, 1, Ann, 8, 10, 13, 1_500_000), Sold(2, 1, 2, 1, Bob, 4, 10, 11, 1_500_000));

        (await Trades(new ListTradesRequest(), Buyer(Ann))).Trades.Select(t => (t.LeaseId, t.BidId)).ShouldBe([(2, 0), (1, 1)]);
        (await Trades(new ListTradesRequest(), Provider(Pam))).Trades.Select(t => (t.LeaseId, t.BidId)).ShouldBe([(2, 0), (1, 0)]);
        (await Trades(new ListTradesRequest(), Operator())).Trades.Select(t => (t.LeaseId, t.BidId)).ShouldBe([(2, 2), (1, 1)]);
        (await Trades(new ListTradesRequest { Mine = true }, Buyer(Bob))).Trades.Select(t => t.LeaseId).ShouldBe([2]);
        (await Trades(new ListTradesRequest { Market = "L40S-48GB.eu-west" }, Buyer(Bob))).Trades.ShouldBeEmpty();
        (await Trades(new ListTradesRequest { Market = H100, PageSize = 1 }, Buyer(Bob))).NextPageToken.ShouldBe("1");
    }

    [Fact]
    public async Task The_mean_price_of_a_trade_is_its_cost_by_its_GPU_hours_rounded_down()
    {
        await Feed(
            Bid(1, Ann, 1, 8, 10, 2_000_000), Offer(1, Pam, 1, 8, 10, 1), RunClosed(1), RunCleared(1),
            Sold(1, 1, 1, 1, Ann, 1, H100, Slot(At(8, 20), At(9), 1, 1_000_000), Slot(At(9), At(10), 1, 2_000_000)));

        // 40 minutes at $1 (666,666) and 60 at $2: 2,666,666 for 100 minutes.
        var trade = (await Trades(new ListTradesRequest(), Buyer(Ann))).Trades.ShouldHaveSingleItem();
        trade.CostMicros.ShouldBe(2_666_666);
        trade.MeanPriceMicrosPerGpuHour.ShouldBe(1_599_999);
        trade.FromTime.ToDateTimeOffset().ShouldBe(At(8, 20));
    }

    [Fact]
    public async Task A_quote_walks_the_open_offers()
    {
        await Feed(
            MarketIs(H100), Offer(1, Pam, 8, 9, 12, 2_000_000), Offer(2, Pam, 8, 9, 12, 1_000_000), Offer(3, Pam, 8, 9, 12, 500_000),
            Bid(1, Ann, 6, 10, 11, 2_000_000), RunClosed(1), RunCleared(1), Sold(1, 1, 1, 2, Ann, 6, 10, 11, 1_000_000), OfferEnds(3, CloseReason.Cancelled));

        var quote = await Quote(8, At(9), At(11));
        quote.Available.ShouldBeTrue();
        quote.LimitMicrosPerGpuHour.ShouldBe(2_000_000);
        quote.CostMicros.ShouldBe((8 * 1_000_000) + (2 * 1_000_000) + (6 * 2_000_000));
        quote.FeeMicros.ShouldBe(22_000_000 * 1_500L / 1_000_000);
        (await Quote(11, At(9), At(11))).UnavailableReason.ShouldBe("The slot of 2026-03-02 10:00 UTC lacks 1 of 11 GPUs.");
    }

    [Fact]
    public async Task A_quote_has_the_fee_of_who_asks_and_a_visitors_is_the_markets()
    {
        await Feed(
            SettingsAre(settings => settings.BuyerFeePpm = 2_000), MarketIs(H100), Offer(1, Pam, 8, 9, 12, 1_000_000), FeesAre(Ann, 500), FeesAre(Bob, 0));
        (await Quote(1, At(9), At(10), Buyer(Ann))).FeeMicros.ShouldBe(500);
        (await Quote(1, At(9), At(10), Buyer(Bob))).FeeMicros.ShouldBe(0);
        (await Quote(1, At(9), At(10), Buyer(Pam))).FeeMicros.ShouldBe(2_000);
        (await Quote(1, At(9), At(10))).FeeMicros.ShouldBe(2_000);

        await Feed(FeesAre(Ann, 750), FeesAre(Bob, null));
        (await Quote(1, At(9), At(10), Buyer(Ann))).FeeMicros.ShouldBe(750);
        (await Quote(1, At(9), At(10), Buyer(Bob))).FeeMicros.ShouldBe(2_000);
    }

    [Fact]
    public async Task A_halted_market_has_no_quote_and_an_unknown_one_is_not_found()
    {
        (await Refused(() => Quote(1, At(9), At(10)))).Code.ShouldBe(StatusCode.NotFound);
        await Feed(MarketIs(H100, MarketState.Halted), Offer(1, Pam, 8, 9, 12, 2_000_000));
        (await Quote(1, At(9), At(10))).UnavailableReason.ShouldBe($"The market {H100} is halted.");
    }

    [Fact]
    public async Task A_malformed_quote_names_every_field()
    {
        var failure = await Refused(() => Slice<MakeQuote, QuoteResponse>(quote => quote.Handle(new QuoteRequest(), Caller.Nobody, Cancel)));
        failure.Fields.Select(wrong => wrong.Field).ShouldBe(["market", "gpu_count", "from_time", "to_time"]);
        (await Refused(() => Quote(1, At(9), At(9).AddHours(337)))).Fields.ShouldHaveSingleItem().Field.ShouldBe("to_time");
    }

    private static IEnumerable<(long Price, int Gpus, int Orders)> Levels(IEnumerable<DepthLevel> levels) =>
        levels.Select(level => (level.PriceMicrosPerGpuHour, level.GpuCount, level.OrderCount));

    private Task<GetDepthResponse> Depth(DateTimeOffset? slot, string market = H100) => Slice<ReadDepth, GetDepthResponse>(depth =>
        depth.Get(new GetDepthRequest { Market = market, SlotTime = slot?.ToTimestamp() }, Cancel));

    private Task<ListTradesResponse> Trades(ListTradesRequest request, Caller caller) =>
        Slice<ReadTrades, ListTradesResponse>(trades => trades.List(request, caller, Cancel));

    private Task<QuoteResponse> Quote(int gpus, DateTimeOffset from, DateTimeOffset to, Caller? caller = null) => Slice<MakeQuote, QuoteResponse>(quote =>
        quote.Handle(new QuoteRequest { Market = H100, GpuCount = gpus, FromTime = from.ToTimestamp(), ToTime = to.ToTimestamp() }, caller ?? Caller.Nobody, Cancel));
}
