using ComputeExchange.Hosting;
using ComputeExchange.ProviderRegistry.Storage;

namespace ComputeExchange.ProviderRegistry.Deliveries;

/// <summary>The deliveries that somebody may do something with: their buyer's, or their provider's.</summary>
internal static class OwnDelivery
{
    /// <summary>The delivery of a lease that the buyer bought, not locked.</summary>
    /// <exception cref="Grpc.Core.RpcException">There is none.</exception>
    public static async Task<DeliveryRow> Find(ProviderRegistryDb db, long leaseId, Guid buyerId, CancellationToken cancel)
    {
        var delivery = await GetDeliveryHandler.Find(db, new GetDelivery(leaseId, buyerId), cancel);
        return delivery.BuyerId == buyerId ? delivery : throw Refuse.NotFound($"You have bought no lease {leaseId}.");
    }

    /// <summary>The same, locked with all that belongs to it, and not over.</summary>
    /// <exception cref="Grpc.Core.RpcException">There is none, or it is over.</exception>
    public static async Task<HeldDelivery> HoldBought(ProviderRegistryDb db, long leaseId, Guid buyerId, CancellationToken cancel) =>
        await Hold(db, (await Find(db, leaseId, buyerId, cancel)).DeliveryId, leaseId, cancel);

    /// <summary>The delivery of a lease on a node of the provider's, locked with all that belongs to it, and not over.</summary>
    /// <exception cref="Grpc.Core.RpcException">There is none, or it is over.</exception>
    public static async Task<HeldDelivery> HoldSold(ProviderRegistryDb db, long leaseId, Guid providerId, CancellationToken cancel)
    {
        var delivery = await GetDeliveryHandler.Find(db, new GetDelivery(leaseId, providerId), cancel);
        if (delivery.ProviderId != providerId) throw Refuse.NotFound($"There is no lease {leaseId} on your nodes.");
        return await Hold(db, delivery.DeliveryId, leaseId, cancel);
    }

    private static async Task<HeldDelivery> Hold(ProviderRegistryDb db, long deliveryId, long leaseId, CancellationToken cancel) =>
        await db.Hold(deliveryId, cancel) is { Delivery: { EndedTime: null, Phase: not V1.DeliveryPhase.Failed } } held
            ? held
            : throw Refuse.Rule("DELIVERY_OVER", $"The delivery of lease {leaseId} is over.", "lease_id");
}
