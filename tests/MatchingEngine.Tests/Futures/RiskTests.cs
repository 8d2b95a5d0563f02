using ComputeExchange.MatchingEngine.Core;
using ComputeExchange.MatchingEngine.Core.Book;
using ComputeExchange.MatchingEngine.Core.Futures;
using ComputeExchange.Values;
using Shouldly;
using Xunit;
using static ComputeExchange.MatchingEngine.Tests.Futures.Pit;

namespace ComputeExchange.MatchingEngine.Tests.Futures;

/// <summary>What is checked before an order is taken, each with the value that offends.</summary>
public class RiskTests
{
    private static readonly OrderRequest Plain = new()
    {
        Kind = OrderKind.Place, Type = OrderType.Limit, TimeInForce = TimeInForce.GoodTillCancelled, Quantity = 1, Price = 2_500,
    };

    [Theory]
    [InlineData(0u)]
    [InlineData(1_001u)]
    [InlineData(uint.MaxValue)]
    public void A_quantity_is_1_to_the_most_of_the_contract(uint lots)
    {
        var pit = new Pit();
        pit.Buy(Ann, lots, 2_500).ShouldBe($"no: QuantityOutOfRange {lots}");
        pit.Stop(Ann, Side.Buy, lots, 2_600).ShouldBe($"no: QuantityOutOfRange {lots}");
    }

    [Theory]
    [InlineData(2_124)]
    [InlineData(2_876)]
    [InlineData(0)]
    [InlineData(int.MaxValue)]
    [InlineData(int.MinValue)]
    public void A_price_is_within_the_band(int price)
    {
        var pit = new Pit();
        pit.Buy(Ann, 1, price).ShouldBe($"no: PriceOutsideBand {price}");
        pit.Sell(Ann, 1, price).ShouldBe($"no: PriceOutsideBand {price}");
        pit.Phase(Phase.OpeningCall);
        pit.Buy(Ann, 1, price).ShouldBe($"no: PriceOutsideBand {price}");
    }

    [Fact]
    public void A_band_is_never_narrower_than_its_floor_nor_below_one_tick()
    {
        var pit = new Pit(reference: 4);
        pit.Buy(Ann, 1, 1).ShouldBe("#1 taken");
        pit.Buy(Ann, 1, 0).ShouldBe("no: PriceOutsideBand 0");
        pit.Sell(Bob, 1, 14).ShouldBe("#2 taken");
        pit.Sell(Bob, 1, 15).ShouldBe("no: PriceOutsideBand 15");
    }

    [Fact]
    public void An_order_is_worth_no_more_than_the_most_of_the_contract_at_its_worst_price()
    {
        var pit = new Pit();
        pit.Buy(Ann, 801, 2_500).ShouldBe("no: NotionalTooLarge 2002500000");
        pit.Buy(Ann, 800, 2_500).ShouldBe("#1 taken");
        pit.Market(Bob, Side.Buy, 696).ShouldBe("no: NotionalTooLarge 2001000000");
    }

    [Fact]
    public void A_notional_value_beyond_64_bits_is_refused_like_any_other()
    {
        var pit = new Pit(terms: Terms with { TickValueMicros = 50_000_000_000, MostLots = 1_000_000, MostPosition = 1, BandPpm = 1_000_000 }, reference: 1_000_000);
        pit.Buy(Ann, 1_000_000, 2_000_000).ShouldBe($"no: NotionalTooLarge {long.MaxValue}");
        pit.Exchange.Futures.Resting.ShouldBe(0);
    }

    [Fact]
    public void Client_order_ids_count_up_through_places_and_replaces_refused_ones_too()
    {
        var pit = new Pit();
        pit.Enter(Plain with { ClientOrderId = 5 }).ShouldBe("#1 taken");
        pit.Enter(Plain with { ClientOrderId = 5 }).ShouldBe("no: ClientOrderIdNotRising 5");
        pit.Enter(Plain with { ClientOrderId = 7, Quantity = 0 }).ShouldBe("no: QuantityOutOfRange 0");
        pit.Enter(Plain with { ClientOrderId = 7 }).ShouldBe("no: ClientOrderIdNotRising 7");
        pit.Enter(Plain with { Kind = OrderKind.Replace, Order = 1, ClientOrderId = 7 }).ShouldBe("no: ClientOrderIdNotRising 7");
        pit.Enter(Plain with { Kind = OrderKind.Replace, Order = 1, ClientOrderId = 8 }).ShouldBe("#1 is 1 at 2500, in its place");
        pit.Enter(Plain with { ClientOrderId = 1, Account = Bob }).ShouldBe("#2 taken");
        pit.Enter(Plain with { ClientOrderId = ulong.MaxValue }).ShouldBe("#3 taken");
        pit.Enter(Plain with { ClientOrderId = 9 }).ShouldBe("no: ClientOrderIdNotRising -1");
        pit.Exchange.Futures.LastClientOrderIdOf(Ann).ShouldBe(ulong.MaxValue);
    }

