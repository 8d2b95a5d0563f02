using ComputeExchange.Agent.Deliveries;
using ComputeExchange.Agent.Hardware;
using Report = ComputeExchange.Values.Delivery.SelfTestReport;
using Wire = ComputeExchange.ProviderRegistry.V1;

namespace ComputeExchange.Agent.Link;

/// <summary>What was found on the host, in the words of the protocol.</summary>
public static class InventoryWords
{
    /// <summary>An inventory.</summary>
    public static Wire.NodeInventory Written(Inventory found, IEnumerable<string> runners)
    {
        var inventory = new Wire.NodeInventory
        {
            Origin = found.Origin,
            DriverVersion = found.DriverVersion,
            CudaVersion = found.CudaVersion,
            CpuModel = found.Host.CpuModel,
            CpuCount = found.Host.CpuCount,
            MemoryBytes = found.Host.MemoryBytes,
            DiskBytes = found.Host.DiskBytes,
            DiskFreeBytes = found.Host.DiskFreeBytes,
            NetworkMbps = found.Host.NetworkMbps,
            System = found.Host.System,
        };
        inventory.Runners.AddRange(runners);
        inventory.Gpus.AddRange(found.Gpus.Select(Written));
        return inventory;
    }

    /// <summary>How a GPU does.</summary>
    public static Wire.GpuSample Written(GpuNow now) => new()
    {
        GpuIndex = now.Sample.Index,
        Healthy = now.Sample.IsHealthy,
        Trouble = now.Sample.Trouble,
        TemperatureCelsius = now.Sample.TemperatureCelsius,
        PowerMilliwatts = now.Sample.PowerMilliwatts,
        UtilisationPercent = now.Sample.UtilisationPercent,
        MemoryUsedBytes = now.Sample.MemoryUsedBytes,
        ForeignProcessCount = now.ForeignCount,
    };

    /// <summary>A self-test.</summary>
    public static Wire.SelfTestReport Written(Report report)
    {
        var written = new Wire.SelfTestReport
        {
            TestId = report.TestId,
            DiskWriteBytesPerSecond = report.DiskWriteBytesPerSecond,
            DiskReadBytesPerSecond = report.DiskReadBytesPerSecond,
            ExchangeBytesPerSecond = report.ExchangeBytesPerSecond,
            Failure = report.Failure,
            ElapsedMilliseconds = report.ElapsedMilliseconds,
        };
        written.Gpus.AddRange(report.Gpus.Select(gpu => new Wire.GpuTestFigures
        {
            GpuIndex = gpu.GpuIndex,
            Uuid = gpu.Uuid,
            MemoryBytes = gpu.MemoryBytes,
            MemoryBytesPerSecond = gpu.MemoryBytesPerSecond,
            HostBytesPerSecond = gpu.HostBytesPerSecond,
            OperationsPerSecond = gpu.OperationsPerSecond,
            Digest = gpu.Digest,
            Failure = gpu.Failure,
        }));
        return written;
    }

    private static Wire.GpuFacts Written(Gpu gpu)
    {
        var facts = new Wire.GpuFacts
        {
            GpuIndex = gpu.Index,
            Uuid = gpu.Uuid,
            Name = gpu.Name,
            MemoryBytes = gpu.MemoryBytes,
            PciBusId = gpu.PciBusId,
            PciDeviceId = gpu.PciDeviceId,
            Mig = gpu.IsMig,
            PowerLimitMilliwatts = gpu.PowerLimitMilliwatts,
        };
        facts.NvlinkPeers.AddRange(gpu.NvlinkPeers);
        return facts;
    }
}
