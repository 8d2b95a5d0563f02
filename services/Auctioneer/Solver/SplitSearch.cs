namespace ComputeExchange.Solver;

/// <summary>Shares out the pools among blocks whose starts are all decided: every way that can still be better is tried.</summary>
/// <remarks>
/// A block needs the same GPUs throughout, so which pool serves which block matters: it decides what the others find free for the
/// whole of their runs, and the dearest pool that a block takes holds the price of its cells up. Depth first, one block after the
/// other, as much as possible from the pools its option names first. A branch ends when a block can no longer pay the lowest
/// prices (they only rise) or when its bound is not above the incumbent: there the blocks still to be served take the cheapest
/// GPUs of each cell, contiguous or not.
/// </remarks>
internal sealed class SplitSearch
{
    /// <summary>Calls within calls: what is deeper is left open, so that no input can exhaust a thread's stack.</summary>
    const int DeepestCalls = 2_000;

    readonly Model _model;
    readonly Incumbent _incumbent;
    readonly Allowance _allowance;
    readonly Allocation _state;
    readonly List<(int Block, BlockOption Option)> _blocks = [];
    readonly long[] _demand;
    readonly long[] _least;
    readonly PriceRanges _ranges;
    readonly List<long[]> _costs = [];
    readonly List<PoolFill> _fills = [];
    Int128 _openBound;
    int _depth;
    long _callsLeft;
    readonly long _workOfABound;

    public SplitSearch(Model model, Incumbent incumbent, Allowance allowance)
    {
        (_model, _incumbent, _allowance) = (model, incumbent, allowance);
        _state = new Allocation(model);
        _demand = new long[model.CellCount];
        _least = new long[model.CellCount];
        _ranges = new PriceRanges(model);
        _workOfABound = 1 + (20L * model.CellCount + 4L * model.FreeLength) / 300;
    }

    /// <summary>Looks for an answer that fills just these blocks; returns a bound on all that it could not look at, 0 if nothing.</summary>
    /// <param name="lagrangian">At the dual prices of <paramref name="bound"/>.</param>
    /// <param name="bound">The Lagrangian bound, in which each block takes its cheapest GPUs.</param>
    /// <param name="mostCalls">Gives up after so many amounts.</param>
    public Int128 Run(IReadOnlyList<(int Block, BlockOption Option)> blocks, LagrangianBound lagrangian, Int128 bound, long mostCalls)
    {
        (_openBound, _callsLeft) = (0, mostCalls);
        _blocks.Clear();
        _costs.Clear();
        Array.Clear(_demand);
        foreach (var (b, option) in blocks.OrderBy(b => b.Option.Pools.Length).ThenByDescending(b => (long)_model.Blocks[b.Block].Gpus * _model.Blocks[b.Block].Run))
        {
            var (pools, costs) = (option.Pools.ToArray(), lagrangian.CostsOf(b, option));
            Array.Sort(costs, pools);
            _blocks.Add((b, option.With(pools)));
            _costs.Add(costs);
            Demand(b, option, 1);
        }

        Serve(0, bound);
        return _openBound;
    }

    void Serve(int next, Int128 dualBound)
    {
        if (dualBound <= _incumbent.Enough || Bound(next) is not { } bound) return;
        bound = Int128.Min(bound, dualBound);
        if (bound <= _incumbent.Enough) return;
        if (!_allowance.Spend(_workOfABound))
        {
            LeaveOpen(bound);
            return;
        }

        if (next == _blocks.Count)
        {
            if (!_incumbent.Offer(_state) && !_incumbent.OfferAtLoss(_state, _allowance)) LeaveOpen(_state.Welfare);
            return;
        }

        var (block, option) = _blocks[next];
        Demand(block, option, -1);
        Split(next, 0, _model.Blocks[block].Gpus, _fills.Count, dualBound + CheapestOf(next));
        Demand(block, option, 1);
    }

