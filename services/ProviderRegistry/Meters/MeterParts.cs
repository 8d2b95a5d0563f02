using ComputeExchange.ProviderRegistry.Domain;
using ComputeExchange.ProviderRegistry.Storage;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.ProviderRegistry.Meters;

/// <summary>Meters what was sold on of a lease: what was delivered in the lease's slot decides about its parts, each by its share.</summary>
internal static class MeterParts
{
    /// <summary>The leases that are parts of this one, and the parts of those, locked; a part's number is above its lease's.</summary>
    public static Task<List<LeaseRow>> LockParts(this ProviderRegistryDb db, long leaseId, CancellationToken cancel) => db.Leases.FromSql($"""
        WITH RECURSIVE parts AS (
            SELECT lease_id FROM provider_registry.leases WHERE resold_from_lease_id = {leaseId}
            UNION ALL
            SELECT part.lease_id FROM provider_registry.leases AS part JOIN parts ON part.resold_from_lease_id = parts.lease_id)
        SELECT * FROM provider_registry.leases WHERE lease_id IN (SELECT lease_id FROM parts) ORDER BY lease_id FOR UPDATE
        """).ToListAsync(cancel);

    /// <summary>Meters the parts of a slot that has just been metered.</summary>
    public static async Task MeterPartsOf(
        this ProviderRegistryDb db, LeaseSlotRow slot, IEnumerable<LeaseRow> parts, DateTimeOffset now, CancellationToken cancel, long unnotified = 0)
    {
        var metered = new Dictionary<long, LeaseSlotRow> { [slot.LeaseId] = slot };
        foreach (var part in parts.OrderBy(part => part.LeaseId))
        {
            if (!metered.TryGetValue(part.ResoldFromLeaseId, out var whole)) continue;
            var own = await db.LeaseSlots.SingleOrDefaultAsync(mine => mine.LeaseId == part.LeaseId && mine.ToTime == whole.ToTime, cancel);
            if (own is null) continue;
            metered.Add(part.LeaseId, own);
            if (own.MeteredTime is null) Write(db, part, own, whole, now, Metering.PartOf(own.SoldGpuSeconds, unnotified, slot.SoldGpuSeconds));
        }
    }

    /// <summary>Meters a slot of a part by itself, if the lease that it is a part of was metered before it was known.</summary>
    public static async Task MeterLate(this ProviderRegistryDb db, LeaseRow part, LeaseSlotRow own, DateTimeOffset now, CancellationToken cancel)
    {
        var whole = await db.LeaseSlots.SingleOrDefaultAsync(slot => slot.LeaseId == part.ResoldFromLeaseId && slot.ToTime == own.ToTime, cancel);
        if (whole?.MeteredTime is not null) Write(db, part, own, whole, now);
    }

    // The node's record counts the capacity once, with the lease that the provider sold.
    private static void Write(ProviderRegistryDb db, LeaseRow part, LeaseSlotRow own, LeaseSlotRow whole, DateTimeOffset now, long unnotified = 0)
    {
        if (whole.Resolution.Length > 0) own.Resolution = "By its share of the lease that it is a part of. " + whole.Resolution;
        MeterRecord.Write(db, part, own, node: null, Metering.PartOf(own.SoldGpuSeconds, whole.DeliveredGpuSeconds ?? 0, whole.SoldGpuSeconds), now, unnotified);
    }
}
