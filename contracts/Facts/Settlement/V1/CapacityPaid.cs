namespace ComputeExchange.Facts.Settlement.V1;

/// <summary>The money for a lease is in escrow: it can be delivered.</summary>
/// <remarks>Said by Settlement in the order of the engine's feed; heard by ProviderRegistry. Once for each lease.</remarks>
public sealed record CapacityPaid
{
    public required long LeaseId { get; init; }

    public required Guid BuyerId { get; init; }

    public required Guid ProviderId { get; init; }

    public required Guid NodeId { get; init; }

    public required string Market { get; init; }

    /// <summary>GPUs in every slot.</summary>
    public required int Gpus { get; init; }

    /// <summary>Above 0: it is a part of this lease, sold on by its buyer, who is the provider here.</summary>
    public long ResoldFrom { get; init; }

    /// <summary>The slots, in order and in a row.</summary>
    public required IReadOnlyList<PaidSlot> Slots { get; init; }
}

/// <summary>One slot of a paid lease: from when to when.</summary>
public sealed record PaidSlot(DateTimeOffset FromTime, DateTimeOffset ToTime);
