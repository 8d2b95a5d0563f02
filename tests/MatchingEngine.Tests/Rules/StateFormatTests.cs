using ComputeExchange.MatchingEngine.Core;
using Shouldly;
using Xunit;
using static ComputeExchange.MatchingEngine.Tests.Rules.Market;

namespace ComputeExchange.MatchingEngine.Tests.Rules;

/// <summary>A state that the engine before this one wrote: two leases, one of them offered on, a standing bid, a block and offers.</summary>
public class StateFormatTests
{
    [Fact]
    public void A_state_of_the_format_before_is_read_as_what_its_history_comes_to()
    {
        using var text = new StreamReader(typeof(StateFormatTests).Assembly.GetManifestResourceStream("state_format_3.txt").ShouldNotBeNull());
        using var stream = new MemoryStream(Convert.FromBase64String(text.ReadToEnd()));
        var restored = Exchange.Read(new BinaryReader(stream));
        stream.Position.ShouldBe(stream.Length);
        var told = Told();
        restored.StateHash().ShouldBe(told.Exchange.StateHash());

        // And it goes on: under the rules of today, a lease of it moves.
        foreach (var exchange in (Exchange[])[restored, told.Exchange])
        {
            exchange.Apply(new Command.SetNode(OtherNode, Provider, Name, 8), told.Now);
            exchange.Apply(new Command.MoveLease(2, OtherNode), told.Now).ShouldHaveSingleItem().ShouldBe(new Event.LeaseMoved(2, Node, OtherNode));
        }
        restored.StateHash().ShouldBe(told.Exchange.StateHash());
    }

    [Fact]
    public void A_state_of_a_format_that_is_not_known_is_refused() =>
        Should.Throw<InvalidDataException>(() => Exchange.Read(new BinaryReader(new MemoryStream([2, 0, 0]))));

    /// <summary>The history that made it, told under the rules of its time.</summary>
    private static Market Told()
    {
        var market = new Market(version: "4");
        market.Offer(gpus: 6, fromHour: 2, hours: 10, prompt: 1.5m);
        market.Bid(Ann, 4, 3, 2, 3m, block: true);
        market.Bid(Bob, 1, 5, 2, 3m);
        market.Do(new Command.CloseRun());
        market.Clear(("b1", "o1", 3, 5, 4, 2m), ("b2", "o1", 5, 7, 1, 2m));
        market.Do(new Command.PlaceOffer(Ann, Guid.Empty, 2, Noon.AddHours(4), Noon.AddHours(5), Per(1m), Per(1m), 1) { Lease = 1 });
        market.Placed(market.StandingFor(Ann, 2, 1m));
        market.Placed(market.BlockFor(Bob, 2, 4, 9, 2, 1.5m) with { Group = "night", NodeGpus = 2 });
        market.Do(new Command.SetFees(Bob, 500, null));
        market.Do(new Command.SettleBond(1, 0, Dollars(0)));
        return market;
    }
}
