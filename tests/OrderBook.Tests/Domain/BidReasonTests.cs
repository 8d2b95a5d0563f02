using ComputeExchange.MatchingEngine.Core.Auctions;
using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.OrderBook.Domain;
using ComputeExchange.OrderBook.V1;
using ComputeExchange.Values.Auctions;
using Shouldly;
using Xunit;
using static ComputeExchange.OrderBook.Tests.Happened;
using BidKind = ComputeExchange.MatchingEngine.V1.BidKind;

namespace ComputeExchange.OrderBook.Tests.Domain;

/// <summary>Each reason from a small run whose record keeps every rule. Run 7 was closed at nine: its slot 2 is the hour of eleven.</summary>
public class BidReasonTests
{
    private const long Dollar = 1_000_000;
    private static readonly MarketSettings Settings = Storage.SettingsRow.ToDomain(Storage.SettingsRow.Untold);

    [Fact]
    public void A_bid_that_no_run_has_seen_waits_for_the_next()
    {
        Reason(Bid() with { PlacedTime = At(9, 30) }, Run([Offer("o1", 4, 1 * Dollar)], [])).ShouldBe(new BidReason(BidOutcome.Waits, "Waits for the next run."));
        Reason(Bid(), null).Outcome.ShouldBe(BidOutcome.Waits);
    }

    [Fact]
    public void A_bid_below_the_price_is_told_by_how_much_and_what_limit_would_have_done()
    {
        var run = Run(
            [Offer("o1", 4, 1 * Dollar)], [Divisible("b5", 4, 1_900_000), Divisible("b6", 4, 2_500_000)],
            [new("b6", "o1", 2, 4, 4)], 2_000_000);
        Reason(Bid(limit: 1_900_000), run).ShouldBe(new BidReason(
            BidOutcome.Outbid, "Outbid in run 7: its hours cost $2.000, and the limit is $1.900. At those prices a limit above $2.000 would have bought all of it.",
            7, 2_000_000, 100_000));
    }

    [Fact]
    public void A_bid_whose_limit_was_the_price_is_told_that_others_came_first()
    {
        var run = Run([Offer("o1", 4, 1 * Dollar)], [Divisible("b4", 4, 2 * Dollar), Divisible("b5", 4, 2 * Dollar)], [new("b4", "o1", 2, 4, 4)], 2 * Dollar);
        Reason(Bid(limit: 2 * Dollar), run).ShouldBe(new BidReason(
            BidOutcome.AtLimit, "In run 7 its hours cost $2.000, which is its limit: what was left at it went to others.", 7, 2 * Dollar));
    }

    [Fact]
    public void Where_nothing_was_sold_a_bid_is_told_what_the_offers_ask_for()
    {
        var run = Run([Offer("o1", 4, 3 * Dollar)], [Divisible("b5", 4, 2_500_000)]);
        Reason(Bid(), run).ShouldBe(new BidReason(
            BidOutcome.BelowReserve, "Nothing was sold in its hours in run 7: the offers there ask for $3.000, and the limit is $2.500.", 7, 3 * Dollar, 500_000));
    }

    [Fact]
    public void A_bid_without_any_offer_is_told_so_also_where_the_whole_run_had_none()
    {
        Reason(Bid(), Run([Offer("o1", 4, Dollar) with { To = 2 }], [Divisible("b5", 4, 2_500_000)])).ShouldBe(
            new BidReason(BidOutcome.NoSupply, "Nothing was offered for its hours in its markets in run 7.", 7));
        Reason(Bid(), RunSheet.Empty(7, At(9), nothingOffered: true)).ShouldBe(new BidReason(BidOutcome.NoSupply, "Nothing was offered in run 7.", 7));
    }

    [Fact]
    public void A_block_that_no_market_has_GPUs_enough_for_is_told_how_many_there_were()
    {
        var run = Run([Offer("o1", 4, Dollar), Offer("o2", 3, Dollar), Offer("o3", 8, Dollar) with { To = 3 }], [Block("b5", 8, 9 * Dollar)]);
        Reason(Bid(BidKind.Block), run).ShouldBe(new BidReason(
            BidOutcome.NoSupply, "Its markets offered 7 GPUs at most over all its hours in run 7, and it needs 8.", 7));
    }

