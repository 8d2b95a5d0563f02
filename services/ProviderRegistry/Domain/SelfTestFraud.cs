using ComputeExchange.Values.Delivery;

namespace ComputeExchange.ProviderRegistry.Domain;

/// <summary>What a self-test shows that speaks of fraud rather than of a fault: figures that GPUs of the class cannot have.</summary>
public static class SelfTestFraud
{
    /// <summary>A GPU that does less than this part of its data sheet is another one, thousandths.</summary>
    public const long SpeedMinThousandths = 500;

    /// <summary>A sentence for each figure that is faster than physics or far too slow.</summary>
    public static IEnumerable<string> SignalsOf(string className, SelfTestReport report)
    {
        if (ProductClasses.Find(className) is not { } known) yield break;
        foreach (var gpu in report.Gpus.Where(gpu => gpu.Failure.Length == 0))
        {
            var figures = new[]
            {
                ("reads its memory at", gpu.MemoryBytesPerSecond, known.MemoryBytesPerSecond, SelfTestNorms.BandwidthMaxThousandths, "GB/s"),
                ("computes", gpu.OperationsPerSecond, known.Fp32OperationsPerSecond, SelfTestNorms.ComputeMaxThousandths, "GFLOPS in FP32"),
            };
            foreach (var (does, measured, sheet, most, unit) in figures)
            {
                if ((Int128)measured * 1_000 > (Int128)sheet * most)
                    yield return $"GPU {gpu.GpuIndex} {does} {measured / 1_000_000_000:N0} {unit}: no {known.Name} can.";
                else if ((Int128)measured * 1_000 < (Int128)sheet * SpeedMinThousandths)
                    yield return $"GPU {gpu.GpuIndex} {does} {measured / 1_000_000_000:N0} {unit}, less than half of what a {known.Name} does: it is another GPU, or someone else is on it.";
            }
        }
    }
}