    [Fact]
    public void The_rate_limits_new_orders_and_replaces_but_never_cancels()
    {
        var pit = new Pit();
        pit.Say(new Command.LimitAccount(Id(Ann), new AccountLimits(MayTrade: true, OrdersPerSecond: 10, Burst: 3, MostOpenOrders: 100)));
        for (var order = 1; order <= 3; order++) pit.Buy(Ann, 2, 2_400).ShouldBe($"#{order} taken");
        pit.Buy(Ann, 2, 2_400).ShouldBe("no: RateExceeded 10");
        pit.Replace(Ann, 1, 1, 2_400).ShouldBe("no: RateExceeded 10");
        pit.Cancel(Ann, 1).ShouldBe("#1 ends with 2: Owner");
        pit.Cancel(Ann, 2).ShouldBe("#2 ends with 2: Owner");
        pit.Pass(0.099m);
        pit.Buy(Ann, 2, 2_400).ShouldBe("no: RateExceeded 10");
        pit.Pass(0.001m);
        pit.Buy(Ann, 2, 2_400).ShouldBe("#4 taken");
        pit.Buy(Ann, 2, 2_400).ShouldBe("no: RateExceeded 10");
        pit.Buy(Bob, 2, 2_400).ShouldBe("#5 taken");
        pit.Pass(100);
        for (var order = 6; order <= 8; order++) pit.Buy(Ann, 2, 2_400).ShouldBe($"#{order} taken");
        pit.Buy(Ann, 2, 2_400).ShouldBe("no: RateExceeded 10");
        pit.Say(new Command.LimitAccount(Id(Ann), new AccountLimits(MayTrade: true, OrdersPerSecond: 0, Burst: 1, MostOpenOrders: 1_000)));
        for (var order = 0; order < 500; order++) pit.Buy(Ann, 1, 2_400).ShouldEndWith("taken");
    }

    [Fact]
    public void An_account_has_only_so_many_open_orders_stops_included()
    {
        var pit = new Pit();
        pit.Say(new Command.LimitAccount(Id(Ann), new AccountLimits(MayTrade: true, OrdersPerSecond: 0, Burst: 1, MostOpenOrders: 2)));
        pit.Buy(Ann, 1, 2_490);
        pit.Stop(Ann, Side.Buy, 1, 2_600);
        pit.Buy(Ann, 1, 2_490).ShouldBe("no: TooManyOpenOrders 2");
        pit.Buy(Ann, 1, 2_490, TimeInForce.ImmediateOrCancel).ShouldBe("no: TooManyOpenOrders 2");
        pit.Sell(Bob, 1, 2_490);
        pit.Buy(Ann, 1, 2_490).ShouldBe("#4 taken");
    }

    [Fact]
    public void The_position_with_all_open_orders_filled_stays_within_the_limit_on_both_sides()
    {
        var pit = new Pit();
        pit.Buy(Ann, 800, 2_400);
        pit.Stop(Ann, Side.Buy, 695, 2_600);
        pit.Buy(Ann, 6, 2_400).ShouldBe("no: PositionLimit 1501");
        pit.Buy(Ann, 5, 2_400).ShouldBe("#3 taken");
        pit.Sell(Ann, 750, 2_600);
        pit.Sell(Ann, 750, 2_600).ShouldBe("#5 taken");
        pit.Sell(Ann, 1, 2_600).ShouldBe("no: PositionLimit -1501");
    }

    [Fact]
    public void Margin_is_for_the_worse_side_of_position_and_open_orders()
    {
        var pit = new Pit(terms: Terms with { VelocitySeconds = 0 });
        pit.Buy(Ann, 10, 2_400);
        pit.Required(Ann).ShouldBe(10 * Terms.MarginMicros);
        pit.Sell(Ann, 10, 2_600);
        pit.Required(Ann).ShouldBe(10 * Terms.MarginMicros);
        pit.Sell(Ann, 5, 2_600);
        pit.Required(Ann).ShouldBe(15 * Terms.MarginMicros);
        pit.Sell(Bob, 10, 2_400);
        pit.Required(Ann).ShouldBe(10 * Terms.MarginMicros);
        pit.Cancel(Ann, 3);
        pit.Required(Ann).ShouldBe(10 * Terms.MarginMicros);
        pit.Buy(Bob, 10, 2_600);
        pit.Required(Ann).ShouldBe(0);
        pit.Exchange.Futures.VariationOf(Ann).ShouldBe(200 * 10 * Terms.TickValueMicros);
    }

