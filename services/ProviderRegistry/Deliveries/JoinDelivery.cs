using ComputeExchange.ProviderRegistry.Agents;
using ComputeExchange.ProviderRegistry.Domain;
using ComputeExchange.ProviderRegistry.Feed;
using ComputeExchange.ProviderRegistry.Storage;
using ComputeExchange.ProviderRegistry.V1;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.ProviderRegistry.Deliveries;

/// <summary>Makes a lease on a node with an agent a delivery, or a part of one that goes on.</summary>
/// <remarks>
/// That a lease was paid for and which bid bought it are told on two ways, and either may be the first. So a lease that turns
/// out to go on from another one may have a delivery of its own already: it is taken into the other as long as it has not begun.
/// </remarks>
internal static class JoinDelivery
{
    /// <summary>A lease was heard of; the caller has added it and saves.</summary>
    public static async Task Heard(ProviderRegistryDb db, LeaseRow lease, DateTimeOffset at, CancellationToken cancel)
    {
        // Most exchanges have no such node, and most leases none: the lock is taken only where there is something to lock.
        if (!await db.Agents.AsNoTracking().AnyAsync(agent => agent.NodeId == lease.NodeId, cancel)) return;
        await db.LockSales(cancel);
        if (await db.SoldLeases.AsNoTracking().SingleOrDefaultAsync(sold => sold.LeaseId == lease.LeaseId, cancel) is { } bought)
        {
            // It may have been moved before it was paid for.
            (lease.BidId, lease.NodeId) = (bought.BidId, bought.NodeId);
        }
        if (await db.LockAgent(lease.NodeId, cancel) is null) return;
        var node = await db.Nodes.AsNoTracking().SingleAsync(row => row.NodeId == lease.NodeId, cancel);

        var delivery = new DeliveryRow
        {
            DeliveryId = lease.LeaseId,
            NodeId = lease.NodeId,
            ProviderId = node.ProviderId,
            BuyerId = lease.BuyerId,
            GpuCount = lease.GpuCount,
            FromTime = lease.FromTime,
            ToTime = lease.ToTime,
        };
        lease.DeliveryId = delivery.DeliveryId;
        db.Deliveries.Add(delivery);
        db.Note(delivery, at, lease.ResoldFromLeaseId > 0 ? $"Sold on out of lease {lease.ResoldFromLeaseId}." : "Bought and paid for.");
        await db.SaveChangesAsync(cancel);
        await Connect(db, lease, delivery, at, cancel);
    }

    /// <summary>It is known which bid bought a lease; its row says so, and the caller saves.</summary>
    public static async Task Bought(ProviderRegistryDb db, LeaseRow lease, DateTimeOffset at, CancellationToken cancel)
    {
        if (lease.DeliveryId == 0) return;
        await db.LockAgent(lease.NodeId, cancel);
        if (await db.LockDelivery(lease.DeliveryId, cancel) is { } delivery) await Connect(db, lease, delivery, at, cancel);
    }

    /// <summary>A lease that has not begun is on another node of its provider now; the caller saves.</summary>
    public static async Task Moved(ProviderRegistryDb db, LeaseRow lease, Guid toNode, DateTimeOffset at, CancellationToken cancel)
    {
        var from = lease.NodeId;
        lease.NodeId = toNode;
        if (lease.DeliveryId == 0) return;
        foreach (var node in (Guid[])[.. new[] { from, toNode }.Order()]) await db.LockAgent(node, cancel);
        if (await db.LockDelivery(lease.DeliveryId, cancel) is not { } delivery || delivery.DeliveryId != lease.LeaseId) return;
        (delivery.NodeId, delivery.GpuUuids, lease.Gpus) = (toNode, [], []);
        db.Note(delivery, at, "Moved to another node of the same provider.");
        await db.WantAnew([from, toNode], cancel);
    }

    /// <summary>What is known of a lease by its bid: what it goes on from or stands for, what is to run, what is to be done when it fails.</summary>
    private static async Task Connect(ProviderRegistryDb db, LeaseRow lease, DeliveryRow own, DateTimeOffset at, CancellationToken cancel)
    {
        if (lease.BidId > 0 && await db.BidNotes.AsNoTracking().SingleOrDefaultAsync(note => note.BidId == lease.BidId && note.BuyerId == lease.BuyerId, cancel) is { } note)
        {
            (lease.ExtendsLeaseId, lease.ReplacesLeaseId) = (note.ExtendsLeaseId, note.ReplacesLeaseId);
            if (note.RebidLimitMicrosPerGpuHour > 0) own.RebidLimitMicrosPerGpuHour = note.RebidLimitMicrosPerGpuHour;
        }
        if (own.DeliveryId == lease.LeaseId && own.ActiveTime is null && own.EndedTime is null && await Earlier(db, lease, cancel) is { } earlier)
        {
            await GoOn(db, lease, own, earlier, at, cancel);
            return;
        }
        if (own.WorkloadId is null && await Inherited(db, lease, cancel) is { } workload)
        {
            if (workload.IsErased()) db.Note(own, at, "The environment of its workload was erased meanwhile: set the workload again.");
            else own.WorkloadId = workload.WorkloadId;
        }
        await db.SaveChangesAsync(cancel);
        await db.WantAnew([own.NodeId], cancel);
    }

