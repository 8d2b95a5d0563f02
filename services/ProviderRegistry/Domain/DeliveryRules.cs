using ComputeExchange.ProviderRegistry.V1;

namespace ComputeExchange.ProviderRegistry.Domain;

/// <summary>How a delivery goes: when its GPUs are named, how long a node may be away, how much notice there is, and what an end means.</summary>
public static class DeliveryRules
{
    /// <summary>How long before its begin a delivery gets its GPUs.</summary>
    public static readonly TimeSpan Gate = TimeSpan.FromMinutes(10);

    /// <summary>How long after its begin a delivery may become active; then it could not be provided.</summary>
    public static readonly TimeSpan ProvisionLimit = TimeSpan.FromMinutes(10);

    /// <summary>How long a node may be away before what it delivers has failed, by the exchange's clock.</summary>
    public static readonly TimeSpan LostGrace = TimeSpan.FromMinutes(3);

    /// <summary>How long a node may be away in real time besides: a simulated clock can pass hours in a moment.</summary>
    public static readonly TimeSpan RealLostGrace = TimeSpan.FromSeconds(60);

    /// <summary>How long anything else of a node is waited for in real time besides.</summary>
    public static readonly TimeSpan RealPatience = TimeSpan.FromSeconds(30);

    /// <summary>The least notice before a delivery is interrupted.</summary>
    public static readonly TimeSpan LeastNotice = TimeSpan.FromSeconds(120);

    /// <summary>The notice of a provider that said nothing else.</summary>
    public static readonly TimeSpan StandardReclaimNotice = TimeSpan.FromHours(1);

    /// <summary>What a workload has between the signal to end and being killed.</summary>
    public static readonly TimeSpan WorkloadGrace = TimeSpan.FromSeconds(30);

    /// <summary>How much ahead of it a shortfall must be announced to be compensated at the lower rate (rulebook section 6).</summary>
    public static readonly TimeSpan Notified = TimeSpan.FromHours(2);

    /// <summary>Whether an end for this reason is a failure of the node.</summary>
    public static bool IsFailure(DeliveryCloseReason reason) => reason is
        DeliveryCloseReason.NodeLost or DeliveryCloseReason.GpuFailed or DeliveryCloseReason.ProvisionFailed
        or DeliveryCloseReason.NodeSuspended or DeliveryCloseReason.GpuInUseByOwner;

    /// <summary>Whether the buyer gave the rest up: it is paid for as if it had been delivered.</summary>
    public static bool IsGivenUp(DeliveryCloseReason reason) => reason is DeliveryCloseReason.BuyerEnded or DeliveryCloseReason.Resold;

    /// <summary>Whether what is left of the leases at such an end is owed by the provider.</summary>
    public static bool LeavesOwed(DeliveryCloseReason reason) => IsFailure(reason) || reason == DeliveryCloseReason.Reclaimed;

    /// <summary>A reason for people.</summary>
    public static string Sentence(DeliveryCloseReason reason) => reason switch
    {
        DeliveryCloseReason.Completed => "its time was over.",
        DeliveryCloseReason.BuyerEnded => "its buyer ended it.",
        DeliveryCloseReason.Outbid => "its standing bid did not win the next hour.",
        DeliveryCloseReason.Reclaimed => "its provider took the GPUs back.",
        DeliveryCloseReason.NodeLost => "the node was not heard of for too long.",
        DeliveryCloseReason.GpuFailed => "a GPU failed.",
        DeliveryCloseReason.ProvisionFailed => "its room could not be made.",
        DeliveryCloseReason.NodeSuspended => "the node was suspended.",
        DeliveryCloseReason.GpuInUseByOwner => "the provider's own processes were on the GPUs.",
        DeliveryCloseReason.Resold => "its buyer sold all of it on.",
        _ => "no reason is known.",
    };
}
