using ComputeExchange.MatchingEngine.Core;
using ComputeExchange.Values;
using Shouldly;
using Xunit;
using static ComputeExchange.MatchingEngine.Tests.Rules.Market;

namespace ComputeExchange.MatchingEngine.Tests.Rules;

public class OrderTests
{
    private readonly Market _market = new();

    [Fact]
    public void A_bid_reserves_its_limit_for_all_its_GPUs_and_hours_and_the_fee()
    {
        _market.Bid(Ann, gpus: 2, fromHour: 2, hours: 3, limit: 2.5m);

        // 2 GPUs × 3 h × $2.50 = $15, and 0.15% of it.
        _market.Of(Ann).Reserved.ShouldBe(Dollars(15.0225m));
        _market.Of(Ann).Free.ShouldBe(Dollars(1_000m - 15.0225m));
    }

    [Fact]
    public void A_bid_beyond_the_free_money_is_refused_and_changes_nothing()
    {
        var before = _market.Exchange.StateHash();
        _market.Refusal(_market.BidFor(Ann, gpus: 100, fromHour: 2, hours: 10, limit: 2.5m)).ShouldBe("INSUFFICIENT_FUNDS");
        _market.Exchange.StateHash().ShouldBe(before);
    }

    [Fact]
    public void An_offer_is_backed_by_a_bond_of_a_fifth_of_its_reserve()
    {
        _market.Offer(gpus: 8, hours: 24, reserve: 2m);
        _market.Of(Provider).Bonds.ShouldBe(Dollars(8 * 24 * 0.4m));
    }

    [Fact]
    public void A_node_never_offers_more_than_it_has()
    {
        _market.Offer(gpus: 5, fromHour: 2, hours: 4);
        _market.Refusal(new Command.PlaceOffer(Provider, Node, 4, Noon.AddHours(5), Noon.AddHours(8), Per(2), Per(2), 1)).ShouldBe("NODE_CAPACITY");
        _market.Offer(gpus: 3, fromHour: 5, hours: 3);
        _market.Offer(gpus: 8, fromHour: 8, hours: 3);
    }

    [Fact]
    public void Only_its_owner_can_take_a_bid_back()
    {
        var bid = _market.Bid(Ann, 2, 2, 3, 2.5m);
        _market.Refusal(new Command.CancelBid(Bob, bid)).ShouldBe("BID_UNKNOWN");
        var closed = _market.Do(new Command.CancelBid(Ann, bid)).ShouldHaveSingleItem().ShouldBeOfType<Event.BidClosed>();
        closed.Reason.ShouldBe(CloseReason.Cancelled);
        _market.Of(Ann).Free.ShouldBe(Dollars(1_000));
        _market.Refusal(new Command.CancelBid(Ann, bid)).ShouldBe("BID_UNKNOWN");
    }

    public static TheoryData<string, string> BadBids => new()
    {
        { "gpus 0", "GPU_COUNT_OUT_OF_RANGE" },
        { "gpus 5000", "GPU_COUNT_OUT_OF_RANGE" },
        { "limit below zero", "LIMIT_OUT_OF_RANGE" },
        { "limit above the highest price", "LIMIT_OUT_OF_RANGE" },
        { "limit between two ticks", "LIMIT_NOT_ON_TICK" },
        { "from within a slot", "WINDOW_MALFORMED" },
        { "to within a slot", "WINDOW_MALFORMED" },
        { "to before from", "WINDOW_MALFORMED" },
        { "longer than the horizon", "WINDOW_TOO_LONG" },
        { "too far ahead", "WINDOW_TOO_LONG" },
        { "past", "WINDOW_PASSED" },
        { "block behind its gate", "WINDOW_PASSED" },
        { "run that does not fit", "RUN_OUT_OF_RANGE" },
        { "no market", "MARKET_COUNT" },
        { "unknown market", "MARKET_UNKNOWN" },
        { "no kind", "KIND_MISSING" },
        { "stranger", "PARTICIPANT_UNKNOWN" },
        { "seller", "ROLE_MISSING" },
    };

