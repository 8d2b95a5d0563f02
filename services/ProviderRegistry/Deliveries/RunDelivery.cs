using System.Diagnostics;
using ComputeExchange.Facts;
using ComputeExchange.ProviderRegistry.Domain;
using ComputeExchange.ProviderRegistry.Storage;
using ComputeExchange.ProviderRegistry.V1;
using ComputeExchange.ProviderRegistry.Webhooks;
using Microsoft.EntityFrameworkCore;
using LeaseState = ComputeExchange.ProviderRegistry.Domain.LeaseState;

namespace ComputeExchange.ProviderRegistry.Deliveries;

/// <summary>Does with one delivery all that is due: names its GPUs, begins its leases, interrupts and ends it, and settles its slots.</summary>
/// <remarks>What is due follows from what is stored and the time alone, so it may be done at any moment, and again.</remarks>
public sealed class RunDelivery(ProviderRegistryDb db, TimeProvider clock, RealWait patience)
{
    /// <summary>Does it, in one transaction.</summary>
    public async Task Handle(long deliveryId, CancellationToken cancel)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        if (await db.Hold(deliveryId, cancel) is not { } held) return;
        var now = clock.GetUtcNow();
        await Begin(held, now, cancel);
        if (held.Delivery.EndedTime is null) await Go(held, now, cancel);
        await SettleSlots.Run(db, held, patience, now, cancel);
        await db.SaveChangesAsync(cancel);
        await transaction.CommitAsync(cancel);
    }

    private async Task Begin(HeldDelivery held, DateTimeOffset now, CancellationToken cancel)
    {
        var delivery = held.Delivery;
        if (delivery.EndedTime is null && delivery.GpuUuids.Count == 0 && delivery.FromTime <= now + DeliveryRules.Gate && now < delivery.ToTime)
            await NameGpus.Name(db, held, now, cancel);
        foreach (var lease in held.Leases.Where(lease => lease.State == LeaseState.Scheduled && lease.FromTime <= now))
        {
            using var span = Measures.Spans.Continue("start lease", ActivityKind.Internal, lease.TraceParent);
            span?.SetTag("cx.lease.id", lease.LeaseId);
            lease.State = LeaseState.Active;
            if (lease.Gpus.Count == 0) lease.Gpus = [.. held.Leases[0].Gpus];
            Measures.Started();
        }
    }

    private async Task Go(HeldDelivery held, DateTimeOffset now, CancellationToken cancel)
    {
        var (delivery, agent) = (held.Delivery, held.Agent);
        var lost = $"lost {delivery.DeliveryId}";
        if (agent.LostTime is null) patience.Forget(lost);

        if (delivery.InterruptTime <= now) await Close(held, delivery.InterruptTime.Value, delivery.InterruptReason, now, cancel);
        else if (delivery.ToTime <= now)
        {
            if (delivery.ActiveTime is not null) await Close(held, delivery.ToTime, DeliveryCloseReason.Completed, now, cancel);
            else if (patience.Passed($"provision {delivery.DeliveryId}", DeliveryRules.RealPatience)) await Close(held, delivery.ToTime, DeliveryCloseReason.ProvisionFailed, now, cancel);
        }
        else if (delivery.FromTime <= now && agent.LostTime + DeliveryRules.LostGrace <= now && patience.Passed(lost, DeliveryRules.RealLostGrace))
            await Close(held, now, DeliveryCloseReason.NodeLost, now, cancel);
        else if (delivery.ActiveTime is null && delivery.FromTime + DeliveryRules.ProvisionLimit <= now && patience.Passed($"provision {delivery.DeliveryId}", DeliveryRules.RealPatience))
            await Close(held, now, DeliveryCloseReason.ProvisionFailed, now, cancel);
        else if (agent.Standing is NodeStanding.Suspended or NodeStanding.Retired)
            await Interrupt.Notice(db, delivery, DeliveryCloseReason.NodeSuspended, now + DeliveryRules.LeastNotice, now, agent.StandingReason, cancel);
        else if (delivery.GpuUuids.Count > 0 && delivery.FromTime <= now) await Reassign(held, now, cancel);
    }

    /// <summary>GPUs go to the buyers of parts when these begin, and come back when they end.</summary>
    private async Task Reassign(HeldDelivery held, DateTimeOffset now, CancellationToken cancel)
    {
        var delivery = held.Delivery;
        var left = await NameGpus.Left(db, held, now, cancel);
        if (left.Count == 0 && held.Parts.Count > 0) await Close(held, now, DeliveryCloseReason.Resold, now, cancel);
        else if (left.Count > 0 && !left.SequenceEqual(delivery.GpuUuids))
        {
            db.Note(delivery, now, $"It has {left.Count} GPUs now, and had {delivery.GpuUuids.Count}: a part of it was sold on.");
            delivery.GpuUuids = left;
            await db.WantAnew([delivery.NodeId], cancel);
        }
    }

    /// <summary>It is over: the node and both sides are told, and the rest is bid for again where it is owed and its buyer wants that. The caller saves.</summary>
    internal async Task Close(HeldDelivery held, DateTimeOffset at, DeliveryCloseReason reason, DateTimeOffset now, CancellationToken cancel)
    {
        var delivery = held.Delivery;
        var failed = DeliveryRules.IsFailure(reason);
        delivery.EndedTime = at;
        delivery.CloseReason = reason;
        delivery.Phase = failed ? DeliveryPhase.Failed : DeliveryPhase.Ended;

        // What was announced before was for another end.
        if (reason is DeliveryCloseReason.NodeLost or DeliveryCloseReason.ProvisionFailed) delivery.NoticedTime = now;
        var sentence = DeliveryRules.Sentence(reason);
        if (failed && delivery.Message.Length == 0) delivery.Message = sentence;
        db.Note(delivery, now, $"Over: {sentence}");
        await db.WantAnew([delivery.NodeId], cancel);

        var told = DeliveryWords.Told(delivery);
        await db.Announce(delivery.BuyerId, failed ? "delivery.failed" : "delivery.ended", told, now, cancel);
        if (failed)
        {
            db.Note(delivery.NodeId, now, "delivery_failed", Notes.Exchange, $"Delivery {delivery.DeliveryId} failed: {sentence}");
            await db.Announce(delivery.ProviderId, "delivery.failed", told, now, cancel);
        }
        if (DeliveryRules.LeavesOwed(reason) && at < delivery.ToTime) Rebid.Ask(db, held, now);
    }
}
