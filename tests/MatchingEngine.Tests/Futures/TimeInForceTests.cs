using ComputeExchange.MatchingEngine.Core.Book;
using ComputeExchange.MatchingEngine.Core.Futures;
using Shouldly;
using Xunit;
using static ComputeExchange.MatchingEngine.Tests.Futures.Pit;

namespace ComputeExchange.MatchingEngine.Tests.Futures;

/// <summary>Limit and market orders, and how long they stand.</summary>
public class TimeInForceTests
{
    [Fact]
    public void The_best_price_trades_first_and_then_the_oldest_order_at_the_resting_price()
    {
        var pit = new Pit();
        pit.Sell(Ann, 2, 2_510);
        pit.Sell(Bob, 2, 2_500);
        pit.Sell(Ann, 2, 2_500);
        pit.Buy(Cyd, 5, 2_510).ShouldBe("#4 taken, #4 buys 2 with #2 at 2500, #4 buys 2 with #3 at 2500, #4 buys 1 with #1 at 2510");
        pit.Lots(Cyd).ShouldBe(5);
        pit.Lots(Ann).ShouldBe(-3);
        pit.Lots(Bob).ShouldBe(-2);
    }

    [Fact]
    public void What_a_limit_order_cannot_trade_at_once_rests()
    {
        var pit = new Pit();
        pit.Sell(Ann, 2, 2_500);
        pit.Buy(Bob, 5, 2_500).ShouldBe("#2 taken, #2 buys 2 with #1 at 2500");
        pit.Sell(Ann, 4, 2_499).ShouldBe("#3 taken, #3 sells 3 with #2 at 2500");
        pit.Exchange.Futures.Resting.ShouldBe(1);
    }

    [Fact]
    public void A_trade_says_whose_orders_met_and_how_much_is_left_of_the_incoming_one()
    {
        var pit = new Pit();
        pit.Sell(Ann, 2, 2_500);
        pit.Buy(Bob, 5, 2_510);
        var trade = pit.Told[1];
        (trade.Kind, trade.Account, trade.Detail, trade.Side, trade.Leaves, trade.Value).ShouldBe((OrderEventKind.Traded, (uint)Bob, (uint)Ann, Side.Buy, 3u, 1L));
    }

    [Fact]
    public void An_accepted_order_is_told_with_all_that_was_asked()
    {
        var pit = new Pit();
        pit.Stop(Ann, Side.Sell, 7, 2_400, limit: 2_390, force: TimeInForce.GoodTillDate, flags: OrderFlags.CancelOnDisconnect, untilSeconds: 60);
        var taken = pit.Told.ShouldHaveSingleItem();
        taken.Kind.ShouldBe(OrderEventKind.Accepted);
        (taken.Account, taken.Side, taken.Quantity, taken.Price, taken.Other).ShouldBe(((uint)Ann, Side.Sell, 7u, 2_390, 1UL));
        taken.Detail.ShouldBe((uint)OrderType.StopLimit | ((uint)TimeInForce.GoodTillDate << 8) | ((uint)OrderFlags.CancelOnDisconnect << 16));
        (taken.Value & uint.MaxValue).ShouldBe(2_400);
        (taken.Value >> 32).ShouldBe(Noon.AddSeconds(60).ToUnixTimeSeconds());
    }

    [Fact]
    public void A_market_order_takes_what_the_book_has_within_the_price_band_and_the_rest_is_cancelled()
    {
        var pit = new Pit(terms: Terms with { VelocitySeconds = 0 });
        pit.Sell(Ann, 2, 2_500);
        pit.Sell(Ann, 3, 2_870);
        pit.Market(Bob, Side.Buy, 9).ShouldBe("#3 taken, #3 buys 2 with #1 at 2500, #3 buys 3 with #2 at 2870, #3 ends with 4: Unfilled");
        pit.Exchange.Futures.Resting.ShouldBe(0);
    }

    [Fact]
    public void A_market_order_does_not_trade_beyond_the_band_even_when_an_old_order_waits_there()
    {
        var pit = new Pit(terms: Terms with { VelocitySeconds = 0 });
        pit.Sell(Ann, 3, 2_870);
        pit.Reference(2_300);
        pit.Market(Bob, Side.Buy, 1).ShouldBe("#2 taken, #2 ends with 1: Unfilled");
    }

    [Fact]
    public void A_market_order_never_rests_however_long_it_was_to_stand()
    {
        var pit = new Pit();
        pit.Buy(Ann, 2, 2_500);
        pit.Market(Bob, Side.Sell, 5, TimeInForce.GoodTillCancelled).ShouldBe("#2 taken, #2 sells 2 with #1 at 2500, #2 ends with 3: Unfilled");
    }