    [Theory]
    [MemberData(nameof(BadBids))]
    public void A_bad_bid_is_refused_with_its_reason_and_changes_nothing(string what, string reason)
    {
        var good = _market.BidFor(Ann, 2, 2, 3, 2.5m);
        var block = _market.BidFor(Ann, 2, 2, 3, 2.5m, block: true);
        Command bad = what switch
        {
            "gpus 0" => good with { Gpus = 0 },
            "gpus 5000" => good with { Gpus = 5_000 },
            "limit below zero" => good with { Limit = new Price(-1_000) },
            "limit above the highest price" => good with { Limit = Per(50.001m) },
            "limit between two ticks" => good with { Limit = new Price(2_500_500) },
            "from within a slot" => good with { From = good.From.AddMinutes(1) },
            "to within a slot" => good with { To = good.To.AddSeconds(1) },
            "to before from" => good with { To = good.From },
            "longer than the horizon" => good with { To = good.From.AddHours(73) },
            "too far ahead" => good with { From = good.From.AddDays(61), To = good.To.AddDays(61) },
            "past" => good with { From = Noon.AddHours(-3), To = Noon.AddHours(-1) },
            "block behind its gate" => block with { From = Noon.AddHours(-1), To = Noon.AddHours(2) },
            "run that does not fit" => block with { Run = 4 },
            "no market" => good with { Markets = [] },
            "unknown market" => good with { Markets = ["B200-SXM-180GB.mars"] },
            "no kind" => good with { Kind = BidKind.None },
            "stranger" => good with { Buyer = Guid.Parse("cccccccc-0000-7000-8000-000000000001") },
            "seller" => good with { Buyer = Provider },
            _ => throw new ArgumentOutOfRangeException(nameof(what)),
        };
        var before = _market.Exchange.StateHash();
        _market.Refusal(bad).ShouldBe(reason);
        _market.Exchange.StateHash().ShouldBe(before);
    }

    [Fact]
    public void A_slot_closes_for_blocks_ten_minutes_before_it_starts()
    {
        _market.Now = Noon.AddMinutes(49);
        _market.Bid(Ann, 1, 1, 1, 2.5m, block: true);
        _market.Now = Noon.AddMinutes(50);
        _market.Refusal(_market.BidFor(Ann, 1, 1, 1, 2.5m, block: true)).ShouldBe("WINDOW_PASSED");
    }

    [Fact]
    public void A_suspended_participant_has_nothing_open_and_places_nothing()
    {
        _market.Bid(Ann, 2, 2, 3, 2.5m);
        var events = _market.Do(new Command.SetParticipant(Ann, MayBuy: true, MaySell: false, Active: false));
        events.OfType<Event.BidClosed>().ShouldHaveSingleItem().Reason.ShouldBe(CloseReason.Suspended);
        _market.Of(Ann).Reserved.ShouldBe(Money.Zero);
        _market.Refusal(_market.BidFor(Ann, 2, 2, 3, 2.5m)).ShouldBe("PARTICIPANT_SUSPENDED");
    }

    [Fact]
    public void Reserved_money_cannot_be_taken_out()
    {
        _market.Bid(Ann, 8, 2, 40, 3m);
        var free = _market.Of(Ann).Free;
        _market.Refusal(new Command.DebitCollateral(Ann, free + new Money(1), "withdrawal")).ShouldBe("INSUFFICIENT_FUNDS");
        _market.Do(new Command.DebitCollateral(Ann, free, "withdrawal")).ShouldHaveSingleItem().ShouldBeOfType<Event.CollateralDebited>();
        _market.Of(Ann).Free.ShouldBe(Money.Zero);
    }

    [Fact]
    public void A_halted_market_takes_no_bids_and_serves_cancels()
    {
        var bid = _market.Bid(Ann, 2, 2, 3, 2.5m);
        _market.Do(new Command.DefineMarket(Name, Open: false));
        _market.Refusal(_market.BidFor(Ann, 2, 2, 3, 2.5m)).ShouldBe("MARKET_HALTED");
        _market.Do(new Command.CancelBid(Ann, bid)).ShouldHaveSingleItem().ShouldBeOfType<Event.BidClosed>();
    }
}
