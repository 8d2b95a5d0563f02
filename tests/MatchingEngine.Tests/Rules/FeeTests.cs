using ComputeExchange.MatchingEngine.Core;
using Shouldly;
using Xunit;
using static ComputeExchange.MatchingEngine.Tests.Rules.Market;

namespace ComputeExchange.MatchingEngine.Tests.Rules;

public class FeeTests
{
    private readonly Market _market = new();

    [Fact]
    public void A_participant_with_rates_of_its_own_reserves_and_pays_by_them_and_others_by_the_markets()
    {
        _market.Do(new Command.SetFees(Ann, 500, null)).ShouldHaveSingleItem().ShouldBe(new Event.FeesSet(Ann, 500, null));
        _market.Do(new Command.SetFees(Provider, null, 1_000)).ShouldHaveSingleItem().ShouldBe(new Event.FeesSet(Provider, null, 1_000));
        _market.Offer(gpus: 8, reserve: 2m);
        _market.Bid(Ann, gpus: 4, fromHour: 2, hours: 1, limit: 3m);
        _market.Of(Ann).Reserved.ShouldBe(Dollars(12m * 1.0005m));
        _market.Bid(Bob, gpus: 4, fromHour: 2, hours: 1, limit: 3m);
        _market.Of(Bob).Reserved.ShouldBe(Dollars(12m * 1.0015m));

        var slots = _market.Run().OfType<Event.LeaseSold>().ToDictionary(lease => lease.Buyer, lease => lease.Slots.ShouldHaveSingleItem());
        slots[Ann].BuyerFee.ShouldBe(slots[Ann].Cost.Share(500));
        slots[Bob].BuyerFee.ShouldBe(slots[Bob].Cost.Share(1_500));
        slots.Values.ShouldAllBe(slot => slot.SellerFee == slot.Cost.Share(1_000));
    }

    [Fact]
    public void What_is_open_keeps_the_rate_that_it_was_placed_at()
    {
        _market.Offer(gpus: 8, reserve: 2m);
        _market.Bid(Ann, gpus: 4, fromHour: 2, hours: 1, limit: 3m);
        _market.Do(new Command.SetFees(Ann, 100_000, null));
        _market.Do(new Command.SetFees(Provider, null, 0));
        _market.Of(Ann).Reserved.ShouldBe(Dollars(12m * 1.0015m));

        var slot = _market.Run().OfType<Event.LeaseSold>().ShouldHaveSingleItem().Slots.ShouldHaveSingleItem();
        slot.BuyerFee.ShouldBe(slot.Cost.Share(1_500));
        slot.SellerFee.ShouldBe(slot.Cost.Share(1_500));
    }

    [Fact]
    public void Rates_that_are_taken_back_are_the_markets_again_also_when_those_have_changed()
    {
        (_market.Of(Ann).BuyerFeePpm, _market.Of(Ann).SellerFeePpm).ShouldBe((1_500, 1_500));
        _market.Do(new Command.SetFees(Ann, 0, 700));
        (_market.Of(Ann).BuyerFeePpm, _market.Of(Ann).SellerFeePpm).ShouldBe((0, 700));
        _market.Do(new Command.ChangeSettings(Settings.Default with { BuyerFeePpm = 2_500 }));
        (_market.Of(Ann).BuyerFeePpm, _market.Of(Ann).SellerFeePpm).ShouldBe((0, 700));
        _market.Do(new Command.SetFees(Ann, null, null));
        (_market.Of(Ann).BuyerFeePpm, _market.Of(Ann).SellerFeePpm).ShouldBe((2_500, 1_500));
    }

    [Fact]
    public void The_buyer_of_a_lease_who_sells_it_on_pays_its_own_sellers_fee()
    {
        _market.Offer(gpus: 8, reserve: 2m);
        _market.Bid(Ann, gpus: 4, fromHour: 2, hours: 2, limit: 3m, block: true);
        var lease = _market.Run().OfType<Event.LeaseSold>().ShouldHaveSingleItem().Lease;
        _market.Do(new Command.SetFees(Ann, null, 250));
        _market.Do(new Command.CancelOffer(Provider, 1));
        _market.Do(new Command.PlaceOffer(Ann, Guid.Empty, 4, Noon.AddHours(2), Noon.AddHours(4), Per(2), Per(2), 1) { Lease = lease })
            .ShouldHaveSingleItem().ShouldBeOfType<Event.OfferPlaced>();
        _market.Bid(Bob, gpus: 4, fromHour: 2, hours: 2, limit: 3m, block: true);
        _market.Run().OfType<Event.LeaseSold>().ShouldHaveSingleItem().Slots.ShouldAllBe(slot => slot.SellerFee == slot.Cost.Share(250));
    }

    [Theory]
    [InlineData(-1, null, "auction_buyer_ppm")]
    [InlineData(100_001, null, "auction_buyer_ppm")]
    [InlineData(null, -1, "auction_seller_ppm")]
    [InlineData(0, 100_001, "auction_seller_ppm")]
    public void A_rate_out_of_range_is_refused_and_changes_nothing(int? buyer, int? seller, string field)
    {
        var before = _market.Exchange.StateHash();
        var refused = _market.Do(new Command.SetFees(Ann, buyer, seller)).ShouldHaveSingleItem().ShouldBeOfType<Event.Refused>();
        (refused.Reason, refused.Field).ShouldBe(("FEE_OUT_OF_RANGE", field));
        _market.Exchange.StateHash().ShouldBe(before);
    }

    [Fact]
    public void Nobody_unknown_has_rates()
    {
        var before = _market.Exchange.StateHash();
        _market.Refusal(new Command.SetFees(Guid.Parse("cccccccc-0000-7000-8000-000000000001"), 1, 1)).ShouldBe("PARTICIPANT_UNKNOWN");
        _market.Exchange.StateHash().ShouldBe(before);
    }

    [Fact]
    public void No_rate_and_a_rate_of_zero_are_told_apart_on_the_wire()
    {
        foreach (var (buyer, seller) in new (int?, int?)[] { (null, null), (0, null), (null, 0), (7, 9) })
        {
            var told = Wire.ToProto(new Event.FeesSet(Ann, buyer, seller), Node).FeesSet;
            Wire.ToCore(new ComputeExchange.MatchingEngine.V1.EngineCommand { SetFees = told }).ShouldBe(new Command.SetFees(Ann, buyer, seller));
        }
    }
}
