using ComputeExchange.MatchingEngine.Core;
using Shouldly;
using Xunit;
using static ComputeExchange.MatchingEngine.Tests.Rules.Market;

namespace ComputeExchange.MatchingEngine.Tests.Rules;

/// <summary>Blocks with all that they can say: windows, minimum fill, node groups, parents, groups.</summary>
public class BlockTests
{
    private readonly Market _market = new Market().WithMoreNodes();

    [Fact]
    public void A_block_with_a_window_reserves_its_money_once_wherever_it_starts()
    {
        _market.Placed(_market.BlockFor(Ann, gpus: 4, fromHour: 2, toHour: 10, run: 3, limit: 2m));

        // 4 GPUs × 3 h × $2 and 0.15%, not the eight hours of the window.
        _market.Of(Ann).Reserved.ShouldBe(Dollars(24m * 1.0015m));
    }

    [Fact]
    public void A_block_goes_where_in_its_window_the_capacity_is()
    {
        _market.Offer(gpus: 8, fromHour: 5, hours: 4, reserve: 1m);
        _market.Placed(_market.BlockFor(Ann, gpus: 8, fromHour: 2, toHour: 10, run: 3, limit: 2m));
        var lease = _market.Run().OfType<Event.LeaseSold>().ShouldHaveSingleItem();
        lease.Slots[0].From.ShouldBeInRange(Noon.AddHours(5), Noon.AddHours(6));
        lease.Slots.Count.ShouldBe(3);
    }

    [Fact]
    public void A_block_starts_only_where_its_buyer_said()
    {
        _market.Offer(gpus: 8, fromHour: 0, hours: 24, reserve: 1m);
        var bid = _market.BlockFor(Ann, 8, 2, 22, run: 3, limit: 2m) with { Starts = [Noon.AddHours(19), Noon.AddHours(4)] };
        _market.Placed(bid);
        var problem = _market.Closed();
        var block = problem.Bids.ShouldHaveSingleItem();
        (block.From, block.To, block.Run).ShouldBe((4, 22, 3));
        block.Starts.ShouldBe([4, 19]);
    }

    [Theory]
    [InlineData(0, 15, "START_COUNT")]
    [InlineData(2, 4, "RUN_OUT_OF_RANGE")]
    public void A_window_must_hold_the_run_and_no_more_than_thirteen_starts(int fromHour, int toHour, string reason)
    {
        _market.Refusal(_market.BlockFor(Ann, 1, fromHour, toHour, run: 3 - (toHour == 15 ? 1 : 0), limit: 1m)).ShouldBe(reason);
        _market.Placed(_market.BlockFor(Ann, 1, 2, 17, run: 3, limit: 1m));
    }

    public static TheoryData<string, Func<Command.PlaceBid, Command.PlaceBid>> BadBlocks => new()
    {
        { "RUN_OUT_OF_RANGE", bid => bid with { Run = 0 } },
        { "START_OUT_OF_WINDOW", bid => bid with { Starts = [Noon.AddHours(8)] } },
        { "START_OUT_OF_WINDOW", bid => bid with { Starts = [Noon.AddMinutes(150)] } },
        { "START_COUNT", bid => bid with { Starts = [Noon.AddHours(3), Noon.AddHours(3)] } },
        { "MIN_FILL_OUT_OF_RANGE", bid => bid with { MinFill = 249 } },
        { "MIN_FILL_OUT_OF_RANGE", bid => bid with { MinFill = 1_001 } },
        { "NODE_GROUP", bid => bid with { NodeGpus = 3 } },
        { "NODE_GROUP", bid => bid with { NodeGpus = -1 } },
        { "PARENT_UNKNOWN", bid => bid with { Parent = 77 } },
        { "PARENT_UNKNOWN", bid => bid with { Parent = -1 } },
        { "GROUP_NAME", bid => bid with { Group = "a b" } },
        { "GROUP_NAME", bid => bid with { Group = new string('g', 65) } },
        { "PARENT_AND_GROUP", bid => bid with { Group = "g", Parent = 1 } },
        { "MARKET_COUNT", bid => bid with { Markets = [] } },
        { "MARKET_COUNT", bid => bid with { Markets = [Name, West, Name] } },
        { "MARKET_COUNT", bid => bid with { Markets = [.. Enumerable.Repeat(Name, 9)] } },
        { "MARKET_UNKNOWN", bid => bid with { Markets = [Name, "NONE.here"] } },
        { "KIND_MISSING", bid => bid with { Kind = BidKind.None } },
        { "NOT_FOR_THIS_KIND", bid => bid with { Kind = BidKind.Divisible, Run = 0, NodeGpus = 2 } },
        { "NOT_FOR_THIS_KIND", bid => bid with { Kind = BidKind.Divisible, Run = 0, MinFill = 500 } },
        { "NOT_FOR_THIS_KIND", bid => bid with { Kind = BidKind.Standing, Run = 0, Group = "g" } },
    };

