using System.Diagnostics;
using System.Globalization;
using ComputeExchange.Facts.ProviderRegistry.V1;
using ComputeExchange.ProviderRegistry.Agents;
using ComputeExchange.ProviderRegistry.Domain;
using ComputeExchange.ProviderRegistry.Meters;
using ComputeExchange.ProviderRegistry.Scores;
using ComputeExchange.ProviderRegistry.Storage;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.ProviderRegistry.Disputes;

/// <summary>Puts the figure of a decision in place of what was metered, for the lease and for what was sold on of it, and says so.</summary>
internal static class CorrectMeter
{
    /// <summary>Corrects it; the caller holds the dispute and saves.</summary>
    public static async Task Apply(ProviderRegistryDb db, DisputeRow dispute, DateTimeOffset now, CancellationToken cancel)
    {
        var lease = await db.Leases.FromSql($"SELECT * FROM provider_registry.leases WHERE lease_id = {dispute.LeaseId} FOR UPDATE").SingleAsync(cancel);
        var parts = await db.LockParts(lease.LeaseId, cancel);
        var ids = parts.Select(part => part.LeaseId).Append(lease.LeaseId).ToArray();
        await db.LeaseSlots.Where(slot => ids.Contains(slot.LeaseId)).LoadAsync(cancel);
        var node = await db.LockNode(lease.NodeId, cancel);
        var agent = await db.LockAgent(lease.NodeId, cancel);

        var whole = lease.Slots.Single(slot => slot.SlotIndex == dispute.SlotIndex);
        var before = whole.DeliveredGpuSeconds ?? throw new UnreachableException($"Slot {whole.SlotIndex} of lease {lease.LeaseId} was disputed and is not metered.");
        if (!Correct(db, dispute, lease, whole, dispute.DeliveredGpuSeconds)) return;

        // The node's record counts the capacity once, with the lease that the provider sold.
        if (lease.ResoldFromLeaseId == 0)
        {
            var change = dispute.DeliveredGpuSeconds - before;
            if (node is not null) node.DeliveredGpuSeconds += change;
            if (agent is not null)
            {
                var weighted = NodeScore.Add(new WeightedRecord(agent.WeightedSold, agent.WeightedDelivered, agent.WeightedTime), 0, change, now);
                (agent.WeightedSold, agent.WeightedDelivered, agent.WeightedTime) = (weighted.Sold, weighted.Delivered, weighted.Time);
            }
        }
        var corrected = new Dictionary<long, LeaseSlotRow> { [lease.LeaseId] = whole };
        foreach (var part in parts.OrderBy(part => part.LeaseId))
        {
            if (!corrected.TryGetValue(part.ResoldFromLeaseId, out var of)) continue;
            if (part.Slots.SingleOrDefault(slot => slot.ToTime == of.ToTime) is not { MeteredTime: not null } own) continue;
            corrected.Add(part.LeaseId, own);
            Correct(db, dispute, part, own, Metering.PartOf(own.SoldGpuSeconds, of.DeliveredGpuSeconds ?? 0, of.SoldGpuSeconds));
        }
    }

    private static bool Correct(ProviderRegistryDb db, DisputeRow dispute, LeaseRow lease, LeaseSlotRow slot, long delivered)
    {
        var before = slot.DeliveredGpuSeconds ?? 0;
        if (before == delivered) return false;
        slot.DeliveredGpuSeconds = delivered;
        slot.Resolution = string.Create(CultureInfo.InvariantCulture, $"{slot.Resolution} By a dispute {delivered:N0} count, in place of {before:N0}.").TrimStart();
        lease.UndeliveredGpuSeconds += before - delivered;
        if (lease.UnmeteredSlotCount == 0) lease.State = LeaseStates.End(lease.UndeliveredGpuSeconds);
        db.Tell(new DeliveryCorrected
        {
            LeaseId = lease.LeaseId,
            SlotIndex = slot.SlotIndex,
            SoldGpuSeconds = slot.SoldGpuSeconds,
            DeliveredGpuSeconds = delivered,
            DisputeId = dispute.DisputeId,
            Reason = dispute.Reason,
        });
        return true;
    }
}
