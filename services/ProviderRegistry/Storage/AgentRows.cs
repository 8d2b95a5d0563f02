using ComputeExchange.ProviderRegistry.Domain;

namespace ComputeExchange.ProviderRegistry.Storage;

/// <summary>What is known of a node through its agent; a declared node has none.</summary>
public sealed class AgentRow
{
    public required Guid NodeId { get; init; }

    /// <summary>ECDSA over P-256, SubjectPublicKeyInfo in DER.</summary>
    public required byte[] PublicKey { get; init; }

    /// <summary>Whether an inventory file stands for its hardware.</summary>
    public required bool Simulated { get; init; }

    /// <summary>The part of its market's name after the dot.</summary>
    public required string Region { get; init; }

    /// <summary>ISO 3166-1 alpha-2; empty where not known.</summary>
    public required string Country { get; init; }

    /// <summary>For example "EU"; empty where its country is in none.</summary>
    public required string Zone { get; init; }

    /// <summary>Decided from what its driver reports; empty where none fits.</summary>
    public required string ProductClass { get; set; }

    public required NodeStanding Standing { get; set; }

    public required string StandingReason { get; set; }

    /// <summary>"exchange", or a participant's id.</summary>
    public required string StandingBy { get; set; }

    public required DateTimeOffset StandingTime { get; set; }

    public string AgentVersion { get; set; } = "";

    public string BootId { get; set; } = "";

    /// <summary>What it last said is there: a NodeInventory, protobuf.</summary>
    public required byte[] Inventory { get; set; }

    public bool Nvlink { get; set; }

    /// <summary>The last time it was heard of by the exchange's clock, as of the last batch; exact at the moments it is lost and back.</summary>
    public required DateTimeOffset LastSeenTime { get; set; }

    /// <summary>Since when it is lost; null: it is heard of.</summary>
    public DateTimeOffset? LostTime { get; set; }

    /// <summary>The last of its records that is kept.</summary>
    public long LastRecordNumber { get; set; }

    /// <summary>Goes up whenever what is wanted of it changes, by <c>desired_revisions</c>: no two changes share one.</summary>
    public long DesiredRevision { get; set; }

    /// <summary>Its last self-test that passed; null: none yet.</summary>
    public DateTimeOffset? VerifiedTime { get; set; }

    /// <summary>The traits that the engine was last told, as text; told again when they differ.</summary>
    public string ToldTraits { get; set; } = "";

    /// <summary>Delivered GPU-seconds, weighted by age (half-life 30 days), as of <see cref="WeightedTime"/>.</summary>
    public double WeightedDelivered { get; set; }

    /// <summary>Sold GPU-seconds, weighted by age (half-life 30 days), as of <see cref="WeightedTime"/>.</summary>
    public double WeightedSold { get; set; }

    public DateTimeOffset WeightedTime { get; set; }
}

/// <summary>One GPU that a node ever reported.</summary>
public sealed class GpuRow
{
    public required Guid NodeId { get; init; }

    public required string Uuid { get; init; }

    public required int GpuIndex { get; set; }

    public required string Name { get; set; }

    public required long MemoryBytes { get; set; }

    public required string PciBusId { get; set; }

    public required string PciDeviceId { get; set; }

    public bool Mig { get; set; }

    public List<int> NvlinkPeers { get; set; } = [];

    /// <summary>Whether it was in the last inventory.</summary>
    public bool Present { get; set; }

    /// <summary>Whether its last sample was healthy.</summary>
    public bool Healthy { get; set; }

    public string Trouble { get; set; } = "";

    /// <summary>Since when its owner's processes are on it; null: none are.</summary>
    public DateTimeOffset? OwnerSince { get; set; }

    /// <summary>When its owner's processes were last seen on it; null: never.</summary>
    public DateTimeOffset? OwnerLastTime { get; set; }
}

/// <summary>A one-time token by which a host becomes a node.</summary>
public sealed class EnrolmentTokenRow
{
    /// <summary>SHA-256 of the token.</summary>
    public required byte[] TokenHash { get; init; }

    public required Guid ProviderId { get; init; }

    public required string Region { get; init; }

    public required string Name { get; init; }

    public required string Country { get; init; }

    public required string Location { get; init; }

    public required DateTimeOffset ExpiresTime { get; init; }