    [Fact]
    public void An_immediate_order_trades_what_it_can_and_the_rest_is_cancelled()
    {
        var pit = new Pit();
        pit.Sell(Ann, 2, 2_500);
        pit.Buy(Bob, 5, 2_500, TimeInForce.ImmediateOrCancel).ShouldBe("#2 taken, #2 buys 2 with #1 at 2500, #2 ends with 3: Unfilled");
        pit.Buy(Bob, 5, 2_500, TimeInForce.ImmediateOrCancel).ShouldBe("#3 taken, #3 ends with 5: Unfilled");
        pit.Exchange.Futures.OpenOrdersOf(Bob).ShouldBe(0);
        pit.Required(Bob).ShouldBe(2 * Terms.MarginMicros);
    }

    [Fact]
    public void A_fill_or_kill_order_trades_whole_or_not_at_all_and_says_how_much_there_was()
    {
        var pit = new Pit();
        pit.Sell(Ann, 2, 2_500);
        pit.Sell(Bob, 2, 2_505);
        pit.Sell(Bob, 9, 2_506);
        pit.Buy(Cyd, 5, 2_505, TimeInForce.FillOrKill).ShouldBe("no: NotAllAvailable 4");
        pit.Buy(Cyd, 4, 2_505, TimeInForce.FillOrKill).ShouldBe("#4 taken, #4 buys 2 with #1 at 2500, #4 buys 2 with #2 at 2505");
    }

    [Fact]
    public void A_fill_or_kill_order_counts_what_an_iceberg_hides()
    {
        var pit = new Pit();
        pit.Sell(Ann, 10, 2_500, peak: 3);
        pit.Buy(Bob, 10, 2_500, TimeInForce.FillOrKill)
            .ShouldBe("#2 taken, #2 buys 3 with #1 at 2500, #1 shows 3 and hides 4, #2 buys 3 with #1 at 2500, #1 shows 3 and hides 1, "
                + "#2 buys 3 with #1 at 2500, #1 shows 1 and hides 0, #2 buys 1 with #1 at 2500");
    }

    [Fact]
    public void A_fill_or_kill_order_does_not_count_on_a_reduce_only_order_which_may_be_gone()
    {
        var pit = new Pit();
        pit.Buy(Ann, 5, 2_500);
        pit.Sell(Bob, 5, 2_500);
        pit.Sell(Ann, 5, 2_505, flags: OrderFlags.ReduceOnly);
        pit.Buy(Cyd, 5, 2_505, TimeInForce.FillOrKill).ShouldBe("no: NotAllAvailable 0");
        pit.Market(Cyd, Side.Buy, 5, TimeInForce.FillOrKill).ShouldBe("no: NotAllAvailable 0");
    }

    [Fact]
    public void A_fill_or_kill_order_does_not_go_beyond_where_trading_would_stop()
    {
        var pit = new Pit();
        pit.Sell(Ann, 5, 2_570);
        pit.Sell(Ann, 5, 2_580);
        pit.Buy(Bob, 10, 2_580, TimeInForce.FillOrKill).ShouldBe("no: NotAllAvailable 5");
        pit.Exchange.Futures.PhaseOf(0).ShouldBe(Phase.Continuous);
    }

    [Fact]
    public void A_fill_or_kill_order_comes_no_farther_than_its_owners_own_order()
    {
        var pit = new Pit();
        pit.Sell(Ann, 2, 2_500);
        pit.Sell(Bob, 3, 2_500);
        pit.Sell(Ann, 4, 2_501);
        pit.Buy(Bob, 3, 2_501, TimeInForce.FillOrKill).ShouldBe("no: NotAllAvailable 2");
        pit.Buy(Bob, 2, 2_501, TimeInForce.FillOrKill).ShouldBe("#4 taken, #4 buys 2 with #1 at 2500");
    }

    [Fact]
    public void A_fill_or_kill_order_that_cancels_own_orders_in_its_way_passes_by_them()
    {
        var pit = new Pit();
        pit.Sell(Ann, 2, 2_500);
        pit.Sell(Bob, 3, 2_500);
        pit.Sell(Ann, 4, 2_501);
        pit.Buy(Bob, 7, 2_501, TimeInForce.FillOrKill, self: SelfTrade.CancelOldest).ShouldBe("no: NotAllAvailable 6");
        pit.Buy(Bob, 6, 2_501, TimeInForce.FillOrKill, self: SelfTrade.CancelOldest)
            .ShouldBe("#4 taken, #4 buys 2 with #1 at 2500, #2 ends with 3: SelfTrade, #4 buys 4 with #3 at 2501");
    }

