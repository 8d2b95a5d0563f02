namespace ComputeExchange.OrderBook.Domain;

/// <summary>Where a block may start.</summary>
public static class BlockStarts
{
    /// <summary>The most starts that a run can be solved for.</summary>
    public const int Most = 13;

    /// <summary>The starts that are used of a window: null where all of them are, else <see cref="Most"/> of them, evenly spaced, the first and the last among them.</summary>
    /// <remarks>It looks at the window alone and not at the time, so that a repeated request is thinned in the same way.</remarks>
    public static IReadOnlyList<DateTimeOffset>? Thinned(DateTimeOffset from, DateTimeOffset to, int run, SlotGrid slots)
    {
        var count = slots.Count(from, to) - run + 1;
        return count <= Most
            ? null
            : [.. Enumerable.Range(0, Most).Select(i => from + (((i * (count - 1)) + ((Most - 1) / 2)) / (Most - 1) * slots.Length))];
    }

    /// <summary>Every start that leaves room for the run.</summary>
    public static IEnumerable<DateTimeOffset> All(DateTimeOffset from, DateTimeOffset to, int run, SlotGrid slots)
    {
        for (var start = from; start + (run * slots.Length) <= to; start += slots.Length) yield return start;
    }
}
