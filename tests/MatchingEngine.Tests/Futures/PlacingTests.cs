using ComputeExchange.MatchingEngine.Core.Book;
using ComputeExchange.MatchingEngine.Core.Futures;
using Shouldly;
using Xunit;
using static ComputeExchange.MatchingEngine.Tests.Futures.Pit;

namespace ComputeExchange.MatchingEngine.Tests.Futures;

/// <summary>Post-only orders and icebergs.</summary>
public class PlacingTests
{
    [Fact]
    public void A_post_only_order_rests_or_is_refused_with_the_price_it_would_trade_at()
    {
        var pit = new Pit();
        pit.Sell(Ann, 1, 2_500);
        pit.Buy(Bob, 1, 2_500, flags: OrderFlags.PostOnly).ShouldBe("no: WouldTrade 2500");
        pit.Buy(Bob, 1, 2_499, flags: OrderFlags.PostOnly).ShouldBe("#2 taken");
        pit.Sell(Cyd, 1, 2_499, flags: OrderFlags.PostOnly).ShouldBe("no: WouldTrade 2499");
        pit.Sell(Cyd, 1, 2_499).ShouldBe("#3 taken, #3 sells 1 with #2 at 2499");
    }

    [Fact]
    public void Post_only_is_for_limit_orders_that_can_rest()
    {
        var pit = new Pit();
        pit.Buy(Bob, 1, 2_499, TimeInForce.ImmediateOrCancel, OrderFlags.PostOnly).ShouldBe("no: CombinationInvalid 4");
        pit.Buy(Bob, 1, 2_499, TimeInForce.FillOrKill, OrderFlags.PostOnly).ShouldBe("no: CombinationInvalid 5");
        pit.Market(Bob, Side.Buy, 1, TimeInForce.Day, OrderFlags.PostOnly).ShouldBe("no: CombinationInvalid 2");
        pit.Stop(Bob, Side.Buy, 1, 2_510, 2_510, flags: OrderFlags.PostOnly).ShouldBe("no: CombinationInvalid 1");
    }

    [Fact]
    public void An_iceberg_shows_its_next_part_at_the_back_of_its_price()
    {
        var pit = new Pit();
        pit.Sell(Ann, 10, 2_500, peak: 4);
        pit.Sell(Bob, 3, 2_500);
        pit.Buy(Cyd, 4, 2_500).ShouldBe("#3 taken, #3 buys 4 with #1 at 2500, #1 shows 4 and hides 2");
        pit.Buy(Cyd, 5, 2_500).ShouldBe("#4 taken, #4 buys 3 with #2 at 2500, #4 buys 2 with #1 at 2500");
    }

    [Fact]
    public void An_iceberg_partly_hit_keeps_its_place_until_the_shown_part_is_gone()
    {
        var pit = new Pit();
        pit.Sell(Ann, 10, 2_500, peak: 4);
        pit.Sell(Bob, 3, 2_500);
        pit.Buy(Cyd, 3, 2_500).ShouldBe("#3 taken, #3 buys 3 with #1 at 2500");
        pit.Buy(Cyd, 2, 2_500).ShouldBe("#4 taken, #4 buys 1 with #1 at 2500, #1 shows 4 and hides 2, #4 buys 1 with #2 at 2500");
    }

    [Fact]
    public void One_sweep_goes_round_several_icebergs_part_by_part()
    {
        var pit = new Pit();
        pit.Sell(Ann, 5, 2_500, peak: 2);
        pit.Sell(Bob, 4, 2_500, peak: 3);
        pit.Buy(Cyd, 20, 2_500).ShouldBe(
            "#3 taken, #3 buys 2 with #1 at 2500, #1 shows 2 and hides 1, #3 buys 3 with #2 at 2500, #2 shows 1 and hides 0, "
            + "#3 buys 2 with #1 at 2500, #1 shows 1 and hides 0, #3 buys 1 with #2 at 2500, #3 buys 1 with #1 at 2500");
        pit.Exchange.Futures.OpenOrdersOf(Ann).ShouldBe(0);
        pit.Exchange.Futures.OpenOrdersOf(Bob).ShouldBe(0);
        pit.Exchange.Futures.Resting.ShouldBe(1);
    }

    [Fact]
    public void What_an_iceberg_trades_on_its_way_in_comes_out_of_its_whole_and_the_rest_shows_one_peak()
    {
        var pit = new Pit();
        pit.Sell(Ann, 3, 2_500);
        pit.Buy(Bob, 10, 2_500, peak: 4).ShouldBe("#2 taken, #2 buys 3 with #1 at 2500");
        pit.Sell(Ann, 5, 2_500).ShouldBe("#3 taken, #3 sells 4 with #2 at 2500, #2 shows 3 and hides 0, #3 sells 1 with #2 at 2500");
    }

    [Fact]
    public void The_whole_of_an_iceberg_counts_in_an_auction_and_keeps_its_place_there()
    {
        var pit = new Pit(Phase.OpeningCall);
        pit.Sell(Ann, 10, 2_500, peak: 2);
        pit.Sell(Bob, 5, 2_500);
        pit.Buy(Cyd, 12, 2_500);
        pit.Watch(1).ShouldBe("would trade 12 at 2500 leaving 3 to sell");
        pit.Pass(59).ShouldBe("#3 buys 10 with #1 at 2500, #3 buys 2 with #2 at 2500, Continuous");
    }

    [Fact]
    public void An_iceberg_half_filled_in_an_auction_shows_no_more_than_its_peak_afterwards()
    {
        var pit = new Pit(Phase.OpeningCall);
        pit.Sell(Ann, 10, 2_500, peak: 3);
        pit.Buy(Cyd, 5, 2_500);
        pit.Pass(60).ShouldBe("#2 buys 5 with #1 at 2500, Continuous");
        pit.Sell(Bob, 1, 2_500);
        pit.Buy(Cyd, 4, 2_500).ShouldBe("#4 taken, #4 buys 3 with #1 at 2500, #1 shows 2 and hides 0, #4 buys 1 with #3 at 2500");
    }

    [Fact]
    public void The_margin_of_an_iceberg_is_that_of_its_whole()
    {
        var pit = new Pit();
        pit.Sell(Ann, 10, 2_500, peak: 3);
        pit.Required(Ann).ShouldBe(10 * Terms.MarginMicros);
    }

    [Theory]
    [InlineData(10u)]
    [InlineData(11u)]
    public void A_peak_that_is_not_below_the_quantity_is_refused(uint peak) =>
        new Pit().Buy(Ann, 10, 2_500, peak: peak).ShouldBe($"no: PeakOutOfRange {peak}");

    [Fact]
    public void Only_a_limit_order_that_can_rest_can_be_an_iceberg()
    {
        var pit = new Pit();
        pit.Buy(Ann, 10, 2_500, TimeInForce.ImmediateOrCancel, peak: 2).ShouldBe("no: CombinationInvalid 4");
        pit.Enter(new OrderRequest { Kind = OrderKind.Place, Type = OrderType.Market, TimeInForce = TimeInForce.Day, Quantity = 10, Peak = 2 })
            .ShouldBe("no: CombinationInvalid 2");
    }
}