    [Theory]
    [MemberData(nameof(BadBlocks))]
    public void A_block_that_does_not_fit_is_refused_and_changes_nothing(string reason, Func<Command.PlaceBid, Command.PlaceBid> bad)
    {
        var before = _market.Exchange.StateHash();
        _market.Refusal(bad(_market.BlockFor(Ann, 4, 2, 8, run: 3, limit: 2m))).ShouldBe(reason);
        _market.Exchange.StateHash().ShouldBe(before);
    }

    [Fact]
    public void Starts_that_are_past_drop_out_and_with_the_last_one_the_block_expires()
    {
        _market.Offer(gpus: 1, hours: 24, reserve: 3m);
        _market.Placed(_market.BlockFor(Ann, 4, 2, 8, run: 3, limit: 2m));
        _market.Now = Noon.AddHours(3);
        var block = _market.Closed().Bids.ShouldHaveSingleItem();

        // 15:00 is in progress, and the block was placed for whole hours: 16:00 and 17:00 are left.
        (block.From, block.To).ShouldBe((1, 5));
        _market.Do(new Command.ReopenRun(_market.Exchange.ClearingRun));
        _market.Now = Noon.AddHours(5).AddMinutes(-10);
        _market.Do(new Command.CloseRun()).OfType<Event.BidClosed>().ShouldHaveSingleItem().Reason.ShouldBe(CloseReason.Expired);
        _market.Of(Ann).Reserved.ShouldBe(Dollars(0));
    }

    [Fact]
    public void A_block_placed_in_the_slot_in_progress_may_start_with_it()
    {
        _market.Now = Noon.AddMinutes(20);
        _market.Offer(gpus: 8, hours: 24, reserve: 1m);
        _market.Placed(_market.BlockFor(Ann, 8, 0, 4, run: 3, limit: 2m));
        var block = _market.Closed().Bids.ShouldHaveSingleItem();
        (block.From, block.To).ShouldBe((0, 4));
        var lease = _market.Clear(("b1", "o1", 0, 3, 8, 1.5m)).OfType<Event.LeaseSold>().ShouldHaveSingleItem();
        lease.Slots[0].From.ShouldBe(Noon.AddMinutes(20));
    }

    [Fact]
    public void A_block_over_several_nodes_closes_half_an_hour_before_it_starts()
    {
        _market.Offer(gpus: 8, hours: 24, reserve: 1m);
        _market.Offer(gpus: 8, hours: 24, reserve: 1m, node: OtherNode);
        _market.Now = Noon.AddMinutes(29);
        var cluster = _market.BlockFor(Ann, 16, 1, 2, run: 1, limit: 2m) with { NodeGpus = 8 };
        _market.Placed(cluster);
        _market.Now = Noon.AddMinutes(30);
        _market.Refusal(cluster).ShouldBe("WINDOW_PASSED");
        _market.Placed(cluster with { Gpus = 8 });
        _market.Do(new Command.CloseRun()).OfType<Event.BidClosed>().ShouldHaveSingleItem().Reason.ShouldBe(CloseReason.Expired);
        _market.Exchange.ClearingProblem!.Bids.ShouldHaveSingleItem().Gpus.ShouldBe(8);
    }

    [Fact]
    public void A_block_may_name_several_markets_and_is_filled_in_one()
    {
        _market.Offer(gpus: 8, fromHour: 0, hours: 24, reserve: 1m, node: WestNode);
        _market.Placed(_market.BlockFor(Ann, 8, 2, 5, run: 3, limit: 2m) with { Markets = [Name, West] });
        _market.Closed().Bids.ShouldHaveSingleItem().Markets.ShouldBe([0, 1]);
        var lease = _market.Clear(("b1", "o1", 2, 5, 8, 1.5m)).OfType<Event.LeaseSold>().ShouldHaveSingleItem();
        lease.Market.ShouldBe(West);
        _market.Of(Ann).Reserved.ShouldBe(Dollars(0));
    }

