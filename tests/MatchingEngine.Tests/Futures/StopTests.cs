using ComputeExchange.MatchingEngine.Core.Book;
using ComputeExchange.MatchingEngine.Core.Futures;
using Shouldly;
using Xunit;
using static ComputeExchange.MatchingEngine.Tests.Futures.Pit;

namespace ComputeExchange.MatchingEngine.Tests.Futures;

/// <summary>Orders that wait for a price.</summary>
public class StopTests
{
    [Fact]
    public void A_stop_order_waits_unseen_and_becomes_a_market_order_at_its_price()
    {
        var pit = new Pit();
        pit.Stop(Ann, Side.Buy, 2, 2_510).ShouldBe("#1 taken");
        pit.Exchange.Futures.Resting.ShouldBe(0);
        pit.Sell(Bob, 1, 2_509);
        pit.Sell(Bob, 1, 2_510);
        pit.Sell(Bob, 5, 2_512);
        pit.Buy(Cyd, 1, 2_509).ShouldBe("#5 taken, #5 buys 1 with #2 at 2509");
        pit.Buy(Cyd, 1, 2_510).ShouldBe("#6 taken, #6 buys 1 with #3 at 2510, #1 triggered, #1 buys 2 with #4 at 2512");
    }

    [Fact]
    public void A_sell_stop_is_triggered_from_above()
    {
        var pit = new Pit();
        pit.Stop(Ann, Side.Sell, 2, 2_490);
        pit.Buy(Bob, 1, 2_490);
        pit.Buy(Bob, 1, 2_485);
        pit.Sell(Cyd, 1, 2_490).ShouldBe("#4 taken, #4 sells 1 with #2 at 2490, #1 triggered, #1 sells 1 with #3 at 2485, #1 ends with 1: Unfilled");
    }

    [Fact]
    public void A_stop_limit_order_rests_at_its_limit_once_triggered()
    {
        var pit = new Pit();
        pit.Stop(Ann, Side.Buy, 2, 2_510, limit: 2_511);
        pit.Sell(Bob, 1, 2_510);
        pit.Sell(Bob, 1, 2_512);
        pit.Buy(Cyd, 1, 2_510).ShouldBe("#4 taken, #4 buys 1 with #2 at 2510, #1 triggered");
        pit.Sell(Bob, 3, 2_511).ShouldBe("#5 taken, #5 sells 2 with #1 at 2511");
    }

    [Fact]
    public void A_stop_order_already_beyond_its_price_is_triggered_at_once()
    {
        var pit = new Pit();
        pit.Sell(Bob, 1, 2_510);
        pit.Buy(Cyd, 1, 2_510);
        pit.Sell(Bob, 5, 2_511);
        pit.Stop(Ann, Side.Buy, 2, 2_510).ShouldBe("#4 taken, #4 triggered, #4 buys 2 with #3 at 2511");
        pit.Stop(Ann, Side.Sell, 2, 2_512, limit: 2_520).ShouldBe("#5 taken, #5 triggered");
    }

    [Fact]
    public void Before_the_first_trade_no_stop_is_beyond_its_price()
    {
        var pit = new Pit();
        pit.Sell(Bob, 1, 2_500);
        pit.Stop(Ann, Side.Buy, 1, 2_400).ShouldBe("#2 taken");
    }

    [Fact]
    public void One_triggered_stop_triggers_the_next()
    {
        var pit = new Pit();
        pit.Stop(Ann, Side.Buy, 1, 2_505);
        pit.Stop(Bob, Side.Buy, 1, 2_502);
        pit.Sell(Cyd, 1, 2_502);
        pit.Sell(Cyd, 1, 2_505);
        pit.Sell(Cyd, 1, 2_507);
        pit.Buy(Dan, 1, 2_502).ShouldBe("#6 taken, #6 buys 1 with #3 at 2502, #2 triggered, #2 buys 1 with #4 at 2505, #1 triggered, #1 buys 1 with #5 at 2507");
    }

    [Fact]
    public void Stops_reached_by_one_sweep_come_nearest_price_first_and_then_the_oldest()
    {
        var pit = new Pit();
        pit.Stop(Ann, Side.Buy, 1, 2_505, limit: 2_400);
        pit.Stop(Ann, Side.Buy, 1, 2_502, limit: 2_400);
        pit.Stop(Ann, Side.Buy, 1, 2_502, limit: 2_400);
        pit.Sell(Cyd, 1, 2_500);
        pit.Sell(Cyd, 1, 2_505);
        pit.Buy(Dan, 2, 2_505).ShouldBe("#6 taken, #6 buys 1 with #4 at 2500, #6 buys 1 with #5 at 2505, #2 triggered, #3 triggered, #1 triggered");
    }

    [Fact]
    public void Buy_and_sell_stops_that_one_sweep_reaches_come_oldest_first()
    {
        var pit = new Pit();
        pit.Stop(Ann, Side.Sell, 1, 2_499, limit: 2_600);
        pit.Stop(Ann, Side.Buy, 1, 2_505, limit: 2_400);
        pit.Sell(Cyd, 1, 2_499);
        pit.Sell(Cyd, 1, 2_505);
        pit.Buy(Dan, 2, 2_505).ShouldEndWith("#1 triggered, #2 triggered");
    }

    [Fact]
    public void A_waiting_stop_can_be_cancelled_and_frees_its_margin()
    {
        var pit = new Pit();
        pit.Stop(Ann, Side.Buy, 2, 2_510);
        pit.Required(Ann).ShouldBe(2 * Terms.MarginMicros);
        pit.Cancel(Ann, 1).ShouldBe("#1 ends with 2: Owner");
        pit.Required(Ann).ShouldBe(0);
        pit.Exchange.Futures.OpenOrdersOf(Ann).ShouldBe(0);
        pit.Cancel(Ann, 1).ShouldBe("no: OrderUnknown 1");
    }

