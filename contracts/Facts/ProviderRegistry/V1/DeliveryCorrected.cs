namespace ComputeExchange.Facts.ProviderRegistry.V1;

/// <summary>What was delivered in a metered slot of a lease is another figure now: a dispute was decided.</summary>
/// <remarks>Said by ProviderRegistry after the slot's <see cref="LeaseMetered"/>; heard by Settlement. Once for each dispute and each lease that it concerns.</remarks>
public sealed record DeliveryCorrected
{
    public required long LeaseId { get; init; }

    /// <summary>The slot, by its position in the lease, from 0.</summary>
    public required int SlotIndex { get; init; }

    /// <summary>GPUs times the seconds of the slot that were sold.</summary>
    public required long SoldGpuSeconds { get; init; }

    /// <summary>Of them, delivered, as it counts now. Range: 0 to sold.</summary>
    public required long DeliveredGpuSeconds { get; init; }

    /// <summary>The dispute.</summary>
    public required Guid DisputeId { get; init; }

    /// <summary>Why, as the operators decided.</summary>
    public required string Reason { get; init; }
}
