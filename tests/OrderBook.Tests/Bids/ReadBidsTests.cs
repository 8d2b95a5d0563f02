using ComputeExchange.Access.V1;
using ComputeExchange.Hosting.Access;
using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.OrderBook.Bids;
using ComputeExchange.OrderBook.V1;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Shouldly;
using Xunit;
using static ComputeExchange.OrderBook.Tests.Happened;

namespace ComputeExchange.OrderBook.Tests.Bids;

public sealed class ReadBidsTests(BookDatabase database) : Book(database)
{
    private static readonly Guid Ann = Ids.Of(1);
    private static readonly Guid Bob = Ids.Of(2);

    [Fact]
    public async Task A_bid_is_shown_with_what_it_bought()
    {
        await Feed(
            Bid(1, Ann, 8, 10, 13, 2_000_000, BidKind.Block), Offer(1, Ids.Of(3), 8, 10, 13, 1_000_000),
            RunClosed(1), RunCleared(1), Sold(1, 1, 1, 1, Ann, 8, 10, 13, 1_600_000), BidEnds(1, CloseReason.Filled));

        var answer = await Get(1, Buyer(Ann));
        answer.Bid.State.ShouldBe(OrderState.Filled);
        answer.Bid.RunSlotCount.ShouldBe(3);
        answer.Bid.FilledGpuMinutes.ShouldBe(8 * 3 * 60);
        answer.Bid.CostMicros.ShouldBe(8 * 3 * 1_600_000);
        answer.Bid.ReservedMicros.ShouldBe(8 * 3 * 2_000_000);
        var trade = answer.Trades.ShouldHaveSingleItem();
        trade.MeanPriceMicrosPerGpuHour.ShouldBe(1_600_000);
        trade.BidId.ShouldBe(1);
        trade.FromTime.ToDateTimeOffset().ShouldBe(At(10));
        trade.ToTime.ToDateTimeOffset().ShouldBe(At(13));
    }

    [Fact]
    public async Task A_standing_bid_is_shown_on_its_way_running_interrupted_and_running_again()
    {
        var placed = Bid(1, Ann, 8, 8, 9, 2_000_000, BidKind.Standing);
        placed.BidPlaced.Bid.ToTime = null;
        await Feed(placed, Offer(1, Ids.Of(3), 8, 8, 20, 1_000_000));
        var waiting = (await Get(1, Buyer(Ann))).Bid;
        (waiting.Standing.State, waiting.ToTime).ShouldBe((StandingState.Waiting, null));

        await Feed(RunCleared(1), Sold(1, 1, 1, 1, Ann, 8, 8, 9, 1_600_000), Sold(2, 1, 1, 1, Ann, 5, 9, 10, 1_600_000), Sold(3, 1, 1, 1, Ann, 3, 9, 10, 1_600_000));
        var running = (await Get(1, Buyer(Ann))).Bid.Standing;
        (running.State, running.HeldGpuCount, running.HeldUntilTime.ToDateTimeOffset()).ShouldBe((StandingState.Running, 8, At(10)));

        await Feed(new EngineEvent
        {
            StandingInterrupted = new StandingInterrupted
            {
                BidId = 1, BuyerId = Ann.ToString(), EndTime = At(10).ToTimestamp(), HeldGpuCount = 8, Reason = InterruptionReason.Outbid, PriceMicrosPerGpuHour = 2_500_000,
            },
        });
        var lost = (await Get(1, Buyer(Ann))).Bid.Standing;
        (lost.State, lost.InterruptionReason, lost.InterruptionPriceMicrosPerGpuHour).ShouldBe((StandingState.Interrupted, InterruptionReason.Outbid, 2_500_000));

        await Feed(
            Sold(4, 1, 1, 1, Ann, 8, 12, 13, 1_600_000),
            new EngineEvent { StandingResumed = new StandingResumed { BidId = 1, BuyerId = Ann.ToString(), FromTime = At(12).ToTimestamp(), GpuCount = 8 } });
        var back = (await Get(1, Buyer(Ann))).Bid;
        (back.Standing.State, back.Standing.HeldUntilTime.ToDateTimeOffset(), back.FilledGpuMinutes).ShouldBe((StandingState.Running, At(13), 3 * 8 * 60));
    }

