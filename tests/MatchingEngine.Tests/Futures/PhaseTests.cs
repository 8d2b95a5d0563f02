using ComputeExchange.MatchingEngine.Core;
using ComputeExchange.MatchingEngine.Core.Book;
using ComputeExchange.MatchingEngine.Core.Futures;
using Shouldly;
using Xunit;
using static ComputeExchange.MatchingEngine.Tests.Futures.Pit;

namespace ComputeExchange.MatchingEngine.Tests.Futures;

/// <summary>Auctions at the open and the close, halts, and trading that stops because the price moved too fast.</summary>
public class PhaseTests
{
    [Fact]
    public void In_a_call_orders_gather_and_trade_at_its_end_at_one_price_by_price_and_then_by_age()
    {
        var pit = new Pit(Phase.OpeningCall);
        pit.Buy(Ann, 3, 2_510).ShouldBe("#1 taken");
        pit.Buy(Bob, 3, 2_520);
        pit.Buy(Ann, 3, 2_520);
        pit.Sell(Cyd, 7, 2_490);
        pit.Pass(60).ShouldBe("#2 buys 3 with #4 at 2510, #3 buys 3 with #4 at 2510, #1 buys 1 with #4 at 2510, Continuous");
        pit.Sell(Dan, 5, 2_510).ShouldBe("#5 taken, #5 sells 2 with #1 at 2510");
    }

    [Fact]
    public void Orders_at_market_come_before_all_limits_and_what_is_left_of_them_ends_with_the_auction()
    {
        var pit = new Pit(Phase.OpeningCall);
        pit.Buy(Ann, 3, 2_510);
        pit.Market(Bob, Side.Buy, 5).ShouldBe("#2 taken");
        pit.Sell(Cyd, 4, 2_500);
        pit.Pass(60).ShouldBe("#2 buys 4 with #3 at 2510, #2 ends with 1: AuctionOver, Continuous");
    }

    [Fact]
    public void Only_orders_at_market_trade_at_the_last_price_or_else_at_the_reference()
    {
        var pit = new Pit(Phase.OpeningCall);
        pit.Market(Ann, Side.Buy, 5);
        pit.Market(Bob, Side.Sell, 5);
        pit.Pass(60).ShouldBe("#1 buys 5 with #2 at 2500, Continuous");
        pit.Sell(Bob, 1, 2_507);
        pit.Buy(Ann, 1, 2_507);
        pit.Phase(Phase.OpeningCall);
        pit.Market(Ann, Side.Buy, 5);
        pit.Market(Bob, Side.Sell, 5);
        pit.Pass(60).ShouldBe("#5 buys 5 with #6 at 2507, Continuous");
    }

    [Fact]
    public void An_auction_that_does_not_cross_trades_nothing()
    {
        var pit = new Pit(Phase.OpeningCall);
        pit.Buy(Ann, 3, 2_499);
        pit.Sell(Bob, 3, 2_500);
        pit.Pass(60).ShouldBe("Continuous");
        pit.Exchange.Futures.Resting.ShouldBe(2);
        pit.Exchange.Futures.LastTrade.ShouldBe(0);
    }

    [Fact]
    public void What_the_auction_would_do_is_told_when_it_changes_once_a_second_at_most()
    {
        var pit = new Pit(Phase.Closed);
        pit.Phase(Phase.OpeningCall).ShouldBe("OpeningCall, would trade 0 at 0 leaving 0 to buy");
        pit.Buy(Ann, 5, 2_510).ShouldBe("#1 taken");
        pit.Watch(0.999m).ShouldBe("");
        pit.Watch(0.001m).ShouldBe("would trade 0 at 0 leaving 0 to buy");
        pit.Watch(1).ShouldBe("");
        pit.Sell(Bob, 3, 2_500).ShouldBe("#2 taken, would trade 3 at 2510 leaving 2 to buy");
        pit.Watch(1).ShouldBe("");
        pit.Sell(Bob, 6, 2_500).ShouldBe("#3 taken, would trade 5 at 2500 leaving 4 to sell");
        pit.Watch(1).ShouldBe("");
        pit.Cancel(Bob, 2).ShouldBe("#2 ends with 3: Owner, would trade 5 at 2500 leaving 1 to sell");
        pit.Watch(1).ShouldBe("");
        pit.Replace(Bob, 3, 2, 2_500).ShouldBe("#3 is 2 at 2500, in its place, would trade 2 at 2510 leaving 3 to buy");
    }