    /// <summary>Tries all amounts from the pools from <paramref name="at"/> on, the largest first.</summary>
    /// <param name="bound">The dual bound with what the block has taken so far in place of its cheapest GPUs.</param>
    void Split(int next, int at, int left, int mark, Int128 bound)
    {
        var (b, option) = _blocks[next];
        var block = _model.Blocks[b];
        if (left == 0)
        {
            var fills = _fills.Skip(mark).ToArray();
            if (_state.Weigh(block, option, fills) is null) return;
            _state.Place(b, option, fills);
            Serve(next + 1, bound);
            _state.Remove(b);
            return;
        }

        while (at < option.Pools.Length && FreeIn(option.Pools[at], block, option) == 0) at++;
        long ahead = 0;
        for (var k = at; k < option.Pools.Length; k++) ahead += FreeIn(option.Pools[k], block, option);
        if (ahead < left) return;
        var (pool, cost) = (option.Pools[at], _costs[next][at]);
        var room = FreeIn(pool, block, option);
        for (var take = Math.Min(left, room); take >= 0 && left - take <= ahead - room; take -= block.Step)
        {
            // What is left costs no less a GPU than this pool, or the next one.
            var rest = take == left ? 0 : (Int128)(left - take) * _costs[next][at + 1];
            var then = bound - (Int128)take * cost;
            if (then - rest <= _incumbent.Enough) return;
            if (_depth == DeepestCalls || --_callsLeft < 0 || !_allowance.Spend())
            {
                LeaveOpen(then - rest);
                return;
            }

            _depth++;
            if (take > 0) _fills.Add(new PoolFill(pool, take));
            Split(next, at + 1, left - take, mark, then);
            if (take > 0) _fills.RemoveAt(_fills.Count - 1);
            _depth--;
        }
    }

    /// <summary>What a block's cheapest GPUs cost at the dual prices, each pool no more than its size.</summary>
    Int128 CheapestOf(int next)
    {
        var (b, option) = _blocks[next];
        var (block, total) = (_model.Blocks[b], (Int128)0);
        for (var (k, left) = (0, block.Gpus); left > 0 && k < option.Pools.Length; k++)
        {
            var take = Math.Min(left, _model.Pools[option.Pools[k]].Size / block.Step * block.Step);
            total += (Int128)take * _costs[next][k];
            left -= take;
        }

        return total;
    }

    int FreeIn(int pool, Block block, BlockOption option) =>
        _state.FreeThroughout(_model.Pools[pool], option.Start, block.Run) / block.Step * block.Step;

    /// <summary>No valid answer from here is above this; null when there is none.</summary>
    Int128? Bound(int next)
    {
        for (var cell = 0; cell < _model.CellCount; cell++)
        {
            _least[cell] = _state.Low[cell];
            if (_demand[cell] == 0) continue;
            var crossing = _model.Curves[cell].LeastPrice(_state.Free, _demand[cell]);
            if (crossing == CellCurve.NoPrice) return null;
            _least[cell] = Math.Max(_least[cell], crossing);
        }

        if (!_ranges.Narrow(_state.Free, _least, _blocks, next)) return null;
        var bound = _state.Welfare;
        for (var cell = 0; cell < _model.CellCount; cell++)
        {
            var curve = _model.Curves[cell];
            if (_demand[cell] == 0) continue;
            var price = curve.LeastPrice(_state.Free, _demand[cell]);
            bound += (Int128)(curve.AtMost(_state.Free, _demand[cell], price, _ranges.Least[cell]) - _state.GainIn(cell)) * _model.Weights[cell];
        }

        for (var k = next; k < _blocks.Count; k++) bound += _model.Blocks[_blocks[k].Block].ValueOf(_blocks[k].Option);
        return bound;
    }

    void Demand(int block, BlockOption option, int sign)
    {
        for (var cell = option.Start; cell < option.Start + _model.Blocks[block].Run; cell++)
            _demand[cell] += sign * _model.Blocks[block].Gpus;
    }

    void LeaveOpen(Int128 bound) => _openBound = Int128.Max(_openBound, bound);
}
