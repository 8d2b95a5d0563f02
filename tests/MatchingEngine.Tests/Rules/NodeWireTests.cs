using ComputeExchange.MatchingEngine.Core;
using ComputeExchange.MatchingEngine.V1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Shouldly;
using Xunit;
using static ComputeExchange.MatchingEngine.Tests.Rules.Market;
using NodeNeeds = ComputeExchange.MatchingEngine.V1.NodeNeeds;
using NodeTraits = ComputeExchange.MatchingEngine.V1.NodeTraits;

namespace ComputeExchange.MatchingEngine.Tests.Rules;

/// <summary>What bids and nodes say of each other is told as it was said; the versions before the fifth knew nothing of it.</summary>
public class NodeWireTests
{
    private static readonly NodeTraits Traits = new() { Verified = true, Simulated = true, ReliabilityPpm = 5, Nvlink = true, Country = "DE", Zone = "EU" };

    private static readonly NodeNeeds Needs = new()
    {
        ReliabilityPpmMin = 5, Verified = true, Nvlink = true, Countries = { "DE", "FR" }, Zones = { "EU" }, NodeIds = { Node.ToString() },
    };

    [Fact]
    public void A_node_an_offer_and_a_bid_are_told_with_all_that_was_said()
    {
        var market = new Market();
        foreach (var (command, told) in Said())
            Echo(Wire.ToProto(market.Do(Wire.ToCore(command)).ShouldHaveSingleItem(), Ann)).ShouldBe(told);
    }

    [Fact]
    public void Under_earlier_rules_the_same_commands_are_told_without_it()
    {
        var market = new Market(version: "4");
        var told = Said().Select(said => Echo(Wire.ToProto(market.Do(Wire.ToCore(said.Command)).ShouldHaveSingleItem(), Ann))).ToList();
        ((SetNode)told[0]).Traits.ShouldBeNull();
        ((PlaceOffer)told[1]).ByPolicy.ShouldBeFalse();
        var bid = (PlaceBid)told[2];
        (bid.Needs, bid.ReplacesLeaseId, bid.ExtendsLeaseId).ShouldBe((null, 0, 0));
    }

    [Fact]
    public void Needs_that_ask_nothing_are_none()
    {
        var bid = Bid();
        bid.Needs = new NodeNeeds();
        ((Command.PlaceBid)Wire.ToCore(new EngineCommand { PlaceBid = bid })).Needs.ShouldBeNull();
    }

    [Fact]
    public void A_move_names_its_lease_and_both_nodes()
    {
        Wire.ToCore(new EngineCommand { MoveLease = new MoveLease { LeaseId = 7, NodeId = Node.ToString() } }).ShouldBe(new Command.MoveLease(7, Node));
        Wire.ToProto(new Event.LeaseMoved(7, Node, OtherNode), Ann).LeaseMoved
            .ShouldBe(new LeaseMoved { LeaseId = 7, FromNodeId = Node.ToString(), ToNodeId = OtherNode.ToString() });
    }

    private static IEnumerable<(EngineCommand Command, IMessage Told)> Said()
    {
        var node = new SetNode { NodeId = Node.ToString(), ProviderId = Provider.ToString(), Market = Name, GpuCount = 8, Traits = Traits };
        yield return (new EngineCommand { SetNode = node }, node);
        var offer = new PlaceOffer
        {
            ProviderId = Provider.ToString(), NodeId = Node.ToString(), GpuCount = 1, FromTime = Noon.AddHours(2).ToTimestamp(), ToTime = Noon.AddHours(4).ToTimestamp(),
            ReserveMicrosPerGpuHour = 1_000_000, PromptReserveMicrosPerGpuHour = 1_000_000, RunSlotCountMin = 1, ByPolicy = true,
        };
        yield return (new EngineCommand { PlaceOffer = offer }, offer);
        var bid = Bid();
        (bid.Needs, bid.ReplacesLeaseId, bid.ExtendsLeaseId) = (Needs, 8, 9);
        yield return (new EngineCommand { PlaceBid = bid }, bid);
    }

    private static PlaceBid Bid() => new()
    {
        BuyerId = Ann.ToString(), Kind = V1.BidKind.Block, Markets = { Name }, GpuCount = 1, FromTime = Noon.AddHours(2).ToTimestamp(),
        ToTime = Noon.AddHours(4).ToTimestamp(), RunSlotCount = 2, LimitMicrosPerGpuHour = 2_000_000,
    };

    private static IMessage Echo(EngineEvent happened) => happened.EventCase switch
    {
        EngineEvent.EventOneofCase.NodeSet => happened.NodeSet,
        EngineEvent.EventOneofCase.OfferPlaced => happened.OfferPlaced.Offer,
        _ => happened.BidPlaced.Bid,
    };
}
