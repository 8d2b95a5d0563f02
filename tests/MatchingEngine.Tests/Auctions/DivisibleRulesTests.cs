using ComputeExchange.MatchingEngine.Core.Auctions;
using Shouldly;
using Xunit;
using static ComputeExchange.MatchingEngine.Tests.Auctions.AuctionScenario;

namespace ComputeExchange.MatchingEngine.Tests.Auctions;

public class DivisibleRulesTests
{
    [Fact]
    public void Each_slot_of_a_divisible_bid_stands_by_itself() => Valid("""
        slots 3
        offer o1 east 8 0-2 @ 10
        offer o2 east 4 1-3 @ 12
        bid d1 east 10 0-3 @ 20
        price east 20 12 20
        fill d1 o1 0-2 8
        fill d1 o2 1-2 2
        fill d1 o2 2-3 4
        """);

    [Theory]
    [InlineData("0-3", "10 10 10", 0)]
    [InlineData("0-2", "10 10 -", 0)]
    [InlineData("1-3", "- 10 10", 2)]
    [InlineData("2-3", "- - 10", 2)]
    public void A_divisible_bid_is_filled_inside_its_window(string slots, string prices, int wrong)
    {
        var breach = Breaks(2, $"""
            slots 3
            offer o1 east 8 0-3 @ 10
            bid d1 east 8 1-2 @ 10
            price east {prices}
            fill d1 o1 {slots} 8
            """);
        (breach.Bid, breach.Offer, breach.Slot).ShouldBe(("d1", "o1", wrong));
    }

    [Fact]
    public void A_divisible_bid_gets_no_more_than_it_wants_over_all_its_markets()
    {
        var breach = Breaks(2, """
            slots 1
            offer o1 east 8 0-1 @ 10
            offer o2 west 8 0-1 @ 10
            bid d1 east,west 8 0-1 @ 20
            price east 10
            price west 10
            fill d1 o1 0-1 5
            fill d1 o2 0-1 4
            """);
        (breach.Bid, breach.Slot).ShouldBe(("d1", 0));
    }

    [Fact]
    public void Fills_of_one_offer_may_overlap_and_add_up() => Valid("""
        slots 3
        offer o1 east 8 0-3 @ 10
        bid d1 east 8 0-3 @ 10
        price east 10 10 10
        fill d1 o1 0-3 2
        fill d1 o1 1-2 6
        """);

    [Fact]
    public void The_same_fill_twice_is_a_breach() => Breaks(2, """
        slots 3
        offer o1 east 8 0-3 @ 10
        bid d1 east 8 0-3 @ 10
        price east 10 10 10
        fill d1 o1 0-3 4
        fill d1 o1 0-3 4
        """).Sentence.ShouldContain("two fills of offer o1");

    [Fact]
    public void No_divisible_bid_pays_more_than_its_limit()
    {
        var breach = Breaks(3, """
            slots 2
            offer o1 east 8 0-2 @ 10
            bid d1 east 8 0-2 @ 10
            price east 10 11
            fill d1 o1 0-2 8
            """);
        (breach.Bid, breach.Offer, breach.Market, breach.Slot).ShouldBe(("d1", "o1", 0, 1));
    }

    [Fact]
    public void A_bid_is_filled_in_the_cheapest_of_its_markets() => Valid("""
        slots 1
        offer o1 east 4 0-1 @ 10
        offer o2 west 4 0-1 @ 12
        bid d1 east,west 4 0-1 @ 20
        bid d2 west 4 0-1 @ 16
        price east 11
        price west 14
        fill d1 o1 0-1 4
        fill d2 o2 0-1 4
        """);

    [Fact]
    public void A_bid_is_not_filled_where_another_of_its_markets_is_cheaper()
    {
        var breach = Breaks(3, """
            slots 1
            offer o1 east 4 0-1 @ 10
            offer o2 west 4 0-1 @ 12
            bid d1 east,west 4 0-1 @ 20
            bid d2 east 4 0-1 @ 16
            price east 11
            price west 14
            fill d2 o1 0-1 4
            fill d1 o2 0-1 4
            """);
        (breach.Bid, breach.Market, breach.Slot).ShouldBe(("d1", 1, 0));
    }

