using ComputeExchange.Hosting;
using ComputeExchange.ProviderRegistry.Domain;
using ComputeExchange.ProviderRegistry.Storage;
using ComputeExchange.ProviderRegistry.V1;

namespace ComputeExchange.ProviderRegistry.Deliveries;

/// <summary>The buyer ends a delivery now.</summary>
public sealed record EndDelivery(Guid BuyerId, long LeaseId);

/// <summary>The provider takes a delivery back.</summary>
public sealed record ReclaimLease(Guid ProviderId, long LeaseId, string Reason);

/// <summary>Ends deliveries before their time, for their buyer at once, for their provider with notice.</summary>
public sealed class EndDeliveryHandler(ProviderRegistryDb db, RunDelivery run, GetDeliveryHandler get, TimeProvider clock)
{
    private const int ReasonLengthMax = 200;

    /// <summary>Ends it for its buyer; what is left of its leases is paid for all the same.</summary>
    /// <exception cref="Grpc.Core.RpcException">There is none of the buyer's, or it is over.</exception>
    public async Task<Delivery> Handle(EndDelivery command, CancellationToken cancel)
    {
        await using (var transaction = await db.Database.BeginTransactionAsync(cancel))
        {
            var delivery = await OwnDelivery.Find(db, command.LeaseId, command.BuyerId, cancel);

            // Said twice is said once.
            if (delivery.CloseReason != DeliveryCloseReason.BuyerEnded)
            {
                var held = await OwnDelivery.HoldBought(db, command.LeaseId, command.BuyerId, cancel);
                var now = clock.GetUtcNow();
                await run.Close(held, now, DeliveryCloseReason.BuyerEnded, now, cancel);
                await db.SaveChangesAsync(cancel);
                await transaction.CommitAsync(cancel);
            }
        }
        db.ChangeTracker.Clear();
        return await get.Handle(new GetDelivery(command.LeaseId, command.BuyerId), cancel);
    }

    /// <summary>Announces that its provider takes it back after the notice that its policy says.</summary>
    /// <exception cref="Grpc.Core.RpcException">There is none on the provider's nodes, it is over, or ends before the notice is.</exception>
    public async Task<Delivery> Handle(ReclaimLease command, CancellationToken cancel)
    {
        if (command.Reason.Trim().Length == 0) throw Refuse.Field("reason", "is missing: say to the buyer why.");
        if (command.Reason.Length > ReasonLengthMax || command.Reason.Any(char.IsControl))
            throw Refuse.Field("reason", $"can have {ReasonLengthMax} characters on one line.");
        await using (var transaction = await db.Database.BeginTransactionAsync(cancel))
        {
            var held = await OwnDelivery.HoldSold(db, command.LeaseId, command.ProviderId, cancel);
            var now = clock.GetUtcNow();
            var end = now + await Reclaim.NoticeOf(db, held.Node.NodeId, cancel);

            // Said twice is said once: the notice that was given first runs on.
            if (held.Delivery.InterruptReason != DeliveryCloseReason.Reclaimed)
            {
                if (end >= held.Delivery.ToTime)
                    throw Refuse.Rule("ENDS_BEFORE_NOTICE", $"It ends at {held.Delivery.ToTime:yyyy-MM-dd HH:mm:ss} UTC, before your notice would be over at {end:yyyy-MM-dd HH:mm:ss} UTC.", "lease_id");
                if (!await Interrupt.Notice(db, held.Delivery, DeliveryCloseReason.Reclaimed, end, now, command.Reason, cancel))
                    throw Refuse.Rule("ENDS_BEFORE_NOTICE", $"It is interrupted at {held.Delivery.InterruptTime:yyyy-MM-dd HH:mm:ss} UTC already.", "lease_id");
                await db.SaveChangesAsync(cancel);
                await transaction.CommitAsync(cancel);
            }
        }
        db.ChangeTracker.Clear();
        return await get.Handle(new GetDelivery(command.LeaseId, command.ProviderId), cancel);
    }
}
