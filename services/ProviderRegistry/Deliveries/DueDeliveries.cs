using ComputeExchange.ProviderRegistry.Domain;
using ComputeExchange.ProviderRegistry.Storage;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.ProviderRegistry.Deliveries;

/// <summary>Which deliveries something is to be done with.</summary>
internal static class DueDeliveries
{
    /// <summary>Those with which something may be due at a time, in the order of their numbers: what a part is sold out of before the part.</summary>
    public static Task<List<long>> Find(ProviderRegistryDb db, DateTimeOffset now, CancellationToken cancel)
    {
        var gate = now + DeliveryRules.Gate;
        var provisioned = now - DeliveryRules.ProvisionLimit;
        var lost = now - DeliveryRules.LostGrace;
        return db.Database.SqlQuery<long>($"""
            SELECT delivery.delivery_id AS "Value"
            FROM provider_registry.deliveries AS delivery JOIN provider_registry.agents AS agent ON agent.node_id = delivery.node_id
            WHERE delivery.ended_time IS NULL AND delivery.from_time <= {gate} AND (
                cardinality(delivery.gpu_uuids) = 0 OR delivery.to_time <= {now} OR delivery.interrupt_time <= {now}
                OR (delivery.active_time IS NULL AND delivery.from_time <= {provisioned})
                OR agent.lost_time <= {lost} OR agent.standing IN ('Suspended', 'Retired'))
            UNION
            SELECT delivery_id FROM provider_registry.leases WHERE state = 'Scheduled' AND from_time <= {now} AND delivery_id > 0
            UNION
            SELECT lease.delivery_id
            FROM provider_registry.lease_slots AS slot JOIN provider_registry.leases AS lease ON lease.lease_id = slot.lease_id
            WHERE slot.metered_time IS NULL AND slot.to_time <= {now} AND lease.delivery_id > 0
            UNION
            SELECT whole.delivery_id
            FROM provider_registry.leases AS part JOIN provider_registry.leases AS whole ON whole.lease_id = part.resold_from_lease_id
            WHERE part.resold_from_lease_id > 0 AND part.unmetered_slot_count > 0 AND part.from_time <= {now} AND whole.delivery_id > 0
            UNION
            SELECT delivery.delivery_id
            FROM provider_registry.deliveries AS delivery JOIN provider_registry.leases AS lease ON lease.delivery_id = delivery.delivery_id
            WHERE delivery.ended_time < delivery.to_time AND delivery.to_time > {now} AND lease.unmetered_slot_count > 0
            ORDER BY "Value"
            """).ToListAsync(cancel);
    }
}