    [Fact]
    public void A_divisible_bid_in_two_markets_is_bought_once()
    {
        _market.Offer(gpus: 3, fromHour: 0, hours: 24, reserve: 1m);
        _market.Offer(gpus: 8, fromHour: 0, hours: 24, reserve: 1m, node: WestNode);
        _market.Placed(_market.BidFor(Ann, 5, 2, 1, 2m) with { Markets = [Name, West] });
        _market.Closed();
        var events = _market.Clear(("b1", "o1", 2, 3, 3, 1m), ("b1", "o2", 2, 3, 2, 1m));
        events.OfType<Event.LeaseSold>().Select(lease => (lease.Market, lease.Gpus)).ShouldBe([(Name, 3), (West, 2)]);
        events.OfType<Event.BidClosed>().ShouldHaveSingleItem().Reason.ShouldBe(CloseReason.Filled);
        _market.Of(Ann).Reserved.ShouldBe(Dollars(0));
    }

    [Fact]
    public void A_halted_market_is_left_out_of_the_ones_that_a_bid_names()
    {
        _market.Offer(reserve: 1m);
        _market.Placed(_market.BidFor(Ann, 5, 2, 1, 2m) with { Markets = [West, Name] });
        _market.Do(new Command.DefineMarket(West, Open: false));
        var problem = _market.Closed();
        problem.Markets.ShouldBe([Name]);
        problem.Bids.ShouldHaveSingleItem().Markets.ShouldBe([0]);
    }

    [Fact]
    public void A_block_filled_in_part_is_done_and_the_rest_of_its_money_is_free()
    {
        _market.Offer(gpus: 3, reserve: 1m);
        _market.Placed(_market.BlockFor(Ann, 8, 2, 5, run: 3, limit: 2m) with { MinFill = 250 });
        _market.Closed().Bids.ShouldHaveSingleItem().MinFill.ShouldBe(250);
        var events = _market.Clear(("b1", "o1", 2, 5, 3, 1m));
        events.OfType<Event.BidClosed>().ShouldHaveSingleItem().Reason.ShouldBe(CloseReason.Filled);
        _market.Of(Ann).Free.ShouldBe(Dollars(1_000m - (9m * 1.0015m)));
    }

    [Fact]
    public void A_child_is_not_filled_without_its_parent_and_stands_free_of_it_once_the_parent_is_filled()
    {
        var parent = _market.Placed(_market.BlockFor(Ann, 4, 2, 5, run: 3, limit: 2m));
        _market.Placed(_market.BlockFor(Ann, 4, 5, 8, run: 3, limit: 2m) with { Parent = parent });
        _market.Offer(gpus: 8, fromHour: 2, hours: 3, reserve: 1m);
        _market.Closed().Bids.Select(bid => bid.Parent).ShouldBe([null, "b1"]);
        _market.Clear(("b1", "o1", 2, 5, 4, 1m)).OfType<Event.BidClosed>().ShouldHaveSingleItem().Reason.ShouldBe(CloseReason.Filled);

        _market.Offer(gpus: 8, fromHour: 5, hours: 3, reserve: 1m);
        _market.Closed().Bids.ShouldHaveSingleItem().Parent.ShouldBeNull();
    }

    [Fact]
    public void A_parent_that_ends_unfilled_takes_its_children_with_it()
    {
        var parent = _market.Placed(_market.BlockFor(Ann, 4, 2, 5, run: 3, limit: 2m));
        var child = _market.Placed(_market.BlockFor(Ann, 4, 5, 8, run: 3, limit: 2m) with { Parent = parent });
        var grandchild = _market.Placed(_market.BlockFor(Ann, 4, 8, 9, run: 1, limit: 2m) with { Parent = child });
        _market.Do(new Command.CancelBid(Ann, parent)).OfType<Event.BidClosed>().Select(closed => (closed.Id, closed.Reason)).ShouldBe(
            [(parent, CloseReason.Cancelled), (child, CloseReason.ParentClosed), (grandchild, CloseReason.ParentClosed)]);
        _market.Of(Ann).Free.ShouldBe(Dollars(1_000));
    }

