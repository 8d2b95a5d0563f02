using ComputeExchange.ProviderRegistry.Agents;
using ComputeExchange.ProviderRegistry.Storage;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.ProviderRegistry.Deliveries;

/// <summary>A delivery with all that is decided together with it, locked until the transaction ends.</summary>
/// <param name="Delivery">The delivery.</param>
/// <param name="Leases">Its leases, in the order of their time, with their slots.</param>
/// <param name="Parts">The parts of them that were sold on, and the parts of those; each a delivery of its own.</param>
/// <param name="Node">The node.</param>
/// <param name="Agent">What is known through its agent.</param>
internal sealed record HeldDelivery(
    DeliveryRow Delivery, IReadOnlyList<LeaseRow> Leases, IReadOnlyList<LeaseRow> Parts, NodeRow Node, AgentRow Agent)
{
    /// <summary>The lease whose time it is, or the first before and the last after.</summary>
    public LeaseRow LeaseAt(DateTimeOffset now) => Leases.LastOrDefault(lease => lease.FromTime <= now) ?? Leases[0];

    /// <summary>Whether it is a part of another lease.</summary>
    public bool IsPart => Leases[0].ResoldFromLeaseId > 0;
}

/// <summary>Locks deliveries, in the order in which everybody does: leases by id, the node, its agent, the delivery.</summary>
internal static class HoldDelivery
{
    /// <summary>The delivery, locked; null if there is none, or its leases are gone.</summary>
    public static async Task<HeldDelivery?> Hold(this ProviderRegistryDb db, long deliveryId, CancellationToken cancel)
    {
        var locked = await db.Leases.FromSql($"""
            WITH RECURSIVE held AS (
                SELECT lease_id FROM provider_registry.leases WHERE delivery_id = {deliveryId} AND delivery_id > 0
                UNION
                SELECT part.lease_id FROM provider_registry.leases AS part JOIN held ON part.resold_from_lease_id = held.lease_id)
            SELECT * FROM provider_registry.leases WHERE lease_id IN (SELECT lease_id FROM held) ORDER BY lease_id FOR UPDATE
            """).ToListAsync(cancel);
        var own = locked.Where(lease => lease.DeliveryId == deliveryId).OrderBy(lease => lease.FromTime).ThenBy(lease => lease.LeaseId).ToList();
        if (own.Count == 0) return null;

        var node = await db.LockNode(own[0].NodeId, cancel);
        var agent = await db.LockAgent(own[0].NodeId, cancel);
        var delivery = await db.LockDelivery(deliveryId, cancel);
        if (node is null || agent is null || delivery is null) return null;

        var ids = own.Select(lease => lease.LeaseId).ToArray();
        await db.LeaseSlots.Where(slot => ids.Contains(slot.LeaseId)).LoadAsync(cancel);
        foreach (var lease in own) lease.Slots.Sort((one, other) => one.SlotIndex.CompareTo(other.SlotIndex));
        return new HeldDelivery(delivery, own, [.. locked.Except(own)], node, agent);
    }

    /// <summary>The number of the delivery that a lease belongs to; null: there is no such lease. 0: its node has no agent.</summary>
    public static async Task<long?> DeliveryOf(this ProviderRegistryDb db, long leaseId, CancellationToken cancel) =>
        await db.Leases.AsNoTracking().Where(lease => lease.LeaseId == leaseId).Select(lease => (long?)lease.DeliveryId).SingleOrDefaultAsync(cancel);

    /// <summary>A delivery, locked.</summary>
    public static Task<DeliveryRow?> LockDelivery(this ProviderRegistryDb db, long deliveryId, CancellationToken cancel) =>
        db.Deliveries.FromSql($"SELECT * FROM provider_registry.deliveries WHERE delivery_id = {deliveryId} FOR UPDATE").SingleOrDefaultAsync(cancel);
}
