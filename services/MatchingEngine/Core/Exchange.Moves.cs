using ComputeExchange.MatchingEngine.Core.State;

namespace ComputeExchange.MatchingEngine.Core;

/// <summary>Leases that are moved from one node to another before they begin.</summary>
public sealed partial class Exchange
{
    private void Move(Command.MoveLease command)
    {
        if (WhyNotMove(command) is { } refused)
        {
            _events.Add(refused);
            return;
        }

        // From here on the move must succeed.
        var (lease, node) = (_leases[command.Lease], _nodes[command.Node]);
        var from = lease.Node;
        for (var slot = lease.From; slot < lease.To; slot++)
        {
            MakeRoom(node, slot, lease.Gpus);
            from.Sold.Add(slot, -lease.Gpus);
            node.Sold.Add(slot, lease.Gpus);
        }
        lease.Node = node;
        _events.Add(new Event.LeaseMoved(lease.Id, from.Id, node.Id));
    }

    private Event.Refused? WhyNotMove(Command.MoveLease command)
    {
        if (!_leases.TryGetValue(command.Lease, out var lease))
            return new("LEASE_UNKNOWN", "lease_id", $"there is no lease {command.Lease} with an open bond.", Guid.Empty);
        Event.Refused No(string reason, string field, string message) => new(reason, field, message, lease.Provider);

        if (_clearing is not null) return No("RUN_IS_CLEARING", "lease_id", $"cannot be moved while run {_clearing.Id} clears: move it when the run has ended.");
        if (lease.ResoldFrom > 0) return No("LEASE_RESOLD", "lease_id", "is a part of a lease that its buyer sold on: it stays where that one is.");
        if (lease.Resold.All.Any()) return No("LEASE_RESOLD", "lease_id", "was sold on in part: its parts stay where it is.");
        if (_offers.Values.Any(offer => offer.Terms.Lease == lease.Id))
            return No("LEASE_OFFERED", "lease_id", "is offered on by its buyer: it stays where it is while it is.");
        if (lease.From <= SlotOf(Now)) return No("LEASE_STARTED", "lease_id", $"began at {StartOf(lease.From):u}: only what has not begun can be moved.");
        if (!_nodes.TryGetValue(command.Node, out var node) || node.Provider != lease.Node.Provider)
            return No("NODE_UNKNOWN", "node_id", "is not a node of the provider whose node the lease is on.");
        if (node == lease.Node) return No("NODE_SAME", "node_id", "is the node that the lease is on already.");
        if (node.Market != lease.Node.Market) return No("NODE_MARKET", "node_id", $"is in {node.Market}; the lease was sold in {lease.Node.Market}.");
        if (lease.Needs is { } needs && !needs.AreMetBy(node.Id, node.Traits))
            return No("NODE_NEEDS", "node_id", "is not all that the buyer asked of the node.");
        for (var slot = lease.From; slot < lease.To; slot++)
        {
            var taken = node.Sold[slot] + OffersOf(node).Where(offer => !offer.Terms.ByPolicy).Sum(offer => offer.Unsold(slot));
            if (taken + lease.Gpus > node.Gpus)
                return No("NODE_CAPACITY", "node_id", $"has {node.Gpus} GPUs, of which {taken} are sold or offered at {StartOf(slot):u}; the lease needs {lease.Gpus}.");
        }
        return null;
    }

    /// <summary>Closes offers by policy, the latest first, until so many GPUs of a node are neither sold nor offered in a slot.</summary>
    private void MakeRoom(Node node, long slot, int gpus)
    {
        while (node.Sold[slot] + OffersOf(node).Sum(offer => offer.Unsold(slot)) + gpus > node.Gpus)
            Close(OffersOf(node).Last(offer => offer.Terms.ByPolicy && offer.Unsold(slot) > 0), CloseReason.Displaced);
    }

    /// <summary>The open offers of a node's own GPUs, earliest first.</summary>
    private IEnumerable<Offer> OffersOf(Node node) => node.Offers.Select(id => _offers[id]);
}
