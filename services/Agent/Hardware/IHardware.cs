using ComputeExchange.Values.Delivery;

namespace ComputeExchange.Agent.Hardware;

/// <summary>What a host has and how it does: read from its driver, or from a file that stands for it.</summary>
public interface IHardware : IDisposable
{
    /// <summary>Where it comes from: <c>nvml</c>, or <c>inventory</c> for a file.</summary>
    string Origin { get; }

    /// <summary>Whether a file stands for hardware that may not be there.</summary>
    bool IsSimulated { get; }

    /// <summary>What is there now.</summary>
    Inventory Read();

    /// <summary>How each GPU does now, one sample for every GPU that was ever read, in the order of their index.</summary>
    IReadOnlyList<GpuSample> Sample();

    /// <summary>Measures the host and its GPUs; takes seconds to minutes, and the GPUs that are tested whole.</summary>
    SelfTestReport Test(SelfTestAsk ask, CancellationToken cancel);
}

/// <summary>What is to be tested.</summary>
/// <param name="TestId">Which test it is, a UUID.</param>
/// <param name="Seed">What the compute check begins with.</param>
/// <param name="GpuUuids">The GPUs to be tested; none: only the host.</param>
public sealed record SelfTestAsk(string TestId, ulong Seed, IReadOnlyList<string> GpuUuids)
{
    /// <summary>The most memory that is taken of a GPU, bytes; 0: all that is free.</summary>
    public long MemoryLimitBytes { get; init; }

    /// <summary>How much is written to the workloads' disk and read back, bytes; 0: the disk is not tested.</summary>
    public long DiskBytes { get; init; } = 256L << 20;

    /// <summary>How long a kernel whose speed is measured runs at least, and the CPU computes, milliseconds.</summary>
    public int KernelMilliseconds { get; init; } = 50;
}

/// <summary>The GPUs of this host cannot be known; the message says what is missing and what to do.</summary>
public sealed class HardwareMissingException(string message, Exception? cause = null) : Exception(message, cause);
