using ComputeExchange.MatchingEngine.Core.Book;
using ComputeExchange.MatchingEngine.Core.Futures;
using Shouldly;
using Xunit;
using static ComputeExchange.MatchingEngine.Tests.Futures.Pit;

namespace ComputeExchange.MatchingEngine.Tests.Futures;

/// <summary>No account trades with itself: what happens instead.</summary>
public class SelfTradeTests
{
    [Fact]
    public void By_default_the_newest_is_cancelled_after_it_traded_what_stands_before_its_own_order()
    {
        var pit = Queue();
        pit.Buy(Ann, 9, 2_500).ShouldBe("#4 taken, #4 buys 2 with #1 at 2500, #4 ends with 7: SelfTrade");
        pit.Required(Ann).ShouldBe(2 * Terms.MarginMicros);
        pit.Buy(Dan, 3, 2_500).ShouldBe("#5 taken, #5 buys 3 with #2 at 2500");
    }

    [Fact]
    public void Cancelling_the_oldest_lets_the_incoming_order_go_on()
    {
        var pit = Queue();
        pit.Buy(Ann, 9, 2_500, self: SelfTrade.CancelOldest)
            .ShouldBe("#4 taken, #4 buys 2 with #1 at 2500, #2 ends with 3: SelfTrade, #4 buys 4 with #3 at 2500");
        pit.Exchange.Futures.OpenOrdersOf(Ann).ShouldBe(1);
        pit.Lots(Ann).ShouldBe(6);
    }

    [Fact]
    public void Cancelling_the_oldest_cancels_every_own_order_in_the_way()
    {
        var pit = new Pit();
        pit.Sell(Ann, 1, 2_500);
        pit.Sell(Ann, 2, 2_501);
        pit.Sell(Bob, 3, 2_502);
        pit.Sell(Ann, 4, 2_503);
        pit.Buy(Ann, 3, 2_503, self: SelfTrade.CancelOldest).ShouldBe("#5 taken, #1 ends with 1: SelfTrade, #2 ends with 2: SelfTrade, #5 buys 3 with #3 at 2502");
    }

    [Fact]
    public void Cancelling_both_ends_both()
    {
        var pit = Queue();
        pit.Buy(Ann, 9, 2_500, self: SelfTrade.CancelBoth).ShouldBe("#4 taken, #4 buys 2 with #1 at 2500, #2 ends with 3: SelfTrade, #4 ends with 7: SelfTrade");
        pit.Exchange.Futures.OpenOrdersOf(Ann).ShouldBe(0);
    }

    [Fact]
    public void Decrement_takes_the_smaller_from_both_and_a_larger_incoming_order_goes_on()
    {
        var pit = Queue();
        pit.Buy(Ann, 9, 2_500, self: SelfTrade.Decrement).ShouldBe(
            "#4 taken, #4 buys 2 with #1 at 2500, #2 ends with 3: SelfTrade, #4 loses 3 and keeps 4: SelfTrade, #4 buys 4 with #3 at 2500");
        pit.Exchange.Futures.OpenOrdersOf(Ann).ShouldBe(0);
        pit.Required(Ann).ShouldBe(6 * Terms.MarginMicros);
    }

    [Fact]
    public void Decrement_of_equals_ends_both()
    {
        var pit = Queue();
        pit.Buy(Ann, 5, 2_500, self: SelfTrade.Decrement)
            .ShouldBe("#4 taken, #4 buys 2 with #1 at 2500, #2 ends with 3: SelfTrade, #4 ends with 3: SelfTrade");
        pit.Exchange.Futures.OpenOrdersOf(Ann).ShouldBe(0);
        pit.Required(Ann).ShouldBe(2 * Terms.MarginMicros);
    }

    [Fact]
    public void Decrement_by_a_smaller_incoming_order_leaves_the_rest_of_the_resting_one_in_its_place()
    {
        var pit = Queue();
        pit.Buy(Ann, 4, 2_500, self: SelfTrade.Decrement)
            .ShouldBe("#4 taken, #4 buys 2 with #1 at 2500, #2 loses 2 and keeps 1: SelfTrade, #4 ends with 2: SelfTrade");
        pit.Buy(Dan, 2, 2_500).ShouldBe("#5 taken, #5 buys 1 with #2 at 2500, #5 buys 1 with #3 at 2500");
    }

    [Fact]
    public void Decrement_counts_what_an_own_iceberg_hides_and_takes_it_first()
    {
        var pit = new Pit();
        pit.Sell(Ann, 10, 2_500, peak: 3);
        pit.Buy(Ann, 8, 2_500, self: SelfTrade.Decrement).ShouldBe("#2 taken, #1 loses 8 and keeps 2: SelfTrade, #2 ends with 8: SelfTrade");
        pit.Buy(Bob, 5, 2_500).ShouldBe("#3 taken, #3 buys 2 with #1 at 2500");
    }

    [Fact]
    public void The_incoming_order_says_what_happens_not_the_resting_one()
    {
        var pit = new Pit();
        pit.Sell(Ann, 1, 2_500, self: SelfTrade.CancelBoth);
        pit.Buy(Ann, 1, 2_500).ShouldBe("#2 taken, #2 ends with 1: SelfTrade");
        pit.Exchange.Futures.OpenOrdersOf(Ann).ShouldBe(1);
    }

    [Fact]
    public void An_own_order_beyond_the_limit_is_not_in_the_way()
    {
        var pit = new Pit();
        pit.Sell(Ann, 1, 2_501);
        pit.Buy(Ann, 1, 2_500).ShouldBe("#2 taken");
    }

    [Fact]
    public void In_an_auction_orders_of_one_account_may_meet_and_its_position_stays()
    {
        var pit = new Pit(Phase.OpeningCall);
        pit.Sell(Ann, 2, 2_500);
        pit.Buy(Ann, 2, 2_500);
        pit.Pass(60).ShouldBe("#2 buys 2 with #1 at 2500, Continuous");
        pit.Lots(Ann).ShouldBe(0);
        pit.Required(Ann).ShouldBe(0);
        pit.Exchange.Futures.OpenOrdersOf(Ann).ShouldBe(0);
    }

    /// <summary>At 2500 Bob sells 2, then Ann 3, then Cyd 4.</summary>
    private static Pit Queue()
    {
        var pit = new Pit();
        pit.Sell(Bob, 2, 2_500);
        pit.Sell(Ann, 3, 2_500);
        pit.Sell(Cyd, 4, 2_500);
        return pit;
    }
}