    [Fact]
    public void What_the_auction_would_do_is_told_by_itself_when_nobody_does_anything_more()
    {
        var pit = new Pit(Phase.OpeningCall);
        pit.Pass(1);
        pit.Buy(Ann, 5, 2_510).ShouldBe("#1 taken, would trade 0 at 0 leaving 0 to buy");
        pit.Pass(0.4m);
        pit.Sell(Bob, 3, 2_500).ShouldBe("#2 taken");
        pit.Exchange.Futures.NextTimer.ShouldBe(Noon.AddSeconds(2).ToUnixTimeMilliseconds());
        pit.Watch(0.6m).ShouldBe("would trade 3 at 2510 leaving 2 to buy");
        pit.Exchange.Futures.NextTimer.ShouldBe(Noon.AddSeconds(60).ToUnixTimeMilliseconds());
    }

    [Fact]
    public void A_closing_call_ends_in_an_auction_and_then_nothing_is_taken()
    {
        var pit = new Pit();
        pit.Buy(Ann, 3, 2_500);
        pit.Phase(Phase.ClosingCall);
        pit.Sell(Bob, 2, 2_499).ShouldBe("#2 taken");
        pit.Pass(60).ShouldBe("#1 buys 2 with #2 at 2500, Closed");
        pit.Buy(Ann, 1, 2_500).ShouldBe("no: PhaseForbids 0");
        pit.Replace(Ann, 1, 1, 2_400).ShouldBe("no: PhaseForbids 0");
    }

    [Fact]
    public void Halted_trading_takes_no_orders_and_no_changes()
    {
        var pit = new Pit();
        pit.Buy(Ann, 3, 2_500);
        pit.Phase(Phase.Halted).ShouldBe("Halted");
        pit.Buy(Ann, 1, 2_500).ShouldBe("no: PhaseForbids 5");
        pit.Stop(Ann, Side.Buy, 1, 2_600).ShouldBe("no: PhaseForbids 5");
        pit.Replace(Ann, 1, 1, 2_500).ShouldBe("no: PhaseForbids 5");
        pit.Phase(Phase.Continuous).ShouldBe("Continuous");
        pit.Sell(Bob, 3, 2_500).ShouldBe("#2 taken, #2 sells 3 with #1 at 2500");
    }

    [Theory]
    [InlineData(Phase.Halted)]
    [InlineData(Phase.Closed)]
    public void Orders_that_crossed_in_a_call_before_a_halt_can_only_be_opened_by_an_auction(Phase then)
    {
        var pit = new Pit(Phase.OpeningCall);
        pit.Buy(Ann, 3, 2_510);
        pit.Sell(Bob, 3, 2_500);
        pit.Phase(Phase.Halted);
        pit.Pass(600).ShouldBe("");
        if (then == Phase.Closed) pit.Phase(Phase.Closed).ShouldBe("Closed");
        pit.Phase(Phase.Continuous).ShouldBe("refused BOOK_CROSSED phase");
        pit.Phase(Phase.OpeningCall).ShouldStartWith("OpeningCall, would trade 3 at");
        pit.Pass(60).ShouldBe("#1 buys 3 with #2 at 2500, Continuous");
    }

