using System.Collections.Concurrent;
using ComputeExchange.ProviderRegistry.V1;

namespace ComputeExchange.ProviderRegistry.Agents;

/// <summary>The nodes that this process hears of.</summary>
public sealed class Pulses(AgentTimes times, TimeProvider clock)
{
    private readonly ConcurrentDictionary<Guid, Pulse> _nodes = new();
    private long _opened;

    /// <summary>How a node's GPUs do, as last heard here.</summary>
    public IReadOnlyList<GpuSample> SamplesOf(Guid nodeId) => _nodes.TryGetValue(nodeId, out var pulse) ? pulse.Samples : [];

    /// <summary>How many streams are up.</summary>
    public int StreamCount => _nodes.Values.Count(pulse => pulse.Link is not null);

    /// <summary>How many streams were opened, ever.</summary>
    internal long OpenedCount => Interlocked.Read(ref _opened);

    internal IEnumerable<Pulse> All => _nodes.Select(node => node.Value);

    internal Pulse? Find(Guid nodeId) => _nodes.GetValueOrDefault(nodeId);

    /// <summary>A node's new stream; the one before it ends.</summary>
    internal Pulse Open(NodeLink link)
    {
        Interlocked.Increment(ref _opened);
        var pulse = _nodes.GetOrAdd(link.NodeId, static id => new Pulse(id));
        pulse.Heard(times.Real.GetTimestamp(), clock.GetUtcNow());
        pulse.Take(link)?.Dismiss("ANOTHER_STREAM", "The node has opened another stream: only one agent runs for a node.");
        return pulse;
    }

    internal void Close(NodeLink link) => Find(link.NodeId)?.Drop(link, times.Real.GetTimestamp());

    internal void Forget(Pulse pulse) => _nodes.TryRemove(KeyValuePair.Create(pulse.NodeId, pulse));
}