    [Fact]
    public void A_block_that_asks_something_of_nodes_is_told_what_such_nodes_had()
    {
        var asks = Bid(BidKind.Block) with { AsksOfNodes = true };
        var run = Run([Offer("o1", 4, Dollar), Offer("o2", 8, 3 * Dollar)], [Block("b5", 8, 9 * Dollar) with { Offers = ["o1"] }]);
        Reason(asks, run).ShouldBe(new BidReason(
            BidOutcome.NoSupply, "Its markets offered 4 GPUs of the nodes that it asks for at most over all its hours in run 7, and it needs 8.", 7));
        Reason(asks, Run([Offer("o1", 4, Dollar)], [])).Sentence.ShouldStartWith("Took no part in run 7: no node that is all that it asks for was offered");
    }

    [Fact]
    public void A_block_whose_GPUs_lie_on_nodes_too_small_is_told_so()
    {
        var run = Run([Offer("o1", 4, Dollar), Offer("o2", 4, Dollar)], [Block("b5", 8, 9 * Dollar) with { Node = 8 }]);
        Reason(Bid(BidKind.Block), run).ShouldBe(new BidReason(
            BidOutcome.NodeGroups, "There were GPUs enough in run 7, but of 8 in its node groups only 0 were to be had. It takes part in the next run again.", 7));
    }

    [Fact]
    public void A_block_dearer_on_the_mean_than_its_limit_is_outbid_by_the_cheapest_of_its_starts()
    {
        var run = Run(
            [Offer("o1", 4, Dollar)], [Divisible("b6", 4, 2_600_000), Block("b5", 4, 2 * Dollar) with { From = 1, To = 4 }],
            [new("b6", "o1", 2, 4, 4)], 2_500_000);

        // From ten on: $1.00 that the offer asks for and $2.50 that the hour of eleven cost, on the mean $1.75, would have been within its limit.
        var verdict = Reason(Bid(BidKind.Block, 2 * Dollar), run);
        verdict.Outcome.ShouldBe(BidOutcome.Indivisible);
        verdict.NeededMicros.ShouldBe(1_750_000);

        var dearer = Run(
            [Offer("o1", 4, Dollar)], [Divisible("b6", 4, 2_600_000), Block("b5", 4, 1_700_000) with { From = 1, To = 4 }],
            [new("b6", "o1", 2, 4, 4)], 2_500_000);
        Reason(Bid(BidKind.Block, 1_700_000), dearer).ShouldBe(new BidReason(
            BidOutcome.Outbid,
            "Outbid in run 7: its hours cost $1.750 on the mean, and the limit is $1.700. At those prices a limit above $1.750 would have bought it.", 7, 1_750_000, 50_000));
    }

    [Fact]
    public void A_block_in_the_money_that_did_not_fit_is_told_so()
    {
        var run = Run(
            [Offer("o1", 8, Dollar)], [Divisible("b6", 6, 3 * Dollar), Block("b5", 4, 2_500_000)], [new("b6", "o1", 2, 4, 6)], Dollar, leftOut: "b5");
        var reason = Reason(Bid(BidKind.Block), run);
        (reason.Outcome, reason.RunId, reason.OutbidByMicros).ShouldBe((BidOutcome.Indivisible, 7, 0));
        reason.Sentence.ShouldBe("Left out of run 7 although in the money: no whole fit for 4 GPUs beside what was filled. It takes part in the next run again.");
    }

    [Fact]
    public void A_child_waits_for_its_parent_and_a_group_has_one_winner()
    {
        var run = Run(
            [Offer("o1", 8, Dollar)],
            [
                Block("b3", 8, 500_000), Block("b5", 4, 3 * Dollar) with { Parent = "b3" },
                Block("b6", 4, 3 * Dollar) with { Group = "g6" }, Block("b7", 4, 3 * Dollar) with { Group = "g6" },
            ],
            [new("b6", "o1", 2, 4, 4)], Dollar, leftOut: ["b5", "b7"]);
        Reason(Bid(BidKind.Block), run).Sentence.ShouldBe("Waits for its parent, which run 7 did not fill.");
        Reason(Bid(BidKind.Block) with { BidId = 7 }, run).ShouldBe(new BidReason(BidOutcome.Group, "Another block of its group was filled in run 7.", 7));
    }

    [Fact]
    public void A_bid_whose_gate_has_closed_is_told_when() =>
        BidReason.Of(Bid() with { FilledGpuCounts = [0] }, Run([], []), At(10, 55), Settings)
            .ShouldBe(new BidReason(BidOutcome.Waits, "The slot of 11:00 UTC is closed for trading at 10:50 UTC, until it starts."));

