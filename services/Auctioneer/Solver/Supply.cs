namespace ComputeExchange.Solver;

/// <summary>The free GPUs of every cell's open pools in merit order, with sums that change and are read in logarithmic time.</summary>
/// <remarks>
/// Two Fenwick trees a cell: GPUs, and GPUs × reserve. Sums of reserves may leave 64 bits where absurd quantities stay unsold; they
/// wrap round, and what is told of what is sold, a difference, is right again.
/// </remarks>
internal sealed class Supply
{
    readonly Model _model;
    readonly int[] _start;
    readonly long[] _gpus;
    readonly long[] _costs;

    public Supply(Model model)
    {
        _model = model;
        _start = new int[model.CellCount + 1];
        for (var cell = 0; cell < model.CellCount; cell++) _start[cell + 1] = _start[cell] + model.Merit[cell].Pools.Length + 1;
        (_gpus, _costs) = (new long[_start[^1]], new long[_start[^1]]);
        for (var cell = 0; cell < model.CellCount; cell++)
            for (var rank = 0; rank < model.Merit[cell].Pools.Length; rank++) Add(cell, rank, model.Pools[model.Merit[cell].Pools[rank]].Size);
    }

    /// <summary>Gives GPUs back to a pool, or takes some.</summary>
    public void Add(int cell, int rank, int gpus)
    {
        var (start, count) = (_start[cell], _start[cell + 1] - _start[cell]);
        var cost = unchecked(gpus * _model.Merit[cell].Reserves[rank]);
        for (var at = rank + 1; at < count; at += at & -at)
        {
            _gpus[start + at] += gpus;
            _costs[start + at] = unchecked(_costs[start + at] + cost);
        }
    }

    /// <summary>Free GPUs of the first so many pools.</summary>
    public long First(int cell, int count)
    {
        long sum = 0;
        for (var (start, at) = (_start[cell], count); at > 0; at &= at - 1) sum += _gpus[start + at];
        return sum;
    }

    /// <summary>Their reserves, summed over the GPUs.</summary>
    public long CostOfFirst(int cell, int count)
    {
        long sum = 0;
        for (var (start, at) = (_start[cell], count); at > 0; at &= at - 1) sum = unchecked(sum + _costs[start + at]);
        return sum;
    }

    /// <summary>What so many of the cheapest free GPUs cost; there must be as many.</summary>
    public long CostOfCheapest(int cell, long gpus)
    {
        var (start, count) = (_start[cell], _start[cell + 1] - _start[cell] - 1);
        var at = 0;
        long cost = 0;
        for (var step = HighestBit(count); step > 0; step >>= 1)
        {
            if (at + step > count || _gpus[start + at + step] > gpus) continue;
            at += step;
            gpus -= _gpus[start + at];
            cost = unchecked(cost + _costs[start + at]);
        }

        return gpus == 0 ? cost : unchecked(cost + gpus * _model.Merit[cell].Reserves[at]);
    }

    /// <summary>The lowest reserve of a free GPU; the largest number when none is free.</summary>
    public long CheapestFree(int cell)
    {
        var (start, count) = (_start[cell], _start[cell + 1] - _start[cell] - 1);
        var at = 0;
        for (var step = HighestBit(count); step > 0; step >>= 1)
            if (at + step <= count && _gpus[start + at + step] == 0) at += step;
        return at == count ? long.MaxValue : _model.Merit[cell].Reserves[at];
    }

    /// <summary>How many pools come before the first one at whose reserve the demand is met by it and those before.</summary>
    public int CountBelowCrossing(int cell, Demand demand)
    {
        var (start, count) = (_start[cell], _start[cell + 1] - _start[cell] - 1);
        var reserves = _model.Merit[cell].Reserves;
        var at = 0;
        long sum = 0;
        for (var step = HighestBit(count); step > 0; step >>= 1)
        {
            if (at + step > count) continue;
            var with = sum + _gpus[start + at + step];
            if (demand.WantedTo[demand.CountAbove(reserves[at + step - 1])] <= with) continue;
            at += step;
            sum = with;
        }

        return at;
    }

    /// <summary>How many pools have a reserve below a price, or, with <paramref name="orAt"/>, not above it.</summary>
    public int Count(int cell, long price, bool orAt)
    {
        var reserves = _model.Merit[cell].Reserves;
        var (low, high) = (0, reserves.Length);
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (reserves[middle] < price || (orAt && reserves[middle] == price)) low = middle + 1; else high = middle;
        }

        return low;
    }

    static int HighestBit(int value) => value == 0 ? 0 : 1 << (31 - System.Numerics.BitOperations.LeadingZeroCount((uint)value));
}
