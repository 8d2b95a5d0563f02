using ComputeExchange.Hosting;
using ComputeExchange.ProviderRegistry.Domain;
using ComputeExchange.ProviderRegistry.Storage;
using ComputeExchange.ProviderRegistry.V1;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.ProviderRegistry.Deliveries;

/// <summary>Asks for the delivery that a lease belongs to.</summary>
/// <param name="LeaseId">The lease.</param>
/// <param name="Caller">Who asks; null: one who sees everyone's.</param>
public sealed record GetDelivery(long LeaseId, Guid? Caller);

/// <summary>Answers it, to its buyer, its provider, and who sees everything.</summary>
public sealed class GetDeliveryHandler(ProviderRegistryDb db, TimeProvider clock)
{
    private const int MostEvents = 200;

    /// <summary>The delivery with both sides' meters.</summary>
    /// <exception cref="Grpc.Core.RpcException">There is none, or it is not the caller's.</exception>
    public async Task<Delivery> Handle(GetDelivery query, CancellationToken cancel)
    {
        var delivery = await Find(db, query, cancel);
        var leases = await db.Leases.AsNoTracking().Where(lease => lease.DeliveryId == delivery.DeliveryId)
            .Include(lease => lease.Slots.OrderBy(slot => slot.SlotIndex)).OrderBy(lease => lease.FromTime).ThenBy(lease => lease.LeaseId).ToListAsync(cancel);
        var node = await db.Nodes.AsNoTracking().SingleAsync(row => row.NodeId == delivery.NodeId, cancel);
        var simulated = await db.Agents.AsNoTracking().Where(agent => agent.NodeId == delivery.NodeId).Select(agent => agent.Simulated).SingleOrDefaultAsync(cancel);
        var workload = delivery.WorkloadId is { } id ? await db.Workloads.AsNoTracking().SingleOrDefaultAsync(row => row.WorkloadId == id, cancel) : null;
        var events = await db.DeliveryEvents.AsNoTracking().Where(happened => happened.DeliveryId == delivery.DeliveryId)
            .OrderByDescending(happened => happened.EventId).Take(MostEvents).ToListAsync(cancel);
        events.Reverse();
        return delivery.ToProto(
            leases, node, simulated, workload, await Meters(db, leases, clock.GetUtcNow(), cancel), events, toBuyer: query.Caller == delivery.BuyerId);
    }

    /// <summary>The delivery of a lease, for one who may see it.</summary>
    /// <exception cref="Grpc.Core.RpcException">There is none, or it is not the caller's.</exception>
    internal static async Task<DeliveryRow> Find(ProviderRegistryDb db, GetDelivery query, CancellationToken cancel)
    {
        var found = await db.Leases.AsNoTracking().Where(lease => lease.LeaseId == query.LeaseId)
            .Select(lease => new { lease.BuyerId, lease.ProviderId, lease.DeliveryId }).SingleOrDefaultAsync(cancel);
        var delivery = found is null || found.DeliveryId == 0 ? null
            : await db.Deliveries.AsNoTracking().SingleOrDefaultAsync(row => row.DeliveryId == found.DeliveryId, cancel);
        var may = query.Caller is not { } caller || caller == found?.BuyerId || caller == (delivery?.ProviderId ?? found?.ProviderId);
        if (found is null || !may) throw Refuse.NotFound($"You have no lease {query.LeaseId}.");
        return delivery ?? throw Refuse.Rule("NO_AGENT", $"Lease {query.LeaseId} is on a node without an agent: what is delivered on it is between you and its provider.", "lease_id");
    }

    /// <summary>All slots of some leases: as settled, or as they look until now.</summary>
    internal static async Task<List<DeliveryMeter>> Meters(ProviderRegistryDb db, IReadOnlyList<LeaseRow> leases, DateTimeOffset now, CancellationToken cancel)
    {
        var slots = leases.SelectMany(lease => lease.Slots, (lease, slot) => (Lease: lease, Slot: slot)).ToList();
        var open = slots.Where(one => one.Slot.MeteredTime is null && one.Slot.FromTime < now).ToList();
        var evidence = open.Count == 0 ? null
            : await Evidence.Read(db, leases, new Stretch(open.Min(one => one.Slot.FromTime), open.Max(one => one.Slot.ToTime)), cancel);
        return [.. slots.Select(one => DeliveryWords.ToMeter(one.Slot, open.Contains(one) ? evidence?.Measure(one.Lease, one.Slot, now) : null))];
    }
}
