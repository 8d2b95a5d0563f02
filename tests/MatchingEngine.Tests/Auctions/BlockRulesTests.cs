using Shouldly;
using Xunit;
using static ComputeExchange.MatchingEngine.Tests.Auctions.AuctionScenario;

namespace ComputeExchange.MatchingEngine.Tests.Auctions;

public class BlockRulesTests
{
    [Fact]
    public void A_block_is_filled_for_its_run_from_several_offers_of_one_market() => Valid("""
        slots 4
        offer o1 east 5 0-4 @ 10
        offer o2 east 8 1-4 @ 12
        block b1 east,west 8 run 2 0-4 @ 15
        price east - 12 12 -
        fill b1 o1 1-3 5
        fill b1 o2 1-3 3
        """);

    [Theory]
    [InlineData("1-4", "- 10 10 10 -", "runs for 3 slots; its run is 2")]
    [InlineData("1-2", "- 10 - - -", "runs for 1 slots; its run is 2")]
    [InlineData("0-2", "10 10 - - -", "starts at slot 0, which is not one of its starts")]
    [InlineData("3-5", "- - - 10 10", "starts at slot 3, which is not one of its starts")]
    public void A_block_runs_as_long_as_it_says_inside_its_window(string slots, string prices, string reason) => Breaks(2, $"""
        slots 5
        offer o1 east 8 0-5 @ 10
        block b1 east 8 run 2 1-4 @ 10
        price east {prices}
        fill b1 o1 {slots} 8
        """).Sentence.ShouldContain(reason);

    [Fact]
    public void A_block_starts_at_one_of_its_starts()
    {
        Valid("""
            slots 5
            offer o1 east 8 0-5 @ 10
            block b1 east 8 run 2 0-5 @ 15 starts 3,1
            price east - 10 10 - -
            fill b1 o1 1-3 8
            """);
        Breaks(2, """
            slots 5
            offer o1 east 8 0-5 @ 10
            block b1 east 8 run 2 0-5 @ 15 starts 3,1
            price east - - 10 10 -
            fill b1 o1 2-4 8
            """).Slot.ShouldBe(2);
    }

    [Fact]
    public void A_block_keeps_the_same_gpus_throughout() => Breaks(2, """
        slots 2
        offer o1 east 8 0-2 @ 10
        offer o2 east 8 0-2 @ 10
        block b1 east 8 run 2 0-2 @ 15
        price east 10 10
        fill b1 o1 0-2 4
        fill b1 o2 0-1 4
        """).Sentence.ShouldContain("same GPUs throughout");

    [Fact]
    public void A_block_has_one_fill_per_offer() => Breaks(2, """
        slots 2
        offer o1 east 8 0-2 @ 10
        block b1 east 8 run 2 0-2 @ 15
        price east 10 10
        fill b1 o1 0-2 4
        fill b1 o1 0-2 4
        """).Sentence.ShouldContain("one per offer");

    [Fact]
    public void A_block_is_filled_in_one_market() => Breaks(2, """
        slots 2
        offer o1 east 4 0-2 @ 10
        offer o2 west 4 0-2 @ 10
        block b1 east,west 8 run 2 0-2 @ 15
        price east 10 10
        price west 10 10
        fill b1 o1 0-2 4
        fill b1 o2 0-2 4
        """).Sentence.ShouldContain("not one market");

    [Theory]
    [InlineData(7)]
    [InlineData(9)]
    public void A_block_is_filled_whole(int gpus) => Breaks(2, $"""
        slots 2
        offer o1 east 16 0-2 @ 10
        block b1 east 8 run 2 0-2 @ 15
        price east 10 10
        fill b1 o1 0-2 {gpus}
        """).Bid.ShouldBe("b1");

