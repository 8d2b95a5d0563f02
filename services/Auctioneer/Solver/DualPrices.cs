namespace ComputeExchange.Solver;

/// <summary>The multipliers of a bound: a price for each cell, and on top of it a rent for each pool in each of its cells.</summary>
/// <remarks>
/// A GPU of an open pool costs a block max(price, reserve) + rent in a cell; one of a pool with a minimum run, which divisible bids
/// cannot have, reserve + rent. The rents are where GPUs that are free throughout are scarcer than GPUs that are free now.
/// All not below 0, micro-dollars per GPU-hour.
/// </remarks>
internal sealed class DualPrices(long[] cells, long[][] rents)
{
    public long[] Cells { get; } = cells;

    /// <summary>By pool, from its first cell.</summary>
    public long[][] Rents { get; } = rents;

    /// <summary>Prices with no rents but those of the minimum-run pools under them.</summary>
    public static DualPrices From(Model model, ReadOnlySpan<long> prices)
    {
        var cells = prices.ToArray();
        return new(cells, [.. model.Pools.Select(pool => pool.Reserves
            .Select((reserve, k) => pool.IsOpen ? 0 : Math.Max(0, cells[pool.From + k] - reserve)).ToArray())]);
    }

    public DualPrices Copy() => new([.. Cells], [.. Rents.Select(rents => rents.ToArray())]);

    public void CopyFrom(DualPrices other)
    {
        other.Cells.CopyTo(Cells, 0);
        for (var p = 0; p < Rents.Length; p++) other.Rents[p].CopyTo(Rents[p], 0);
    }
}
