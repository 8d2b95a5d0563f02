using ComputeExchange.Agent.Hardware;

namespace ComputeExchange.Agent.Output;

/// <summary>What was found, for people.</summary>
static class FoundTable
{
    private const long Mib = 1 << 20;
    private const long Gib = 1 << 30;

    public static void Write(TextWriter output, Found found)
    {
        var (inventory, samples) = (found.Inventory, found.Samples);
        var host = inventory.Host;
        if (inventory.IsSimulated) output.WriteLine("SIMULATED: an inventory file stands for this hardware.");
        output.WriteLine($"Host    {host.System}; {host.CpuCount} cores {host.CpuModel}; {host.MemoryBytes / Gib} GiB memory");
        output.WriteLine($"Disk    {host.DiskFreeBytes / Gib} GiB free of {host.DiskBytes / Gib} GiB");
        output.WriteLine($"Network {(host.Links.Count == 0 ? "no interface of a device is up" : string.Join(", ", host.Links.Select(link => link.Mbps == 0 ? $"{link.Name} (speed unknown)" : $"{link.Name} {link.Mbps} Mb/s")))}");
        output.WriteLine($"Driver  {inventory.DriverVersion}, CUDA {inventory.CudaVersion}");
        output.WriteLine($"Class   {(found.ProductClass.Length > 0 ? found.ProductClass : $"none: {found.Reason}")}");
        output.WriteLine();
        Rows(output, inventory, samples);
        foreach (var trouble in inventory.Troubles) output.WriteLine($"! {trouble}");
    }

    private static void Rows(TextWriter output, Inventory inventory, IReadOnlyList<GpuSample> samples)
    {
        List<string[]> rows = [["GPU", "NAME", "MEMORY", "USED", "PCI", "NVLINK", "MIG", "TEMP", "POWER", "UTIL", "PROC", "UUID", "STATE"]];
        foreach (var gpu in inventory.Gpus)
        {
            var sample = samples.FirstOrDefault(sample => sample.Uuid == gpu.Uuid);
            rows.Add(
            [
                $"{gpu.Index}", gpu.Name, $"{gpu.MemoryBytes / Mib} MiB", $"{(sample?.MemoryUsedBytes ?? 0) / Mib} MiB", gpu.PciBusId,
                gpu.NvlinkPeers.Count > 0 ? string.Join(',', gpu.NvlinkPeers) : "-", gpu.IsMig ? $"{gpu.MigInstances.Count} parts" : "off",
                $"{sample?.TemperatureCelsius ?? 0} C", $"{(sample?.PowerMilliwatts ?? 0) / 1_000}/{gpu.PowerLimitMilliwatts / 1_000} W",
                $"{sample?.UtilisationPercent ?? 0}%", $"{sample?.Processes.Count ?? 0}", gpu.Uuid, sample is null or { IsHealthy: true } ? "ok" : sample.Trouble,
            ]);
        }
        var widths = Enumerable.Range(0, rows[0].Length).Select(column => rows.Max(row => row[column].Length)).ToArray();
        foreach (var row in rows) output.WriteLine(string.Join("  ", row.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd());
    }
}