    [Theory]
    [InlineData(333, 3, true)]
    [InlineData(334, 3, false)]
    [InlineData(333, 2, false)]
    [InlineData(333, 9, true)]
    [InlineData(333, 10, false)]
    public void A_block_with_a_minimum_fill_is_not_filled_below_that_share(int minFill, int gpus, bool isRight)
    {
        // 333 per mille of 9 is 2.997, 334 is 3.006.
        var text = $"""
            slots 2
            offer o1 east 16 0-2 @ 10
            block b1 east 9 run 2 0-2 @ 15 min_fill {minFill}
            price east 10 10
            fill b1 o1 0-2 {gpus}
            """;
        if (isRight) Valid(text);
        else Breaks(2, text);
    }

    [Fact]
    public void The_gpus_of_a_node_come_from_one_offer()
    {
        Valid("""
            slots 2
            offer o1 east 12 0-2 @ 10
            offer o2 east 8 0-2 @ 10
            block b1 east 16 run 2 0-2 @ 15 node 8
            price east 10 10
            fill b1 o1 0-2 8
            fill b1 o2 0-2 8
            """);
        Breaks(2, """
            slots 2
            offer o1 east 12 0-2 @ 10
            offer o2 east 8 0-2 @ 10
            block b1 east 16 run 2 0-2 @ 15 node 8
            price east 10 10
            fill b1 o1 0-2 12
            fill b1 o2 0-2 4
            """).Offer.ShouldBe("o1");
    }

    [Fact]
    public void A_part_of_a_block_is_in_whole_nodes_too() => Breaks(2, """
        slots 2
        offer o1 east 16 0-2 @ 10
        block b1 east 16 run 2 0-2 @ 15 node 8 min_fill 500
        price east 10 10
        fill b1 o1 0-2 12
        """).Sentence.ShouldContain("groups of 8");

    [Fact]
    public void A_block_is_filled_with_its_parent() => Valid("""
        slots 2
        offer o1 east 16 0-2 @ 10
        block child east 8 run 1 0-2 @ 15 parent elder
        block elder east 8 run 2 0-2 @ 15
        price east 10 10
        fill child o1 1-2 8
        fill elder o1 0-2 8
        """);

    [Fact]
    public void A_block_is_not_filled_without_its_parent()
    {
        var breach = Breaks(2, """
            slots 2
            offer o1 east 16 0-2 @ 10
            block child east 8 run 1 0-2 @ 15 parent elder
            block elder east 8 run 2 0-2 @ 15
            price east 10 -
            fill child o1 0-1 8
            """);
        (breach.Bid, breach.Offer).ShouldBe(("child", "o1"));
    }

    [Fact]
    public void One_block_of_each_group_may_be_filled() => Valid("""
        slots 2
        offer o1 east 16 0-2 @ 10
        block b1 east 8 run 2 0-2 @ 15 group g
        block b2 east 8 run 1 0-2 @ 15 group g
        block b3 east 8 run 1 0-1 @ 15 group h
        price east 10 -
        fill b2 o1 0-1 8
        fill b3 o1 0-1 8
        """);

    [Fact]
    public void Two_blocks_of_a_group_are_never_filled_together() => Breaks(2, """
        slots 2
        offer o1 east 16 0-2 @ 10
        block b1 east 8 run 2 0-2 @ 15 group g
        block b2 east 8 run 1 0-2 @ 15 group g
        price east 10 10
        fill b1 o1 0-2 8
        fill b2 o1 0-1 8
        """).Bid.ShouldBe("b2");

    [Fact]
    public void A_block_pays_its_limit_on_the_mean_of_its_run() => Valid("""
        slots 3
        offer o1 east 8 0-3 @ 10
        block b1 east 8 run 3 0-3 @ 20
        price east 30 20 10
        fill b1 o1 0-3 8
        """);

    [Fact]
    public void A_block_never_pays_more_than_its_limit_on_the_mean()
    {
        var breach = Breaks(5, """
            slots 3
            offer o1 east 8 0-3 @ 10
            block b1 east 8 run 3 0-3 @ 20
            price east 30 20 11
            fill b1 o1 0-3 8
            """);
        (breach.Bid, breach.Market, breach.Slot).ShouldBe(("b1", 0, 0));
        breach.Sentence.ShouldContain("3660");
        breach.Sentence.ShouldContain("3600");
    }

