using ComputeExchange.ProviderRegistry.V1;

namespace ComputeExchange.Agent.Runners;

/// <summary>Where a delivery's workload lives, and what it may have.</summary>
public sealed record Room
{
    /// <summary>The label that all of a delivery bears.</summary>
    public const string Label = "computeexchange.delivery";

    /// <summary>The delivery.</summary>
    public required long DeliveryId { get; init; }

    /// <summary>Its folder on the host.</summary>
    public required string Folder { get; init; }

    /// <summary>The run of the workload that is meant: 1 for the first.</summary>
    public int Run { get; init; }

    /// <summary>What is to be run.</summary>
    public Workload Workload { get; init; } = new();

    /// <summary>Exactly the GPUs that were leased.</summary>
    public IReadOnlyList<string> GpuUuids { get; init; } = [];

    /// <summary>CPU cores at most.</summary>
    public int CpuCount { get; init; } = 1;

    /// <summary>Memory at most, bytes; 0: no limit.</summary>
    public long MemoryBytes { get; init; }

    /// <summary>Disk at most, bytes; 0: no limit.</summary>
    public long DiskBytes { get; init; }

    /// <summary>The port of the metadata door.</summary>
    public int MetadataPort { get; init; }

    /// <summary>Its address as the workload sees it.</summary>
    public string MetadataAddress { get; init; } = "127.0.0.1";

    /// <summary>Device files of GPUs that were not leased: kept from the workload where the runner can.</summary>
    public IReadOnlyList<string> HiddenDevices { get; init; } = [];

    /// <summary>The buyer's files, kept from run to run.</summary>
    public string Home => Path.Combine(Folder, "home");

    /// <summary>Where its temporary files are.</summary>
    public string Temporary => Path.Combine(Folder, "tmp");

    /// <summary>The folder of the metadata socket.</summary>
    public string Metadata => Path.Combine(Folder, "meta");

    /// <summary>The metadata socket.</summary>
    public string MetadataSocket => Path.Combine(Metadata, "metadata.sock");

    /// <summary>The user it runs as where the agent is root: one that nobody else on the host is.</summary>
    public uint User => (uint)(2_000_000_000 + DeliveryId % 100_000_000);

    /// <summary>Makes the folders. Those of the workload belong to its user where the agent can give them away.</summary>
    public void MakeFolders(bool forUser)
    {
        const UnixFileMode mine = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        const UnixFileMode passage = mine | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
        foreach (var (folder, mode) in new[] { (Folder, passage), (Home, mine), (Temporary, mine), (Metadata, passage) })
        {
            Directory.CreateDirectory(folder);
            File.SetUnixFileMode(folder, mode);
        }
        if (!forUser) return;
        foreach (var folder in new[] { Home, Temporary })
            if (!Logs.Disk.Give(folder, User)) throw new RunnerException($"{folder} could not be given to the workload's user.");
    }
}
