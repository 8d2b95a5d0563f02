using ComputeExchange.ProviderRegistry.Domain;
using ComputeExchange.ProviderRegistry.Storage;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.ProviderRegistry.Deliveries;

/// <summary>Erases the environments of workloads that are over.</summary>
internal static class EraseSecrets
{
    /// <summary>Erases those whose last delivery ended a day ago, and those that no delivery has used for a month.</summary>
    /// <returns>How many.</returns>
    public static Task<int> Run(ProviderRegistryDb db, DateTimeOffset now, CancellationToken cancel)
    {
        var ended = now - WorkloadRules.KeepEnvironment;
        var unused = now - WorkloadRules.KeepUnused;
        return db.Workloads
            .Where(workload => workload.Sealed != Array.Empty<byte>())
            .Where(workload => !db.Deliveries.Any(delivery => delivery.WorkloadId == workload.WorkloadId && (delivery.EndedTime == null || delivery.EndedTime > ended)))
            .Where(workload => workload.SetTime < unused || (workload.SetTime < ended && db.Deliveries.Any(delivery => delivery.WorkloadId == workload.WorkloadId)))
            .ExecuteUpdateAsync(row => row.SetProperty(workload => workload.Sealed, Array.Empty<byte>()), cancel);
    }
}
