using ComputeExchange.Agent.Hardware;
using ComputeExchange.Agent.Runners;

namespace ComputeExchange.Agent.Deliveries;

/// <summary>How the GPUs do, as they were looked at last.</summary>
public sealed class GpuWatch(IHardware hardware)
{
    private volatile IReadOnlyDictionary<string, GpuNow> _now = new Dictionary<string, GpuNow>();

    /// <summary>All GPUs, by UUID.</summary>
    public IReadOnlyDictionary<string, GpuNow> Now => _now;

    /// <summary>Looks at them.</summary>
    /// <param name="namespaces">The process namespaces of deliveries: a process elsewhere is its owner's.</param>
    public void Look(IReadOnlySet<string> namespaces)
    {
        var last = _now;
        var now = new Dictionary<string, GpuNow>();
        foreach (var sample in hardware.Sample().Where(sample => sample.Uuid.Length > 0))
        {
            var foreign = sample.Processes.Count(process => !ProcessTree.IsOurs(process.ProcessId, namespaces));
            var bad = sample.IsHealthy ? 0 : 1 + (last.TryGetValue(sample.Uuid, out var before) ? before.BadInARow : 0);
            now[sample.Uuid] = new GpuNow(sample, foreign, bad);
        }
        _now = now;
    }

    /// <summary>A GPU; one that is not there is failed.</summary>
    public GpuNow Of(string uuid) => _now.TryGetValue(uuid, out var now) ? now
        : new GpuNow(new GpuSample { Index = -1, Uuid = uuid, Trouble = "It is not on this host." }, 0, GpuNow.FailedFrom);
}

/// <summary>How a GPU does.</summary>
/// <param name="Sample">What was measured.</param>
/// <param name="ForeignCount">Processes on it that are not of a delivery.</param>
/// <param name="BadInARow">How often in a row it was not healthy.</param>
public sealed record GpuNow(GpuSample Sample, int ForeignCount, int BadInARow)
{
    /// <summary>So often in a row not healthy is failed; once may be a driver that was busy.</summary>
    public const int FailedFrom = 2;

    /// <summary>Whether it must be given up.</summary>
    public bool IsFailed => BadInARow >= FailedFrom;

    /// <summary>Whether a buyer has the use of it.</summary>
    public bool IsGood => BadInARow == 0 && ForeignCount == 0;
}
