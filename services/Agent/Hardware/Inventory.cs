namespace ComputeExchange.Agent.Hardware;

/// <summary>What a host has.</summary>
/// <param name="Origin">Where this comes from: <c>nvml</c> or <c>inventory</c>.</param>
/// <param name="Gpus">Its GPUs, in the order of their index.</param>
/// <param name="DriverVersion">NVIDIA driver; empty without one.</param>
/// <param name="CudaVersion">The newest CUDA that the driver knows, for example <c>12.4</c>; empty without one.</param>
/// <param name="Host">The rest of it.</param>
/// <param name="Troubles">What could not be read, a sentence each.</param>
public sealed record Inventory(
    string Origin,
    IReadOnlyList<Gpu> Gpus,
    string DriverVersion,
    string CudaVersion,
    HostFacts Host,
    IReadOnlyList<string> Troubles)
{
    /// <summary>Whether a file stands for the hardware.</summary>
    public bool IsSimulated => Origin == InventoryHardware.OriginName;
}

/// <summary>One GPU.</summary>
public sealed record Gpu
{
    /// <summary>Its index on the node, from 0.</summary>
    public required int Index { get; init; }

    /// <summary>Its UUID, for example <c>GPU-6b7f6c8a-2f3e-4c5d-9a1b-0c1d2e3f4a5b</c>.</summary>
    public required string Uuid { get; init; }

    /// <summary>Its name as the driver says it, for example <c>NVIDIA H100 80GB HBM3</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Memory, bytes.</summary>
    public required long MemoryBytes { get; init; }

    /// <summary>PCI address, for example <c>00000000:1B:00.0</c>; empty where unknown.</summary>
    public string PciBusId { get; init; } = "";

    /// <summary>PCI device and vendor, hexadecimal, for example <c>233010DE</c>; empty where unknown.</summary>
    public string PciDeviceId { get; init; } = "";

    /// <summary>Whether it is split (MIG).</summary>
    public bool IsMig { get; init; }

    /// <summary>UUIDs of the parts it is split into.</summary>
    public IReadOnlyList<string> MigInstances { get; init; } = [];

    /// <summary>Indices of the GPUs that it reaches over NVLink, in order.</summary>
    public IReadOnlyList<int> NvlinkPeers { get; init; } = [];

    /// <summary>NVLink links that are up.</summary>
    public int NvlinkCount { get; init; }

    /// <summary>The most power it may draw, milliwatts; 0 where unknown.</summary>
    public long PowerLimitMilliwatts { get; init; }
}

/// <summary>How a GPU does at a moment.</summary>
public sealed record GpuSample
{
    /// <summary>Its index.</summary>
    public required int Index { get; init; }

    /// <summary>Its UUID; empty if it could never be read.</summary>
    public required string Uuid { get; init; }

    /// <summary>What is wrong with it, for people; empty when nothing is.</summary>
    public string Trouble { get; init; } = "";

    /// <summary>Whether it answers and shows no error that spoils results.</summary>
    public bool IsHealthy => Trouble.Length == 0;

    /// <summary>Degrees Celsius; 0 where unknown.</summary>
    public int TemperatureCelsius { get; init; }

    /// <summary>Milliwatts; 0 where unknown.</summary>
    public long PowerMilliwatts { get; init; }

    /// <summary>Percent of the time in which something ran on it; 0 where unknown.</summary>
    public int UtilisationPercent { get; init; }

    /// <summary>Bytes of its memory in use.</summary>
    public long MemoryUsedBytes { get; init; }

    /// <summary>The processes that compute on it, all of them: those of deliveries too.</summary>
    public IReadOnlyList<GpuProcess> Processes { get; init; } = [];
}

/// <summary>A process that computes on a GPU.</summary>
/// <param name="ProcessId">Its id on the host.</param>
/// <param name="MemoryBytes">GPU memory that it holds; 0 where unknown.</param>
public readonly record struct GpuProcess(int ProcessId, long MemoryBytes);
