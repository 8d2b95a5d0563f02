namespace ComputeExchange.Solver;

/// <summary>Between what the price of each cell must lie once some blocks are certain to be filled: drawn from the rules about prices.</summary>
/// <remarks>
/// A price is not below what makes demand fit (<see cref="CellCurve.LeastPrice"/>), nor below the reserve of an open pool that a
/// block cannot do without. It is not above what a block can pay there if it pays the least everywhere else in its run. Each of
/// these can rule out pools for a block, which can raise the least price again: repeated until nothing moves. This is how losing
/// blocks are cut off before they are in an answer (rulebook section 1.2: price-based cuts), and it tightens the bound too.
/// </remarks>
internal sealed class PriceRanges
{
    /// <summary>Makes a run that has it unaffordable, and still adds up.</summary>
    const long Shut = 1L << 56;

    const int MostPasses = 6;

    readonly Model _model;
    readonly long[] _leastTo;
    readonly long[][] _poolLeastTo;
    readonly List<(long Reserve, int Room)> _serving = [];

    public PriceRanges(Model model)
    {
        _model = model;
        Least = new long[model.CellCount];
        Most = new long[model.CellCount];
        _leastTo = new long[model.CellCount + 1];
        _poolLeastTo = [.. model.Pools.Select(pool => new long[pool.To - pool.From + 1])];
    }

    public long[] Least { get; }

    /// <summary><see cref="long.MaxValue"/> where no certain block sets an end.</summary>
    public long[] Most { get; }

    /// <summary>Works the ranges out; false when some block cannot be served or cannot pay.</summary>
    /// <param name="free">What blocks that have their pools leave.</param>
    /// <param name="least">Prices that are certain already.</param>
    /// <param name="paying">Blocks that are filled.</param>
    /// <param name="unserved">From this one on they have no pools yet.</param>
    /// <param name="uses">Pools that some of them are certain to take GPUs of.</param>
    public bool Narrow(ReadOnlySpan<int> free, ReadOnlySpan<long> least, List<(int Block, BlockOption Option)> paying, int unserved,
        List<(int Block, int Pool)>? uses = null)
    {
        least.CopyTo(Least);
        if (uses is not null) foreach (var (block, option) in paying) RaiseTo(uses, block, option);
        Array.Fill(Most, long.MaxValue);
        for (var pass = 0; pass < MostPasses; pass++)
        {
            SumUp();
            foreach (var (b, option) in paying) if (!Cap(_model.Blocks[b], option)) return false;
            SumUp();
            var moved = false;
            for (var k = unserved; k < paying.Count; k++)
            {
                if (Raise(free, _model.Blocks[paying[k].Block], paying[k].Option) is not { } raised) return false;
                moved |= raised;
            }

            if (uses is not null)
                foreach (var (block, option) in paying)
                {
                    if (Earn(uses, block, option) is not { } raised) return false;
                    moved |= raised;
                }

            if (!moved) return true;
        }

        SumUp();
        return true;
    }

    /// <summary>Whether a block could pay what a pool must get over an option's run, at the least prices elsewhere.</summary>
    public bool CanPay(Block block, BlockOption option, int p)
    {
        var pool = _model.Pools[p];
        var most = block.Limit * option.Weight;
        var from = option.Start - pool.From;
        if (_poolLeastTo[p][from + block.Run] - _poolLeastTo[p][from] > most) return false;
        return pool.IsOpen || pool.CostOf(option.Start, block.Run) <= most;
    }

    /// <summary>Whether a block could pay the least prices of an option's run.</summary>
    public bool CanPay(Block block, BlockOption option) =>
        _leastTo[option.Start + block.Run] - _leastTo[option.Start] <= block.Limit * option.Weight;

    void SumUp()
    {
        for (var cell = 0; cell < Least.Length; cell++) _leastTo[cell + 1] = _leastTo[cell] + Least[cell] * _model.Weights[cell];
        for (var p = 0; p < _poolLeastTo.Length; p++)
        {
            var (pool, to) = (_model.Pools[p], _poolLeastTo[p]);
            for (var k = 0; k < pool.Reserves.Length; k++)
            {
                var (cell, reserve) = (pool.From + k, pool.IsOpen ? pool.Reserves[k] : 0);
                to[k + 1] = to[k] + (reserve > Most[cell] ? Shut : Math.Max(Least[cell], reserve) * _model.Weights[cell]);
            }
        }
    }

    /// <summary>Sets the ends that a block's limit sets.</summary>
    bool Cap(Block block, BlockOption option)
    {
        var spare = block.Limit * option.Weight - (_leastTo[option.Start + block.Run] - _leastTo[option.Start]);
        if (spare < 0) return false;
        for (var cell = option.Start; cell < option.Start + block.Run; cell++)
            if (_model.Weights[cell] > 0) Most[cell] = Math.Min(Most[cell], Least[cell] + spare / _model.Weights[cell]);
        return true;
    }

    /// <summary>Raises prices to the reserves of the open pools that a block takes.</summary>
    void RaiseTo(List<(int Block, int Pool)> uses, int block, BlockOption option)
    {
        foreach (var (user, p) in uses)
        {
            if (user != block || _model.Pools[p] is not { IsOpen: true } pool) continue;
            for (var cell = option.Start; cell < option.Start + _model.Blocks[block].Run; cell++)
                Least[cell] = Math.Max(Least[cell], pool.ReserveIn(cell));
        }
    }

    /// <summary>Raises prices to what a minimum-run pool that a block takes must still earn when all others are at their most.</summary>
    bool? Earn(List<(int Block, int Pool)> uses, int block, BlockOption option)
    {
        var raised = false;
        foreach (var (user, p) in uses)
        {
            if (user != block || _model.Pools[p].IsOpen) continue;
            var run = _model.Blocks[block].Run;
            Int128 most = 0;
            for (var cell = option.Start; cell < option.Start + run; cell++) most += (Int128)Most[cell] * _model.Weights[cell];
            var spare = most - _model.Pools[p].CostOf(option.Start, run);
            if (spare < 0) return null;
            for (var cell = option.Start; cell < option.Start + run; cell++)
            {
                if (_model.Weights[cell] == 0 || (Int128)(Most[cell] - Least[cell]) * _model.Weights[cell] <= spare) continue;
                Least[cell] = Most[cell] - (long)(spare / _model.Weights[cell]);
                raised = true;
            }
        }

        return raised;
    }

    /// <summary>Raises prices to the reserves that a block cannot avoid; null when it cannot be served.</summary>
    bool? Raise(ReadOnlySpan<int> free, Block block, BlockOption option)
    {
        var raised = false;
        for (var cell = option.Start; cell < option.Start + block.Run; cell++)
        {
            _serving.Clear();
            long room = 0;
            foreach (var p in option.Pools)
            {
                var pool = _model.Pools[p];
                var own = free[pool.PlaceIn(cell)] / block.Step * block.Step;
                if (own == 0 || !CanPay(block, option, p)) continue;
                room += own;
                if (pool.IsOpen && pool.ReserveIn(cell) > Least[cell]) _serving.Add((pool.ReserveIn(cell), own));
            }

            if (room < block.Gpus) return null;
            _serving.Sort();
            for (var k = _serving.Count - 1; k >= 0; k--)
            {
                // Without this pool and all dearer ones there is not enough: one of them is used.
                if ((room -= _serving[k].Room) >= block.Gpus) continue;
                Least[cell] = _serving[k].Reserve;
                raised = true;
                break;
            }
        }

        return raised;
    }
}
