namespace ComputeExchange.Solver;

/// <summary>GPUs of one pool for one block, over its whole run.</summary>
internal readonly record struct PoolFill(int Pool, int Gpus);

/// <summary>A block at one of its options, with the pools that serve it.</summary>
internal sealed record Placement(int Block, BlockOption Option, PoolFill[] Fills);

/// <summary>Which blocks are filled from which pools, with each cell's lowest valid price and divisible welfare kept up to date.</summary>
/// <remarks>
/// Every block here can pay the lowest prices of its run: the limits hold at <see cref="Low"/>, so they hold at some valid prices.
/// (Lowest prices only rise as blocks are added. What min_run offers must earn is not kept here: see <see cref="RevenuePrices"/>.)
/// </remarks>
internal sealed class Allocation
{
    readonly Model _model;
    readonly int[] _free;
    readonly long[] _floor;
    readonly long[] _low;
    readonly long[] _gain;
    readonly long[] _slack;
    readonly Placement?[] _placed;
    readonly List<int> _filled = [];
    readonly int[] _groupFilled;

    // What the trial in progress would make of the cells of the run.
    readonly List<PoolFill> _fills = [];
    readonly List<(long Cost, int Rank, int Room)> _ranked = [];
    readonly CellState[] _next;
    readonly long[] _nextFloor;

    public Allocation(Model model)
    {
        _model = model;
        _free = model.AllFree();
        _floor = new long[model.CellCount];
        _low = new long[model.CellCount];
        _gain = new long[model.CellCount];
        _slack = new long[model.Blocks.Length];
        _placed = new Placement?[model.Blocks.Length];
        _groupFilled = new int[model.Blocks.Length];
        var longest = model.Blocks.Length == 0 ? 0 : model.Blocks.Max(block => block.Run);
        _next = new CellState[longest];
        _nextFloor = new long[longest];
        for (var cell = 0; cell < model.CellCount; cell++)
        {
            (_low[cell], _gain[cell]) = model.Curves[cell].At(_free, 0);
            Welfare += (Int128)_gain[cell] * model.Weights[cell];
        }
    }

    /// <summary>GPUs × (limit − reserve) × minutes over all fills, the divisible bids filled at the lowest prices.</summary>
    public Int128 Welfare { get; private set; }

    /// <summary>Filled blocks, in the order they were placed.</summary>
    public IReadOnlyList<int> Filled => _filled;

    /// <summary>The lowest valid price of each cell.</summary>
    public ReadOnlySpan<long> Low => _low;

    public ReadOnlySpan<int> Free => _free;

    /// <summary>The divisible welfare of a cell at its lowest price, for one unit of weight.</summary>
    public long GainIn(int cell) => _gain[cell];

    /// <summary>How many fills come from pools with a minimum run.</summary>
    public int MinRunFills { get; private set; }

    public Placement? this[int block] => _placed[block];

    /// <summary>Whether its parent is filled and nothing else of its group.</summary>
    public bool MayPlace(int block)
    {
        var (parent, group) = (_model.Blocks[block].Parent, _model.Blocks[block].Group);
        return _placed[block] is null && (parent < 0 || _placed[parent] is not null) && (group < 0 || _groupFilled[group] == 0);
    }

