using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.Simulation.Time;
using Google.Protobuf.WellKnownTypes;
using Shouldly;
using Xunit;

namespace ComputeExchange.Simulation.Checks;

/// <summary>An engine that forgets an hour of either node when it moves a lease is found out by what it sells next.</summary>
public sealed class NothingIsSoldTwiceTests
{
    private readonly NothingIsSoldTwice _check = new(new OneHistory());

    public NothingIsSoldTwiceTests()
    {
        foreach (var node in (string[])["one", "other"]) _check.Count(new EngineEvent { NodeSet = new SetNode { NodeId = node, GpuCount = 8 } });
        Sell(1, "one", 6);
        Move(1, "one", "other");
    }

    [Fact]
    public void The_hours_that_a_moved_lease_leaves_can_be_sold_again() => Sell(2, "one", 8);

    [Fact]
    public void The_hours_that_it_takes_cannot() => Should.Throw<PromiseBrokenException>(() => Sell(2, "other", 3));

    [Fact]
    public void A_lease_does_not_leave_a_node_that_it_is_not_on() => Should.Throw<PromiseBrokenException>(() => Move(1, "one", "other"));

    private void Move(long lease, string from, string to) =>
        _check.Count(new EngineEvent { LeaseMoved = new LeaseMoved { LeaseId = lease, FromNodeId = from, ToNodeId = to } });

    private void Sell(long lease, string node, int gpus)
    {
        var sold = new LeaseSold { LeaseId = lease, NodeId = node, GpuCount = gpus };
        sold.Slots.Add(new LeaseSlot { ToTime = ProcessClock.Beginning.AddHours(1).ToTimestamp() });
        _check.Count(new EngineEvent { LeaseSold = sold });
    }
}
