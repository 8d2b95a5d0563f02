namespace ComputeExchange.ProviderRegistry.Domain;

/// <summary>What of a lease decides whether it goes on from another one.</summary>
public readonly record struct ChainLink(
    long LeaseId, Guid NodeId, Guid BuyerId, int GpuCount, DateTimeOffset FromTime, DateTimeOffset ToTime, long BidId, long ExtendsLeaseId, bool IsPart);

/// <summary>When a lease goes on from another one, so that what runs there goes on too.</summary>
public static class LeaseChains
{
    /// <summary>Whether the later lease goes on from the earlier one: the next time of the same buyer on as many GPUs of the same node, bought for that or by the same bid.</summary>
    public static bool GoesOn(ChainLink earlier, ChainLink later) =>
        !earlier.IsPart && !later.IsPart
        && earlier.NodeId == later.NodeId && earlier.BuyerId == later.BuyerId && earlier.GpuCount == later.GpuCount
        && earlier.ToTime == later.FromTime
        && (later.ExtendsLeaseId == earlier.LeaseId || (later.BidId > 0 && later.BidId == earlier.BidId));

    /// <summary>Of a standing bid's deliveries that end now, those that do not go on: each of what was bought next keeps one on the same node with as many GPUs.</summary>
    public static IReadOnlyList<long> Ending(
        IReadOnlyList<(long DeliveryId, Guid NodeId, int GpuCount)> held, IEnumerable<(Guid NodeId, int GpuCount)> bought)
    {
        var ending = held.OrderBy(delivery => delivery.DeliveryId).ToList();
        foreach (var (node, gpus) in bought)
        {
            var kept = ending.FindIndex(delivery => delivery.NodeId == node && delivery.GpuCount == gpus);
            if (kept >= 0) ending.RemoveAt(kept);
        }
        return [.. ending.Select(delivery => delivery.DeliveryId)];
    }
}