    [Fact]
    public void A_bid_that_took_no_part_is_told_why()
    {
        Reason(Bid() with { FromTime = At(9).AddHours(6) }, Run([], [])).Sentence.ShouldBe("Its hours lie further ahead than the 6 slots of a run; it takes part when they come nearer.");
        Reason(Bid() with { Markets = ["halted.us"] }, Run([], [])).Sentence.ShouldBe("Took no part in run 7: nothing could be traded in its market. It waits for the next run.");
    }

    [Fact]
    public void A_standing_bid_is_never_done()
    {
        var stands = Bid(BidKind.Standing) with { FilledGpuCounts = [] };
        Reason(stands, Run([], [])).ShouldBe(new BidReason(BidOutcome.Waits, "Stands: it bids again for each slot as that comes to its gate."));
        var bought = Run([Offer("o1", 4, Dollar)], [Divisible("b5", 4, 2_500_000)], [new("b5", "o1", 2, 4, 4)], 2 * Dollar);
        Reason(stands, bought).ShouldBe(new BidReason(BidOutcome.Filled, "Bought its slots in run 7; it bids for the next when that comes to its gate.", 7));
    }

    [Fact]
    public void An_ended_bid_says_how_and_what_it_bought()
    {
        Reason(Bid() with { State = OrderState.Filled, FilledGpuCounts = [4, 4] }, null).ShouldBe(new BidReason(BidOutcome.Filled, ""));
        Reason(Bid() with { State = OrderState.Filled, FilledGpuCounts = [3, 3] }, null).Sentence.ShouldStartWith("Filled with 3 of its 4 GPUs, as its minimum fill allows");
        Reason(Bid() with { State = OrderState.Cancelled, FilledGpuCounts = [4, 1] }, null).ShouldBe(new BidReason(BidOutcome.Ended, "Taken back by its owner, 5 of 8 GPU-slots bought."));
        Reason(Bid() with { State = OrderState.Expired }, null).Sentence.ShouldBe("Its hours can no longer be traded, nothing bought.");
        Reason(Bid() with { State = OrderState.Closed, CloseReason = CloseReason.Suspended }, null).Sentence.ShouldStartWith("Closed by the exchange: the participant was suspended");
        Reason(Bid() with { State = OrderState.Closed, CloseReason = CloseReason.ParentClosed }, null).Outcome.ShouldBe(BidOutcome.Parent);
        Reason(Bid() with { State = OrderState.Closed, CloseReason = CloseReason.GroupFilled }, null).Outcome.ShouldBe(BidOutcome.Group);
    }

    private static BidStanding Bid(BidKind kind = BidKind.Divisible, long limit = 2_500_000) =>
        new(5, kind, [H100], At(11), 4, [0, 0], limit, At(8), OrderState.Open, CloseReason.Unspecified);

    private static AuctionOffer Offer(string id, int gpus, long reserve) => new() { Id = id, Market = 0, Gpus = gpus, From = 0, To = 6, Reserve = [reserve] };

    private static AuctionBid Divisible(string id, int gpus, long limit) =>
        new() { Id = id, Kind = Values.Auctions.BidKind.Divisible, Markets = [0], Gpus = gpus, From = 2, To = 4, Limit = limit };

    private static AuctionBid Block(string id, int gpus, long limit) =>
        Divisible(id, gpus, limit) with { Kind = Values.Auctions.BidKind.Block, Run = 2 };

    private static RunSheet Run(
        IReadOnlyList<AuctionOffer> offers, IReadOnlyList<AuctionBid> bids, IReadOnlyList<AuctionFill>? fills = null, long price = 0, params string[] leftOut)
    {
        var problem = new AuctionProblem { Slots = 6, Markets = [H100], Offers = offers, Bids = bids };
        fills ??= [];
        var welfare = fills.Sum(fill => (bids.Single(bid => bid.Id == fill.Bid).Limit - offers.Single(offer => offer.Id == fill.Offer).Reserve[0]) * fill.Gpus * (fill.To - fill.From));
        var solution = AuctionSolution.Nothing(problem, long.MaxValue / 2) with
        {
            Status = fills.Count == 0 ? AuctionStatus.Empty : AuctionStatus.Feasible,
            Welfare = welfare,
            Prices = [[.. Enumerable.Range(0, 6).Select(slot => fills.Any(fill => fill.From <= slot && slot < fill.To) ? price : (long?)null)]],
            Fills = fills,
            LeftOut = leftOut,
        };

        // A record that could not be: no test of what it means.
        AuctionVerifier.Verify(problem, solution).ShouldBeEmpty();
        return new RunSheet(7, At(9), problem, solution);
    }

    private static BidReason Reason(BidStanding bid, RunSheet? last) => BidReason.Of(bid, last, At(9, 45), Settings);
}
