namespace ComputeExchange.ProviderRegistry.Domain.Selling;

/// <summary>What of a node is sold and offered, slot by slot, as the engine counts it.</summary>
/// <param name="grid">How time is cut.</param>
/// <param name="first">The start of slot 0.</param>
/// <param name="count">How many slots.</param>
public sealed class SlotRow(MarketGrid grid, DateTimeOffset first, int count)
{
    /// <summary>How many slots.</summary>
    public int Count => count;

    /// <summary>The start of a slot; that of the one after the last is its end.</summary>
    public DateTimeOffset StartOf(int slot) => first + (slot * grid.Slot);

    /// <summary>The slots of this row that a time has a part in.</summary>
    public (int From, int To) Span(DateTimeOffset from, DateTimeOffset to)
    {
        if (to <= first || from >= StartOf(count)) return (0, 0);
        var begin = from <= first ? 0 : (int)((from - first).Ticks / grid.Slot.Ticks);
        var end = to >= StartOf(count) ? count : (int)(((to - first).Ticks + grid.Slot.Ticks - 1) / grid.Slot.Ticks);
        return (begin, end);
    }

    /// <summary>GPUs sold in each slot.</summary>
    public int[] Sold(IEnumerable<SoldPart> sold)
    {
        var row = new int[count];
        foreach (var part in sold) Add(row, part.From, part.To, part.GpuCount);
        return row;
    }

    /// <summary>What of an offer is not sold, slot by slot.</summary>
    public int[] Unsold(OpenOffer offer, IEnumerable<SoldPart> sold)
    {
        var row = new int[count];
        Add(row, offer.From, offer.To, offer.GpuCount);
        foreach (var part in sold)
            if (part.OfferId == offer.OfferId) Add(row, part.From, part.To, -part.GpuCount);
        for (var slot = 0; slot < count; slot++) row[slot] = Math.Max(0, row[slot]);
        return row;
    }

    private void Add(int[] row, DateTimeOffset from, DateTimeOffset to, int gpus)
    {
        var (begin, end) = Span(from, to);
        for (var slot = begin; slot < end; slot++) row[slot] += gpus;
    }
}