    /// <summary>The node that it became; null: not used yet.</summary>
    public Guid? NodeId { get; set; }
}

/// <summary>Something that happened to a node.</summary>
public sealed class NodeEventRow
{
    public long EventId { get; init; }

    public required Guid NodeId { get; init; }

    public required DateTimeOffset AtTime { get; init; }

    public required string Kind { get; init; }

    /// <summary>"exchange", "agent", or a participant's id.</summary>
    public required string By { get; init; }

    public required string Message { get; init; }
}

/// <summary>A time in which a node was not heard of.</summary>
public sealed class OutageRow
{
    public required Guid NodeId { get; init; }

    /// <summary>The last sign of life before it.</summary>
    public required DateTimeOffset FromTime { get; init; }

    /// <summary>The first after it; null: it goes on.</summary>
    public DateTimeOffset? ToTime { get; set; }
}

/// <summary>A self-test that was asked of a node.</summary>
public sealed class SelfTestRow
{
    public required Guid TestId { get; init; }

    public required Guid NodeId { get; init; }

    public required DateTimeOffset AskedTime { get; init; }

    /// <summary>"enrolment", "periodic", "asked" or "dispute".</summary>
    public required string Occasion { get; init; }

    public required long Seed { get; init; }

    public DateTimeOffset? DoneTime { get; set; }

    public bool Passed { get; set; }

    /// <summary>One sentence a figure.</summary>
    public List<string> Findings { get; set; } = [];

    /// <summary>A SelfTestReport, protobuf; null: not yet.</summary>
    public byte[]? Report { get; set; }
}

/// <summary>How a node is sold while it is idle.</summary>
public sealed class PolicyRow
{
    public required Guid NodeId { get; init; }

    /// <summary>A NodePolicy, protobuf.</summary>
    public required byte[] Policy { get; set; }

    public required bool Enabled { get; set; }

    /// <summary>Where the repricer stands, in micro-dollars for one GPU for one hour; 0: at the floor.</summary>
    public long ReserveMicrosPerGpuHour { get; set; }

    public string Explanation { get; set; } = "";

    /// <summary>When the repricer last moved.</summary>
    public DateTimeOffset? RepricedTime { get; set; }

    /// <summary>The last command to the engine about this node's offers; null: none yet.</summary>
    public Guid? LastCommandId { get; set; }

    /// <summary>How many commands there were: each has its number in its id.</summary>
    public long AskCount { get; set; }
}

/// <summary>Announced maintenance of a node.</summary>
public sealed class MaintenanceRow
{
    public required Guid WindowId { get; init; }

    public required Guid NodeId { get; init; }

    public required DateTimeOffset FromTime { get; init; }

    public required DateTimeOffset ToTime { get; init; }

    public required string Category { get; init; }

    public required string Note { get; init; }

    public required DateTimeOffset AnnouncedTime { get; init; }

    public bool Cancelled { get; set; }
}

/// <summary>An open or closed offer of a node's, as the engine's feed told it.</summary>
public sealed class NodeOfferRow
{
    public required long OfferId { get; init; }

    public required Guid NodeId { get; init; }

    public required int GpuCount { get; init; }

    public required DateTimeOffset FromTime { get; init; }

    public required DateTimeOffset ToTime { get; init; }

    public required long ReserveMicrosPerGpuHour { get; init; }

    public required long PromptReserveMicrosPerGpuHour { get; init; }

    public required int RunSlotCountMin { get; init; }

    /// <summary>Placed by the node's policy, and not by hand.</summary>
    public required bool ByPolicy { get; init; }

    public bool Open { get; set; }
}

/// <summary>What is remembered of the engine's feed as a whole.</summary>
public sealed class FeedStateRow
{
    /// <summary>Always 1.</summary>
    public required int Id { get; init; }

    /// <summary>The market rules' parameters, a ChangeSettings, protobuf; empty: not heard of yet.</summary>
    public required byte[] Settings { get; set; }

    /// <summary>The engine's sequence up to which the feed is applied.</summary>
    public long AppliedSequence { get; set; }
}

/// <summary>The last uniform price of a market's slot.</summary>
public sealed class SlotPriceRow
{
    public required string Market { get; init; }

    public required DateTimeOffset SlotTime { get; init; }

    public required long PriceMicrosPerGpuHour { get; set; }
}
