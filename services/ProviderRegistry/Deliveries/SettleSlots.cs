using ComputeExchange.ProviderRegistry.Domain;
using ComputeExchange.ProviderRegistry.Meters;
using ComputeExchange.ProviderRegistry.Storage;

namespace ComputeExchange.ProviderRegistry.Deliveries;

/// <summary>Settles the slots of a delivery that are over: each once, with what counts of both sides' figures, and the parts of it by their shares.</summary>
internal static class SettleSlots
{
    /// <summary>Settles what is due; the caller holds the delivery and saves.</summary>
    /// <param name="db">Where.</param>
    /// <param name="held">The delivery.</param>
    /// <param name="patience">How long the node's last readings were waited for in real time.</param>
    /// <param name="now">The time.</param>
    /// <param name="cancel">Gives up.</param>
    public static async Task Run(ProviderRegistryDb db, HeldDelivery held, RealWait patience, DateTimeOffset now, CancellationToken cancel)
    {
        var ended = held.Delivery.EndedTime;
        var early = ended is not null && DeliveryRules.LeavesOwed(held.Delivery.CloseReason);
        var open = (
            from lease in held.Leases
            from slot in lease.Slots
            where slot.MeteredTime is null && (slot.ToTime <= now || early)
            orderby slot.FromTime, lease.LeaseId
            select (Lease: lease, Slot: slot)).ToList();
        if (open.Count == 0) return;
        if (held.IsPart)
        {
            // What was sold on is metered with the lease that it is a part of, or now where it became known after that.
            foreach (var (lease, slot) in open) await db.MeterLate(lease, slot, now, cancel);
            return;
        }
        var evidence = await Evidence.Read(db, [.. held.Leases, .. held.Parts], new Stretch(open[0].Slot.FromTime, open.Max(one => one.Slot.ToTime)), cancel);
        foreach (var (lease, slot) in open)
        {
            if (slot.ToTime > now && !evidence.IsOver(lease, slot)) continue;
            var until = ended < slot.ToTime ? ended.Value : slot.ToTime;
            if (!evidence.IsTold(lease, slot) && !(until + DeliveryMetering.LateAfter <= now && patience.Passed($"slot {lease.LeaseId}.{slot.SlotIndex}", DeliveryRules.RealPatience))) continue;

            var measure = evidence.Measure(lease, slot);
            (slot.AgentGpuSeconds, slot.RegistryGpuSeconds, slot.Resolution) = (measure.Agent, measure.Registry, measure.Resolution);
            MeterRecord.Write(db, lease, slot, held.Node, measure.Delivered, now, measure.Unnotified, held.Agent);
            await db.MeterPartsOf(slot, held.Parts, now, cancel, measure.Unnotified);
        }
    }
}
