using System.Text.Json.Serialization;

namespace ComputeExchange.Facts.ProviderRegistry.V1;

/// <summary>What was delivered in one slot of a lease is known and final.</summary>
/// <remarks>Said by ProviderRegistry after the slot's end; heard by Settlement. Once for each slot of each lease.</remarks>
public sealed record LeaseMetered
{
    public required long LeaseId { get; init; }

    /// <summary>The slot, by its position in the lease, from 0.</summary>
    public required int SlotIndex { get; init; }

    /// <summary>GPUs times the seconds of the slot that were sold.</summary>
    public required long SoldGpuSeconds { get; init; }

    /// <summary>Of them, delivered. Range: 0 to sold.</summary>
    public required long DeliveredGpuSeconds { get; init; }

    /// <summary>Of what is missing, GPU-seconds that nobody was told of two hours ahead: they are compensated at the higher rate.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public long UnnotifiedGpuSeconds { get; init; }
}
