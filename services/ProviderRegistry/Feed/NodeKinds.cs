using System.Collections.Concurrent;
using ComputeExchange.ProviderRegistry.Storage;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.ProviderRegistry.Feed;

/// <summary>Which nodes have an agent; a node has one from its first moment or never.</summary>
public sealed class NodeKinds
{
    private readonly ConcurrentDictionary<Guid, bool> _hasAgent = new();
    private volatile bool _any;

    /// <summary>Whether a node has an agent; one that is not known has none, yet.</summary>
    public async Task<bool> HasAgent(ProviderRegistryDb db, Guid nodeId, CancellationToken cancel)
    {
        if (_hasAgent.TryGetValue(nodeId, out var known)) return known;
        var here = await db.Agents.AnyAsync(agent => agent.NodeId == nodeId, cancel);
        if (here || await db.Nodes.AnyAsync(node => node.NodeId == nodeId, cancel)) _hasAgent[nodeId] = here;
        return here;
    }

    /// <summary>Whether there is any node with an agent.</summary>
    public async Task<bool> Any(ProviderRegistryDb db, CancellationToken cancel) => _any || (_any = await db.Agents.AnyAsync(cancel));
}
