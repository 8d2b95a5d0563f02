using ComputeExchange.ProviderRegistry.Storage;
using ComputeExchange.ProviderRegistry.V1;
using Google.Protobuf.WellKnownTypes;

namespace ComputeExchange.ProviderRegistry.Nodes;

/// <summary>A lease that holds GPUs of a node now.</summary>
internal sealed record HeldGpus(long LeaseId, IReadOnlyCollection<string> GpuUuids, DateTimeOffset SinceTime);

/// <summary>What each GPU of a node does now.</summary>
internal static class GpuUses
{
    /// <summary>One row a GPU, by index; those that are gone come last.</summary>
    /// <param name="offeredCount">How many are offered in the coming slot: which of the idle ones they will be is not settled, the first are shown.</param>
    public static IEnumerable<GpuUse> Of(IEnumerable<GpuRow> gpus, IReadOnlyCollection<HeldGpus> held, int offeredCount)
    {
        foreach (var gpu in gpus.OrderBy(gpu => !gpu.Present).ThenBy(gpu => gpu.GpuIndex))
        {
            var lease = held.FirstOrDefault(lease => lease.GpuUuids.Contains(gpu.Uuid));
            var use = new GpuUse { GpuIndex = gpu.GpuIndex, LeaseId = lease?.LeaseId ?? 0 };
            (use.Use, use.SinceTime) = gpu switch
            {
                { Present: false } => ("missing", null),
                { Healthy: false } => ("unhealthy", null),
                _ when lease is not null => ("leased", lease.SinceTime.ToTimestamp()),
                { OwnerSince: { } since } => ("owner", since.ToTimestamp()),
                _ when offeredCount-- > 0 => ("offered", null),
                _ => ("idle", (Timestamp?)null),
            };
            yield return use;
        }
    }
}
