using ComputeExchange.ProviderRegistry.Domain;
using ComputeExchange.ProviderRegistry.Storage;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.ProviderRegistry.Meters;

/// <summary>A provider's report of what was delivered in a slot of a lease.</summary>
public sealed record ReportMeter(Guid ProviderId, long LeaseId, int SlotIndex, long DeliveredGpuSeconds);

/// <summary>What came of it.</summary>
public abstract record ReportMeterOutcome
{
    private ReportMeterOutcome()
    {
    }

    /// <summary>There is no such lease of this provider; what was sold on is metered with the lease that it is a part of.</summary>
    public sealed record NotFound : ReportMeterOutcome;

    /// <summary>The node's agent meters it.</summary>
    public sealed record ByAgent : ReportMeterOutcome;

    /// <summary>The lease has fewer slots.</summary>
    public sealed record NoSuchSlot(int SlotCount) : ReportMeterOutcome;

    /// <summary>What the report came to, and the slot as it stands.</summary>
    public sealed record Judged(MeterVerdict Verdict, LeaseSlotRow Slot) : ReportMeterOutcome;
}

/// <summary>Takes the first report of each slot, after its end.</summary>
public sealed class ReportMeterHandler(ProviderRegistryDb db, TimeProvider clock)
{
    /// <summary>Records the report if it is the first, and tells what was delivered.</summary>
    public async Task<ReportMeterOutcome> Handle(ReportMeter command, CancellationToken cancel)
    {
        // Load. The lease's lock decides between two reports, and between a report and the end of the grace.
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        var lease = await db.Leases.FromSql($"""
            SELECT * FROM provider_registry.leases WHERE lease_id = {command.LeaseId} AND provider_id = {command.ProviderId} AND resold_from_lease_id = 0 FOR UPDATE
            """).SingleOrDefaultAsync(cancel);
        if (lease is null) return new ReportMeterOutcome.NotFound();
        if (lease.DeliveryId > 0) return new ReportMeterOutcome.ByAgent();
        await db.LeaseSlots.Where(slot => slot.LeaseId == lease.LeaseId).LoadAsync(cancel);
        var slot = lease.Slots.SingleOrDefault(slot => slot.SlotIndex == command.SlotIndex);
        if (slot is null) return new ReportMeterOutcome.NoSuchSlot(lease.Slots.Count);

        // Decide.
        var now = clock.GetUtcNow();
        var verdict = Metering.Judge(slot.ToTime, slot.SoldGpuSeconds, slot.DeliveredGpuSeconds, command.DeliveredGpuSeconds, now);
        if (verdict != MeterVerdict.Stands) return new ReportMeterOutcome.Judged(verdict, slot);

        // Save.
        var parts = await db.LockParts(lease.LeaseId, cancel);
        var node = await db.LockNode(lease.NodeId, cancel);
        MeterRecord.Write(db, lease, slot, node, command.DeliveredGpuSeconds, now);
        await db.MeterPartsOf(slot, parts, now, cancel);
        await db.SaveChangesAsync(cancel);
        await transaction.CommitAsync(cancel);
        return new ReportMeterOutcome.Judged(verdict, slot);
    }
}
