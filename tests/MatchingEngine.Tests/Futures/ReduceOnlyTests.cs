using ComputeExchange.MatchingEngine.Core.Book;
using ComputeExchange.MatchingEngine.Core.Futures;
using Shouldly;
using Xunit;
using static ComputeExchange.MatchingEngine.Tests.Futures.Pit;

namespace ComputeExchange.MatchingEngine.Tests.Futures;

/// <summary>Orders that only ever make a position smaller.</summary>
public class ReduceOnlyTests
{
    [Fact]
    public void A_reduce_only_order_may_not_be_larger_than_the_position_or_on_its_side()
    {
        var pit = Long(10);
        pit.Sell(Ann, 11, 2_510, flags: OrderFlags.ReduceOnly).ShouldBe("no: WouldNotReduce 10");
        pit.Buy(Ann, 1, 2_490, flags: OrderFlags.ReduceOnly).ShouldBe("no: WouldNotReduce 10");
        pit.Buy(Dan, 1, 2_490, flags: OrderFlags.ReduceOnly).ShouldBe("no: WouldNotReduce 0");
        pit.Buy(Bob, 11, 2_490, flags: OrderFlags.ReduceOnly).ShouldBe("no: WouldNotReduce -10");
        pit.Buy(Bob, 10, 2_490, flags: OrderFlags.ReduceOnly).ShouldBe("#3 taken");
    }

    [Fact]
    public void A_resting_one_is_trimmed_to_the_position_when_it_is_about_to_trade()
    {
        var pit = Long(10);
        pit.Sell(Ann, 10, 2_510, flags: OrderFlags.ReduceOnly);
        pit.Buy(Cyd, 6, 2_500);
        pit.Sell(Ann, 6, 2_500);
        pit.Buy(Cyd, 20, 2_510).ShouldBe("#6 taken, #3 loses 6 and keeps 4: ReduceOnly, #6 buys 4 with #3 at 2510");
        pit.Lots(Ann).ShouldBe(0);
    }

    [Fact]
    public void A_resting_one_ends_when_nothing_is_left_to_reduce_and_the_sweep_goes_on()
    {
        var pit = Long(10);
        pit.Sell(Ann, 10, 2_505, flags: OrderFlags.ReduceOnly);
        pit.Sell(Bob, 1, 2_506);
        pit.Buy(Cyd, 10, 2_500);
        pit.Sell(Ann, 10, 2_500);
        pit.Buy(Dan, 1, 2_510).ShouldBe("#7 taken, #3 ends with 10: ReduceOnly, #7 buys 1 with #4 at 2506");
        pit.Lots(Ann).ShouldBe(0);
        pit.Exchange.Futures.OpenOrdersOf(Ann).ShouldBe(0);
    }

    [Fact]
    public void Several_resting_ones_under_one_sweep_reduce_the_position_once()
    {
        var pit = Long(10);
        pit.Sell(Ann, 6, 2_501, flags: OrderFlags.ReduceOnly);
        pit.Sell(Ann, 6, 2_502, flags: OrderFlags.ReduceOnly);
        pit.Sell(Ann, 6, 2_503, flags: OrderFlags.ReduceOnly);
        pit.Buy(Cyd, 20, 2_510).ShouldBe(
            "#6 taken, #6 buys 6 with #3 at 2501, #4 loses 2 and keeps 4: ReduceOnly, #6 buys 4 with #4 at 2502, #5 ends with 6: ReduceOnly");
        pit.Lots(Ann).ShouldBe(0);
    }

    [Fact]
    public void One_that_is_hit_in_part_again_and_again_stays_within_the_position()
    {
        var pit = Long(10);
        pit.Sell(Ann, 10, 2_501, flags: OrderFlags.ReduceOnly);
        pit.Buy(Cyd, 3, 2_501).ShouldBe("#4 taken, #4 buys 3 with #3 at 2501");
        pit.Buy(Cyd, 3, 2_501).ShouldBe("#5 taken, #5 buys 3 with #3 at 2501");
        pit.Buy(Cyd, 9, 2_501).ShouldBe("#6 taken, #6 buys 4 with #3 at 2501");
        pit.Lots(Ann).ShouldBe(0);
    }

    [Fact]
    public void An_iceberg_that_refills_behind_another_order_of_its_owner_is_looked_at_again()
    {
        var pit = Long(10);
        pit.Sell(Ann, 10, 2_501, flags: OrderFlags.ReduceOnly, peak: 5);
        pit.Sell(Ann, 5, 2_501);
        pit.Buy(Cyd, 20, 2_501).ShouldBe(
            "#5 taken, #5 buys 5 with #3 at 2501, #3 shows 5 and hides 0, #5 buys 5 with #4 at 2501, #3 ends with 5: ReduceOnly");
        pit.Lots(Ann).ShouldBe(0);
    }

    [Fact]
    public void A_stop_is_trimmed_when_it_is_triggered()
    {
        var pit = Long(10);
        pit.Stop(Ann, Side.Sell, 10, 2_490, flags: OrderFlags.ReduceOnly);
        pit.Buy(Bob, 4, 2_500);
        pit.Sell(Ann, 4, 2_500);
        pit.Buy(Bob, 9, 2_490);
        pit.Sell(Cyd, 1, 2_490).ShouldEndWith("#3 triggered, #3 loses 4 and keeps 6: ReduceOnly, #3 sells 6 with #6 at 2490");
        pit.Lots(Ann).ShouldBe(0);
    }

