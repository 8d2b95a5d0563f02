using ComputeExchange.MatchingEngine.Core;
using Shouldly;
using Xunit;
using static ComputeExchange.MatchingEngine.Tests.Rules.Market;

namespace ComputeExchange.MatchingEngine.Tests.Rules;

/// <summary>Offers with a reserve for each slot, and leases that are sold on.</summary>
public class ResaleTests
{
    private readonly Market _market = new();

    [Fact]
    public void An_offer_may_have_a_reserve_for_each_slot()
    {
        _market.Do(Nightly([Per(1m), Per(3m), Per(2m)])).ShouldHaveSingleItem().ShouldBeOfType<Event.OfferPlaced>().Bond.ShouldBe(Dollars(8 * 3 * 0.6m));
        _market.Bid(Ann, 1, 2, 1, 4m);
        var offer = _market.Closed().Offers.ShouldHaveSingleItem();
        offer.Reserve.ShouldBe([1_000_000, 3_000_000, 2_000_000]);
    }

    [Fact]
    public void Prompt_reserves_only_lower_the_reserve_of_a_slot()
    {
        _market.Do(Nightly([Per(1m), Per(3m), Per(2m)]) with { PromptReserve = Per(1.5m) });
        _market.Bid(Ann, 1, 4, 1, 4m);
        _market.Now = Noon.AddHours(2);
        _market.Closed().Offers.ShouldHaveSingleItem().Reserve.ShouldBe([1_000_000, 3_000_000, 2_000_000]);
        _market.Do(new Command.ReopenRun(_market.Exchange.ClearingRun));
        _market.Now = Noon.AddHours(3);
        _market.Closed().Offers.ShouldHaveSingleItem().Reserve.ShouldBe([1_500_000, 2_000_000]);
    }

    [Fact]
    public void A_list_of_reserves_fits_the_offer_and_its_highest_is_the_reserve()
    {
        _market.Refusal(Nightly([Per(1m), Per(3m)])).ShouldBe("RESERVE_COUNT");
        _market.Refusal(Nightly([Per(1m), Per(2m), Per(2m)])).ShouldBe("RESERVE_COUNT");
        _market.Refusal(Nightly([Per(1m), Per(3m), Per(2.0001m)])).ShouldBe("LIMIT_NOT_ON_TICK");
    }

    [Fact]
    public void The_buyer_of_a_lease_sells_a_part_of_it_on_from_the_same_node()
    {
        var lease = Bought();
        var offer = _market.Do(Resale(lease, gpus: 3, fromHour: 3, hours: 2)).ShouldHaveSingleItem().ShouldBeOfType<Event.OfferPlaced>();
        (offer.Offer.Node, offer.Market, offer.Bond).ShouldBe((Node, Name, Dollars(3 * 2 * 0.4m)));
        _market.Bid(Bob, 3, 3, 2, 2.5m, block: true);
        var sold = _market.Run().OfType<Event.LeaseSold>().ShouldHaveSingleItem();
        (sold.Buyer, sold.Provider, sold.Node, sold.ResoldFrom, sold.Gpus).ShouldBe((Bob, Ann, Node, lease, 3));
        _market.Of(Ann).Bonds.ShouldBe(Dollars(3 * 2 * 0.4m));

        // Of the eight, five are still Ann's in these hours.
        _market.Refusal(Resale(lease, gpus: 6, fromHour: 2, hours: 2)).ShouldBe("LEASE_CAPACITY");
        _market.Do(Resale(lease, gpus: 5, fromHour: 2, hours: 2)).ShouldHaveSingleItem().ShouldBeOfType<Event.OfferPlaced>();
        _market.Refusal(Resale(lease, gpus: 4, fromHour: 2, hours: 1)).ShouldBe("LEASE_CAPACITY");

        // And what was bought so can be sold on again.
        _market.Do(Resale(sold.Lease, gpus: 3, fromHour: 4, hours: 1) with { Provider = Bob }).ShouldHaveSingleItem().ShouldBeOfType<Event.OfferPlaced>();
    }

    [Fact]
    public void Only_whole_slots_to_come_of_ones_own_lease_are_sold_on()
    {
        var lease = Bought();
        _market.Refusal(Resale(lease, 1, 2, 1) with { Provider = Bob }).ShouldBe("LEASE_UNKNOWN");
        _market.Refusal(Resale(lease + 1, 1, 2, 1)).ShouldBe("LEASE_UNKNOWN");
        _market.Refusal(Resale(lease, 1, 5, 2)).ShouldBe("LEASE_CAPACITY");
        _market.Now = Noon.AddHours(2).AddMinutes(1);
        _market.Refusal(Resale(lease, 1, 2, 1)).ShouldBe("WINDOW_PASSED");
        _market.Refusal(Resale(lease, 9, 3, 1)).ShouldBe("LEASE_CAPACITY");
    }

    [Fact]
    public void A_slot_that_has_begun_unsold_is_the_buyers_own_again()
    {
        var lease = Bought();
        _market.Do(Resale(lease, 8, 3, 2));
        _market.Now = Noon.AddHours(3).AddMinutes(1);
        _market.Bid(Bob, 8, 3, 2, 5m);
        var sold = _market.Run().OfType<Event.LeaseSold>().ShouldHaveSingleItem();
        sold.Slots.ShouldHaveSingleItem().From.ShouldBe(Noon.AddHours(4));
        _market.Now = Noon.AddHours(4);
        _market.Run().OfType<Event.OfferClosed>().ShouldHaveSingleItem().Reason.ShouldBe(CloseReason.Expired);
    }

    [Fact]
    public void When_the_node_is_lost_what_was_sold_on_of_it_is_no_longer_offered()
    {
        _market.Do(Resale(Bought(), 8, 3, 2));
        _market.Do(new Command.SetNode(Node, Provider, Name, 0)).OfType<Event.OfferClosed>().Select(closed => (closed.Provider, closed.Reason))
            .ShouldBe([(Provider, CloseReason.NodeLost), (Ann, CloseReason.NodeLost)]);
        _market.Of(Ann).Bonds.ShouldBe(Dollars(0));
    }

    [Fact]
    public void A_resale_does_not_take_from_what_the_node_can_offer()
    {
        _market.Do(new Command.SetNode(Node, Provider, Name, 10));
        _market.Do(Resale(Bought(), 8, 3, 2));
        _market.Offer(gpus: 2, fromHour: 3, hours: 2);
        _market.Refusal(new Command.PlaceOffer(Provider, Node, 1, Noon.AddHours(3), Noon.AddHours(5), Per(2), Per(2), 1)).ShouldBe("NODE_CAPACITY");
    }

    /// <summary>Ann's lease of the eight GPUs from 14:00 to 18:00.</summary>
    private long Bought()
    {
        _market.Offer(gpus: 8, fromHour: 2, hours: 4, reserve: 2m);
        _market.Bid(Ann, 8, 2, 4, 3m, block: true);
        return _market.Run().OfType<Event.LeaseSold>().ShouldHaveSingleItem().Lease;
    }

    private static Command.PlaceOffer Resale(long lease, int gpus, int fromHour, int hours) =>
        new(Ann, Guid.Empty, gpus, Noon.AddHours(fromHour), Noon.AddHours(fromHour + hours), Per(2m), Per(2m), 1) { Lease = lease };

    private static Command.PlaceOffer Nightly(Values.Price[] reserves) =>
        new(Provider, Node, 8, Noon.AddHours(2), Noon.AddHours(5), Per(3m), Per(3m), 1) { Reserves = reserves };
}
