using ComputeExchange.MatchingEngine.Core;
using Shouldly;
using Xunit;
using static ComputeExchange.MatchingEngine.Tests.Rules.Market;

namespace ComputeExchange.MatchingEngine.Tests.Rules;

/// <summary>Leases that are moved to another node before they begin.</summary>
public class MoveTests
{
    private readonly Market _market = new Market().WithMoreNodes();

    [Fact]
    public void A_moved_lease_leaves_its_hours_on_the_old_node_free_and_takes_those_of_the_new_one()
    {
        var lease = Sold(gpus: 6);
        _market.Do(new Command.MoveLease(lease, OtherNode)).ShouldHaveSingleItem().ShouldBe(new Event.LeaseMoved(lease, Node, OtherNode));
        _market.Do(new Command.CancelOffer(Provider, 1));
        _market.Offer(gpus: 8, fromHour: 2, hours: 2);
        _market.Refusal(Offer(OtherNode, gpus: 3)).ShouldBe("NODE_CAPACITY");
        _market.Do(Offer(OtherNode, gpus: 2)).ShouldHaveSingleItem().ShouldBeOfType<Event.OfferPlaced>();
        _market.Do(Offer(OtherNode, gpus: 8) with { From = Noon.AddHours(4), To = Noon.AddHours(5) }).ShouldHaveSingleItem().ShouldBeOfType<Event.OfferPlaced>();
    }

    [Fact]
    public void Nobody_pays_or_is_paid_for_a_move()
    {
        var lease = Sold();
        var before = _market.Exchange.Holdings.ToList();
        _market.Do(new Command.MoveLease(lease, OtherNode));
        _market.Exchange.Holdings.ShouldBe(before);
        _market.Do(new Command.SettleBond(lease, 0, Dollars(0))).ShouldHaveSingleItem().ShouldBeOfType<Event.BondSettled>().Provider.ShouldBe(Provider);
    }

    [Fact]
    public void A_lease_moves_only_before_it_begins()
    {
        var lease = Sold();
        _market.Now = Noon.AddHours(2).AddMinutes(-1);
        _market.Do(new Command.MoveLease(lease, OtherNode)).ShouldHaveSingleItem().ShouldBeOfType<Event.LeaseMoved>();
        _market.Now = Noon.AddHours(2);
        _market.Refusal(new Command.MoveLease(lease, Node)).ShouldBe("LEASE_STARTED");
    }

    [Fact]
    public void It_moves_to_another_node_of_the_same_provider_in_the_same_market()
    {
        var lease = Sold();
        var foreign = Guid.Parse("aaaaaaaa-0000-7000-8000-000000000009");
        _market.Do(new Command.SetNode(foreign, Bob, Name, 8));
        _market.Refusal(new Command.MoveLease(lease, foreign)).ShouldBe("NODE_UNKNOWN");
        _market.Refusal(new Command.MoveLease(lease, Ann)).ShouldBe("NODE_UNKNOWN");
        _market.Refusal(new Command.MoveLease(lease, WestNode)).ShouldBe("NODE_MARKET");
        _market.Refusal(new Command.MoveLease(lease, Node)).ShouldBe("NODE_SAME");
        _market.Refusal(new Command.MoveLease(lease + 1, OtherNode)).ShouldBe("LEASE_UNKNOWN");
    }

    [Fact]
    public void The_new_node_needs_room_in_every_slot()
    {
        var lease = Sold(gpus: 4);
        _market.Do(Offer(OtherNode, gpus: 5) with { From = Noon.AddHours(3), To = Noon.AddHours(6) });
        _market.Refusal(new Command.MoveLease(lease, OtherNode)).ShouldBe("NODE_CAPACITY");
        _market.Do(new Command.SetNode(OtherNode, Provider, Name, 9));
        _market.Do(new Command.MoveLease(lease, OtherNode)).ShouldHaveSingleItem().ShouldBeOfType<Event.LeaseMoved>();
    }

    [Fact]
    public void Offers_by_policy_give_way_the_latest_first_and_no_more_of_them_than_must()
    {
        var lease = Sold(gpus: 4);
        var first = Placed(Offer(OtherNode, gpus: 3) with { ByPolicy = true });
        var elsewhere = Placed(Offer(OtherNode, gpus: 5) with { From = Noon.AddHours(6), To = Noon.AddHours(8), ByPolicy = true });
        var last = Placed(Offer(OtherNode, gpus: 3) with { From = Noon.AddHours(3), To = Noon.AddHours(5), ByPolicy = true });
        var bonds = _market.Of(Provider).Bonds;

        var events = _market.Do(new Command.MoveLease(lease, OtherNode));
        var closed = events[0].ShouldBeOfType<Event.OfferClosed>();
        (closed.Id, closed.Reason).ShouldBe((last, CloseReason.Displaced));
        events[^1].ShouldBeOfType<Event.LeaseMoved>();
        events.Count.ShouldBe(2);
        _market.Of(Provider).Bonds.ShouldBe(bonds - closed.Released);
        _market.Do(new Command.CancelOffer(Provider, elsewhere)).ShouldHaveSingleItem().ShouldBeOfType<Event.OfferClosed>();
        _market.Do(new Command.CancelOffer(Provider, first)).ShouldHaveSingleItem().ShouldBeOfType<Event.OfferClosed>();
    }

