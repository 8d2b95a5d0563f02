using ComputeExchange.MatchingEngine.V1;

namespace ComputeExchange.Simulation.Checks;

/// <summary>No node owes more of its GPUs in a slot than it has, by what the feed says was sold and moved; what is sold on was sold before.</summary>
internal sealed class NothingIsSoldTwice(OneHistory history) : Check
{
    private readonly Dictionary<string, int> _nodes = [];
    private readonly Dictionary<long, LeaseSold> _leases = [];
    private readonly Dictionary<(string Node, DateTimeOffset End), int> _sold = [];

    public override void Recorded(Recorded command)
    {
        foreach (var entry in command.Events) Count(entry.Event);
    }

    public override void Undone(long lastSequence)
    {
        _nodes.Clear();
        _leases.Clear();
        _sold.Clear();
        foreach (var command in history.History.Take((int)lastSequence)) Recorded(command);
    }

    /// <summary>Counts one event in.</summary>
    public void Count(EngineEvent happened)
    {
        switch (happened.EventCase)
        {
            case EngineEvent.EventOneofCase.NodeSet:
                _nodes[happened.NodeSet.NodeId] = Math.Max(_nodes.GetValueOrDefault(happened.NodeSet.NodeId), happened.NodeSet.GpuCount);
                break;
            case EngineEvent.EventOneofCase.LeaseSold when happened.LeaseSold.ResoldFromLeaseId == 0:
                _leases.Add(happened.LeaseSold.LeaseId, happened.LeaseSold);
                Take(happened.LeaseSold.NodeId, happened.LeaseSold, happened.LeaseSold.GpuCount);
                break;
            case EngineEvent.EventOneofCase.LeaseMoved:
                var (moved, lease) = (happened.LeaseMoved, _leases[happened.LeaseMoved.LeaseId]);
                Take(moved.FromNodeId, lease, -lease.GpuCount);
                Take(moved.ToNodeId, lease, lease.GpuCount);
                break;
        }
    }

    private void Take(string node, LeaseSold lease, int gpus)
    {
        foreach (var slot in lease.Slots)
        {
            var key = (node, slot.ToTime.ToDateTimeOffset());
            var sold = _sold[key] = _sold.GetValueOrDefault(key) + gpus;
            if (sold < 0 || sold > _nodes.GetValueOrDefault(node))
                Broken($"after lease {lease.LeaseId} node {node} owes {sold} of its {_nodes.GetValueOrDefault(node)} GPUs in the slot that ends at {key.Item2:u}.");
        }
    }
}
