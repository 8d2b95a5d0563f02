using ComputeExchange.Facts;
using ComputeExchange.Facts.Hearing;
using ComputeExchange.Facts.Settlement.V1;
using ComputeExchange.ProviderRegistry.Deliveries;
using ComputeExchange.ProviderRegistry.Domain;
using ComputeExchange.ProviderRegistry.Storage;

namespace ComputeExchange.ProviderRegistry.Leases;

/// <summary>Makes the lease of capacity that was paid for.</summary>
public sealed class ScheduleLease(ProviderRegistryDb db) : IHear<CapacityPaid>
{
    /// <inheritdoc />
    public async Task Hear(CapacityPaid happened, DateTimeOffset at, CancellationToken cancel)
    {
        if (await db.Leases.FindAsync([happened.LeaseId], cancel) is not null) return;
        var lease = new LeaseRow
        {
            LeaseId = happened.LeaseId,
            NodeId = happened.NodeId,
            ProviderId = happened.ProviderId,
            BuyerId = happened.BuyerId,
            Market = happened.Market,
            GpuCount = happened.Gpus,
            ResoldFromLeaseId = happened.ResoldFrom,
            FromTime = happened.Slots[0].FromTime.ToUniversalTime(),
            ToTime = happened.Slots[^1].ToTime.ToUniversalTime(),
            State = LeaseState.Scheduled,
            UnmeteredSlotCount = happened.Slots.Count,
            TraceParent = Tracing.Current is { Length: > 0 } trace ? trace : null,
            Slots = [.. happened.Slots.Select((slot, index) => new LeaseSlotRow
            {
                LeaseId = happened.LeaseId,
                SlotIndex = index,
                FromTime = slot.FromTime.ToUniversalTime(),
                ToTime = slot.ToTime.ToUniversalTime(),
                SoldGpuSeconds = Metering.SoldGpuSeconds(happened.Gpus, slot.FromTime, slot.ToTime),
            })],
        };
        db.Leases.Add(lease);
        Measures.Scheduled();
        await JoinDelivery.Heard(db, lease, at, cancel);
    }
}
