using ComputeExchange.MatchingEngine.Core;
using ComputeExchange.MatchingEngine.Core.Book;
using ComputeExchange.MatchingEngine.Core.Futures;
using Shouldly;
using Xunit;
using static ComputeExchange.MatchingEngine.Tests.Futures.Pit;

namespace ComputeExchange.MatchingEngine.Tests.Futures;

/// <summary>Orders changed and taken back.</summary>
public class ReplaceTests
{
    [Fact]
    public void A_smaller_quantity_keeps_its_place()
    {
        var pit = new Pit();
        pit.Buy(Ann, 5, 2_500);
        pit.Buy(Bob, 5, 2_500);
        pit.Replace(Ann, 1, 3, 2_500).ShouldBe("#1 is 3 at 2500, in its place");
        pit.Required(Ann).ShouldBe(3 * Terms.MarginMicros);
        pit.Sell(Cyd, 4, 2_500).ShouldBe("#3 taken, #3 sells 3 with #1 at 2500, #3 sells 1 with #2 at 2500");
    }

    [Theory]
    [InlineData(6u, 2_500)]
    [InlineData(5u, 2_501)]
    [InlineData(3u, 2_501)]
    public void A_larger_quantity_or_another_price_loses_it(uint lots, int price)
    {
        var pit = new Pit();
        pit.Buy(Ann, 5, 2_500);
        pit.Buy(Bob, 5, price);
        pit.Replace(Ann, 1, lots, price).ShouldBe($"#1 is {lots} at {price}, at the back");
        pit.Required(Ann).ShouldBe(lots * Terms.MarginMicros);
        pit.Sell(Cyd, 6, price).ShouldBe($"#3 taken, #3 sells 5 with #2 at {price}, #3 sells 1 with #1 at {price}");
    }

    [Fact]
    public void The_same_again_keeps_its_place()
    {
        var pit = new Pit();
        pit.Buy(Ann, 5, 2_500);
        pit.Replace(Ann, 1, 5, 2_500).ShouldBe("#1 is 5 at 2500, in its place");
    }

    [Fact]
    public void A_replaced_order_may_trade_at_once()
    {
        var pit = new Pit();
        pit.Sell(Ann, 3, 2_505);
        pit.Buy(Bob, 5, 2_500);
        pit.Replace(Bob, 2, 5, 2_505).ShouldBe("#2 is 5 at 2505, at the back, #2 buys 3 with #1 at 2505");
        pit.Sell(Ann, 3, 2_505).ShouldBe("#3 taken, #3 sells 2 with #2 at 2505");
    }

    [Fact]
    public void After_a_partial_fill_the_quantity_is_what_is_to_be_open()
    {
        var pit = new Pit();
        pit.Buy(Ann, 5, 2_500);
        pit.Sell(Bob, 2, 2_500);
        pit.Replace(Ann, 1, 3, 2_500).ShouldBe("#1 is 3 at 2500, in its place");
        pit.Replace(Ann, 1, 4, 2_500).ShouldBe("#1 is 4 at 2500, at the back");
        pit.Sell(Bob, 9, 2_500).ShouldBe("#3 taken, #3 sells 4 with #1 at 2500");
    }

    [Fact]
    public void An_iceberg_made_smaller_loses_hidden_lots_first_and_keeps_its_place()
    {
        var pit = new Pit();
        pit.Buy(Ann, 10, 2_500, peak: 4);
        pit.Buy(Bob, 1, 2_500);
        pit.Replace(Ann, 1, 5, 2_500).ShouldBe("#1 is 5 at 2500, in its place");
        pit.Sell(Cyd, 6, 2_500).ShouldBe("#3 taken, #3 sells 4 with #1 at 2500, #1 shows 1 and hides 0, #3 sells 1 with #2 at 2500, #3 sells 1 with #1 at 2500");
    }

    [Fact]
    public void An_iceberg_moved_shows_one_peak_at_its_new_price()
    {
        var pit = new Pit();
        pit.Buy(Ann, 10, 2_500, peak: 4);
        pit.Replace(Ann, 1, 12, 2_501).ShouldBe("#1 is 12 at 2501, at the back");
        pit.Sell(Cyd, 5, 2_501).ShouldBe("#2 taken, #2 sells 4 with #1 at 2501, #1 shows 4 and hides 4, #2 sells 1 with #1 at 2501");
    }