    [Fact]
    public void A_bid_may_be_filled_from_two_markets_at_one_price() => Valid("""
        slots 1
        offer o1 east 4 0-1 @ 10
        offer o2 west 4 0-1 @ 12
        bid d1 west,east 9 0-1 @ 14
        price east 14
        price west 14
        fill d1 o1 0-1 4
        fill d1 o2 0-1 4
        """);

    [Fact]
    public void Above_the_lowest_price_of_its_markets_a_bid_is_filled_whole()
    {
        var breach = Breaks(3, """
            slots 2
            offer o1 east 8 0-2 @ 10
            bid d1 east 8 0-2 @ 20
            bid d2 east,west 1 0-2 @ 11
            price east 10 11
            fill d1 o1 0-2 8
            """);
        (breach.Bid, breach.Market, breach.Slot).ShouldBe(("d2", 0, 0));
    }

    [Fact]
    public void Below_the_price_a_bid_gets_nothing() => Breaks(3, """
        slots 1
        offer o1 east 8 0-1 @ 10
        bid d1 east 4 0-1 @ 20
        bid d2 east 4 0-1 @ 14
        price east 15
        fill d1 o1 0-1 4
        fill d2 o1 0-1 4
        """).Bid.ShouldBe("d2");

    [Fact]
    public void Among_bids_at_the_price_the_earliest_is_filled_first() => Valid("""
        slots 2
        offer o1 east 8 0-2 @ 10
        bid d1 east 4 1-2 @ 15
        bid d2 east 6 0-2 @ 15
        bid d3 east 6 0-2 @ 15
        price east 15 15
        fill d1 o1 1-2 4
        fill d2 o1 0-1 6
        fill d2 o1 1-2 4
        fill d3 o1 0-1 2
        """);

    [Fact]
    public void Among_bids_at_the_price_a_later_one_never_goes_first()
    {
        var breach = Breaks(3, """
            slots 2
            offer o1 east 8 0-2 @ 10
            bid d2 east 6 0-2 @ 15
            bid d3 east 6 0-2 @ 15
            price east 15 15
            fill d2 o1 0-1 6
            fill d3 o1 0-1 2
            fill d2 o1 1-2 5
            fill d3 o1 1-2 3
            """);
        (breach.Bid, breach.Market, breach.Slot).ShouldBe(("d3", 0, 1));
        breach.Sentence.ShouldContain("earlier bid d2");
    }

    [Fact]
    public void Of_several_that_wait_the_earliest_is_named() => Breaks(3, """
        slots 1
        offer o1 east 8 0-1 @ 10
        bid d1 east 6 0-1 @ 15
        bid d2 east 6 0-1 @ 15
        bid d3 east 8 0-1 @ 15
        price east 15
        fill d3 o1 0-1 8
        """).Sentence.ShouldContain("earlier bid d1");

    [Fact]
    public void An_earlier_bid_filled_whole_elsewhere_holds_up_nobody() => Valid("""
        slots 1
        offer o1 east 4 0-1 @ 10
        offer o2 west 4 0-1 @ 10
        bid d1 east,west 4 0-1 @ 15
        bid d2 east 8 0-1 @ 15
        price east 15
        price west 15
        fill d1 o2 0-1 4
        fill d2 o1 0-1 4
        """);

    [Fact]
    public void An_earlier_bid_short_over_all_its_markets_goes_first_in_each_of_them() => Breaks(3, """
        slots 1
        offer o1 east 4 0-1 @ 10
        offer o2 west 4 0-1 @ 10
        bid d1 east,west 6 0-1 @ 15
        bid d2 east 8 0-1 @ 15
        price east 15
        price west 15
        fill d1 o2 0-1 4
        fill d2 o1 0-1 4
        """).Bid.ShouldBe("d2");

    [Fact]
    public void Where_nothing_is_filled_no_bid_would_have_paid_an_offer_its_reserve() => Valid("""
        slots 2
        offer o1 east 8 0-2 @ 10,20
        bid d1 east 8 0-2 @ 10
        """);