    /// <summary>
    /// What placing a block would do: the change of welfare, or null where there is no room, or it or a block already placed could
    /// not pay the prices. Pools are taken in the option's order; the fills stand in <paramref name="fills"/> until the next call.
    /// </summary>
    public Int128? Try(int block, BlockOption option, bool openOnly, out ReadOnlySpan<PoolFill> fills)
    {
        fills = default;
        var asked = _model.Blocks[block];
        long least = 0;
        for (var k = 0; k < asked.Run; k++) least += _low[option.Start + k] * _model.Weights[option.Start + k];
        if (least > asked.Limit * option.Weight || !ChooseFills(asked, option, openOnly)) return null;

        fills = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_fills);
        return Weigh(asked, option, fills);
    }

    /// <summary>The same for fills that are given, which must fit.</summary>
    public Int128? Weigh(Block asked, BlockOption option, ReadOnlySpan<PoolFill> fills)
    {
        Take(option.Start, asked.Run, fills, 1);
        var worth = Measure(asked, option, fills) ? Difference(asked, option, fills) : (Int128?)null;
        Take(option.Start, asked.Run, fills, -1);
        return worth;
    }

    /// <summary>Places a block as it was last tried, with the same fills.</summary>
    public void Place(int block, BlockOption option, PoolFill[] fills)
    {
        var asked = _model.Blocks[block];
        Take(option.Start, asked.Run, fills, 1);
        if (!Measure(asked, option, fills)) throw new System.Diagnostics.UnreachableException("A block was placed that cannot pay.");
        Welfare += Difference(asked, option, fills);
        for (var k = 0; k < asked.Run; k++) _floor[option.Start + k] = _nextFloor[k];
        Adopt(option.Start, asked.Run);

        _placed[block] = new Placement(block, option, fills);
        _slack[block] = asked.Limit * option.Weight - SumOfLow(option.Start, asked.Run);
        _filled.Add(block);
        if (asked.Group >= 0) _groupFilled[asked.Group]++;
        foreach (var fill in fills) if (!_model.Pools[fill.Pool].IsOpen) MinRunFills++;
    }

    /// <summary>Takes a block out again, its children before it.</summary>
    public void RemoveWithChildren(int block)
    {
        if (_placed[block] is null) return;
        foreach (var child in _filled.Where(b => b != block && _model.Blocks[b].Parent == block).ToArray()) RemoveWithChildren(child);
        Remove(block);
    }

    /// <summary>Takes a block out again.</summary>
    public void Remove(int block)
    {
        var placement = _placed[block]!;
        var asked = _model.Blocks[block];
        var start = placement.Option.Start;
        Take(start, asked.Run, placement.Fills, -1);
        for (var k = 0; k < asked.Run; k++)
        {
            _nextFloor[k] = _floor[start + k] = FloorOf(start + k);
            _next[k] = _model.Curves[start + k].At(_free, _nextFloor[k]);
        }

        // Seen from the state after the removal, this is what placing it had brought.
        Welfare -= ValueLessReserves(asked, placement.Option, placement.Fills);
        for (var k = 0; k < asked.Run; k++)
            Welfare += (Int128)(_next[k].Gain - _gain[start + k]) * _model.Weights[start + k];
        Adopt(start, asked.Run);

        _placed[block] = null;
        _filled.Remove(block);
        if (asked.Group >= 0) _groupFilled[asked.Group]--;
        foreach (var fill in placement.Fills) if (!_model.Pools[fill.Pool].IsOpen) MinRunFills--;
    }

    public void CopyFrom(Allocation other)
    {
        other._free.CopyTo(_free, 0);
        other._floor.CopyTo(_floor, 0);
        other._low.CopyTo(_low, 0);
        other._gain.CopyTo(_gain, 0);
        other._slack.CopyTo(_slack, 0);
        other._placed.CopyTo(_placed, 0);
        other._groupFilled.CopyTo(_groupFilled, 0);
        _filled.Clear();
        _filled.AddRange(other._filled);
        (Welfare, MinRunFills) = (other.Welfare, other.MinRunFills);
    }

    /// <summary>GPUs of a pool that are free throughout a run.</summary>
    public int FreeThroughout(Pool pool, int start, int run)
    {
        var least = int.MaxValue;
        for (var cell = start; cell < start + run; cell++) least = Math.Min(least, _free[pool.PlaceIn(cell)]);
        return least;
    }

    bool ChooseFills(Block asked, BlockOption option, bool openOnly)
    {
        _fills.Clear();
        _ranked.Clear();
        for (var k = 0; k < option.Pools.Length; k++)
        {
            var pool = _model.Pools[option.Pools[k]];
            if (openOnly && !pool.IsOpen) continue;
            long cost = 0;
            var room = int.MaxValue;
            for (var cell = option.Start; cell < option.Start + asked.Run; cell++)
            {
                room = Math.Min(room, _free[pool.PlaceIn(cell)]);
                cost += Math.Max(_low[cell], pool.ReserveIn(cell)) * _model.Weights[cell];
            }

            if (room >= asked.Step) _ranked.Add((cost, k, room / asked.Step * asked.Step));
        }

        _ranked.Sort();
        var left = asked.Gpus;
        foreach (var (_, k, room) in _ranked)
        {
            _fills.Add(new PoolFill(option.Pools[k], Math.Min(left, room)));
            if ((left -= _fills[^1].Gpus) == 0) return true;
        }

        return false;
    }

    void Take(int start, int run, ReadOnlySpan<PoolFill> fills, int sign)
    {
        foreach (var fill in fills)
        {
            var places = _model.Pools[fill.Pool].Places.AsSpan(start - _model.Pools[fill.Pool].From, run);
            foreach (var place in places) _free[place] -= sign * fill.Gpus;
        }
    }

    /// <summary>Works out the cells of the run with the fills taken; false when a block could not pay.</summary>
    bool Measure(Block asked, BlockOption option, ReadOnlySpan<PoolFill> fills)
    {
        long sum = 0;
        for (var k = 0; k < asked.Run; k++)
        {
            var cell = option.Start + k;
            var floor = _floor[cell];
            foreach (var fill in fills)
                if (_model.Pools[fill.Pool] is { IsOpen: true } pool) floor = Math.Max(floor, pool.ReserveIn(cell));
            _nextFloor[k] = floor;
            _next[k] = _model.Curves[cell].At(_free, floor);
            sum += _next[k].Low * _model.Weights[cell];
        }

        if (sum > asked.Limit * option.Weight) return false;
        foreach (var other in _filled)
            if (RiseFor(other, option.Start, asked.Run) > _slack[other]) return false;
        return true;
    }

    /// <summary>How much more a filled block would pay when a run's cells take their new prices.</summary>
    long RiseFor(int other, int start, int run)
    {
        var from = Math.Max(start, _placed[other]!.Option.Start);
        var to = Math.Min(start + run, _placed[other]!.Option.Start + _model.Blocks[other].Run);
        long rise = 0;
        for (var cell = from; cell < to; cell++) rise += (_next[cell - start].Low - _low[cell]) * _model.Weights[cell];
        return rise;
    }

    Int128 Difference(Block asked, BlockOption option, ReadOnlySpan<PoolFill> fills)
    {
        var difference = ValueLessReserves(asked, option, fills);
        for (var k = 0; k < asked.Run; k++)
            difference += (Int128)(_next[k].Gain - _gain[option.Start + k]) * _model.Weights[option.Start + k];
        return difference;
    }

    Int128 ValueLessReserves(Block asked, BlockOption option, ReadOnlySpan<PoolFill> fills)
    {
        Int128 worth = asked.ValueOf(option);
        foreach (var fill in fills) worth -= (Int128)fill.Gpus * _model.Pools[fill.Pool].CostOf(option.Start, asked.Run);
        return worth;
    }

    void Adopt(int start, int run)
    {
        foreach (var other in _filled) _slack[other] -= RiseFor(other, start, run);
        for (var k = 0; k < run; k++) (_low[start + k], _gain[start + k]) = _next[k];
    }

    long FloorOf(int cell)
    {
        var curve = _model.Curves[cell];
        for (var k = curve.OpenCount - 1; k >= 0; k--)
            if (_free[curve.First + k] < curve.Sizes[k]) return curve.Reserves[k];
        return 0;
    }

    long SumOfLow(int start, int run)
    {
        long sum = 0;
        for (var cell = start; cell < start + run; cell++) sum += _low[cell] * _model.Weights[cell];
        return sum;
    }
}
