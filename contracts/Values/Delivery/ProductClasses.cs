namespace ComputeExchange.Values.Delivery;

/// <summary>What a driver reports of a GPU, as far as its class depends on it.</summary>
/// <param name="Name">For example <c>NVIDIA H100 80GB HBM3</c>.</param>
/// <param name="MemoryBytes">Memory, bytes.</param>
/// <param name="PciDeviceId">PCI device and vendor, hexadecimal, for example <c>233010DE</c>; empty where unknown.</param>
/// <param name="IsMig">Whether it is split (MIG).</param>
public readonly record struct ReportedGpu(string Name, long MemoryBytes, string PciDeviceId, bool IsMig);

/// <summary>The class of a GPU or of a node, or why it has none.</summary>
/// <param name="Class">The class; null: none.</param>
/// <param name="Reason">Why there is none, a sentence; empty when there is one.</param>
/// <param name="IsMismatch">Whether what is reported contradicts itself: the name says one thing, memory or PCI device another.</param>
public sealed record ClassDecision(ProductClass? Class, string Reason, bool IsMismatch = false);

/// <summary>The classes that are traded, and which of them a GPU belongs to by what its driver reports.</summary>
public static class ProductClasses
{
    private const long Giga = 1_000_000_000;
    private const long Tera = 1_000 * Giga;
    private const long Mib = 1L << 20;
    private const string Vendor = "10DE";

    /// <summary>Every class.</summary>
    public static IReadOnlyList<ProductClass> All { get; } =
    [
        // NVIDIA H100 Tensor Core GPU data sheet: SXM 3.35 TB/s, 67 TFLOPS FP32, 1,979 FP16 with sparsity; PCIe 2 TB/s, 51, 1,513.
        Make("H100", "SXM", "80GB", (79_000, 82_500), "2330", 3_350 * Giga, 67_000 * Giga, 989 * Tera),
        Make("H100", "PCIE", "80GB", (79_000, 82_500), "2331", 2_000 * Giga, 51_000 * Giga, 756 * Tera),
        // NVIDIA H200 Tensor Core GPU data sheet: SXM 4.8 TB/s, 67 TFLOPS FP32, 1,979 FP16 with sparsity.
        Make("H200", "SXM", "141GB", (139_000, 145_000), "2335", 4_800 * Giga, 67_000 * Giga, 989 * Tera),
        // NVIDIA DGX B200 data sheet, by its 8 GPUs: 64 TB/s, 1,440 GB; HGX data sheet: 600 TFLOPS FP32, 36 PFLOPS FP16 with sparsity.
        Make("B200", "SXM", "180GB", (178_000, 184_500), "2901", 8_000 * Giga, 75_000 * Giga, 2_250 * Tera),
        // NVIDIA A100 Tensor Core GPU data sheet: SXM 80 GB 2,039 GB/s, 19.5 TFLOPS FP32, 312 FP16.
        Make("A100", "SXM", "80GB", (79_000, 82_500), "20B2", 2_039 * Giga, 19_500 * Giga, 312 * Tera),
        // NVIDIA L40S data sheet: 864 GB/s, 91.6 TFLOPS FP32, 362 FP16; 46,068 MiB with ECC, 49,140 without.
        Make("L40S", "", "48GB", (45_000, 49_500), "26B9", 864 * Giga, 91_600 * Giga, 362 * Tera),
        // NVIDIA Ada GPU architecture white paper, GeForce RTX 4090: 1,008 GB/s, 82.6 TFLOPS FP32, 165.2 FP16 with FP32 accumulate.
        Make("RTX4090", "", "24GB", (24_000, 24_700), "2684", 1_008 * Giga, 82_600 * Giga, 165_200 * Giga),
    ];

    /// <summary>The class of that name; null if there is none.</summary>
    public static ProductClass? Find(string name) => All.FirstOrDefault(known => known.Name == name);

    /// <summary>The class that a GPU belongs to.</summary>
    public static ClassDecision Of(ReportedGpu gpu)
    {
        if (gpu.IsMig)
            return None($"'{gpu.Name}' is split (MIG), and only whole GPUs are traded; 'nvidia-smi -mig 0' makes it whole again.");

        var words = GpuWords.Of(gpu.Name);
        if (words.Model.Length == 0 || words.Rest.Count > 0)
            return None($"'{gpu.Name}' is not among the GPUs that are traded: {string.Join(", ", All.Select(known => known.Name))}.");

        var models = All.Where(known => known.Model == words.Model).ToList();
        // Where a model is made in several forms, its name tells which.
        var found = models.FirstOrDefault(known => known.Form.Length == 0 ? words.Form.Length == 0 : known.Form == words.Form);
        if (found is null)
            return None($"'{gpu.Name}' is a {words.Model} of a form that is not traded; traded are {string.Join(", ", models.Select(known => known.Name))}.");

        var mib = gpu.MemoryBytes / Mib;
        if (mib < found.MemoryMinMib || mib > found.MemoryMaxMib)
            return Mismatch($"'{gpu.Name}' reports {mib:N0} MiB of memory; {found.Name} has {found.MemoryMinMib:N0} to {found.MemoryMaxMib:N0}.");
        if (gpu.PciDeviceId.Length > 0 && !found.PciDevices.Any(device => IsDevice(gpu.PciDeviceId, device)))
            return Mismatch($"'{gpu.Name}' is PCI device {gpu.PciDeviceId}; {found.Name} is {string.Join(" or ", found.PciDevices.Select(device => device + Vendor))}.");
        return new ClassDecision(found, "");
    }

    /// <summary>The class that all GPUs of a node belong to.</summary>
    public static ClassDecision OfNode(IReadOnlyList<ReportedGpu> gpus)
    {
        if (gpus.Count == 0) return None("The node reports no GPU.");
        ClassDecision? first = null;
        for (var index = 0; index < gpus.Count; index++)
        {
            var decision = Of(gpus[index]);
            if (decision.Class is null) return decision with { Reason = $"GPU {index}: {decision.Reason}" };
            first ??= decision;
            if (decision.Class != first.Class)
                return None($"GPU 0 is {first.Class!.Name} and GPU {index} is {decision.Class.Name}: a node is sold in one class; enrol them as nodes of their own.");
        }
        return first!;
    }

    private static bool IsDevice(string reported, string device) => reported.Equals(device + Vendor, StringComparison.OrdinalIgnoreCase);

    private static ClassDecision None(string reason) => new(null, reason);

    private static ClassDecision Mismatch(string reason) => new(null, reason, IsMismatch: true);

    private static ProductClass Make(
        string model, string form, string memory, (long Min, long Max) mib, string device, long bandwidth, long fp32, long fp16) => new()
        {
            Name = form.Length == 0 ? $"{model}-{memory}" : $"{model}-{form}-{memory}",
            Model = model,
            Form = form,
            MemoryMinMib = mib.Min,
            MemoryMaxMib = mib.Max,
            PciDevices = [device],
            MemoryBytesPerSecond = bandwidth,
            Fp32OperationsPerSecond = fp32,
            Fp16OperationsPerSecond = fp16,
        };
}
