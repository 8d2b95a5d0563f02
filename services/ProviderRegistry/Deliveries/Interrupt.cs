using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.ProviderRegistry.Agents;
using ComputeExchange.ProviderRegistry.Domain;
using ComputeExchange.ProviderRegistry.Storage;
using ComputeExchange.ProviderRegistry.V1;
using ComputeExchange.ProviderRegistry.Webhooks;
using Google.Protobuf.WellKnownTypes;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.ProviderRegistry.Deliveries;

/// <summary>Says ahead that a delivery ends early: to the node, so that the workload learns of it, and to its buyer.</summary>
internal static class Interrupt
{
    /// <summary>Gives notice; an earlier end that was announced before stands. The caller holds the locks of the agent and the delivery, and saves.</summary>
    /// <param name="db">Where.</param>
    /// <param name="delivery">The delivery, not over.</param>
    /// <param name="reason">Why it will end.</param>
    /// <param name="end">When; not before the least notice.</param>
    /// <param name="now">When it is said.</param>
    /// <param name="why">For people; may be empty.</param>
    /// <param name="cancel">Gives up.</param>
    /// <returns>Whether it ends then; no: it ends before that anyway.</returns>
    public static async Task<bool> Notice(
        ProviderRegistryDb db, DeliveryRow delivery, DeliveryCloseReason reason, DateTimeOffset end, DateTimeOffset now, string why, CancellationToken cancel)
    {
        if (delivery.EndedTime is not null || delivery.InterruptTime <= end || end > delivery.ToTime) return false;
        delivery.NoticedTime = now;
        delivery.InterruptTime = end;
        delivery.InterruptReason = reason;
        if (delivery.Phase == DeliveryPhase.Active) delivery.Phase = DeliveryPhase.Interrupting;
        db.Note(delivery, now, $"It will be interrupted at {end:yyyy-MM-dd HH:mm:ss} UTC: {DeliveryRules.Sentence(reason)}{(why.Length > 0 ? $" {why}" : "")}");
        await db.WantAnew([delivery.NodeId], cancel);
        await db.Announce(delivery.BuyerId, "delivery.interrupting", DeliveryWords.Told(delivery), now, cancel);
        return true;
    }

    /// <summary>A standing bid loses what it held, whole or in part, at the end of the slot: those of its deliveries that do not go on are told.</summary>
    public static async Task Standing(ProviderRegistryDb db, StandingInterrupted interrupted, DateTimeOffset at, CancellationToken cancel)
    {
        var end = interrupted.EndTime.ToDateTimeOffset();
        var buyer = Guid.Parse(interrupted.BuyerId);
        var held = await (
            from lease in db.Leases.AsNoTracking()
            join delivery in db.Deliveries.AsNoTracking() on lease.DeliveryId equals delivery.DeliveryId
            where lease.BidId == interrupted.BidId && lease.BuyerId == buyer && lease.DeliveryId > 0 && lease.ToTime == end && delivery.ToTime == end && delivery.EndedTime == null
            select new { delivery.DeliveryId, delivery.NodeId, delivery.GpuCount }).Distinct().ToListAsync(cancel);
        if (held.Count == 0) return;

        var bought = interrupted.KeptGpuCount == 0 ? [] : await db.SoldLeases.AsNoTracking()
            .Where(sold => sold.BidId == interrupted.BidId && sold.FromTime == end).Select(sold => new { sold.NodeId, sold.GpuCount }).ToListAsync(cancel);
        var ending = LeaseChains.Ending(
            [.. held.Select(delivery => (delivery.DeliveryId, delivery.NodeId, delivery.GpuCount))], bought.Select(sold => (sold.NodeId, sold.GpuCount)));
        foreach (var id in ending)
        {
            await db.LockAgent(held.First(delivery => delivery.DeliveryId == id).NodeId, cancel);
            if (await db.LockDelivery(id, cancel) is not { EndedTime: null } delivery || delivery.ToTime != end) continue;
            await Notice(db, delivery, DeliveryCloseReason.Outbid, end, at, Why(interrupted), cancel);
        }
    }

    private static string Why(StandingInterrupted interrupted) => interrupted.Reason switch
    {
        InterruptionReason.Outbid => "It was outbid.",
        InterruptionReason.NoSupply => "Nothing was offered within its limit.",
        InterruptionReason.NoFunds => "The buyer's money did not cover it.",
        _ => "",
    };
}
