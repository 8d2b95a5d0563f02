using System.Diagnostics;
using ComputeExchange.Facts;
using ComputeExchange.Hosting.Jobs;
using ComputeExchange.ProviderRegistry.Domain;
using ComputeExchange.ProviderRegistry.Meters;
using ComputeExchange.ProviderRegistry.Storage;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.ProviderRegistry.Leases;

/// <summary>Begins the leases whose time has come, and counts as not delivered what nobody reported within the grace.</summary>
/// <remarks>It does all that is due up to a moment, however long ago the last moment was. What nodes with an agent deliver is run by <see cref="Deliveries.DeliveryLoop"/>.</remarks>
public sealed class RunLeases(ProviderRegistryDb db) : IClockJob
{
    /// <inheritdoc />
    public async Task Run(DateTimeOffset due, CancellationToken cancel)
    {
        // A report of the same slot waits for these locks, or this for its: the slots are read after.
        var graceEnded = due - Metering.Grace;
        var leases = await db.Leases.FromSql($"""
            SELECT * FROM provider_registry.leases
            WHERE delivery_id = 0 AND (state = 'Scheduled' AND from_time <= {due}
               OR lease_id IN (SELECT lease_id FROM provider_registry.lease_slots WHERE metered_time IS NULL AND to_time <= {graceEnded}))
            ORDER BY lease_id FOR UPDATE
            """).ToListAsync(cancel);
        if (leases.Count == 0) return;
        var nodes = (await db.LockNodes([.. leases.Select(lease => lease.NodeId).Distinct()], cancel)).ToDictionary(node => node.NodeId);

        await Begin([.. leases.Where(lease => lease.State == LeaseState.Scheduled && lease.FromTime <= due)], nodes, cancel);
        await CountUnreported(leases.ToDictionary(lease => lease.LeaseId), nodes, graceEnded, due, cancel);
    }

    private async Task Begin(List<LeaseRow> begun, Dictionary<Guid, NodeRow> nodes, CancellationToken cancel)
    {
        foreach (var lease in begun)
        {
            using var span = Measures.Spans.Continue("start lease", ActivityKind.Internal, lease.TraceParent);
            span?.SetTag("cx.lease.id", lease.LeaseId);
            lease.State = LeaseState.Active;
            Measures.Started();
        }
        foreach (var (nodeId, leases) in begun.Where(lease => lease.ResoldFromLeaseId == 0).GroupBy(lease => lease.NodeId).ToDictionary(group => group.Key, group => group.ToList()))
        {
            if (!nodes.TryGetValue(nodeId, out var node)) continue;
            var namedUntil = node.NamedUntil ?? DateTimeOffset.MinValue;
            var holdings = await db.Leases
                .Where(lease => lease.NodeId == nodeId && lease.ResoldFromLeaseId == 0 && lease.ToTime > namedUntil && lease.Gpus.Count > 0)
                .Select(lease => new { lease.Gpus, lease.ToTime }).ToListAsync(cancel);

            var (namings, until) = GpuNaming.Name(
                leases.Select(lease => new Beginning(lease.LeaseId, lease.GpuCount, lease.FromTime, lease.ToTime)),
                holdings.Select(held => new Holding(held.Gpus, held.ToTime)),
                namedUntil);

            node.NamedUntil = until;
            foreach (var naming in namings) leases.Single(lease => lease.LeaseId == naming.LeaseId).Gpus = [.. naming.Gpus];
        }
        foreach (var part in begun.Where(lease => lease.ResoldFromLeaseId > 0).OrderBy(lease => lease.LeaseId)) await BeginPart(part, cancel);
    }

    /// <summary>What was sold on gets GPUs of the lease that it is a part of: the first that no other part holds.</summary>
    private async Task BeginPart(LeaseRow part, CancellationToken cancel)
    {
        if (await db.Leases.FindAsync([part.ResoldFromLeaseId], cancel) is not { } whole) return;
        await db.Leases.Where(other => other.ResoldFromLeaseId == whole.LeaseId && other.ToTime > part.FromTime).LoadAsync(cancel);
        var taken = db.Leases.Local
            .Where(other => other.ResoldFromLeaseId == whole.LeaseId && other.ToTime > part.FromTime)
            .SelectMany(other => other.Gpus).ToHashSet();
        part.Gpus = [.. whole.Gpus.Where(gpu => !taken.Contains(gpu)).Take(part.GpuCount)];
    }

    private async Task CountUnreported(
        Dictionary<long, LeaseRow> leases, Dictionary<Guid, NodeRow> nodes, DateTimeOffset graceEnded, DateTimeOffset due, CancellationToken cancel)
    {
        var unreported = await db.LeaseSlots
            .Where(slot => leases.Keys.Contains(slot.LeaseId) && slot.MeteredTime == null && slot.ToTime <= graceEnded)
            .OrderBy(slot => slot.LeaseId).ThenBy(slot => slot.SlotIndex)
            .ToListAsync(cancel);
        foreach (var slot in unreported)
        {
            // A part was metered with its lease, which comes before it; or it was known too late for that.
            if (slot.MeteredTime is not null) continue;
            var lease = leases[slot.LeaseId];
            if (lease.ResoldFromLeaseId > 0)
            {
                await db.MeterLate(lease, slot, due, cancel);
                continue;
            }
            Measures.Unreported();
            MeterRecord.Write(db, lease, slot, nodes.GetValueOrDefault(lease.NodeId), deliveredGpuSeconds: 0, due);
            await db.MeterPartsOf(slot, leases.Values.Where(other => other.ResoldFromLeaseId > 0), due, cancel);
        }
    }
}
