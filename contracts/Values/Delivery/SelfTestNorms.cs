namespace ComputeExchange.Values.Delivery;

/// <summary>What a class's GPUs must reach in a self-test.</summary>
/// <remarks>
/// Bands in thousandths of the data sheet. A plain copy loop reaches 85 to 93 % of the memory's bandwidth and a plain loop of multiply-adds 85 to 97 % of
/// the peak, less when the power limit is lowered; single cards run some per cent above the clock of the data sheet.
/// </remarks>
public static class SelfTestNorms
{
    /// <summary>The least of the class's memory that can be taken and read back, thousandths.</summary>
    public const long MemoryMinThousandths = 900;

    /// <summary>The least memory bandwidth, thousandths of the data sheet.</summary>
    public const long BandwidthMinThousandths = 700;

    /// <summary>The most memory bandwidth, thousandths of the data sheet.</summary>
    public const long BandwidthMaxThousandths = 1_050;

    /// <summary>The least FP32, thousandths of the data sheet.</summary>
    public const long ComputeMinThousandths = 600;

    /// <summary>The most FP32, thousandths of the data sheet.</summary>
    public const long ComputeMaxThousandths = 1_150;

    /// <summary>Host to device below this is remarked on, bytes a second: PCIe 3.0 with 8 lanes.</summary>
    public const long HostLinkBytesPerSecond = 6_000_000_000;

    /// <summary>Writing to disk below this is remarked on, bytes a second.</summary>
    public const long DiskWriteBytesPerSecond = 200_000_000;

    /// <summary>Holds a test against a class.</summary>
    /// <param name="productClass">The class that the node is sold in.</param>
    /// <param name="report">What was measured.</param>
    /// <param name="seed">What the compute check was asked to begin with.</param>
    /// <param name="gpuUuids">The GPUs that were to be tested.</param>
    public static SelfTestVerdict Judge(ProductClass productClass, SelfTestReport report, ulong seed, IReadOnlyCollection<string> gpuUuids)
    {
        var failures = new List<SelfTestFailure>();
        var remarks = new List<string>();
        if (report.Failure.Length > 0)
            failures.Add(new SelfTestFailure(SelfTestFault.NotMade, -1, $"The test could not be made: {report.Failure}"));

        var digests = new Dictionary<long, string>();
        foreach (var gpu in report.Gpus) JudgeGpu(productClass, gpu, seed, digests, failures, remarks);
        if (report.Failure.Length == 0)
            foreach (var missing in gpuUuids.Except(report.Gpus.Select(gpu => gpu.Uuid)))
                failures.Add(new SelfTestFailure(SelfTestFault.GpuNotTested, -1, $"GPU {missing} was to be tested and is not in the report."));

        if (report.DiskWriteBytesPerSecond is > 0 and < DiskWriteBytesPerSecond)
            remarks.Add($"The disk writes {Mega(report.DiskWriteBytesPerSecond)} MB/s: large images will take long to start.");
        return new SelfTestVerdict(failures, remarks);
    }

    private static void JudgeGpu(
        ProductClass known, GpuTestFigures gpu, ulong seed, Dictionary<long, string> digests, List<SelfTestFailure> failures, List<string> remarks)
    {
        void Fail(SelfTestFault fault, string sentence) =>
            failures.Add(new SelfTestFailure(fault, gpu.GpuIndex, $"GPU {gpu.GpuIndex} {sentence}"));

        if (gpu.Failure.Length > 0)
        {
            Fail(SelfTestFault.GpuNotTested, $"could not be tested: {gpu.Failure}");
            return;
        }

        // A digest depends on how much memory was tested; most GPUs of a node have the same.
        var bytes = Math.Max(0, gpu.MemoryBytes);
        if (!digests.TryGetValue(bytes, out var digest)) digests[bytes] = digest = ComputeCheck.Digest(seed, bytes);
        if (gpu.Digest != digest)
            Fail(SelfTestFault.WrongDigest, $"answered the compute check with {Short(gpu.Digest)}; the seed leads to {Short(digest)}.");

        var memory = known.MemoryMinMib << 20;
        if (gpu.MemoryBytes < Part(memory, MemoryMinThousandths))
            Fail(SelfTestFault.MemoryShort, $"could use {Mib(gpu.MemoryBytes)} MiB of memory; of {known.Name} at least {Mib(Part(memory, MemoryMinThousandths))} are expected.");
        JudgeSpeed("reads its memory at", gpu.MemoryBytesPerSecond, known.MemoryBytesPerSecond, BandwidthMinThousandths, BandwidthMaxThousandths, "GB/s", 1_000_000_000);
        JudgeSpeed("computes", gpu.OperationsPerSecond, known.Fp32OperationsPerSecond, ComputeMinThousandths, ComputeMaxThousandths, "GFLOPS in FP32", 1_000_000_000);
        if (gpu.HostBytesPerSecond is > 0 and < HostLinkBytesPerSecond)
            remarks.Add($"GPU {gpu.GpuIndex} takes {Mega(gpu.HostBytesPerSecond)} MB/s from the host: its PCIe link is narrow.");

        void JudgeSpeed(string does, long measured, long sheet, long least, long most, string unit, long scale)
        {
            var (low, high) = (Part(sheet, least), Part(sheet, most));
            var sentence = $"{does} {measured / scale:N0} {unit}; of {known.Name} {low / scale:N0} to {high / scale:N0} are expected.";
            if (measured < low) Fail(SelfTestFault.TooSlow, sentence);
            if (measured > high) Fail(SelfTestFault.TooFast, sentence);
        }
    }

    private static long Part(long whole, long thousandths) => (long)((Int128)whole * thousandths / 1_000);

    private static string Mega(long bytes) => $"{bytes / 1_000_000:N0}";

    private static string Mib(long bytes) => $"{bytes >> 20:N0}";

    private static string Short(string digest) => digest.Length == 0 ? "nothing" : digest.Length <= 12 ? digest : digest[..12] + "…";
}
