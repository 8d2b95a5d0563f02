using ComputeExchange.ProviderRegistry.V1;

namespace ComputeExchange.ProviderRegistry.Agents;

/// <summary>What this process knows of a node's signs of life.</summary>
internal sealed class Pulse(Guid nodeId)
{
    private readonly Lock _gate = new();
    private IReadOnlyList<GpuSample> _samples = [];
    private NodeLink? _link;
    private long _heardAt;
    private long _brokenAt;
    private DateTimeOffset _heardTime;
    private bool _unwritten;

    public Guid NodeId => nodeId;

    /// <summary>Whether it is written down that the node is lost.</summary>
    public bool Lost { get; set; }

    /// <summary>Its stream; null: none now.</summary>
    public NodeLink? Link
    {
        get { lock (_gate) return _link; }
    }

    /// <summary>The exchange's time of the last sign.</summary>
    public DateTimeOffset HeardTime
    {
        get { lock (_gate) return _heardTime; }
    }

    /// <summary>How its GPUs do, as last heard.</summary>
    public IReadOnlyList<GpuSample> Samples
    {
        get { lock (_gate) return _samples; }
    }

    /// <summary>The stream is the node's from now on; returns the one before it.</summary>
    public NodeLink? Take(NodeLink link)
    {
        lock (_gate)
        {
            var before = _link;
            (_link, _brokenAt) = (link, 0);
            return before;
        }
    }

    /// <summary>The stream is over; another may have taken its place already.</summary>
    public void Drop(NodeLink link, long at)
    {
        lock (_gate)
            if (_link == link) (_link, _brokenAt) = (null, at);
    }

    /// <summary>A sign of life.</summary>
    public void Heard(long at, DateTimeOffset time, IReadOnlyList<GpuSample>? samples = null)
    {
        lock (_gate)
        {
            (_heardAt, _heardTime, _unwritten) = (at, time, true);
            if (samples is { Count: > 0 }) _samples = samples;
        }
    }

    /// <summary>Whether it was silent for too long.</summary>
    public bool IsSilent(AgentTimes times)
    {
        lock (_gate)
        {
            var silent = times.Real.GetElapsedTime(_heardAt);
            return _brokenAt == 0 ? silent > times.LostAfter : silent > times.LostAfter && times.Real.GetElapsedTime(_brokenAt) > times.LostAfterBreak;
        }
    }

    /// <summary>The exchange's time of the last sign, if it was not written down yet.</summary>
    public DateTimeOffset? Unwritten()
    {
        lock (_gate)
        {
            if (!_unwritten) return null;
            _unwritten = false;
            return _heardTime;
        }
    }
}
