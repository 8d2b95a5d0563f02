using ComputeExchange.ProviderRegistry.V1;

namespace ComputeExchange.ProviderRegistry.Tests.Agents;

/// <summary>What hosts report.</summary>
public static class Hosts
{
    private static int _made;

    /// <summary>A host with H100s that no other host has, joined by NVLink.</summary>
    public static NodeInventory H100(int gpus = 8, string origin = "nvml")
    {
        var host = Interlocked.Increment(ref _made);
        var inventory = new NodeInventory
        {
            Origin = origin,
            DriverVersion = "550.54.15",
            CudaVersion = "12.4",
            CpuModel = "AMD EPYC 9654",
            CpuCount = 192,
            MemoryBytes = 2L << 40,
            DiskBytes = 8L << 40,
            DiskFreeBytes = 6L << 40,
            NetworkMbps = 100_000,
            System = "Linux 6.8",
            Runners = { "docker", "process" },
        };
        for (var i = 0; i < gpus; i++)
        {
            inventory.Gpus.Add(new GpuFacts
            {
                GpuIndex = i,
                Uuid = $"GPU-{host:x8}-0000-0000-0000-{i:x12}",
                Name = "NVIDIA H100 80GB HBM3",
                MemoryBytes = 81_559L << 20,
                PciBusId = $"00000000:{i + 16:X2}:00.0",
                PciDeviceId = "233010DE",
                NvlinkPeers = { Enumerable.Range(0, gpus).Where(other => other != i) },
                PowerLimitMilliwatts = 700_000,
            });
        }
        return inventory;
    }
}