    [Fact]
    public void A_stop_price_outside_the_band_is_refused()
    {
        var pit = new Pit();
        pit.Stop(Ann, Side.Buy, 2, 2_876).ShouldBe("no: StopOutsideBand 2876");
        pit.Stop(Ann, Side.Sell, 2, 2_124).ShouldBe("no: StopOutsideBand 2124");
        pit.Stop(Ann, Side.Sell, 2, 2_125).ShouldBe("#1 taken");
    }

    [Fact]
    public void A_stop_limit_whose_limit_the_band_has_left_behind_is_refused_when_triggered()
    {
        var pit = new Pit();
        pit.Stop(Ann, Side.Buy, 2, 2_510, limit: 2_870);
        pit.Reference(2_450);
        pit.Sell(Bob, 1, 2_510);
        pit.Buy(Cyd, 1, 2_510).ShouldBe("#3 taken, #3 buys 1 with #2 at 2510, #1 triggered, #1 ends with 2: TriggerRefused");
        pit.Required(Ann).ShouldBe(0);
    }

    [Fact]
    public void A_replaced_stop_waits_for_its_new_price()
    {
        var pit = new Pit();
        pit.Stop(Ann, Side.Buy, 2, 2_510);
        pit.Replace(Ann, 1, 3, 0, stop: 2_505).ShouldBe("#1 is 3 at 0, at the back");
        pit.Required(Ann).ShouldBe(3 * Terms.MarginMicros);
        pit.Sell(Bob, 1, 2_505);
        pit.Sell(Bob, 9, 2_506);
        pit.Buy(Cyd, 1, 2_505).ShouldEndWith("#1 triggered, #1 buys 3 with #3 at 2506");
    }

    [Fact]
    public void A_stop_cannot_be_replaced_to_where_the_price_has_been_already()
    {
        var pit = new Pit();
        pit.Stop(Ann, Side.Buy, 2, 2_510);
        pit.Sell(Bob, 1, 2_500);
        pit.Buy(Cyd, 1, 2_500);
        pit.Replace(Ann, 1, 2, 0, stop: 2_500).ShouldBe("no: WouldTrade 2500");
        pit.Replace(Ann, 1, 2, 0, stop: 2_900).ShouldBe("no: StopOutsideBand 2900");
        pit.Replace(Ann, 1, 2, 0, stop: 2_501).ShouldBe("#1 is 2 at 0, at the back");
    }

    [Fact]
    public void Two_stops_may_be_swapped_by_replacing_and_keep_their_numbers()
    {
        var pit = new Pit();
        pit.Stop(Ann, Side.Buy, 1, 2_510, limit: 2_400);
        pit.Stop(Ann, Side.Buy, 1, 2_511, limit: 2_400);
        pit.Replace(Ann, 1, 1, 2_400, stop: 2_512);
        pit.Sell(Bob, 1, 2_511);
        pit.Buy(Cyd, 1, 2_511).ShouldEndWith("#2 triggered");
        pit.Sell(Bob, 1, 2_512);
        pit.Buy(Cyd, 1, 2_512).ShouldEndWith("#1 triggered");
    }

    [Fact]
    public void A_stop_good_till_a_date_that_was_triggered_still_ends_at_its_date()
    {
        var pit = new Pit();
        pit.Stop(Ann, Side.Buy, 2, 2_510, limit: 2_505, force: TimeInForce.GoodTillDate, untilSeconds: 30);
        pit.Sell(Bob, 1, 2_510);
        pit.Buy(Cyd, 1, 2_510).ShouldEndWith("#1 triggered");
        pit.Pass(30).ShouldBe("#1 ends with 2: Expired");
    }

    [Fact]
    public void The_price_of_an_auction_triggers_stops_when_trading_goes_on()
    {
        var pit = new Pit(Phase.OpeningCall);
        pit.Stop(Ann, Side.Buy, 2, 2_510).ShouldBe("#1 taken");
        pit.Buy(Bob, 3, 2_511);
        pit.Sell(Cyd, 3, 2_511);
        pit.Sell(Cyd, 3, 2_520);
        pit.Pass(60).ShouldBe("#2 buys 3 with #3 at 2511, Continuous, #1 triggered, #1 buys 2 with #4 at 2520");
    }

    [Fact]
    public void A_stop_that_came_in_a_call_beyond_its_price_is_triggered_when_trading_goes_on()
    {
        var pit = new Pit();
        pit.Sell(Bob, 1, 2_510);
        pit.Buy(Cyd, 1, 2_510);
        pit.Phase(Phase.OpeningCall);
        pit.Stop(Ann, Side.Buy, 2, 2_505);
        pit.Sell(Bob, 5, 2_512);
        pit.Pass(60).ShouldBe("Continuous, #3 triggered, #3 buys 2 with #4 at 2512");
    }

    [Fact]
    public void Stops_wait_through_a_volatility_halt_and_come_after_its_auction()
    {
        var pit = new Pit();
        pit.Stop(Ann, Side.Buy, 1, 2_575, limit: 2_600);
        pit.Sell(Bob, 1, 2_575);
        pit.Sell(Bob, 1, 2_580);
        pit.Buy(Cyd, 2, 2_580).ShouldStartWith("#4 taken, #4 buys 1 with #2 at 2575, VolatilityCall");
        pit.Pass(60).ShouldBe("#4 buys 1 with #3 at 2580, Continuous, #1 triggered");
    }
}
