namespace ComputeExchange.Agent.Hardware;

/// <summary>What a host has besides GPUs.</summary>
public sealed record HostFacts
{
    /// <summary>Kernel and distribution.</summary>
    public string System { get; init; } = "";

    /// <summary>SHA-256 of the machine's id, hexadecimal: the same after a new installation of the agent, and tells nothing else; empty where there is none.</summary>
    public string MachineHash { get; init; } = "";

    /// <summary>A UUID that is new with each start of the host; empty where unknown.</summary>
    public string BootId { get; init; } = "";

    /// <summary>CPU model.</summary>
    public string CpuModel { get; init; } = "";

    /// <summary>CPU cores that can be used.</summary>
    public int CpuCount { get; init; }

    /// <summary>Memory, bytes.</summary>
    public long MemoryBytes { get; init; }

    /// <summary>Disk for workloads, bytes.</summary>
    public long DiskBytes { get; init; }

    /// <summary>Of it, free.</summary>
    public long DiskFreeBytes { get; init; }

    /// <summary>Its network interfaces that are up, without those that only exist in software.</summary>
    public IReadOnlyList<NetworkLink> Links { get; init; } = [];

    /// <summary>The agent's version.</summary>
    public string AgentVersion { get; init; } = "";

    /// <summary>Link speed of the fastest interface, megabits a second; 0 where unknown.</summary>
    public long NetworkMbps => Links.Count == 0 ? 0 : Links.Max(link => link.Mbps);
}

/// <summary>A network interface.</summary>
/// <param name="Name">For example <c>eth0</c>.</param>
/// <param name="Mbps">Megabits a second; 0 where unknown.</param>
public readonly record struct NetworkLink(string Name, long Mbps);
