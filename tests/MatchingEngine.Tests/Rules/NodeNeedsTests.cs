using ComputeExchange.MatchingEngine.Core;
using Shouldly;
using Xunit;
using static ComputeExchange.MatchingEngine.Tests.Rules.Market;

namespace ComputeExchange.MatchingEngine.Tests.Rules;

/// <summary>What a block asks of the nodes that serve it.</summary>
public class NodeNeedsTests
{
    private static readonly NodeNeeds Nothing = new(0, Verified: false, NvLink: false, [], [], []);
    private static readonly NodeTraits Fine = new(Verified: true, Simulated: false, 990_000, NvLink: true, "DE", "EU");

    private readonly Market _market = new Market().WithMoreNodes();

    [Fact]
    public void A_block_is_served_by_the_nodes_that_are_all_that_it_asks_for_at_their_price()
    {
        Describe(OtherNode, Fine);
        _market.Offer(reserve: 1m);
        _market.Offer(reserve: 2m, node: OtherNode);
        _market.Placed(Block(Nothing with { Verified = true, Zones = ["EU"] }));
        var sold = _market.Run().OfType<Event.LeaseSold>().ShouldHaveSingleItem();
        (sold.Node, sold.Slots[0].Price).ShouldBe((OtherNode, Per(2m)));
    }

    [Fact]
    public void The_problem_of_a_run_names_the_offers_that_alone_may_serve_a_block_and_only_where_something_is_asked()
    {
        Describe(OtherNode, Fine);
        _market.Offer(reserve: 1m);
        var other = _market.Offer(reserve: 2m, node: OtherNode);
        _market.Offer(node: WestNode);
        _market.Placed(Block(Nothing with { NvLink = true }));
        _market.Placed(Block(null));
        _market.Closed().Bids.Select(bid => bid.Offers).ShouldBe([[$"o{other}"], null]);
    }

    [Fact]
    public void A_block_that_no_offer_can_serve_waits_outside_the_runs_and_its_children_with_it()
    {
        _market.Offer(reserve: 1m);
        var parent = _market.Placed(Block(Nothing with { Verified = true }));
        _market.Placed(Block(null) with { Parent = parent });
        var other = _market.Placed(Block(null));
        _market.Closed().Bids.Select(bid => bid.Id).ShouldBe([$"b{other}"]);
        _market.Do(new Command.ReopenRun(_market.Exchange.ClearingRun));

        Describe(Node, Fine);
        _market.Closed().Bids.Count.ShouldBe(3);
    }

    [Theory]
    [InlineData("reliability")]
    [InlineData("verified")]
    [InlineData("nvlink")]
    [InlineData("country")]
    [InlineData("zone")]
    [InlineData("node")]
    public void Each_thing_that_is_asked_counts(string asked)
    {
        var needs = asked switch
        {
            "reliability" => Nothing with { LeastReliabilityPpm = 990_000 },
            "verified" => Nothing with { Verified = true },
            "nvlink" => Nothing with { NvLink = true },
            "country" => Nothing with { Countries = ["FR", "DE"] },
            "zone" => Nothing with { Zones = ["NA", "EU"] },
            _ => Nothing with { Nodes = [OtherNode] },
        };
        var lesser = asked switch
        {
            "reliability" => Fine with { ReliabilityPpm = 989_999 },
            "verified" => Fine with { Verified = false },
            "nvlink" => Fine with { NvLink = false },
            "country" => Fine with { Country = "US" },
            "zone" => Fine with { Zone = "" },
            _ => Fine,
        };
        Describe(Node, lesser);
        Describe(OtherNode, Fine);
        var good = _market.Offer(node: OtherNode);
        _market.Offer();
        _market.Placed(Block(needs));
        _market.Closed().Bids.ShouldHaveSingleItem().Offers.ShouldBe([$"o{good}"]);
    }

