namespace ComputeExchange.Solver;

/// <summary>The best valid allocation found so far, with prices that support it.</summary>
internal sealed class Incumbent
{
    readonly Model _model;
    readonly Action? _tell;
    readonly bool[] _fills;

    /// <summary>Starts with no block filled: that is always valid.</summary>
    public Incumbent(Model model, Action? tell = null)
    {
        (_model, _fills) = (model, new bool[model.Blocks.Length]);
        (Prices, Held, Dearest) = (new long[model.CellCount], new long[model.CellCount], new long[model.CellCount]);
        Welfare = -1;
        Offer(new Allocation(model));
        _tell = tell;
    }

    /// <summary>The blocks filled, by position.</summary>
    public Placement[] Placements { get; private set; } = [];

    /// <summary>A valid price of each cell: those at which the divisible bids are filled.</summary>
    public long[] Prices { get; }

    /// <summary>See <see cref="Allocation.Held"/>.</summary>
    public long[] Held { get; }

    /// <summary>See <see cref="Allocation.Dearest"/>.</summary>
    public long[] Dearest { get; }

    /// <summary>GPUs × (limit − reserve) × minutes.</summary>
    public Int128 Welfare { get; private set; }

    /// <summary>Whether it fills a block.</summary>
    public bool Fills(int block) => _fills[block];

    /// <summary>By cell: the highest reserve of an open offer that a block is filled from.</summary>
    public long[] Floors()
    {
        var floors = new long[_model.CellCount];
        foreach (var placement in Placements)
        {
            var block = _model.Blocks[placement.Block];
            var start = block.Starts[placement.Start];
            foreach (var fill in placement.Fills)
                if (_model.Pools[fill.Pool] is { IsOpen: true } pool)
                    for (var cell = start; cell < start + block.Run; cell++) floors[cell] = Math.Max(floors[cell], pool.ReserveIn(cell));
        }

        return floors;
    }

    /// <summary>An answer is not looked for where none can be better than this: half of what "optimal" tolerates.</summary>
    public Int128 Enough => Welfare + Welfare / 20_000;

    /// <summary>Takes an allocation if it is better.</summary>
    public bool Offer(Allocation allocation)
    {
        if (allocation.Welfare <= Welfare) return false;
        Welfare = allocation.Welfare;
        for (var b = 0; b < _fills.Length; b++) _fills[b] = allocation[b] is not null;
        Placements = [.. allocation.Filled.Order().Select(b => allocation[b]!)];
        allocation.Prices.CopyTo(Prices);
        allocation.Held.CopyTo(Held);
        allocation.Dearest.CopyTo(Dearest);
        _tell?.Invoke();
        return true;
    }
}