    [Fact]
    public void Without_the_margin_an_order_is_refused_and_says_what_is_missing()
    {
        var pit = new Pit(terms: Terms with { MarginMicros = 3_000_000 });
        pit.Buy(Ann, 334, 2_500).ShouldBe("no: InsufficientMargin 2000000");
        pit.Buy(Ann, 333, 2_500).ShouldBe("#1 taken");
        pit.Buy(Ann, 1, 2_500).ShouldBe("no: InsufficientMargin 2000000");
        pit.Sell(Ann, 333, 2_600).ShouldBe("#2 taken");
        pit.Sell(Ann, 1, 2_600).ShouldBe("no: InsufficientMargin 2000000");
    }

    [Fact]
    public void Who_lost_more_than_the_margin_may_still_reduce()
    {
        var pit = new Pit(terms: Terms with { MarginMicros = 3_000_000 });
        pit.Sell(Bob, 300, 2_500);
        pit.Buy(Ann, 300, 2_500);
        pit.Reference(1_500);
        pit.Required(Ann).ShouldBe(1_200_000_000);
        pit.Exchange.HoldingOf(Id(Ann))!.Free.ShouldBe(new Money(-200_000_000));
        pit.Buy(Ann, 1, 1_500).ShouldBe("no: InsufficientMargin 203000000");
        pit.Sell(Ann, 300, 1_600).ShouldBe("#3 taken");
        pit.Sell(Ann, 301, 1_600).ShouldBe("no: InsufficientMargin 203000000");
    }

    [Fact]
    public void Gains_count_only_when_they_are_settled()
    {
        var pit = new Pit(terms: Terms with { MarginMicros = 3_000_000 });
        pit.Sell(Bob, 333, 2_500);
        pit.Buy(Ann, 333, 2_500);
        pit.Reference(2_600);
        pit.Exchange.Futures.VariationOf(Ann).ShouldBe(33_300_000);
        pit.Buy(Ann, 1, 2_500).ShouldBe("no: InsufficientMargin 2000000");
    }

    [Fact]
    public void Spot_bids_and_futures_share_the_money()
    {
        var pit = new Pit(terms: Terms with { MarginMicros = 3_000_000 });
        pit.Do(new Command.DefineMarket("H100-SXM-80GB.us-east", Open: true));
        Command.PlaceBid Bid(int gpus) => new(
            Id(Ann), BidKind.Divisible, ["H100-SXM-80GB.us-east"], gpus, Noon.AddHours(1), Noon.AddHours(2), 0, new Price(10_000_000));
        var fee = Settings.Default.BuyerFeePpm;
        pit.Buy(Ann, 300, 2_500);
        pit.Say(Bid(10)).ShouldStartWith("refused INSUFFICIENT_FUNDS");
        pit.Say(Bid(9)).ShouldBe("BidPlaced");
        var left = 100_000_000 - 90_000_000 - (90 * fee);
        pit.Buy(Ann, 4, 2_500).ShouldBe($"no: InsufficientMargin {12_000_000 - left}");
        pit.Buy(Ann, 3, 2_500).ShouldBe("#2 taken");
        pit.Say(new Command.DebitCollateral(Id(Ann), new Money(left - 9_000_000 + 1), "out")).ShouldBe("refused INSUFFICIENT_FUNDS amount_micros");
        pit.Say(new Command.DebitCollateral(Id(Ann), new Money(left - 9_000_000), "out")).ShouldBe("CollateralDebited");
        pit.Exchange.HoldingOf(Id(Ann))!.Free.ShouldBe(Money.Zero);
        pit.MassCancel(Ann);
        pit.Say(Bid(9)).ShouldBe("BidPlaced");
    }

    [Fact]
    public void A_changed_margin_counts_for_all_positions_at_once()
    {
        var pit = new Pit();
        pit.Sell(Bob, 10, 2_500);
        pit.Buy(Ann, 10, 2_500);
        pit.Buy(Ann, 5, 2_400);
        pit.Say(new Command.DefineInstrument(Terms with { MarginMicros = 300_000 }, 1)).ShouldBe("InstrumentDefined");
        pit.Required(Ann).ShouldBe(15 * 300_000);
        pit.Required(Bob).ShouldBe(10 * 300_000);
        pit.Say(new Command.DefineInstrument(Terms with { TickValueMicros = 2_000 }, 1)).ShouldBe("refused CONTRACT_SIZE_FIXED tick_value_micros");
    }

