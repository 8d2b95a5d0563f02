namespace ComputeExchange.Values.Delivery;

/// <summary>A kind of GPU that is traded, and what one of them can do.</summary>
public sealed record ProductClass
{
    /// <summary>Its name as in a market's: <c>H100-SXM-80GB</c>; the form is left out where only one is sold.</summary>
    public required string Name { get; init; }

    /// <summary>The word that its driver's name for it holds, for example <c>H100</c>.</summary>
    public required string Model { get; init; }

    /// <summary>SXM or PCIE; empty where only one is made.</summary>
    public required string Form { get; init; }

    /// <summary>The least memory that its driver reports, MiB.</summary>
    public required long MemoryMinMib { get; init; }

    /// <summary>The most memory that its driver reports, MiB.</summary>
    public required long MemoryMaxMib { get; init; }

    /// <summary>Its PCI device ids, hexadecimal, of the vendor 10DE.</summary>
    public required IReadOnlyList<string> PciDevices { get; init; }

    /// <summary>Memory bandwidth by the data sheet, bytes a second.</summary>
    public required long MemoryBytesPerSecond { get; init; }

    /// <summary>Operations in single precision without tensor cores by the data sheet, a second.</summary>
    public required long Fp32OperationsPerSecond { get; init; }

    /// <summary>Operations in half precision on tensor cores without sparsity by the data sheet, a second.</summary>
    public required long Fp16OperationsPerSecond { get; init; }
}
