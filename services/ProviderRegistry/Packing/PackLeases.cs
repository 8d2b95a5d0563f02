using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.ProviderRegistry.Domain;
using ComputeExchange.ProviderRegistry.Domain.Selling;
using ComputeExchange.ProviderRegistry.Policies;
using ComputeExchange.ProviderRegistry.Storage;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.ProviderRegistry.Packing;

/// <summary>Between a slot's gate and its begin, moves leases that begin with it: away from nodes that are lost or away, and together where that frees whole nodes.</summary>
/// <remarks>
/// The engine moves a lease, or refuses: while a run clears, and where the other node is not all that the bid asked for. What still is
/// to be moved a minute later is asked again.
/// </remarks>
public sealed class PackLeases(ProviderRegistryDb db, TimeProvider clock)
{
    private const int MovesPerSlot = 4;

    /// <summary>Asks for the moves of the slot whose gate is closed; returns how many.</summary>
    public async Task<int> Run(CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        var grid = await db.Grid(cancel);
        var slot = grid.StartOf(now) + grid.Slot;
        if (now < slot - TimeSpan.FromMinutes(grid.GateMinutes)) return 0;
        var owners = await (
            from lease in db.SoldLeases.AsNoTracking()
            where lease.FromTime == slot && lease.ResoldFromLeaseId == 0
            join node in db.Nodes.AsNoTracking() on lease.NodeId equals node.NodeId
            select new { node.ProviderId, node.Market }).Distinct().ToListAsync(cancel);
        var moves = 0;
        foreach (var owner in owners.OrderBy(owner => owner.ProviderId).ThenBy(owner => owner.Market))
            moves += await Pack(owner.ProviderId, owner.Market, grid, slot, now, cancel);
        if (moves > 0) await db.SaveChangesAsync(cancel);
        return moves;
    }

    private async Task<int> Pack(Guid providerId, string market, MarketGrid grid, DateTimeOffset slot, DateTimeOffset now, CancellationToken cancel)
    {
        var nodes = await db.Nodes.AsNoTracking().Where(node => node.ProviderId == providerId && node.Market == market)
            .Join(db.Agents.AsNoTracking(), node => node.NodeId, agent => agent.NodeId, (node, agent) => new { node.NodeId, node.GpuCount, agent.Standing, agent.LostTime })
            .ToListAsync(cancel);
        if (nodes.Count < 2) return 0;
        var ids = nodes.Select(node => node.NodeId).ToArray();
        var sold = await db.SoldLeases.AsNoTracking().Where(lease => ids.Contains(lease.NodeId) && lease.ToTime > slot && lease.ResoldFromLeaseId == 0).ToListAsync(cancel);
        var row = new SlotRow(grid, slot, (int)Math.Max(1, (sold.Max(lease => lease.ToTime) - slot).Ticks / grid.Slot.Ticks));
        var away = (await db.Maintenance.AsNoTracking().Where(window => ids.Contains(window.NodeId) && !window.Cancelled && window.ToTime > slot).ToListAsync(cancel))
            .ToLookup(window => window.NodeId);
        var byHand = (await db.NodeOffers.AsNoTracking().Where(offer => ids.Contains(offer.NodeId) && offer.Open && !offer.ByPolicy && offer.ToTime > slot).ToListAsync(cancel))
            .ToLookup(offer => offer.NodeId, offer => new OpenOffer(offer.OfferId, offer.GpuCount, offer.FromTime, offer.ToTime, 0, 0, 1, false));
        var parts = sold.Select(lease => (lease.NodeId, Part: new SoldPart(lease.OfferId, lease.GpuCount, lease.FromTime, lease.ToTime))).ToLookup(one => one.NodeId, one => one.Part);

        var packable = nodes.Select(node => new PackableNode(
            node.Standing == NodeStanding.Verified && node.LostTime is null && !away[node.NodeId].Any(window => window.FromTime < slot + grid.Slot),
            new NodeRoom(node.NodeId, node.GpuCount, Free(row, grid, node.GpuCount, [.. parts[node.NodeId]], byHand[node.NodeId], away[node.NodeId])))).ToList();
        var staying = await Staying(sold, slot, cancel);
        var leases = sold.Select(lease =>
        {
            var (from, to) = row.Span(lease.FromTime, lease.ToTime);
            return new PackableLease(lease.LeaseId, lease.NodeId, lease.GpuCount, from, to - from, lease.FromTime == slot && !staying.Contains(lease.LeaseId));
        }).ToList();

        var asked = 0;
        foreach (var move in PackingPlanner.Plan(packable, leases, MovesPerSlot))
        {
            var id = DerivedId.Of($"move {move.LeaseId} {move.NodeId} {now:yyyyMMddHHmm}");
            if (await db.EngineCommands.AnyAsync(command => command.CommandId == id, cancel)) continue;
            db.Command(id, new EngineCommand { MoveLease = new MoveLease { LeaseId = move.LeaseId, NodeId = move.NodeId.ToString() } });
            asked++;
        }
        return asked;
    }

    /// <summary>Leases that stay where they are: sold on, a part of what runs or goes on, beside another of the same bid, or not paid yet.</summary>
    private async Task<HashSet<long>> Staying(List<SoldLeaseRow> sold, DateTimeOffset slot, CancellationToken cancel)
    {
        var beginning = sold.Where(lease => lease.FromTime == slot).ToList();
        var ids = beginning.Select(lease => lease.LeaseId).ToArray();
        var resold = await db.SoldLeases.AsNoTracking().Where(lease => ids.Contains(lease.ResoldFromLeaseId)).Select(lease => lease.ResoldFromLeaseId).ToListAsync(cancel);
        var alone = await (
            from lease in db.Leases.AsNoTracking()
            where ids.Contains(lease.LeaseId) && lease.DeliveryId == lease.LeaseId
            join delivery in db.Deliveries.AsNoTracking() on lease.DeliveryId equals delivery.DeliveryId
            where delivery.ToTime == lease.ToTime && delivery.EndedTime == null && delivery.ActiveTime == null
            select lease.LeaseId).ToListAsync(cancel);
        var beside = beginning.GroupBy(lease => (lease.BidId, lease.NodeId)).Where(group => group.Count() > 1).SelectMany(group => group.Select(lease => lease.LeaseId));
        return [.. ids.Except(alone).Concat(resold).Concat(beside)];
    }

    private static int[] Free(
        SlotRow row, MarketGrid grid, int gpuCount, List<SoldPart> sold, IEnumerable<OpenOffer> byHand, IEnumerable<MaintenanceRow> away)
    {
        var free = row.Sold(sold);
        for (var slot = 0; slot < free.Length; slot++) free[slot] = gpuCount - free[slot];
        foreach (var offer in byHand)
        {
            var unsold = row.Unsold(offer, sold);
            for (var slot = 0; slot < free.Length; slot++) free[slot] -= unsold[slot];
        }
        foreach (var window in away)
            for (var slot = 0; slot < free.Length; slot++)
                if (window.FromTime < row.StartOf(slot) + grid.Slot && window.ToTime > row.StartOf(slot)) free[slot] = 0;
        return free;
    }
}