    [Fact]
    public void A_lease_of_a_better_node_that_is_sold_on_can_serve_it_too()
    {
        Describe(OtherNode, Fine);
        _market.Offer(node: OtherNode, reserve: 1m);
        _market.Placed(Block(null, Ann));
        var lease = _market.Run().OfType<Event.LeaseSold>().ShouldHaveSingleItem().Lease;
        _market.Do(new Command.CancelOffer(Provider, 1));
        var offer = _market.Do(new Command.PlaceOffer(Ann, Guid.Empty, 2, Noon.AddHours(2), Noon.AddHours(4), Per(1m), Per(1m), 1) { Lease = lease })
            .ShouldHaveSingleItem().ShouldBeOfType<Event.OfferPlaced>().Id;
        _market.Placed(Block(Nothing with { Verified = true }, Bob));
        _market.Closed().Bids.ShouldHaveSingleItem().Offers.ShouldBe([$"o{offer}"]);
    }

    [Fact]
    public void Only_a_block_asks_for_anything()
    {
        var refused = _market.Do(_market.BidFor(Ann, 1, 2, 2, 3m) with { Needs = Nothing with { Verified = true } }).ShouldHaveSingleItem().ShouldBeOfType<Event.Refused>();
        (refused.Reason, refused.Field).ShouldBe(("NEEDS_WITHOUT_BLOCK", "needs"));
        _market.Refusal(_market.StandingFor(Ann, 1, 3m) with { Needs = Nothing with { Verified = true } }).ShouldBe("NEEDS_WITHOUT_BLOCK");
    }

    [Fact]
    public void What_is_asked_can_be_read_and_names_nodes_that_exist()
    {
        string Field(NodeNeeds needs, string reason)
        {
            var refused = _market.Do(Block(needs)).ShouldHaveSingleItem().ShouldBeOfType<Event.Refused>();
            refused.Reason.ShouldBe(reason);
            return refused.Field;
        }

        Field(Nothing with { LeastReliabilityPpm = 1_000_001 }, "NEEDS_OUT_OF_RANGE").ShouldBe("needs.reliability_ppm_min");
        Field(Nothing with { Countries = ["Germany"] }, "NEEDS_OUT_OF_RANGE").ShouldBe("needs.countries");
        Field(Nothing with { Countries = ["de"] }, "NEEDS_OUT_OF_RANGE").ShouldBe("needs.countries");
        Field(Nothing with { Countries = [.. Enumerable.Repeat("DE", 17)] }, "NEEDS_OUT_OF_RANGE").ShouldBe("needs.countries");
        Field(Nothing with { Zones = [""] }, "NEEDS_OUT_OF_RANGE").ShouldBe("needs.zones");
        Field(Nothing with { Nodes = [Node, Ann] }, "NODE_UNKNOWN").ShouldBe("needs.node_ids");
    }

    [Fact]
    public void Traits_that_cannot_be_are_refused_and_the_node_stays_as_it_was()
    {
        Describe(Node, Fine);
        foreach (var wrong in (NodeTraits[])[Fine with { ReliabilityPpm = -1 }, Fine with { Country = "DEU" }, Fine with { Zone = "eu" }])
            _market.Refusal(new Command.SetNode(Node, Provider, Name, 0) { Traits = wrong }).ShouldBe("TRAIT_OUT_OF_RANGE");
        _market.Offer();
        _market.Placed(Block(Nothing with { Verified = true }));
        _market.Closed().Bids.ShouldHaveSingleItem();
    }

    [Fact]
    public void What_a_bid_is_for_is_told_again_with_it()
    {
        var bid = Block(Nothing with { Countries = ["DE"] }) with { Replaces = 7, Extends = 9 };
        _market.Do(bid).ShouldHaveSingleItem().ShouldBeOfType<Event.BidPlaced>().Bid.ShouldBe(bid);
    }

    private void Describe(Guid node, NodeTraits traits) =>
        _market.Do(new Command.SetNode(node, Provider, Name, 8) { Traits = traits }).ShouldHaveSingleItem().ShouldBeOfType<Event.NodeSet>().Traits.ShouldBe(traits);

    private Command.PlaceBid Block(NodeNeeds? needs, Guid? buyer = null) => _market.BlockFor(buyer ?? Ann, 2, 2, 4, 2, 3m) with { Needs = needs };
}
