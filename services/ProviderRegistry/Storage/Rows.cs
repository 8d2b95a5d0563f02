using ComputeExchange.ProviderRegistry.Domain;

namespace ComputeExchange.ProviderRegistry.Storage;

/// <summary>A market, as the engine's feed told it.</summary>
public sealed class MarketRow
{
    public required string Market { get; init; }
}

/// <summary>A node as its provider last registered it.</summary>
public sealed class NodeRow
{
    public required Guid NodeId { get; init; }

    public required Guid ProviderId { get; init; }

    public required string Market { get; init; }

    public required string Name { get; set; }

    public required int GpuCount { get; set; }

    public required string Location { get; set; }

    /// <summary>GPU-seconds of the metered slots, as sold.</summary>
    public long SoldGpuSeconds { get; set; }

    /// <summary>GPU-seconds of the metered slots, as delivered.</summary>
    public long DeliveredGpuSeconds { get; set; }

    /// <summary>The last moment at which GPUs of the node were named for a lease; null: never yet.</summary>
    public DateTimeOffset? NamedUntil { get; set; }

    /// <summary>The command that last told the engine of this node.</summary>
    public Guid CommandId { get; set; }

    /// <summary>Whether the engine refused that command: it is sent again when the engine knows the provider.</summary>
    public bool Refused { get; set; }
}

/// <summary>A registration and its first outcome, for its repetitions.</summary>
public sealed class NodeRequestRow
{
    public required Guid ProviderId { get; init; }

    public required Guid RequestId { get; init; }

    public required Guid NodeId { get; init; }

    public required string Name { get; init; }

    public required string Market { get; init; }

    public required int GpuCount { get; init; }

    public required string Location { get; init; }

    /// <summary>The node's reliability as it was answered.</summary>
    public required long ReliabilityPpm { get; init; }
}

/// <summary>A lease that was paid for.</summary>
public sealed class LeaseRow
{
    public required long LeaseId { get; init; }

    public required Guid NodeId { get; set; }

    public required Guid ProviderId { get; init; }

    public required Guid BuyerId { get; init; }

    public required string Market { get; init; }

    public required int GpuCount { get; init; }

    /// <summary>Above 0: the lease of which this one is a part, sold on by that one's buyer.</summary>
    public long ResoldFromLeaseId { get; init; }

    public required DateTimeOffset FromTime { get; init; }

    public required DateTimeOffset ToTime { get; init; }

    /// <summary>Where it stands; begins later than its time, for the clock's job writes it.</summary>
    public LeaseState State { get; set; }

    /// <summary>The GPUs it was given, by their index on the node; empty until it begins.</summary>
    public List<int> Gpus { get; set; } = [];

    public int UnmeteredSlotCount { get; set; }

    /// <summary>GPU-seconds of the metered slots that were sold and not delivered.</summary>
    public long UndeliveredGpuSeconds { get; set; }

    /// <summary>The trace of its sale, for what is done hours later; null where none is recorded.</summary>
    public string? TraceParent { get; init; }

    /// <summary>The delivery it belongs to; 0 where its node has no agent.</summary>
    public long DeliveryId { get; set; }

    /// <summary>The bid that bought it; 0 where it is not known.</summary>
    public long BidId { get; set; }

    /// <summary>Above 0: the lease that it goes on from.</summary>
    public long ExtendsLeaseId { get; set; }

    /// <summary>Above 0: the lease that failed and that it was bought in place of.</summary>
    public long ReplacesLeaseId { get; set; }

    public List<LeaseSlotRow> Slots { get; init; } = [];
}

/// <summary>One slot of a lease and its meter.</summary>
public sealed class LeaseSlotRow
{
    public required long LeaseId { get; init; }

    /// <summary>Its position in the lease, from 0.</summary>
    public required int SlotIndex { get; init; }

    public required DateTimeOffset FromTime { get; init; }

    public required DateTimeOffset ToTime { get; init; }

    public required long SoldGpuSeconds { get; init; }

    /// <summary>Null until it is metered; then it stands.</summary>
    public long? DeliveredGpuSeconds { get; set; }

    /// <summary>When it was metered.</summary>
    public DateTimeOffset? MeteredTime { get; set; }

    /// <summary>GPU-seconds healthy, as the node's agent measured; null where it has none or before it is settled.</summary>
    public long? AgentGpuSeconds { get; set; }

    /// <summary>GPU-seconds in which the exchange heard of the node and the delivery was active; null as above.</summary>
    public long? RegistryGpuSeconds { get; set; }

    /// <summary>How what counts was found, for people.</summary>
    public string Resolution { get; set; } = "";
}
