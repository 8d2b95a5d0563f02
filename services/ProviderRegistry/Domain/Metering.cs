namespace ComputeExchange.ProviderRegistry.Domain;

/// <summary>What a report of a slot's delivery comes to, in the order the cases are checked.</summary>
public enum MeterVerdict
{
    /// <summary>The figure is not between nothing and what was sold.</summary>
    OutOfRange,

    /// <summary>The same figure stands already.</summary>
    Repeated,

    /// <summary>Another figure stands already.</summary>
    AlreadyMetered,

    /// <summary>The slot is not over yet.</summary>
    SlotNotEnded,

    /// <summary>It is the first report of the slot and stands.</summary>
    Stands,
}

/// <summary>When delivery is measured and what counts (rulebook section 6: what is delivered is what was metered).</summary>
public static class Metering
{
    /// <summary>How long after a slot's end its provider can report it; then it counts as not delivered.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromMinutes(60);

    /// <summary>GPU-seconds sold in a slot; parts of a second are not counted.</summary>
    public static long SoldGpuSeconds(int gpuCount, DateTimeOffset from, DateTimeOffset to) =>
        gpuCount * ((to - from).Ticks / TimeSpan.TicksPerSecond);

    /// <summary>What a part of a lease's slot got of what was delivered in it: its share, parts of a second not counted.</summary>
    public static long PartOf(long partSold, long delivered, long sold) => (long)((Int128)partSold * delivered / sold);

    /// <summary>What a report comes to.</summary>
    /// <param name="slotEnd">When the slot ends.</param>
    /// <param name="sold">GPU-seconds sold in it.</param>
    /// <param name="metered">The figure that stands; null: none yet.</param>
    /// <param name="reported">The figure reported.</param>
    /// <param name="now">The time.</param>
    public static MeterVerdict Judge(DateTimeOffset slotEnd, long sold, long? metered, long reported, DateTimeOffset now) =>
        reported < 0 || reported > sold ? MeterVerdict.OutOfRange
        : metered is { } standing ? standing == reported ? MeterVerdict.Repeated : MeterVerdict.AlreadyMetered
        : now < slotEnd ? MeterVerdict.SlotNotEnded
        : MeterVerdict.Stands;
}
