namespace ComputeExchange.Pricing.Domain;

/// <summary>A trade as the indexes count it: a slot of a lease, or a whole block at its average.</summary>
/// <param name="LeaseId">The lease it made.</param>
/// <param name="Part">Which part of the lease.</param>
/// <param name="PriceMicros">Micro-dollars for a GPU for an hour.</param>
/// <param name="GpuMinutes">How much of it.</param>
/// <param name="Delivery">When its delivery begins.</param>
/// <param name="At">When it was sold.</param>
public sealed record IndexTrade(
    long LeaseId, int Part, Guid Buyer, Guid Provider, bool IsBlock, long PriceMicros, long GpuMinutes, DateTimeOffset Delivery, DateTimeOffset At)
{
    private static readonly TimeSpan DeliveryWithin = TimeSpan.FromHours(72);

    /// <summary>Whether it counts: at arm's length, and delivered soon (rulebook sections 4.1 and 8.1).</summary>
    public bool IsEligible => Buyer != Provider && GpuMinutes > 0 && Delivery - At <= DeliveryWithin;
}