    [Fact]
    public async Task A_block_is_shown_with_all_that_it_says()
    {
        var placed = Bid(1, Ann, 8, 10, 16, 2_000_000, BidKind.Block);
        var block = placed.BidPlaced.Bid;
        (block.RunSlotCount, block.MinFillPerMille, block.NodeGpuCount, block.ParentBidId, block.Group) = (2, 500, 4, 9, "night");
        block.StartTimes.AddRange([At(10).ToTimestamp(), At(13).ToTimestamp()]);
        await Feed(placed, Bid(2, Ann, 8, 10, 12, 2_000_000, BidKind.Block));
        var bid = (await Get(1, Buyer(Ann))).Bid;
        (bid.RunSlotCount, bid.MinFillPerMille, bid.NodeGpuCount, bid.ParentBidId, bid.Group).ShouldBe((2, 500, 4, 9, "night"));
        bid.StartTimes.Select(start => start.ToDateTimeOffset()).ShouldBe([At(10), At(13)]);
        (await Get(2, Buyer(Ann))).Bid.MinFillPerMille.ShouldBe(1_000);
    }

    [Fact]
    public async Task Another_buyers_bid_is_not_found_just_like_one_that_is_not_there()
    {
        await Feed(Bid(1, Ann, 8, 10, 13, 2_000_000));
        var others = await Refused(() => Get(1, Buyer(Bob)));
        var nobodys = await Refused(() => Get(2, Buyer(Bob)));
        (others.Code, nobodys.Code).ShouldBe((StatusCode.NotFound, StatusCode.NotFound));
        others.Message.Replace('1', '2').ShouldBe(nobodys.Message);
        (await List(new ListBidsRequest(), Buyer(Bob))).Bids.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(Role.Operator)]
    [InlineData(Role.Auditor)]
    public async Task Operators_and_auditors_see_everyones_bids(Role role)
    {
        await Feed(Bid(1, Ann, 8, 10, 13, 2_000_000), Bid(2, Bob, 8, 10, 13, 2_000_000));
        var caller = Participant(Ids.Of(9), role);
        (await List(new ListBidsRequest(), caller)).Bids.Select(bid => bid.BidId).ShouldBe([2, 1]);
        (await Get(1, caller)).Bid.BuyerId.ShouldBe(Ann.ToString());
    }

    [Fact]
    public async Task A_list_comes_in_pages_newest_first_and_ends()
    {
        await Feed(Enumerable.Range(1, 5).Select(id => Bid(id, Ann, id, 10, 13, 2_000_000)));
        var pages = new List<long[]>();
        var token = "";
        do
        {
            var page = await List(new ListBidsRequest { PageSize = 2, PageToken = token }, Buyer(Ann));
            pages.Add([.. page.Bids.Select(bid => bid.BidId)]);
            token = page.NextPageToken;
        }
        while (token.Length > 0);
        pages.ShouldBe([[5, 4], [3, 2], [1]]);
    }

    [Fact]
    public async Task A_list_can_be_of_one_state()
    {
        await Feed(
            Bid(1, Ann, 1, 10, 13, 1), Bid(2, Ann, 1, 10, 13, 1), Bid(3, Ann, 1, 10, 13, 1), Bid(4, Ann, 1, 10, 13, 1), Bid(5, Ann, 1, 10, 13, 1),
            BidEnds(1, CloseReason.Cancelled), BidEnds(2, CloseReason.Expired), BidEnds(3, CloseReason.Suspended), BidEnds(4, CloseReason.Filled));
        async Task<long[]> In(OrderState state) =>
            [.. (await List(new ListBidsRequest { State = state }, Buyer(Ann))).Bids.Select(bid => bid.BidId)];

        (await In(OrderState.Cancelled)).ShouldBe([1]);
        (await In(OrderState.Expired)).ShouldBe([2]);
        (await In(OrderState.Closed)).ShouldBe([3]);
        (await In(OrderState.Filled)).ShouldBe([4]);
        (await In(OrderState.Open)).ShouldBe([5]);
    }

    [Theory]
    [InlineData(-1, "", 0, "page_size")]
    [InlineData(501, "", 0, "page_size")]
    [InlineData(0, "next", 0, "page_token")]
    [InlineData(0, "", 6, "state")]
    public async Task A_page_that_cannot_be_is_refused(int size, string token, int state, string field)
    {
        var failure = await Refused(() => List(new ListBidsRequest { PageSize = size, PageToken = token, State = (OrderState)state }, Buyer(Ann)));
        failure.Fields.ShouldHaveSingleItem().Field.ShouldBe(field);
    }

    private Task<GetBidResponse> Get(long bid, Caller caller) =>
        Slice<ReadBids, GetBidResponse>(bids => bids.Get(new GetBidRequest { BidId = bid }, caller, Cancel));

    private Task<ListBidsResponse> List(ListBidsRequest request, Caller caller) =>
        Slice<ReadBids, ListBidsResponse>(bids => bids.List(request, caller, Cancel));
}