    private static async Task<DeliveryRow?> Earlier(ProviderRegistryDb db, LeaseRow lease, CancellationToken cancel)
    {
        if (lease.BidId == 0 && lease.ExtendsLeaseId == 0) return null;
        var before = await db.Leases.AsNoTracking()
            .Where(other => other.NodeId == lease.NodeId && other.ToTime == lease.FromTime && other.BuyerId == lease.BuyerId && other.DeliveryId > 0)
            .OrderBy(other => other.LeaseId).ToListAsync(cancel);
        foreach (var other in before.Where(other => LeaseChains.GoesOn(Link(other), Link(lease))))
        {
            // One delivery goes on once.
            if (await db.LockDelivery(other.DeliveryId, cancel) is { EndedTime: null } delivery && delivery.ToTime == lease.FromTime && CanGoOn(delivery)) return delivery;
        }
        return null;
    }

    /// <summary>A delivery that is to end for another reason than that nothing was bought after it does not go on.</summary>
    private static bool CanGoOn(DeliveryRow delivery) => delivery.InterruptTime is null || delivery.InterruptReason == DeliveryCloseReason.Outbid;

    private static async Task GoOn(ProviderRegistryDb db, LeaseRow lease, DeliveryRow own, DeliveryRow earlier, DateTimeOffset at, CancellationToken cancel)
    {
        await db.DeliveryEvents.Where(happened => happened.DeliveryId == own.DeliveryId).ExecuteDeleteAsync(cancel);
        db.Deliveries.Remove(own);
        lease.DeliveryId = earlier.DeliveryId;
        earlier.ToTime = lease.ToTime;
        if (earlier.InterruptTime is not null)
        {
            (earlier.NoticedTime, earlier.InterruptTime, earlier.InterruptReason) = (null, null, DeliveryCloseReason.Unspecified);
            if (earlier.Phase == DeliveryPhase.Interrupting) earlier.Phase = DeliveryPhase.Active;
        }
        if (own.WorkloadId is { } workload) earlier.WorkloadId = workload;
        if (own.RebidLimitMicrosPerGpuHour > 0) earlier.RebidLimitMicrosPerGpuHour = own.RebidLimitMicrosPerGpuHour;
        db.Note(earlier, at, $"It goes on until {lease.ToTime:yyyy-MM-dd HH:mm:ss} UTC with lease {lease.LeaseId}.");
        await db.SaveChangesAsync(cancel);
        await db.WantAnew([earlier.NodeId], cancel);
    }

    /// <summary>What is to run on it by its bid, or as on the lease that it stands for.</summary>
    private static async Task<WorkloadRow?> Inherited(ProviderRegistryDb db, LeaseRow lease, CancellationToken cancel)
    {
        if (lease.BidId > 0 && await db.Workloads.AsNoTracking().Where(row => row.BidId == lease.BidId && row.BuyerId == lease.BuyerId)
                .OrderByDescending(row => row.SetTime).FirstOrDefaultAsync(cancel) is { } set) return set;
        if (lease.ReplacesLeaseId == 0) return null;
        var replaced = await db.Leases.AsNoTracking().Where(row => row.LeaseId == lease.ReplacesLeaseId && row.BuyerId == lease.BuyerId).Select(row => row.DeliveryId).SingleOrDefaultAsync(cancel);
        return await (
            from delivery in db.Deliveries.AsNoTracking()
            join workload in db.Workloads.AsNoTracking() on delivery.WorkloadId equals workload.WorkloadId
            where delivery.DeliveryId == replaced
            select workload).SingleOrDefaultAsync(cancel);
    }

    private static ChainLink Link(LeaseRow lease) => new(
        lease.LeaseId, lease.NodeId, lease.BuyerId, lease.GpuCount, lease.FromTime, lease.ToTime, lease.BidId, lease.ExtendsLeaseId, lease.ResoldFromLeaseId > 0);
}
