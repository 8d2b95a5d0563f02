using System.Diagnostics;
using ComputeExchange.Facts;
using ComputeExchange.Facts.ProviderRegistry.V1;
using ComputeExchange.ProviderRegistry.Domain;
using ComputeExchange.ProviderRegistry.Scores;
using ComputeExchange.ProviderRegistry.Storage;

namespace ComputeExchange.ProviderRegistry.Meters;

/// <summary>Writes what was delivered in a slot, once, and says so; the caller holds the locks of the lease and the node.</summary>
internal static class MeterRecord
{
    /// <param name="db">Where.</param>
    /// <param name="lease">The lease, locked.</param>
    /// <param name="slot">The slot.</param>
    /// <param name="node">The node, locked; null: its record does not count it.</param>
    /// <param name="deliveredGpuSeconds">What counts as delivered.</param>
    /// <param name="now">The time.</param>
    /// <param name="unnotifiedGpuSeconds">Of what is missing, that which nobody was told of two hours ahead.</param>
    /// <param name="agent">The node's agent, locked; null: it has none.</param>
    public static void Write(
        ProviderRegistryDb db, LeaseRow lease, LeaseSlotRow slot, NodeRow? node, long deliveredGpuSeconds, DateTimeOffset now,
        long unnotifiedGpuSeconds = 0, AgentRow? agent = null)
    {
        // The report is the provider's and has a trace of its own; what it means belongs to the lease.
        using var span = Measures.Spans.Continue(
            "meter lease", ActivityKind.Internal, lease.TraceParent, beside: Activity.Current?.Context ?? default);
        span?.SetTag("cx.lease.id", lease.LeaseId).SetTag("cx.slot.index", slot.SlotIndex);
        Measures.Metered(slot.SoldGpuSeconds, deliveredGpuSeconds);

        slot.DeliveredGpuSeconds = deliveredGpuSeconds;
        slot.MeteredTime = now;
        lease.UnmeteredSlotCount--;
        lease.UndeliveredGpuSeconds += slot.SoldGpuSeconds - deliveredGpuSeconds;
        if (node is not null)
        {
            node.SoldGpuSeconds += slot.SoldGpuSeconds;
            node.DeliveredGpuSeconds += deliveredGpuSeconds;
        }
        if (agent is not null)
        {
            var weighted = NodeScore.Add(new WeightedRecord(agent.WeightedSold, agent.WeightedDelivered, agent.WeightedTime), slot.SoldGpuSeconds, deliveredGpuSeconds, now);
            (agent.WeightedSold, agent.WeightedDelivered, agent.WeightedTime) = (weighted.Sold, weighted.Delivered, weighted.Time);
        }
        db.Tell(new LeaseMetered
        {
            LeaseId = lease.LeaseId,
            SlotIndex = slot.SlotIndex,
            SoldGpuSeconds = slot.SoldGpuSeconds,
            DeliveredGpuSeconds = deliveredGpuSeconds,
            UnnotifiedGpuSeconds = unnotifiedGpuSeconds,
        });
        if (lease.UnmeteredSlotCount > 0) return;

        lease.State = LeaseStates.End(lease.UndeliveredGpuSeconds);
        using var end = Measures.Spans.Continue("end lease", ActivityKind.Internal, span?.Id);
        end?.SetTag("cx.lease.id", lease.LeaseId).SetTag("cx.lease.state", lease.State.ToString());
        Measures.Ended(lease.State);
        db.Tell(new LeaseEnded { LeaseId = lease.LeaseId, Whole = lease.State == LeaseState.Ended });
    }
}