    [Fact]
    public void A_post_only_order_is_not_replaced_to_where_it_would_trade()
    {
        var pit = new Pit();
        pit.Sell(Ann, 1, 2_505);
        pit.Buy(Bob, 1, 2_500, flags: OrderFlags.PostOnly);
        pit.Replace(Bob, 2, 1, 2_505).ShouldBe("no: WouldTrade 2505");
        pit.Replace(Bob, 2, 1, 2_504).ShouldBe("#2 is 1 at 2504, at the back");
        pit.Replace(Bob, 2, 1, 2_505).ShouldBe("no: WouldTrade 2505");
    }

    [Fact]
    public void A_refused_replace_leaves_the_order_as_it_was()
    {
        var pit = new Pit();
        pit.Buy(Ann, 5, 2_500);
        pit.Replace(Ann, 1, 0, 2_500).ShouldBe("no: QuantityOutOfRange 0");
        pit.Replace(Ann, 1, 1_001, 2_500).ShouldBe("no: QuantityOutOfRange 1001");
        pit.Replace(Ann, 1, 5, 2_876).ShouldBe("no: PriceOutsideBand 2876");
        pit.Replace(Ann, 1, 900, 2_500).ShouldBe("no: NotionalTooLarge 2250000000");
        pit.Sell(Bob, 6, 2_500).ShouldBe("#2 taken, #2 sells 5 with #1 at 2500");
    }

    [Fact]
    public void A_larger_replace_needs_the_margin_and_stays_within_the_position_limit()
    {
        var pit = new Pit(terms: Terms with { MarginMicros = 2_000_000, MostPosition = 600, MostNotionalMicros = 10_000_000_000 });
        pit.Buy(Ann, 400, 2_500);
        pit.Replace(Ann, 1, 601, 2_500).ShouldBe("no: PositionLimit 601");
        pit.Replace(Ann, 1, 501, 2_500).ShouldBe("no: InsufficientMargin 2000000");
        pit.Replace(Ann, 1, 500, 2_500).ShouldBe("#1 is 500 at 2500, at the back");
    }

    [Fact]
    public void An_order_of_another_is_unknown()
    {
        var pit = new Pit();
        pit.Buy(Ann, 5, 2_500);
        pit.Stop(Ann, Side.Buy, 5, 2_600);
        foreach (var order in new ulong[] { 1, 2, 3, 0, ulong.MaxValue })
        {
            pit.Replace(Bob, order, 1, 2_500).ShouldBe($"no: OrderUnknown {unchecked((long)order)}");
            pit.Cancel(Bob, order).ShouldBe($"no: OrderUnknown {unchecked((long)order)}");
        }
    }

    [Fact]
    public void A_replaced_day_order_and_one_till_a_date_still_end_in_time()
    {
        var pit = new Pit();
        pit.Buy(Ann, 5, 2_500, TimeInForce.Day);
        pit.Buy(Ann, 5, 2_500, TimeInForce.GoodTillDate, untilSeconds: 30);
        pit.Replace(Ann, 1, 6, 2_499);
        pit.Replace(Ann, 2, 6, 2_499);
        pit.Pass(30).ShouldBe("#2 ends with 6: Expired");
        pit.Phase(Phase.Closed).ShouldBe("Closed, #1 ends with 6: Expired");
    }

    [Fact]
    public void A_market_order_that_waits_for_an_auction_can_change_its_quantity()
    {
        var pit = new Pit(Phase.OpeningCall);
        pit.Market(Ann, Side.Buy, 5);
        pit.Market(Bob, Side.Buy, 5);
        pit.Replace(Ann, 1, 3, 0).ShouldEndWith("in its place");
        pit.Replace(Bob, 2, 7, 0).ShouldEndWith("at the back");
        pit.Sell(Cyd, 9, 2_500);
        pit.Pass(60).ShouldBe("#1 buys 3 with #3 at 2500, #2 buys 6 with #3 at 2500, #2 ends with 1: AuctionOver, Continuous");
    }

    [Fact]
    public void A_cancel_ends_an_order_once_and_passes_in_every_phase()
    {
        foreach (var phase in new[] { Phase.Continuous, Phase.OpeningCall, Phase.Halted, Phase.Closed })
        {
            var pit = new Pit();
            pit.Buy(Ann, 5, 2_500);
            pit.Phase(phase);
            pit.Cancel(Ann, 1).ShouldBe("#1 ends with 5: Owner", phase.ToString());
            pit.Cancel(Ann, 1).ShouldBe("no: OrderUnknown 1");
            pit.Required(Ann).ShouldBe(0);
        }
    }