    [Fact]
    public void An_offer_that_its_owner_placed_holds_a_move_up_and_then_nothing_gives_way()
    {
        var lease = Sold(gpus: 4);
        Placed(Offer(OtherNode, gpus: 3) with { ByPolicy = true });
        Placed(Offer(OtherNode, gpus: 5));
        var before = _market.Exchange.StateHash();
        _market.Refusal(new Command.MoveLease(lease, OtherNode)).ShouldBe("NODE_CAPACITY");
        _market.Exchange.StateHash().ShouldBe(before);
    }

    [Fact]
    public void What_a_policy_offer_has_sold_stays_sold()
    {
        var lease = Sold(gpus: 4);
        Placed(Offer(OtherNode, gpus: 8) with { ByPolicy = true });
        _market.Do(new Command.CancelOffer(Provider, 1));
        _market.Bid(Bob, 5, 2, 2, 3m, block: true);
        _market.Run().OfType<Event.LeaseSold>().ShouldHaveSingleItem();
        _market.Refusal(new Command.MoveLease(lease, OtherNode)).ShouldBe("NODE_CAPACITY");
    }

    [Fact]
    public void Nothing_moves_while_a_run_clears()
    {
        var lease = Sold(gpus: 2);
        _market.Bid(Bob, 1, 2, 1, 3m);
        _market.Closed();
        _market.Refusal(new Command.MoveLease(lease, OtherNode)).ShouldBe("RUN_IS_CLEARING");
    }

    [Fact]
    public void A_lease_that_is_offered_on_or_sold_on_stays_where_it_is_and_so_do_its_parts()
    {
        var lease = Sold(gpus: 4);
        _market.Do(new Command.CancelOffer(Provider, 1));
        var resale = new Command.PlaceOffer(Ann, Guid.Empty, 2, Noon.AddHours(3), Noon.AddHours(4), Per(1m), Per(1m), 1) { Lease = lease };
        var offer = Placed(resale);
        _market.Refusal(new Command.MoveLease(lease, OtherNode)).ShouldBe("LEASE_OFFERED");
        _market.Do(new Command.CancelOffer(Ann, offer));
        _market.Do(new Command.MoveLease(lease, OtherNode)).ShouldHaveSingleItem().ShouldBeOfType<Event.LeaseMoved>();

        Placed(resale);
        _market.Bid(Bob, 2, 3, 1, 3m);
        var part = _market.Run().OfType<Event.LeaseSold>().ShouldHaveSingleItem();
        part.Node.ShouldBe(OtherNode);
        _market.Refusal(new Command.MoveLease(lease, Node)).ShouldBe("LEASE_RESOLD");
        _market.Refusal(new Command.MoveLease(part.Lease, Node)).ShouldBe("LEASE_RESOLD");
    }

    [Fact]
    public void A_lease_whose_buyer_asked_for_something_moves_only_to_a_node_that_is_that()
    {
        var good = new NodeTraits(Verified: true, Simulated: false, 0, NvLink: false, "", "");
        _market.Do(new Command.SetNode(Node, Provider, Name, 8) { Traits = good });
        _market.Offer();
        _market.Placed(_market.BlockFor(Ann, 2, 2, 4, 2, 3m) with { Needs = new NodeNeeds(0, Verified: true, NvLink: false, [], [], []) });
        var lease = _market.Run().OfType<Event.LeaseSold>().ShouldHaveSingleItem().Lease;
        _market.Refusal(new Command.MoveLease(lease, OtherNode)).ShouldBe("NODE_NEEDS");
        _market.Do(new Command.SetNode(OtherNode, Provider, Name, 8) { Traits = good });
        _market.Do(new Command.MoveLease(lease, OtherNode)).ShouldHaveSingleItem().ShouldBeOfType<Event.LeaseMoved>();
    }

    /// <summary>A lease of Ann's on the first node, from hour 2 to hour 4.</summary>
    private long Sold(int gpus = 2)
    {
        _market.Offer();
        _market.Bid(Ann, gpus, 2, 2, 3m, block: true);
        return _market.Run().OfType<Event.LeaseSold>().ShouldHaveSingleItem().Lease;
    }

    private long Placed(Command.PlaceOffer offer) => _market.Do(offer).ShouldHaveSingleItem().ShouldBeOfType<Event.OfferPlaced>().Id;

    private static Command.PlaceOffer Offer(Guid node, int gpus) => new(Provider, node, gpus, Noon.AddHours(2), Noon.AddHours(4), Per(2m), Per(2m), 1);
}
