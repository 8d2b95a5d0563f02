using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.ProviderRegistry.Deliveries;
using ComputeExchange.ProviderRegistry.Storage;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.ProviderRegistry.Feed;

/// <summary>Keeps what the engine sold of nodes with an agent, and joins it with what was paid.</summary>
internal sealed class KeepSales(ProviderRegistryDb db, NodeKinds kinds)
{
    private HashSet<long>? _paid;
    private bool _locked;

    /// <summary>Waits for what was paid, once in a batch: before anything of a node or a delivery is locked, so that the two never wait for each other.</summary>
    public async Task Lock(CancellationToken cancel)
    {
        if (_locked) return;
        await db.LockSales(cancel);
        _locked = true;
    }

    /// <summary>A lease was sold.</summary>
    public async Task Sold(LeaseSold sold, DateTimeOffset at, CancellationToken cancel)
    {
        var nodeId = Guid.Parse(sold.NodeId);
        if (!await kinds.HasAgent(db, nodeId, cancel)) return;
        db.SoldLeases.Add(new SoldLeaseRow
        {
            LeaseId = sold.LeaseId,
            BidId = sold.BidId,
            OfferId = sold.OfferId,
            NodeId = nodeId,
            GpuCount = sold.GpuCount,
            FromTime = sold.Slots[0].FromTime.ToDateTimeOffset(),
            ToTime = sold.Slots[^1].ToTime.ToDateTimeOffset(),
            ResoldFromLeaseId = sold.ResoldFromLeaseId,
        });

        // It is rarely paid before it is known here: one look for the whole batch says which.
        if (_paid is null)
        {
            await Lock(cancel);
            _paid = [.. await db.Leases.Where(lease => lease.LeaseId >= sold.LeaseId).Select(lease => lease.LeaseId).ToListAsync(cancel)];
        }
        if (!_paid.Contains(sold.LeaseId) || await db.Leases.FindAsync([sold.LeaseId], cancel) is not { } lease) return;
        lease.BidId = sold.BidId;
        await db.SaveChangesAsync(cancel);
        await JoinDelivery.Bought(db, lease, at, cancel);
    }

    /// <summary>A lease is on another node.</summary>
    public async Task Moved(LeaseMoved moved, DateTimeOffset at, CancellationToken cancel)
    {
        var to = Guid.Parse(moved.ToNodeId);
        if (!await kinds.HasAgent(db, to, cancel)) return;
        await Lock(cancel);
        if (await db.SoldLeases.FindAsync([moved.LeaseId], cancel) is { } sold) sold.NodeId = to;
        if (await db.Leases.FindAsync([moved.LeaseId], cancel) is { } lease) await JoinDelivery.Moved(db, lease, to, at, cancel);
    }
}