    [Fact]
    public void A_mass_cancel_takes_what_fits_everything_said()
    {
        string[] Cancelled(Action<Pit> setUp, Func<Pit, string> cancel)
        {
            var pit = new Pit();
            pit.Do(new Command.DefineInstrument(Terms with { Name = "CX-H100-2027-02" }, 2_500));
            pit.Phase(Phase.Continuous, name: "CX-H100-2027-02");
            pit.Buy(Ann, 1, 2_400, flags: OrderFlags.CancelOnDisconnect);
            pit.Sell(Ann, 2, 2_600);
            pit.Stop(Ann, Side.Buy, 3, 2_700, flags: OrderFlags.CancelOnDisconnect);
            pit.Buy(Bob, 4, 2_400, flags: OrderFlags.CancelOnDisconnect);
            pit.Enter(new OrderRequest
            {
                Kind = OrderKind.Place, Instrument = 1, Type = OrderType.Limit, TimeInForce = TimeInForce.Day, Account = Ann, Quantity = 5, Price = 2_400,
            });
            setUp(pit);
            return cancel(pit).Split(", ");
        }

        Cancelled(_ => { }, pit => pit.MassCancel(Ann)).ShouldBe(
            ["#1 ends with 1: MassCancel", "#2 ends with 2: MassCancel", "#3 ends with 3: MassCancel", "#5 ends with 5: MassCancel"]);
        Cancelled(_ => { }, pit => pit.MassCancel(Ann, Name)).ShouldBe(["#1 ends with 1: MassCancel", "#2 ends with 2: MassCancel", "#3 ends with 3: MassCancel"]);
        Cancelled(_ => { }, pit => pit.MassCancel(Ann, side: Side.Buy)).ShouldBe(["#1 ends with 1: MassCancel", "#3 ends with 3: MassCancel", "#5 ends with 5: MassCancel"]);
        Cancelled(_ => { }, pit => pit.MassCancel(Ann, Name, Side.Sell)).ShouldBe(["#2 ends with 2: MassCancel"]);
        Cancelled(_ => { }, pit => pit.MassCancel(instrument: Name, side: Side.Buy)).ShouldBe(
            ["#1 ends with 1: MassCancel", "#4 ends with 4: MassCancel", "#3 ends with 3: MassCancel"]);
        Cancelled(_ => { }, pit => pit.MassCancel(Ann, reason: CancelReason.Disconnected)).ShouldBe(["#1 ends with 1: Disconnected", "#3 ends with 3: Disconnected"]);
        Cancelled(_ => { }, pit => pit.MassCancel(Ann, "CX-H100-2027-02", reason: CancelReason.Owner)).ShouldBe(["#5 ends with 5: Owner"]);
        Cancelled(pit => pit.MassCancel(Ann), pit => pit.MassCancel(Ann)).ShouldBe([""]);
    }

    [Fact]
    public void A_mass_cancel_of_what_does_not_exist_is_refused_and_names_the_field()
    {
        var pit = new Pit();
        pit.MassCancel(7).ShouldBe("refused ACCOUNT_UNKNOWN participant_id");
        pit.MassCancel(Ann, "CX-NONE").ShouldBe("refused INSTRUMENT_UNKNOWN instrument");
        pit.MassCancel(Ann, reason: CancelReason.Expired).ShouldBe("refused CANCEL_REASON reason");
    }

    [Fact]
    public void Whoever_has_orders_to_cancel_on_disconnect_is_known()
    {
        var pit = new Pit();
        pit.Buy(Ann, 1, 2_400);
        pit.Exchange.Futures.HasDisconnectOrders(Ann).ShouldBeFalse();
        pit.Stop(Ann, Side.Buy, 1, 2_600, flags: OrderFlags.CancelOnDisconnect);
        pit.Exchange.Futures.HasDisconnectOrders(Ann).ShouldBeTrue();
        pit.Cancel(Ann, 2);
        pit.Buy(Ann, 1, 2_400, flags: OrderFlags.CancelOnDisconnect);
        pit.Exchange.Futures.HasDisconnectOrders(Ann).ShouldBeTrue();
        pit.Exchange.Futures.HasDisconnectOrders(Bob).ShouldBeFalse();
    }

    [Fact]
    public void A_suspended_participant_loses_all_orders_and_may_place_none()
    {
        var pit = new Pit();
        pit.Buy(Ann, 1, 2_400);
        pit.Stop(Ann, Side.Buy, 2, 2_600);
        pit.Say(new Command.SetParticipant(Id(Ann), MayBuy: true, MaySell: true, Active: false))
            .ShouldBe("#1 ends with 1: Suspended, #2 ends with 2: Suspended, ParticipantSet");
        pit.Buy(Ann, 1, 2_400).ShouldBe("no: AccountMayNotTrade 0");
        pit.Say(new Command.SetParticipant(Id(Ann), MayBuy: true, MaySell: true, Active: true));
        pit.Buy(Ann, 1, 2_400).ShouldBe("#3 taken");
    }
}
