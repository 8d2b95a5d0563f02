namespace ComputeExchange.Agent.Hardware;

/// <summary>Where the hardware is looked for.</summary>
public sealed record HardwareSettings
{
    /// <summary>An inventory file that stands for the hardware; null: the real one.</summary>
    public string? InventoryFile { get; init; }

    /// <summary>NVIDIA's management library.</summary>
    public string NvmlLibrary { get; init; } = "libnvidia-ml.so.1";

    /// <summary>NVIDIA's CUDA driver library.</summary>
    public string CudaLibrary { get; init; } = "libcuda.so.1";

    /// <summary>The folder on the disk where workloads live.</summary>
    public string WorkFolder { get; init; } = "/var/lib/cx-agent";

    /// <summary>Where the system's own files are: <c>/proc</c>, <c>/sys</c> and <c>/etc</c> are below it.</summary>
    public string SystemRoot { get; init; } = "/";

    /// <summary>The agent's program, started again to test GPUs in a process of their own; null: this one.</summary>
    public string? Program { get; init; }
}
