using System.Diagnostics;
using ComputeExchange.Agent.Hardware.Nvidia;
using ComputeExchange.Values.Delivery;

namespace ComputeExchange.Agent.Hardware.Testing;

/// <summary>Measures this host and its GPUs, in this process.</summary>
static class HostTest
{
    /// <summary>Measures the disk, the CPU and the GPUs that are asked for.</summary>
    public static SelfTestReport Run(HardwareSettings settings, IReadOnlyList<Gpu> gpus, SelfTestAsk ask, CancellationToken cancel)
    {
        var begin = Stopwatch.GetTimestamp();
        var failures = new List<string>();
        var (write, read) = (0L, 0L);
        try
        {
            (write, read) = DiskTest.Run(settings.WorkFolder, ask.DiskBytes, cancel);
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            failures.Add($"The disk at {settings.WorkFolder} could not be tested: {failed.Message}");
        }
        var cpu = CpuTest.Run(ask.KernelMilliseconds);
        var figures = TestGpus(settings, gpus, ask, failures, cancel);
        return new SelfTestReport
        {
            TestId = ask.TestId,
            Gpus = figures,
            DiskWriteBytesPerSecond = write,
            DiskReadBytesPerSecond = read,
            CpuRoundsPerSecond = cpu,
            Failure = string.Join(" ", failures),
            ElapsedMilliseconds = (long)Stopwatch.GetElapsedTime(begin).TotalMilliseconds,
        };
    }

    private static List<GpuTestFigures> TestGpus(
        HardwareSettings settings, IReadOnlyList<Gpu> gpus, SelfTestAsk ask, List<string> failures, CancellationToken cancel)
    {
        if (ask.GpuUuids.Count == 0) return [];
        if (DriverLibrary.Load(settings.CudaLibrary) is not { } library)
        {
            failures.Add($"The CUDA driver library ({settings.CudaLibrary}) is not on this host: install the whole NVIDIA driver, which brings it (Debian: libcuda1).");
            return [];
        }
        using var cuda = new CudaLibrary(library);
        try
        {
            cuda.Init();
        }
        catch (CudaException failed)
        {
            failures.Add($"The CUDA driver does not start: {failed.Message}");
            return [];
        }

        var figures = new List<GpuTestFigures>();
        foreach (var uuid in ask.GpuUuids)
        {
            cancel.ThrowIfCancellationRequested();
            var gpu = gpus.FirstOrDefault(gpu => gpu.Uuid == uuid);
            figures.Add(gpu is null
                ? new GpuTestFigures { GpuIndex = -1, Uuid = uuid, Failure = "It is not on this host." }
                : CudaTest.Run(cuda, gpu, ask, cancel));
        }
        return figures;
    }
}
