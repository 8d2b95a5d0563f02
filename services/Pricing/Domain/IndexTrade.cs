namespace ComputeExchange.Pricing.Domain;

/// <summary>A trade as the indexes count it: a slot of a lease, or the whole lease where a block bought it.</summary>
/// <param name="LeaseId">The lease it made.</param>
/// <param name="Part">The slot's position in the lease; the first one's for a block.</param>
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

    /// <summary>Puts the slots of each lease that a block bought together: one trade at their average by volume, rounded half to even.</summary>
    public static IEnumerable<IndexTrade> WithBlocksWhole(IEnumerable<IndexTrade> slots) => slots
        .Where(slot => slot.GpuMinutes > 0)
        .GroupBy(slot => (slot.LeaseId, Part: slot.IsBlock ? -1 : slot.Part))
        .Select(parts => parts.Key.Part >= 0 ? parts.Single() : Whole([.. parts.OrderBy(slot => slot.Delivery)]))
        .OrderBy(trade => trade.LeaseId).ThenBy(trade => trade.Part);

    private static IndexTrade Whole(IReadOnlyList<IndexTrade> slots)
    {
        var turnover = Int128.Zero;
        foreach (var slot in slots) turnover += (Int128)slot.PriceMicros * slot.GpuMinutes;
        var gpuMinutes = slots.Sum(slot => slot.GpuMinutes);
        return slots[0] with { PriceMicros = Rounding.HalfEven(turnover, gpuMinutes), GpuMinutes = gpuMinutes };
    }
}
