using ComputeExchange.ProviderRegistry.Domain;
using ComputeExchange.ProviderRegistry.Storage;
using ComputeExchange.ProviderRegistry.V1;
using ComputeExchange.Values.Delivery;

namespace ComputeExchange.ProviderRegistry.Agents;

/// <summary>What an agent says of its host, read with care: nothing of it is taken on trust.</summary>
internal static class InventoryWords
{
    /// <summary>The origin of an inventory file.</summary>
    public const string File = "inventory";

    private const string Nvml = "nvml";
    private const int LengthMax = 200;

    /// <summary>Whether an inventory file stands for hardware.</summary>
    public static bool IsSimulated(this NodeInventory inventory) => inventory.Origin == File;

    /// <summary>Whether all GPUs are joined by NVLink.</summary>
    public static bool HasNvlink(this NodeInventory inventory) => inventory.Gpus.Count > 1 && inventory.Gpus.All(gpu => gpu.NvlinkPeers.Count > 0);

    /// <summary>The class that its GPUs belong to.</summary>
    public static ClassDecision Class(this NodeInventory inventory) =>
        ProductClasses.OfNode([.. inventory.Gpus.Select(gpu => new ReportedGpu(gpu.Name, gpu.MemoryBytes, gpu.PciDeviceId, gpu.Mig))]);

    public static List<KnownGpu> Known(this NodeInventory inventory) =>
        [.. inventory.Gpus.Select(gpu => new KnownGpu(gpu.GpuIndex, gpu.Uuid, gpu.Name, gpu.MemoryBytes, gpu.PciBusId, gpu.PciDeviceId, Present: true))];

    public static KnownGpu Known(this GpuRow gpu) =>
        new(gpu.GpuIndex, gpu.Uuid, gpu.Name, gpu.MemoryBytes, gpu.PciBusId, gpu.PciDeviceId, gpu.Present);

    /// <summary>What is wrong with an inventory; all of it.</summary>
    public static List<(string Field, string Description)> Wrong(this NodeInventory? inventory, string field)
    {
        var wrong = new List<(string, string)>();
        if (inventory is null)
        {
            wrong.Add((field, "is missing: say what the host has."));
            return wrong;
        }
        if (inventory.Origin is not (Nvml or File)) wrong.Add(($"{field}.origin", $"is '{Cut(inventory.Origin)}'; it can be '{Nvml}' or '{File}'."));
        if (inventory.Gpus.Count is 0 or > NodeRules.GpuCountMax)
            wrong.Add(($"{field}.gpus", $"has {inventory.Gpus.Count} GPUs; it can have 1 to {NodeRules.GpuCountMax}."));
        Text("driver_version", inventory.DriverVersion);
        Text("cuda_version", inventory.CudaVersion);
        Text("cpu_model", inventory.CpuModel);
        Text("system", inventory.System);
        NotNegative("cpu_count", inventory.CpuCount);
        NotNegative("memory_bytes", inventory.MemoryBytes);
        NotNegative("disk_bytes", inventory.DiskBytes);
        NotNegative("disk_free_bytes", inventory.DiskFreeBytes);
        NotNegative("network_mbps", inventory.NetworkMbps);
        if (inventory.Runners.Count > 10) wrong.Add(($"{field}.runners", $"has {inventory.Runners.Count} entries; it can have 10."));
        foreach (var runner in inventory.Runners.Take(10)) Text("runners", runner);

        for (var i = 0; i < Math.Min(inventory.Gpus.Count, NodeRules.GpuCountMax); i++)
        {
            var gpu = inventory.Gpus[i];
            if (gpu.GpuIndex is < 0 or >= NodeRules.GpuCountMax) wrong.Add(($"{field}.gpus[{i}].gpu_index", $"is {gpu.GpuIndex}; it can be 0 to {NodeRules.GpuCountMax - 1}."));
            if (gpu.Uuid.Length == 0) wrong.Add(($"{field}.gpus[{i}].uuid", "is missing: give what NVML says."));
            if (gpu.MemoryBytes <= 0) wrong.Add(($"{field}.gpus[{i}].memory_bytes", $"is {gpu.MemoryBytes}; a GPU has some."));
            if (gpu.NvlinkPeers.Any(peer => peer is < 0 or >= NodeRules.GpuCountMax)) wrong.Add(($"{field}.gpus[{i}].nvlink_peers", "names a GPU that is not there."));
            Text($"gpus[{i}].uuid", gpu.Uuid);
            Text($"gpus[{i}].name", gpu.Name);
            Text($"gpus[{i}].pci_bus_id", gpu.PciBusId);
            Text($"gpus[{i}].pci_device_id", gpu.PciDeviceId);
        }
        if (inventory.Gpus.DistinctBy(gpu => gpu.Uuid).Count() < inventory.Gpus.Count) wrong.Add(($"{field}.gpus", "has a UUID twice."));
        if (inventory.Gpus.DistinctBy(gpu => gpu.GpuIndex).Count() < inventory.Gpus.Count) wrong.Add(($"{field}.gpus", "has an index twice."));
        return wrong;

        void Text(string name, string value)
        {
            if (value.Length > LengthMax) wrong.Add(($"{field}.{name}", $"has {value.Length} characters; it can have {LengthMax}."));
            else if (value.Any(char.IsControl)) wrong.Add(($"{field}.{name}", "has control characters: leave them out."));
        }

        void NotNegative(string name, long value)
        {
            if (value < 0) wrong.Add(($"{field}.{name}", $"is {value}; it cannot be less than 0."));
        }
    }

    /// <summary>A row for a GPU that was not known.</summary>
    public static GpuRow ToRow(this GpuFacts gpu, Guid nodeId)
    {
        var row = new GpuRow
        {
            NodeId = nodeId,
            Uuid = gpu.Uuid,
            GpuIndex = gpu.GpuIndex,
            Name = gpu.Name,
            MemoryBytes = gpu.MemoryBytes,
            PciBusId = gpu.PciBusId,
            PciDeviceId = gpu.PciDeviceId,
            Healthy = true,
        };
        row.Take(gpu);
        return row;
    }

    /// <summary>Writes what an inventory says of a GPU.</summary>
    public static void Take(this GpuRow row, GpuFacts gpu)
    {
        (row.GpuIndex, row.Name, row.MemoryBytes) = (gpu.GpuIndex, gpu.Name, gpu.MemoryBytes);
        (row.PciBusId, row.PciDeviceId, row.Mig, row.Present) = (gpu.PciBusId, gpu.PciDeviceId, gpu.Mig, true);
        if (!row.NvlinkPeers.SequenceEqual(gpu.NvlinkPeers)) row.NvlinkPeers = [.. gpu.NvlinkPeers];
    }

    private static string Cut(string text) => text.Length <= 20 ? text : text[..20] + "…";
}
