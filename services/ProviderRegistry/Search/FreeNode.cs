using ComputeExchange.ProviderRegistry.Domain.Selling;
using ComputeExchange.ProviderRegistry.V1;

namespace ComputeExchange.ProviderRegistry.Search;

/// <summary>A node as searches see it: what it is, and what of it is free, slot by slot from the picture's first.</summary>
/// <param name="Free">GPUs free in each slot.</param>
/// <param name="Offers">Its open offers.</param>
internal sealed record FreeNode(
    Guid NodeId, string Market, string Country, string Zone, int GpuCount, long ReliabilityPpm, NodeState State, bool? Simulated, bool? Nvlink,
    int? ReclaimSeconds, HostFigures? Host, int[] Free, IReadOnlyList<OpenOffer> Offers)
{
    private readonly int _dot = Market.IndexOf('.', StringComparison.Ordinal);

    /// <summary>The part of the market's name before the dot.</summary>
    public string ProductClass => _dot < 0 ? Market : Market[.._dot];

    /// <summary>The part after it.</summary>
    public string Region => _dot < 0 ? "" : Market[(_dot + 1)..];
}

/// <summary>What a node's last inventory says of its host.</summary>
internal sealed record HostFigures(long GpuMemoryBytes, int CpuCount, long MemoryBytes, long DiskFreeBytes, long NetworkMbps, IReadOnlyList<string> Runners)
{
    /// <summary>Out of an inventory.</summary>
    public static HostFigures Of(byte[] inventory)
    {
        var told = NodeInventory.Parser.ParseFrom(inventory);
        var memory = told.Gpus.Count == 0 ? 0 : told.Gpus.Min(gpu => gpu.MemoryBytes);
        return new HostFigures(memory, told.CpuCount, told.MemoryBytes, told.DiskFreeBytes, told.NetworkMbps, [.. told.Runners]);
    }
}