    [Fact]
    public void Where_nothing_is_filled_a_bid_above_a_reserve_is_a_breach()
    {
        var breach = Breaks(6, """
            slots 2
            offer dear east 8 0-2 @ 13
            offer o1 east 8 0-2 @ 12,10
            bid d1 west,east 8 0-2 @ 12
            """);
        (breach.Bid, breach.Offer, breach.Market, breach.Slot).ShouldBe(("d1", "o1", 0, 1));
    }

    [Fact]
    public void A_bid_filled_in_part_elsewhere_is_still_owed_an_unpriced_market()
    {
        var breach = Breaks(6, """
            slots 1
            offer o1 east 8 0-1 @ 10
            offer o2 west 8 0-1 @ 11
            bid d1 east,west 10 0-1 @ 12
            price east 12
            fill d1 o1 0-1 8
            """);
        (breach.Bid, breach.Offer, breach.Market).ShouldBe(("d1", "o2", 1));
    }

    [Fact]
    public void A_bid_filled_whole_pays_no_more_than_the_reserve_of_an_unpriced_market() => Valid("""
        slots 1
        offer o1 east 8 0-1 @ 10
        offer o2 west 8 0-1 @ 11
        bid d1 east,west 8 0-1 @ 15
        price east 11
        fill d1 o1 0-1 8
        """);

    [Fact]
    public void A_bid_filled_whole_above_the_reserve_of_an_unpriced_market_is_a_breach()
    {
        var breach = Breaks(6, """
            slots 1
            offer o1 east 8 0-1 @ 10
            offer o2 west 8 0-1 @ 11
            bid d1 east,west 8 0-1 @ 15
            price east 12
            fill d1 o1 0-1 8
            """);
        (breach.Bid, breach.Offer, breach.Market, breach.Slot).ShouldBe(("d1", "o2", 1, 0));
    }

    [Fact]
    public void An_offer_with_a_minimum_run_owes_divisible_bids_nothing() => Valid("""
        slots 2
        offer o1 east 8 0-2 @ 1 min_run 2
        bid d1 east 8 0-2 @ 10
        """);

    [Fact]
    public void Blocks_alone_make_a_price_that_divisible_bids_are_held_to() => Breaks(3, """
        slots 2
        offer o1 east 8 0-2 @ 10
        block b1 east 8 run 2 0-2 @ 20
        bid d1 east 1 0-1 @ 16
        price east 15 15
        fill b1 o1 0-2 8
        """).Bid.ShouldBe("d1");

    [Fact]
    public void With_more_markets_than_fit_one_word_the_rules_are_the_same()
    {
        // 70 markets of one offer each; the bid that names them all is filled in the cheapest.
        var offers = string.Join('\n', Enumerable.Range(0, 70).Select(i => $"offer o{i} m{i} 4 0-1 @ {i + 5}"));
        var all = string.Join(',', Enumerable.Range(0, 70).Select(i => $"m{i}"));
        Valid($"slots 1\n{offers}\nbid d1 {all} 4 0-1 @ 90\nprice m0 6\nfill d1 o0 0-1 4");
        Breaks(6, $"slots 1\n{offers}\nbid d1 {all} 4 0-1 @ 90\nprice m0 7\nfill d1 o0 0-1 4").Offer.ShouldBe("o1");
        Breaks(6, $"slots 1\n{offers}\nbid d1 {all} 4 0-1 @ 90\nprice m69 74\nfill d1 o69 0-1 4").Offer.ShouldBe("o0");
        Valid($"""
            slots 1
            {offers}
            bid d1 m0,m1 4 0-1 @ 90
            bid d2 m64,m65 4 0-1 @ 90
            price m0 6
            price m64 70
            fill d1 o0 0-1 4
            fill d2 o64 0-1 4
            """);
    }

    [Fact]
    public void A_solution_wrong_everywhere_is_told_a_thousand_times_and_counted()
    {
        var bids = string.Join('\n', Enumerable.Range(0, 1_500).Select(i => $"bid d{i} east 1 0-2 @ 20"));
        var (problem, solution) = Read($"slots 2\noffer o1 east 8 0-2 @ 10\n{bids}");

        var breaches = AuctionVerifier.Verify(problem, solution);
        breaches.Count.ShouldBe(1_001);
        breaches[^1].Sentence.ShouldBe("There are 2000 more breaches of this rule.");
    }
}
