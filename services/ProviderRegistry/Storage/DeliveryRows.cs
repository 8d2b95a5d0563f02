using ComputeExchange.ProviderRegistry.V1;

namespace ComputeExchange.ProviderRegistry.Storage;

/// <summary>What a node runs for one buyer: one lease, or several in a row on the same GPUs.</summary>
public sealed class DeliveryRow
{
    /// <summary>The number of its first lease.</summary>
    public required long DeliveryId { get; init; }

    public required Guid NodeId { get; set; }

    public required Guid ProviderId { get; init; }

    public required Guid BuyerId { get; init; }

    public required int GpuCount { get; set; }

    /// <summary>The GPUs, by UUID; empty until they are named at the gate.</summary>
    public List<string> GpuUuids { get; set; } = [];

    public required DateTimeOffset FromTime { get; init; }

    public required DateTimeOffset ToTime { get; set; }

    public DeliveryPhase Phase { get; set; } = DeliveryPhase.Scheduled;

    public DeliveryCloseReason CloseReason { get; set; }

    public string Message { get; set; } = "";

    public int? ExitCode { get; set; }

    public string SshEndpoint { get; set; } = "";

    public bool Removed { get; set; }

    /// <summary>When it was first said that it ends early; null: it does not.</summary>
    public DateTimeOffset? NoticedTime { get; set; }

    /// <summary>When it is to end early.</summary>
    public DateTimeOffset? InterruptTime { get; set; }

    public DeliveryCloseReason InterruptReason { get; set; }

    /// <summary>When the node first said that the GPUs are the buyer's.</summary>
    public DateTimeOffset? ActiveTime { get; set; }

    /// <summary>When it was over on the node, or given up.</summary>
    public DateTimeOffset? EndedTime { get; set; }

    public Guid? WorkloadId { get; set; }

    /// <summary>Above 0: failed hours are bid for again up to this limit.</summary>
    public long RebidLimitMicrosPerGpuHour { get; set; }

    /// <summary>Bytes of its log that are kept.</summary>
    public long LogSize { get; set; }
}

/// <summary>Something that happened to a delivery.</summary>
public sealed class DeliveryEventRow
{
    public long EventId { get; init; }

    public required long DeliveryId { get; init; }

    public required DateTimeOffset AtTime { get; init; }

    public required string Message { get; init; }
}

/// <summary>What a buyer wants to be run.</summary>
public sealed class WorkloadRow
{
    public required Guid WorkloadId { get; init; }

    public required Guid BuyerId { get; init; }

    /// <summary>The lease it is for; 0: it is for a bid's.</summary>
    public required long LeaseId { get; init; }

    /// <summary>The bid whose leases it is for; 0: it is for a lease.</summary>
    public required long BidId { get; init; }

    /// <summary>A Workload without the values of its environment, protobuf.</summary>
    public required byte[] Spec { get; init; }

    /// <summary>The environment, encrypted; empty when there is none or it was erased after the delivery.</summary>
    public required byte[] Sealed { get; set; }

    public required DateTimeOffset SetTime { get; init; }
}

/// <summary>A part of what a delivery's workload printed.</summary>
public sealed class DeliveryLogRow
{
    public required long DeliveryId { get; init; }

    /// <summary>The position of its first byte.</summary>
    public required long Offset { get; init; }

    public required byte[] Text { get; init; }
}

/// <summary>What a node's agent measured in some seconds.</summary>
public sealed class MeterReadingRow
{
    public required Guid NodeId { get; init; }

    /// <summary>The number of the record it came in.</summary>
    public required long Number { get; init; }

    public required long DeliveryId { get; init; }

    public required DateTimeOffset FromTime { get; init; }

    public required DateTimeOffset ToTime { get; init; }

    public required long HealthyGpuSeconds { get; init; }

    public required int UtilisationPercent { get; init; }

    /// <summary>The node's signature of the record.</summary>
    public required byte[] Signature { get; init; }
}

/// <summary>What is remembered of a bid or a lease until it becomes something.</summary>
public sealed class BidNoteRow
{
    public required long BidId { get; init; }

    public required Guid BuyerId { get; init; }

    public long ExtendsLeaseId { get; set; }

    public long ReplacesLeaseId { get; set; }

    /// <summary>Above 0: what fails of its leases is bid for again up to this limit.</summary>
    public long RebidLimitMicrosPerGpuHour { get; set; }
}

/// <summary>Which bid a lease was sold to, and where, as the feed told it: that may be before the lease itself is heard of.</summary>
public sealed class SoldLeaseRow
{
    public required long LeaseId { get; init; }

    public required long BidId { get; init; }

    public required Guid NodeId { get; set; }

    public required long OfferId { get; init; }

    public required int GpuCount { get; init; }

    public required DateTimeOffset FromTime { get; init; }

    public required DateTimeOffset ToTime { get; init; }

    /// <summary>Above 0: it is a part of this lease, sold on.</summary>
    public long ResoldFromLeaseId { get; init; }
}

/// <summary>A dispute about one slot of a lease.</summary>
public sealed class DisputeRow
{
    public required Guid DisputeId { get; init; }

    public required long LeaseId { get; init; }

    public required int SlotIndex { get; init; }

    public required Guid BuyerId { get; init; }

    public required Guid ProviderId { get; init; }

    public required DisputeKind Kind { get; init; }

    public required string Statement { get; init; }

    public required long ClaimedGpuSeconds { get; init; }

    public required DateTimeOffset OpenedTime { get; init; }

    public required DisputeState State { get; set; }

    public string Answer { get; set; } = "";

    public Guid? TestId { get; set; }

    public long DeliveredGpuSeconds { get; set; }

    public string Reason { get; set; } = "";

    public Guid? ProposedBy { get; set; }

    public Guid? DecidedBy { get; set; }

    public DateTimeOffset? DecidedTime { get; set; }
}

/// <summary>An address that is called when something happens.</summary>
public sealed class WebhookRow
{
    public required Guid WebhookId { get; init; }

    public required Guid ParticipantId { get; init; }

    public required string Url { get; init; }

    public required List<string> Events { get; init; }

    /// <summary>The secret that calls are signed with, encrypted.</summary>
    public required byte[] Sealed { get; init; }

    public bool Deleted { get; set; }
}

/// <summary>A call that is to be made, or was.</summary>
public sealed class WebhookCallRow
{
    public required Guid EventId { get; init; }

    public required Guid WebhookId { get; init; }

    public required string Event { get; init; }

    public required DateTimeOffset AtTime { get; init; }

    /// <summary>What is sent, JSON.</summary>
    public required string Body { get; init; }

    public int AttemptCount { get; set; }

    public bool Delivered { get; set; }

    public string Outcome { get; set; } = "";

    /// <summary>When it is tried again, in real time; null: never.</summary>
    public DateTimeOffset? NextTime { get; set; }
}
