namespace ComputeExchange.ProviderRegistry.Domain;

/// <summary>Where a lease stands.</summary>
public enum LeaseState
{
    /// <summary>Paid and not begun.</summary>
    Scheduled,

    /// <summary>Begun, and not metered to its last slot.</summary>
    Active,

    /// <summary>Metered to its last slot, all of it delivered.</summary>
    Ended,

    /// <summary>Metered to its last slot, part of it not delivered.</summary>
    Failed,
}

/// <summary>How a lease goes from one state to the next.</summary>
public static class LeaseStates
{
    /// <summary>Where a lease stands now: what is stored follows the clock only from time to time.</summary>
    public static LeaseState Shown(LeaseState stored, DateTimeOffset from, DateTimeOffset now) =>
        stored is LeaseState.Ended or LeaseState.Failed ? stored
        : now < from ? LeaseState.Scheduled
        : LeaseState.Active;

    /// <summary>How a lease ends that was metered to its last slot.</summary>
    public static LeaseState End(long undeliveredGpuSeconds) => undeliveredGpuSeconds == 0 ? LeaseState.Ended : LeaseState.Failed;
}