    [Fact]
    public void A_fill_or_kill_order_does_not_count_what_an_iceberg_shows_only_behind_the_owners_own_order()
    {
        var pit = new Pit();
        pit.Sell(Ann, 10, 2_500, peak: 2);
        pit.Sell(Bob, 5, 2_500);
        pit.Buy(Bob, 10, 2_500, TimeInForce.FillOrKill).ShouldBe("no: NotAllAvailable 2");
        pit.Buy(Bob, 2, 2_500, TimeInForce.FillOrKill).ShouldBe("#3 taken, #3 buys 2 with #1 at 2500, #1 shows 2 and hides 6");
    }

    [Fact]
    public void A_day_order_ends_when_the_instrument_closes_and_others_stay()
    {
        var pit = new Pit();
        pit.Buy(Ann, 1, 2_490, TimeInForce.Day);
        pit.Buy(Ann, 2, 2_490);
        pit.Stop(Ann, Side.Buy, 3, 2_600, force: TimeInForce.Day);
        pit.Stop(Ann, Side.Buy, 4, 2_600);
        pit.Phase(Phase.Closed).ShouldBe("Closed, #1 ends with 1: Expired, #3 ends with 3: Expired");
        pit.Exchange.Futures.OpenOrdersOf(Ann).ShouldBe(2);
    }

    [Fact]
    public void A_day_order_is_in_the_closing_auction_and_ends_after_it()
    {
        var pit = new Pit();
        pit.Buy(Ann, 5, 2_500, TimeInForce.Day);
        pit.Phase(Phase.ClosingCall, 60);
        pit.Sell(Bob, 2, 2_500);
        pit.Pass(60).ShouldBe("#1 buys 2 with #2 at 2500, Closed, #1 ends with 3: Expired");
    }

    [Fact]
    public void An_order_good_till_a_date_ends_at_its_second_whatever_the_phase()
    {
        var pit = new Pit();
        pit.Buy(Ann, 1, 2_490, TimeInForce.GoodTillDate, untilSeconds: 30);
        pit.Stop(Ann, Side.Buy, 2, 2_600, force: TimeInForce.GoodTillDate, untilSeconds: 30);
        pit.Phase(Phase.Halted);
        pit.Exchange.Futures.NextTimer.ShouldBe(Noon.AddSeconds(30).ToUnixTimeMilliseconds());
        pit.Pass(29.999m).ShouldBe("");
        pit.Pass(0.001m).ShouldBe("#1 ends with 1: Expired, #2 ends with 2: Expired");
        pit.Exchange.Futures.NextTimer.ShouldBe(long.MaxValue);
    }

    [Fact]
    public void What_expired_before_a_command_is_gone_when_the_command_is_handled()
    {
        var pit = new Pit();
        pit.Buy(Ann, 1, 2_490, TimeInForce.GoodTillDate, untilSeconds: 30);
        pit.Now = Noon.AddSeconds(31);
        pit.Sell(Bob, 1, 2_490).ShouldBe("#1 ends with 1: Expired, #2 taken");
    }

    [Fact]
    public void An_expiry_that_is_over_is_refused()
    {
        var pit = new Pit();
        pit.Buy(Ann, 1, 2_490, TimeInForce.GoodTillDate, untilSeconds: -1).ShouldBe($"no: ExpiryPast {Noon.ToUnixTimeSeconds() - 1}");
        pit.Enter(new OrderRequest
        {
            Kind = OrderKind.Place, Type = OrderType.Limit, TimeInForce = TimeInForce.GoodTillDate, Quantity = 1, Price = 2_490, Expiry = (uint)Noon.ToUnixTimeSeconds(),
        }).ShouldBe($"no: ExpiryPast {Noon.ToUnixTimeSeconds()}");
    }

    [Fact]
    public void An_order_that_is_due_to_expire_after_an_auction_takes_part_in_it_even_when_time_jumps_over_both()
    {
        var pit = new Pit(Phase.OpeningCall);
        pit.Buy(Ann, 1, 2_500, TimeInForce.GoodTillDate, untilSeconds: 90);
        pit.Sell(Bob, 2, 2_500, TimeInForce.GoodTillDate, untilSeconds: 30);
        pit.Sell(Cyd, 2, 2_500);
        pit.Pass(600).ShouldBe("#2 ends with 2: Expired, #1 buys 1 with #3 at 2500, Continuous");
    }
}
