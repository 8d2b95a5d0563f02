using System.Collections.Concurrent;
using ComputeExchange.Facts.Hearing;

namespace ComputeExchange.ProviderRegistry.Agents;

/// <summary>Nodes of which something changed, so that what can be sold of them is looked at again at once.</summary>
/// <remarks>What is marked is forgotten when the process ends: all nodes are looked at from time to time anyway.</remarks>
public sealed class NodesChanged : IDisposable
{
    private ConcurrentDictionary<Guid, bool> _nodes = new();

    /// <summary>Set when something was marked.</summary>
    public Signal Marked { get; } = new();

    /// <summary>Marks a node, after the commit of what changed.</summary>
    /// <param name="gpus">Whether its GPUs are others than before.</param>
    public void Mark(Guid nodeId, bool gpus = false)
    {
        _nodes.AddOrUpdate(nodeId, gpus, (_, before) => before || gpus);
        Marked.Set();
    }

    /// <summary>What was marked since the last time, and whether its GPUs changed.</summary>
    public IReadOnlyDictionary<Guid, bool> Take() => Interlocked.Exchange(ref _nodes, new ConcurrentDictionary<Guid, bool>());

    /// <inheritdoc />
    public void Dispose() => Marked.Dispose();
}
