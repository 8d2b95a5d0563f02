using System.Globalization;
using System.Text.Json;

namespace ComputeExchange.Agent.Hardware;

/// <summary>What an inventory file says: hardware that need not be there, and how it does.</summary>
/// <param name="Id">Names the node; GPU UUIDs are made from it where the file gives none.</param>
/// <param name="Gpus">The GPUs.</param>
/// <param name="Host">The host; what is 0 or empty here is the real one's.</param>
/// <param name="Test">What a self-test finds.</param>
sealed record InventoryFile(string Id, IReadOnlyList<InventoryFile.SimulatedGpu> Gpus, InventoryFile.SimulatedHost Host, InventoryFile.SimulatedTest Test)
{
    /// <summary>The most GPUs of a node.</summary>
    public const int GpuCountMax = 64;

    public string DriverVersion { get; init; } = "550.54.15";

    public string CudaVersion { get; init; } = "12.4";

    /// <summary>Indices of GPUs that do not answer.</summary>
    public IReadOnlyList<int> Lost { get; init; } = [];

    /// <summary>Indices of GPUs on which the owner computes.</summary>
    public IReadOnlyList<int> BusyByOwner { get; init; } = [];

    /// <summary>What the GPUs that answer report as utilisation.</summary>
    public int UtilisationPercent { get; init; }

    /// <summary>One GPU of the file.</summary>
    public sealed record SimulatedGpu(string Name, string Uuid, long MemoryMib, string PciDeviceId, bool Nvlink, bool Mig, int PowerLimitWatts);

    /// <summary>The host of the file.</summary>
    public sealed record SimulatedHost(string System, string CpuModel, int CpuCount, long MemoryMib, long DiskMib, long DiskFreeMib, long NetworkMbps);

    /// <summary>The self-test of the file.</summary>
    /// <param name="SpeedThousandths">Speeds, in thousandths of the class's data sheet.</param>
    /// <param name="MemoryThousandths">Memory that can be used, in thousandths of what is reported.</param>
    /// <param name="WrongDigest">Indices of GPUs that answer the compute check wrong.</param>
    /// <param name="Failure">Why the test cannot be made; empty: it can.</param>
    public sealed record SimulatedTest(int SpeedThousandths, int MemoryThousandths, IReadOnlyList<int> WrongDigest, string Failure);

    /// <summary>Reads the text of a file.</summary>
    /// <exception cref="FormatException">It is not right; the message names the field and says what would be.</exception>
    public static InventoryFile Parse(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text, new JsonDocumentOptions { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip });
            return Read(new JsonFields(document.RootElement, ""));
        }
        catch (JsonException wrong)
        {
            throw new FormatException($"it is not JSON: line {wrong.LineNumber + 1}, character {wrong.BytePositionInLine + 1}", wrong);
        }
    }

    private static InventoryFile Read(JsonFields file)
    {
        var id = file.Text("id", "");
        if (id.Length == 0) throw new FormatException("id is missing: a name for the node, for example \"id\": \"lab-1\"");
        var gpus = new List<SimulatedGpu>();
        foreach (var kind in file.List("gpus")) ReadGpus(kind, id, gpus);
        if (gpus.Count is 0 or > GpuCountMax) throw new FormatException($"gpus holds {gpus.Count} GPUs: from 1 to {GpuCountMax} are possible");

        var host = file.Object("host");
        var test = file.Object("self_test");
        var read = new InventoryFile(
            id,
            gpus,
            new SimulatedHost(
                host.Text("system", ""), host.Text("cpu_model", ""), (int)host.Number("cpu_count", 0, 0, 4_096), host.Number("memory_mib", 0, 0, 1L << 30),
                host.Number("disk_mib", 0, 0, 1L << 40), host.Number("disk_free_mib", 0, 0, 1L << 40), host.Number("network_mbps", 0, 0, 10_000_000)),
            new SimulatedTest(
                (int)test.Number("speed_thousandths", 900, 1, 10_000), (int)test.Number("memory_thousandths", 970, 1, 1_000),
                test.Indices("wrong_digest", gpus.Count), test.Text("failure", "")))
        {
            DriverVersion = file.Text("driver_version", "550.54.15"),
            CudaVersion = file.Text("cuda_version", "12.4"),
            Lost = file.Indices("lost", gpus.Count),
            BusyByOwner = file.Indices("busy_by_owner", gpus.Count),
            UtilisationPercent = (int)file.Number("utilisation_percent", 0, 0, 100),
        };
        host.End();
        test.End();
        file.End();
        return read;
    }

    private static void ReadGpus(JsonFields kind, string id, List<SimulatedGpu> gpus)
    {
        var name = kind.Text("name", "");
        if (name.Length == 0) throw new FormatException($"{kind.Path}.name is missing: the GPU's name as its driver says it, for example \"NVIDIA H100 80GB HBM3\"");
        var count = (int)kind.Number("count", 1, 1, GpuCountMax);
        var memory = kind.Number("memory_mib", 0, 1, 1L << 30);
        var device = kind.Text("pci_device_id", "");
        if (device.Length > 0 && !uint.TryParse(device, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out _))
            throw new FormatException($"{kind.Path}.pci_device_id is '{device}': device and vendor, hexadecimal, for example \"233010DE\"");
        var uuid = kind.Text("uuid", "");
        if (uuid.Length > 0 && count > 1) throw new FormatException($"{kind.Path}.uuid names one GPU and count is {count}: leave one of them out");
        if (uuid.Length > 0 && gpus.Any(gpu => gpu.Uuid == uuid)) throw new FormatException($"{kind.Path}.uuid is '{uuid}' again: each GPU has its own");
        var (nvlink, mig, power) = (kind.Flag("nvlink"), kind.Flag("mig"), (int)kind.Number("power_limit_watts", 700, 1, 10_000));
        kind.End();
        for (var i = 0; i < count; i++)
            gpus.Add(new SimulatedGpu(name, uuid.Length > 0 ? uuid : SimulatedUuid.Of(id, gpus.Count), memory, device.ToUpperInvariant(), nvlink, mig, power));
    }
}
