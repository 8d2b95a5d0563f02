using System.Globalization;
using ComputeExchange.Agent.Hardware;

namespace ComputeExchange.Agent.Deliveries;

/// <summary>The device files of GPUs.</summary>
public static class GpuDevices
{
    private const string Minor = "Device Minor:";

    /// <summary>The device files of the host's GPUs that were not leased, as NVIDIA's driver names them; none where it does not say.</summary>
    public static IReadOnlyList<string> NotOf(Inventory inventory, IEnumerable<string> leased, string root)
    {
        if (inventory.IsSimulated) return [];
        var mine = leased.ToHashSet();
        return inventory.Gpus.Where(gpu => !mine.Contains(gpu.Uuid)).Select(gpu => DeviceOf(gpu, root)).OfType<string>().ToList();
    }

    private static string? DeviceOf(Gpu gpu, string root)
    {
        // The driver writes the domain with four digits, NVML with eight.
        var bus = gpu.PciBusId.ToLowerInvariant();
        var folder = Path.Combine(root, "proc/driver/nvidia/gpus", bus.Length > 4 && bus.StartsWith("0000", StringComparison.Ordinal) ? bus[4..] : bus);
        var file = Path.Combine(folder, "information");
        if (!File.Exists(file)) return null;
        var line = File.ReadLines(file).FirstOrDefault(line => line.StartsWith(Minor, StringComparison.Ordinal));
        if (line is null || !int.TryParse(line[Minor.Length..].Trim(), CultureInfo.InvariantCulture, out var minor)) return null;
        var device = Path.Combine(root, $"dev/nvidia{minor}");
        return File.Exists(device) ? device : null;
    }
}
