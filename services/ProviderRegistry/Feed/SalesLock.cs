using ComputeExchange.ProviderRegistry.Storage;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.ProviderRegistry.Feed;

/// <summary>Makes the two ways wait for each other on which a sale becomes known: the engine's feed, and what was paid.</summary>
internal static class SalesLock
{
    private const long Key = 0x73616c6573;

    /// <summary>Held until the transaction ends: who comes second sees what the first wrote.</summary>
    public static Task LockSales(this ProviderRegistryDb db, CancellationToken cancel) =>
        db.Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock({Key})", cancel);
}
