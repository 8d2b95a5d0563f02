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
    readonly List<PoolFill> _fills = [];
    Int128 _openBound;
    int _depth;
    long _callsLeft;

    public SplitSearch(Model model, Incumbent incumbent, Allowance allowance)
    {
        (_model, _incumbent, _allowance) = (model, incumbent, allowance);
        _state = new Allocation(model);
        _demand = new long[model.CellCount];
        _least = new long[model.CellCount];
        _ranges = new PriceRanges(model);
    }

    /// <summary>Looks for an answer that fills just these blocks; returns a bound on all that it could not look at, 0 if nothing.</summary>
    public Int128 Run(IEnumerable<(int Block, BlockOption Option)> blocks, long mostCalls)
    {
        (_openBound, _callsLeft) = (0, mostCalls);
        _blocks.Clear();
        _blocks.AddRange(blocks.OrderBy(b => b.Option.Pools.Length).ThenByDescending(b => (long)_model.Blocks[b.Block].Gpus * _model.Blocks[b.Block].Run));
        Array.Clear(_demand);
        foreach (var (block, option) in _blocks) Demand(block, option, 1);
        Serve(0);
        return _openBound;
    }

    void Serve(int next)
    {
        if (Bound(next) is not { } bound || bound <= _incumbent.Enough) return;
        if (!_allowance.Spend())
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
        var mark = _fills.Count;
        Split(next, 0, _model.Blocks[block].Gpus, mark, bound);
        Demand(block, option, 1);
    }

    /// <summary>Tries all amounts from the pools from <paramref name="at"/> on, the largest first.</summary>
    void Split(int next, int at, int left, int mark, Int128 bound)
    {
        var (b, option) = _blocks[next];
        var block = _model.Blocks[b];
        if (left == 0)
        {
            var fills = _fills.Skip(mark).ToArray();
            if (_state.Weigh(block, option, fills) is null) return;
            _state.Place(b, option, fills);
            Serve(next + 1);
            _state.Remove(b);
            return;
        }

        while (at < option.Pools.Length && FreeIn(option.Pools[at], block, option) == 0) at++;
        long ahead = 0;
        for (var k = at; k < option.Pools.Length; k++) ahead += FreeIn(option.Pools[k], block, option);
        if (ahead < left) return;
        var pool = option.Pools[at];
        var most = Math.Min(left, FreeIn(pool, block, option));
        for (var take = most; take >= 0 && left - take <= ahead - FreeIn(pool, block, option); take -= block.Step)
        {
            if (bound <= _incumbent.Enough) return;
            if (_depth == DeepestCalls || --_callsLeft < 0 || !_allowance.Spend())
            {
                LeaveOpen(bound);
                return;
            }

            _depth++;
            if (take > 0) _fills.Add(new PoolFill(pool, take));
            Split(next, at + 1, left - take, mark, bound);
            if (take > 0) _fills.RemoveAt(_fills.Count - 1);
            _depth--;
        }
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
