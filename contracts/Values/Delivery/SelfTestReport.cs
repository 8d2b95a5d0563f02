namespace ComputeExchange.Values.Delivery;

/// <summary>What a self-test measured on a host: figures, not verdicts.</summary>
public sealed record SelfTestReport
{
    /// <summary>Which test was asked for, a UUID.</summary>
    public required string TestId { get; init; }

    /// <summary>One row a GPU that was to be tested.</summary>
    public required IReadOnlyList<GpuTestFigures> Gpus { get; init; }

    /// <summary>Sequential write to the workloads' disk, bytes a second; 0 where not measured.</summary>
    public long DiskWriteBytesPerSecond { get; init; }

    /// <summary>Sequential read from it, bytes a second; 0 where not measured.</summary>
    public long DiskReadBytesPerSecond { get; init; }

    /// <summary>Rounds of the compute check that all CPU cores together did a second; 0 where not measured.</summary>
    public long CpuRoundsPerSecond { get; init; }

    /// <summary>Round trip to the exchange, microseconds, median; 0 where not measured.</summary>
    public long ExchangeRoundTripMicros { get; init; }

    /// <summary>To and from the exchange, bytes a second; 0 where not measured.</summary>
    public long ExchangeBytesPerSecond { get; init; }

    /// <summary>Why the test could not be made; empty when it was.</summary>
    public string Failure { get; init; } = "";

    /// <summary>How long it took, milliseconds.</summary>
    public long ElapsedMilliseconds { get; init; }
}

/// <summary>What a self-test measured on one GPU.</summary>
public sealed record GpuTestFigures
{
    /// <summary>Its index on the node, from 0.</summary>
    public required int GpuIndex { get; init; }

    /// <summary>Its UUID as its driver says it.</summary>
    public required string Uuid { get; init; }

    /// <summary>Memory that could be taken, filled and read back, bytes.</summary>
    public long MemoryBytes { get; init; }

    /// <summary>Device memory, bytes a second.</summary>
    public long MemoryBytesPerSecond { get; init; }

    /// <summary>Host to device, bytes a second.</summary>
    public long HostBytesPerSecond { get; init; }

    /// <summary>Operations in single precision (FP32; a multiply-add is two), a second.</summary>
    public long OperationsPerSecond { get; init; }

    /// <summary>The digest of the compute check, hexadecimal; <see cref="ComputeCheck.Digest"/> says what it must be.</summary>
    public string Digest { get; init; } = "";

    /// <summary>Why it could not be tested; empty when it was.</summary>
    public string Failure { get; init; } = "";
}