    [Theory]
    [InlineData("minutes 60", 20, false)]
    [InlineData("minutes 60 15", 20, true)]
    [InlineData("minutes 60 15", 21, false)]
    public void What_is_left_of_the_first_slot_weighs_in_the_mean(string minutes, int second, bool isRight)
    {
        // 26 for 75 minutes pays for 15 minutes at 48 and 60 at 20.5.
        var text = $"""
            {minutes}
            slots 2
            offer o1 east 8 0-2 @ 10
            block b1 east 8 run 2 0-2 @ 26
            price east 48 {second}
            fill b1 o1 0-2 8
            """;
        if (isRight) Valid(text);
        else Breaks(5, text);
    }

    [Fact]
    public void A_block_in_the_money_that_is_not_filled_is_listed() => Valid("""
        slots 3
        offer o1 east 8 0-3 @ 10
        bid d1 east 8 0-3 @ 20
        block b1 west,east 4 run 2 0-3 @ 16
        block b2 east 4 run 2 0-3 @ 16 starts 1
        price east 17 16 15
        fill d1 o1 0-3 8
        left_out b1 b2
        """);

    [Fact]
    public void A_block_in_the_money_that_is_neither_filled_nor_listed_is_a_breach()
    {
        var breach = Breaks(0, """
            slots 3
            offer o1 east 8 0-3 @ 10
            bid d1 east 8 0-3 @ 20
            block b1 west,east 4 run 2 0-3 @ 16
            price east 17 16 15
            fill d1 o1 0-3 8
            """);
        (breach.Bid, breach.Market, breach.Slot).ShouldBe(("b1", 0, 1));
    }

    [Theory]
    [InlineData("block b1 east 4 run 2 0-3 @ 15")]
    [InlineData("block b1 east 4 run 2 0-3 @ 16 starts 0")]
    [InlineData("block b1 west 4 run 2 0-3 @ 99")]
    [InlineData("block b1 east 4 run 4 0-4 @ 99")]
    [InlineData("bid b1 east 4 0-3 @ 1")]
    public void What_could_not_have_paid_the_mean_of_a_run_is_not_listed(string bid) => Breaks(0, $"""
        slots 4
        offer o1 east 8 0-3 @ 10
        bid d1 east 8 0-3 @ 20
        {bid}
        price east 17 16 15 -
        fill d1 o1 0-3 8
        left_out b1
        """).Bid.ShouldBe("b1");

    [Fact]
    public void A_filled_block_is_not_listed_as_left_out() => Breaks(0, """
        slots 2
        offer o1 east 8 0-2 @ 10
        block b1 east 8 run 2 0-2 @ 16
        price east 13 13
        fill b1 o1 0-2 8
        left_out b1
        """).Sentence.ShouldContain("though it is filled");

    [Fact]
    public void Blocks_shut_out_by_a_parent_or_a_group_are_listed_with_the_others() => Valid("""
        slots 2
        offer o1 east 8 0-2 @ 10
        block b1 east 8 run 2 0-2 @ 16 group g
        block b2 east 8 run 1 0-2 @ 16 group g
        block elder west 8 run 1 0-2 @ 16
        block child east 8 run 1 0-2 @ 16 parent elder
        price east 13 13
        fill b1 o1 0-2 8
        left_out child b2
        """);

    [Fact]
    public void What_is_left_of_the_first_slot_weighs_in_who_was_left_out() => Valid("""
        minutes 60 30
        slots 2
        offer o1 east 8 0-2 @ 10
        bid d1 east 8 0-2 @ 40
        block b1 east 4 run 2 0-2 @ 21
        block b2 east 4 run 2 0-2 @ 20
        price east 30 15
        fill d1 o1 0-2 8
        left_out b1
        """);
}
