using System.Diagnostics;
using ComputeExchange.Facts;
using ComputeExchange.Facts.ProviderRegistry.V1;
using ComputeExchange.ProviderRegistry.Domain;
using ComputeExchange.ProviderRegistry.Storage;

namespace ComputeExchange.ProviderRegistry.Meters;

/// <summary>Writes what was delivered in a slot, once, and says so; the caller holds the locks of the lease and the node.</summary>
internal static class MeterRecord
{
    public static void Write(
        ProviderRegistryDb db, LeaseRow lease, LeaseSlotRow slot, NodeRow? node, long deliveredGpuSeconds, DateTimeOffset now)
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
        db.Tell(new LeaseMetered
        {
            LeaseId = lease.LeaseId,
            SlotIndex = slot.SlotIndex,
            SoldGpuSeconds = slot.SoldGpuSeconds,
            DeliveredGpuSeconds = deliveredGpuSeconds,
        });
        if (lease.UnmeteredSlotCount > 0) return;

        lease.State = LeaseStates.End(lease.UndeliveredGpuSeconds);
        using var end = Measures.Spans.Continue("end lease", ActivityKind.Internal, span?.Id);
        end?.SetTag("cx.lease.id", lease.LeaseId).SetTag("cx.lease.state", lease.State.ToString());
        Measures.Ended(lease.State);
        db.Tell(new LeaseEnded { LeaseId = lease.LeaseId, Whole = lease.State == LeaseState.Ended });
    }
}