    [Theory]
    [InlineData(Phase.Halted)]
    [InlineData(Phase.Closed)]
    public void An_order_at_market_left_from_a_call_never_stands_in_continuous_trading(Phase then)
    {
        var pit = new Pit(Phase.OpeningCall);
        pit.Market(Ann, Side.Buy, 5);
        pit.Phase(Phase.Halted).ShouldBe("Halted");
        if (then == Phase.Closed) pit.Phase(Phase.Closed).ShouldBe("#1 ends with 5: AuctionOver, Closed");
        pit.Phase(Phase.Continuous).ShouldBe(then == Phase.Closed ? "Continuous" : "#1 ends with 5: AuctionOver, Continuous");
        pit.Sell(Bob, 5, 2_400).ShouldBe("#2 taken");
    }

    [Fact]
    public void A_phase_that_makes_no_sense_is_refused_and_names_the_field()
    {
        var pit = new Pit(Phase.Closed);
        pit.Phase(Phase.VolatilityCall).ShouldBe("refused PHASE phase");
        pit.Phase((Phase)6).ShouldBe("refused PHASE phase");
        pit.Phase(Phase.ClosingCall).ShouldBe("refused PHASE_ORDER phase");
        pit.Phase(Phase.OpeningCall, seconds: 0).ShouldBe("refused CALL_END until_time");
        pit.Phase(Phase.OpeningCall, seconds: 86_401).ShouldBe("refused CALL_END until_time");
        pit.Phase(Phase.OpeningCall, name: "CX-NONE").ShouldBe("refused INSTRUMENT_UNKNOWN instrument");
    }

    [Fact]
    public void An_operator_may_end_a_call_early()
    {
        var pit = new Pit(Phase.OpeningCall);
        pit.Buy(Ann, 3, 2_510);
        pit.Sell(Bob, 3, 2_510);
        pit.Phase(Phase.Continuous).ShouldBe("#1 buys 3 with #2 at 2510, Continuous");
        pit.Exchange.Futures.NextTimer.ShouldBe(long.MaxValue);
    }

    [Fact]
    public void What_a_call_does_not_take()
    {
        var pit = new Pit(Phase.OpeningCall);
        pit.Buy(Ann, 1, 2_500, TimeInForce.ImmediateOrCancel).ShouldBe("no: PhaseForbids 1");
        pit.Buy(Ann, 1, 2_500, TimeInForce.FillOrKill).ShouldBe("no: PhaseForbids 1");
        pit.Market(Ann, Side.Buy, 1, TimeInForce.FillOrKill).ShouldBe("no: PhaseForbids 1");
        pit.Buy(Ann, 1, 2_500, flags: OrderFlags.PostOnly).ShouldBe("no: PhaseForbids 1");
    }

    [Fact]
    public void A_price_that_moves_too_fast_stops_trading_for_an_auction_in_which_the_rest_stands()
    {
        var pit = new Pit();
        pit.Sell(Ann, 2, 2_575);
        pit.Sell(Ann, 2, 2_576);
        pit.Buy(Bob, 5, 2_580).ShouldStartWith("#3 taken, #3 buys 2 with #1 at 2575, VolatilityCall");
        pit.Exchange.Futures.NextTimer.ShouldBe(Noon.AddSeconds(60).ToUnixTimeMilliseconds());
        pit.Sell(Cyd, 1, 2_570).ShouldStartWith("#4 taken");
        pit.Watch(59).ShouldStartWith("would trade 3 at 2576");
        pit.Pass(1).ShouldBe("#3 buys 1 with #4 at 2576, #3 buys 2 with #2 at 2576, Continuous");
    }

    [Theory]
    [InlineData(TimeInForce.ImmediateOrCancel)]
    [InlineData(TimeInForce.Day)]
    public void What_would_not_have_rested_is_cancelled_by_the_halt(TimeInForce force)
    {
        var pit = new Pit();
        pit.Buy(Ann, 2, 2_424);
        pit.Market(Bob, Side.Sell, 2, force).ShouldStartWith("#2 taken, VolatilityCall, #2 ends with 2: Volatility");
    }