    [Fact]
    public void A_stop_with_nothing_left_to_reduce_ends_when_it_is_triggered()
    {
        var pit = Long(4);
        pit.Stop(Ann, Side.Sell, 4, 2_490, flags: OrderFlags.ReduceOnly);
        pit.Buy(Bob, 4, 2_500);
        pit.Sell(Ann, 4, 2_500);
        pit.Buy(Bob, 9, 2_490);
        pit.Sell(Cyd, 1, 2_490).ShouldEndWith("#3 triggered, #3 ends with 4: ReduceOnly");
        pit.Lots(Ann).ShouldBe(0);
    }

    [Fact]
    public void Two_stops_reached_together_reduce_the_position_once()
    {
        var pit = Long(5);
        pit.Stop(Ann, Side.Sell, 5, 2_491, flags: OrderFlags.ReduceOnly);
        pit.Stop(Ann, Side.Sell, 5, 2_490, flags: OrderFlags.ReduceOnly);
        pit.Buy(Bob, 20, 2_490);
        pit.Sell(Cyd, 1, 2_490).ShouldEndWith("#3 triggered, #3 sells 5 with #5 at 2490, #4 triggered, #4 ends with 5: ReduceOnly");
        pit.Lots(Ann).ShouldBe(0);
    }

    [Fact]
    public void A_replace_may_enlarge_it_up_to_the_position_and_no_farther()
    {
        var pit = Long(10);
        pit.Sell(Ann, 4, 2_510, flags: OrderFlags.ReduceOnly);
        pit.Replace(Ann, 3, 11, 2_510).ShouldBe("no: WouldNotReduce 10");
        pit.Replace(Ann, 3, 10, 2_509).ShouldBe("#3 is 10 at 2509, at the back");
        pit.Stop(Ann, Side.Sell, 4, 2_490, flags: OrderFlags.ReduceOnly);
        pit.Replace(Ann, 4, 11, 0).ShouldBe("no: WouldNotReduce 10");
        pit.Replace(Ann, 4, 10, 0).ShouldBe("#4 is 10 at 0, at the back");
    }

    [Fact]
    public void A_replaced_one_still_only_reduces()
    {
        var pit = Long(10);
        pit.Sell(Ann, 10, 2_510, flags: OrderFlags.ReduceOnly);
        pit.Replace(Ann, 3, 10, 2_505);
        pit.Buy(Cyd, 6, 2_500);
        pit.Sell(Ann, 6, 2_500);
        pit.Buy(Cyd, 20, 2_510).ShouldBe("#6 taken, #3 loses 6 and keeps 4: ReduceOnly, #6 buys 4 with #3 at 2505");
    }

    [Fact]
    public void In_an_auction_it_trades_no_more_than_the_position_is_sure_to_have()
    {
        var pit = Long(10);
        pit.Sell(Ann, 10, 2_505, flags: OrderFlags.ReduceOnly);
        pit.Phase(Phase.OpeningCall);
        pit.Sell(Ann, 7, 2_505);
        pit.Buy(Cyd, 20, 2_505);
        pit.Pass(60).ShouldBe("#3 loses 7 and keeps 3: ReduceOnly, #5 buys 3 with #3 at 2505, #5 buys 7 with #4 at 2505, Continuous");
        pit.Lots(Ann).ShouldBe(0);
    }

    [Fact]
    public void An_auction_does_not_take_a_profit_order_away_because_a_stop_loss_waits_beside_it()
    {
        var pit = Long(10);
        pit.Sell(Ann, 10, 2_550, flags: OrderFlags.ReduceOnly);
        pit.Stop(Ann, Side.Sell, 10, 2_450, flags: OrderFlags.ReduceOnly);
        pit.Phase(Phase.OpeningCall);
        pit.Buy(Cyd, 4, 2_550);
        pit.Pass(60).ShouldBe("#5 buys 4 with #3 at 2550, Continuous");
        pit.Lots(Ann).ShouldBe(6);
    }

    [Fact]
    public void Of_several_in_an_auction_the_best_priced_one_keeps_the_position()
    {
        var pit = Long(5);
        pit.Sell(Ann, 5, 2_505, flags: OrderFlags.ReduceOnly);
        pit.Sell(Ann, 5, 2_506, flags: OrderFlags.ReduceOnly);
        pit.Phase(Phase.OpeningCall);
        pit.Buy(Cyd, 20, 2_510);
        pit.Watch(1).ShouldBe("would trade 5 at 2510 leaving 15 to buy");
        pit.Pass(59).ShouldBe("#4 ends with 5: ReduceOnly, #5 buys 5 with #3 at 2510, Continuous");
        pit.Lots(Ann).ShouldBe(0);
    }

    [Fact]
    public void A_new_one_is_not_taken_in_a_call_where_the_position_may_change_before_it_trades()
    {
        var pit = Long(5);
        pit.Phase(Phase.OpeningCall);
        pit.Sell(Ann, 5, 2_505, flags: OrderFlags.ReduceOnly).ShouldBe("no: PhaseForbids 1");
        pit.Stop(Ann, Side.Sell, 5, 2_450, flags: OrderFlags.ReduceOnly).ShouldBe("#3 taken");
    }

    /// <summary>Ann is long and Bob is short so many lots; orders 1 and 2 are gone.</summary>
    private static Pit Long(uint lots)
    {
        var pit = new Pit();
        pit.Sell(Bob, lots, 2_500);
        pit.Buy(Ann, lots, 2_500);
        return pit;
    }
}
