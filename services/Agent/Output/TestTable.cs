using ComputeExchange.Values.Delivery;

namespace ComputeExchange.Agent.Output;

/// <summary>What a self-test measured, for people.</summary>
static class TestTable
{
    private const long Giga = 1_000_000_000;

    public static void Write(TextWriter output, SelfTestReport report, SelfTestVerdict? verdict)
    {
        foreach (var gpu in report.Gpus)
            output.WriteLine(gpu.Failure.Length > 0
                ? $"GPU {gpu.GpuIndex}  {gpu.Failure}"
                : $"GPU {gpu.GpuIndex}  {gpu.MemoryBytes >> 20} MiB at {gpu.MemoryBytesPerSecond / Giga} GB/s, {gpu.OperationsPerSecond / Giga} GFLOPS FP32, from host {gpu.HostBytesPerSecond / Giga} GB/s, digest {gpu.Digest}");
        output.WriteLine($"Disk   writes {report.DiskWriteBytesPerSecond / 1_000_000} MB/s, reads {report.DiskReadBytesPerSecond / 1_000_000} MB/s");
        output.WriteLine($"CPU    {report.CpuRoundsPerSecond / 1_000_000} million rounds a second");
        if (report.Failure.Length > 0) output.WriteLine($"! {report.Failure}");
        if (verdict is null) return;
        foreach (var failure in verdict.Failures) output.WriteLine($"! {failure.Sentence}");
        foreach (var remark in verdict.Remarks) output.WriteLine($"  {remark}");
        output.WriteLine(verdict.Passed ? "Passed." : "Failed.");
    }
}