    [Fact]
    public void An_immediate_limit_order_is_cancelled_by_the_halt()
    {
        var pit = new Pit();
        pit.Buy(Ann, 2, 2_424);
        pit.Sell(Bob, 2, 2_424, TimeInForce.ImmediateOrCancel).ShouldStartWith("#2 taken, VolatilityCall, #2 ends with 2: Volatility");
    }

    [Fact]
    public void A_slow_move_of_the_same_size_does_not_stop_trading()
    {
        var pit = new Pit();
        foreach (var price in new[] { 2_540, 2_580, 2_620 })
        {
            pit.Sell(Ann, 1, price);
            pit.Buy(Bob, 1, price).ShouldNotContain("VolatilityCall");
            pit.Pass(10);
        }
        pit.Exchange.Futures.PhaseOf(0).ShouldBe(Phase.Continuous);
    }

    [Fact]
    public void After_the_auction_the_price_may_move_from_where_the_auction_left_it()
    {
        var pit = new Pit();
        pit.Sell(Ann, 1, 2_600);
        pit.Buy(Bob, 1, 2_600).ShouldContain("VolatilityCall");
        pit.Pass(60).ShouldBe("#2 buys 1 with #1 at 2600, Continuous");
        pit.Sell(Ann, 1, 2_670);
        pit.Buy(Bob, 1, 2_670).ShouldBe("#4 taken, #4 buys 1 with #3 at 2670");
    }

    [Fact]
    public void A_contract_without_the_velocity_rule_never_stops()
    {
        var pit = new Pit(terms: Terms with { VelocitySeconds = 0 });
        pit.Sell(Ann, 1, 2_870);
        pit.Buy(Bob, 1, 2_870).ShouldBe("#2 taken, #2 buys 1 with #1 at 2870");
    }

    [Fact]
    public void When_terms_change_the_velocity_rule_changes_at_once()
    {
        var pit = new Pit();
        pit.Sell(Ann, 1, 2_500);
        pit.Buy(Bob, 1, 2_500);
        pit.Say(new Command.DefineInstrument(Terms with { VelocityPpm = 100_000 }, 1));
        pit.Sell(Ann, 1, 2_600);
        pit.Buy(Bob, 1, 2_600).ShouldBe("#4 taken, #4 buys 1 with #3 at 2600");
    }

    [Fact]
    public void The_reference_moves_the_band_and_the_unsettled_gains()
    {
        var pit = new Pit();
        pit.Sell(Ann, 2, 2_510);
        pit.Buy(Bob, 2, 2_510);
        pit.Exchange.Futures.VariationOf(Bob).ShouldBe(-20 * Terms.TickValueMicros);
        pit.Reference(2_600).ShouldBe("reference 2600");
        pit.Exchange.Futures.VariationOf(Bob).ShouldBe(180 * Terms.TickValueMicros);
        pit.Exchange.Futures.VariationOf(Ann).ShouldBe(-180 * Terms.TickValueMicros);
        pit.Required(Ann).ShouldBe((2 * Terms.MarginMicros) + (180 * Terms.TickValueMicros));
        pit.Required(Bob).ShouldBe(2 * Terms.MarginMicros);
        pit.Buy(Cyd, 1, 2_209).ShouldBe("no: PriceOutsideBand 2209");
        pit.Buy(Cyd, 1, 2_210).ShouldBe("#3 taken");
        pit.Sell(Cyd, 1, 2_991).ShouldBe("no: PriceOutsideBand 2991");
        pit.Sell(Cyd, 1, 2_990).ShouldBe("#4 taken");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1_000_001)]
    public void A_reference_out_of_range_is_refused(int ticks) => new Pit().Reference(ticks).ShouldBe("refused REFERENCE_OUT_OF_RANGE reference_ticks");
}