    [Fact]
    public void Whom_the_request_does_not_name_rightly_is_told()
    {
        var pit = new Pit();
        foreach (var kind in new[] { OrderKind.Place, OrderKind.Cancel, OrderKind.Replace })
            pit.Enter(Plain with { Kind = kind, Account = 4, ClientOrderId = 1 }).ShouldBe("no: AccountUnknown 4");
        pit.Enter(Plain with { Account = uint.MaxValue, ClientOrderId = 1 }).ShouldBe($"no: AccountUnknown {uint.MaxValue}");
        pit.Enter(Plain with { Instrument = 1 }).ShouldBe("no: InstrumentUnknown 1");
        pit.Enter(Plain with { Instrument = ushort.MaxValue }).ShouldBe("no: InstrumentUnknown 65535");
        pit.Say(new Command.LimitAccount(Id(Ann), AccountLimits.Default with { MayTrade = false }));
        pit.Enter(Plain).ShouldBe("no: AccountMayNotTrade 0");
    }

    [Fact]
    public void A_word_that_does_not_exist_is_refused_with_its_number()
    {
        var pit = new Pit();
        pit.Enter(Plain with { Kind = OrderKind.None }).ShouldBe("no: WordUnknown 0");
        pit.Enter(Plain with { Kind = (OrderKind)4 }).ShouldBe("no: WordUnknown 4");
        pit.Enter(Plain with { Side = (Side)2 }).ShouldBe("no: WordUnknown 2");
        pit.Enter(Plain with { Type = OrderType.None }).ShouldBe("no: WordUnknown 0");
        pit.Enter(Plain with { Type = (OrderType)5 }).ShouldBe("no: WordUnknown 5");
        pit.Enter(Plain with { TimeInForce = TimeInForce.None }).ShouldBe("no: WordUnknown 0");
        pit.Enter(Plain with { TimeInForce = (TimeInForce)6 }).ShouldBe("no: WordUnknown 6");
        pit.Enter(Plain with { Flags = (OrderFlags)8 }).ShouldBe("no: WordUnknown 8");
        pit.Enter(Plain with { SelfTrade = (SelfTrade)4 }).ShouldBe("no: WordUnknown 4");
        pit.Enter(Plain).ShouldBe("#1 taken");
    }

    [Fact]
    public void A_combination_that_means_nothing_is_refused()
    {
        var pit = new Pit();
        pit.Enter(Plain with { TimeInForce = TimeInForce.GoodTillDate }).ShouldBe("no: CombinationInvalid 3");
        pit.Enter(Plain with { Expiry = uint.MaxValue }).ShouldBe("no: CombinationInvalid 1");
        pit.Stop(Ann, Side.Buy, 1, 2_600, force: TimeInForce.ImmediateOrCancel).ShouldBe("no: CombinationInvalid 4");
        pit.Stop(Ann, Side.Buy, 1, 2_600, force: TimeInForce.FillOrKill).ShouldBe("no: CombinationInvalid 5");
        pit.Enter(Plain with { Type = OrderType.Market, TimeInForce = TimeInForce.GoodTillDate, Expiry = uint.MaxValue }).ShouldBe("no: CombinationInvalid 3");
    }

    [Fact]
    public void A_market_order_into_an_empty_side_is_refused()
    {
        var pit = new Pit();
        pit.Buy(Ann, 1, 2_500);
        pit.Market(Bob, Side.Buy, 1).ShouldBe("no: NoOtherSide 0");
        pit.Market(Bob, Side.Sell, 1).ShouldBe("#2 taken, #2 sells 1 with #1 at 2500");
    }

    [Fact]
    public void Requests_in_one_command_are_handled_in_their_order_and_each_knows_its_events()
    {
        var pit = new Pit();
        pit.Enter(
            Plain with { Side = Side.Sell },
            Plain with { Account = Bob, Quantity = 2 },
            Plain with { Account = Bob, Quantity = 0 },
            new OrderRequest { Kind = OrderKind.Cancel, Account = Bob, Order = 2 })
            .ShouldBe("#1 taken, #2 taken, #2 buys 1 with #1 at 2500, no: QuantityOutOfRange 0, #2 ends with 1: Owner");
        pit.Exchange.RequestEnds.ToArray().ShouldBe([1, 3, 4, 5]);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(47)]
    [InlineData(49)]
    [InlineData(48 * 65_537)]
    public void Bytes_that_are_no_requests_are_refused(int length) =>
        new Pit().Say(new Command.EnterOrders(new byte[length])).ShouldBe("refused REQUESTS requests");
}
