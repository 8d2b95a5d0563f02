namespace ComputeExchange.ProviderRegistry.Domain;

/// <summary>What is bid for again of a lease that failed.</summary>
public static class RebidRules
{
    /// <summary>What is left of the slot in progress must be worth it.</summary>
    public static readonly TimeSpan LeastOfSlot = TimeSpan.FromMinutes(15);

    /// <summary>How long before its start a slot that has not begun can be bought.</summary>
    public static readonly TimeSpan Gate = TimeSpan.FromMinutes(10);

    private const int RunMax = 72;

    private static readonly TimeSpan StandardSlot = TimeSpan.FromHours(1);

    /// <summary>The whole slots that are left and can be bought, from their first to the end; null: there are none.</summary>
    /// <param name="slots">The slots of the leases; the first may have been bought in its midst.</param>
    /// <param name="now">The time.</param>
    public static (DateTimeOffset From, DateTimeOffset To, int SlotCount)? Rest(IReadOnlyList<Stretch> slots, DateTimeOffset now)
    {
        var left = slots.Where(slot => slot.To > now).OrderBy(slot => slot.From).ToList();
        if (left.Count == 0) return null;
        var length = slots.Count > 1 ? new TimeSpan(slots.Max(slot => slot.Ticks)) : StandardSlot;
        var starts = left.Select(slot => (Start: slot.To - length, slot.To))
            .SkipWhile(slot => slot.Start <= now ? slot.To - now < LeastOfSlot : slot.Start - now <= Gate)
            .Take(RunMax).ToList();
        return starts.Count == 0 ? null : (starts[0].Start, starts[^1].To, starts.Count);
    }
}