    [Fact]
    public void A_child_whose_parent_does_not_take_part_in_a_run_does_not_either()
    {
        _market.Offer(hours: 24, reserve: 1m);
        var parent = _market.Placed(_market.BlockFor(Ann, 4, 100, 103, run: 3, limit: 2m));
        _market.Placed(_market.BlockFor(Ann, 4, 5, 8, run: 3, limit: 2m) with { Parent = parent });
        _market.Placed(_market.BlockFor(Bob, 1, 5, 8, run: 3, limit: 2m));
        _market.Closed().Bids.ShouldHaveSingleItem().Id.ShouldBe("b3");
    }

    [Fact]
    public void A_parent_is_an_open_block_of_ones_own_with_few_children_and_not_too_deep()
    {
        var root = _market.Placed(_market.BlockFor(Ann, 1, 2, 3, run: 1, limit: 1m));
        Command.PlaceBid Under(long parent, Guid? buyer = null) => _market.BlockFor(buyer ?? Ann, 1, 3, 4, run: 1, limit: 1m) with { Parent = parent };

        _market.Refusal(Under(root, Bob)).ShouldBe("PARENT_NOT_OPEN");
        _market.Refusal(Under(root + 1)).ShouldBe("PARENT_UNKNOWN");
        var divisible = _market.Bid(Ann, 1, 2, 1, 1m);
        _market.Refusal(Under(divisible)).ShouldBe("PARENT_NOT_BLOCK");
        var child = _market.Placed(Under(root));
        var grandchild = _market.Placed(Under(child));
        _market.Refusal(Under(grandchild)).ShouldBe("PARENT_TOO_DEEP");
        for (var children = 2; children <= 6; children++) _market.Placed(Under(root));
        _market.Refusal(Under(root)).ShouldBe("PARENT_CHILDREN");
        _market.Do(new Command.CancelBid(Ann, grandchild));
        _market.Refusal(Under(grandchild)).ShouldBe("PARENT_NOT_OPEN");
    }

    [Fact]
    public void When_one_of_a_group_is_filled_the_others_close_and_other_buyers_groups_of_that_name_stay()
    {
        _market.Offer(gpus: 8, reserve: 1m);
        var first = _market.Placed(_market.BlockFor(Ann, 4, 2, 5, run: 3, limit: 2m) with { Group = "night" });
        var second = _market.Placed(_market.BlockFor(Ann, 4, 6, 9, run: 3, limit: 2m) with { Group = "night" });
        _market.Placed(_market.BlockFor(Bob, 1, 100, 103, run: 3, limit: 2m) with { Group = "night" });
        var problem = _market.Closed();
        problem.Bids.Select(bid => bid.Group).ShouldBe(["g1", "g1"]);
        _market.Clear(("b2", "o1", 6, 9, 4, 1m)).OfType<Event.BidClosed>().Select(closed => (closed.Id, closed.Reason)).ShouldBe(
            [(second, CloseReason.Filled), (first, CloseReason.GroupFilled)]);
        _market.Of(Ann).Reserved.ShouldBe(Dollars(0));
        _market.Of(Bob).Reserved.ShouldBe(Dollars(6m * 1.0015m));
    }

    [Fact]
    public void A_group_has_at_most_eight_open_blocks()
    {
        var block = _market.BlockFor(Ann, 1, 2, 3, run: 1, limit: 1m) with { Group = "g" };
        for (var i = 0; i < 8; i++) _market.Placed(block);
        _market.Refusal(block).ShouldBe("GROUP_SIZE");
        _market.Placed(block with { Buyer = Bob });
    }

    [Fact]
    public void A_participant_has_at_most_fifty_open_blocks()
    {
        var block = _market.BlockFor(Ann, 1, 2, 3, run: 1, limit: 1m);
        for (var i = 0; i < 50; i++) _market.Placed(block);
        _market.Refusal(block).ShouldBe("OPEN_BLOCK_LIMIT");
        _market.Bid(Ann, 1, 2, 1, 1m);
        _market.Do(new Command.CancelBid(Ann, 7));
        _market.Placed(block);
    }

    [Fact]
    public void A_suspended_buyer_loses_a_family_with_one_reason()
    {
        var parent = _market.Placed(_market.BlockFor(Ann, 4, 2, 5, run: 3, limit: 2m));
        _market.Placed(_market.BlockFor(Ann, 4, 5, 8, run: 3, limit: 2m) with { Parent = parent });
        _market.Do(new Command.SetParticipant(Ann, true, false, Active: false)).OfType<Event.BidClosed>().Select(closed => closed.Reason)
            .ShouldBe([CloseReason.Suspended, CloseReason.Suspended]);
    }
}
