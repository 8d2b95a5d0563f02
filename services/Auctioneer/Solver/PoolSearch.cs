namespace ComputeExchange.Solver;

/// <summary>Shares out the pools among blocks whose starts are all decided: every way that can still be better is tried.</summary>
/// <remarks>
/// A block needs the same GPUs throughout, so which pool serves which block matters: it decides what the others find free for the
/// whole of their runs, and the dearest pool that a block takes holds the price of its cells up. Depth first, one block after the
/// other, all of its GPUs before fewer, as many as possible from the pools that cost least. A branch ends when a block can no longer
/// pay the lowest prices (they only rise) or when all that is still to come, at the prices now, would not be enough.
/// </remarks>
internal sealed class PoolSearch
{
    /// <summary>Calls within calls: what is deeper is left open, so that no input can exhaust a thread's stack.</summary>
    const int DeepestCalls = 2_000;

    readonly Model _model;
    readonly Incumbent _incumbent;
    Allowance _allowance = new(0);
    readonly Allocation _state;
    readonly Earnings _earnings;
    readonly List<(int Block, int Start)> _blocks = [];
    readonly List<PoolFill> _fills = [];
    Int128 _unresolved;
    long _callsLeft;
    int _depth;

    public PoolSearch(Model model, Incumbent incumbent)
    {
        (_model, _incumbent) = (model, incumbent);
        (_state, _earnings) = (new Allocation(model) { DefersEarning = true }, new Earnings(model));
    }

    /// <summary>Looks for an answer that fills just the blocks that a domain places; returns a bound on all that it could not look at, 0 if nothing.</summary>
    public Int128 Run(Domain domain, Int128 bound, long mostCalls, Allowance allowance)
    {
        _allowance = allowance;
        (_unresolved, _callsLeft, _depth) = (0, mostCalls, 0);
        _blocks.Clear();
        _fills.Clear();
        for (var b = 0; b < _model.Blocks.Length; b++) if (domain.IsPlaced(b)) _blocks.Add((b, domain.OnlyStart(b)));

        // Parents before children; the ones with the fewest choices first.
        _blocks.Sort((left, right) => Key(left).CompareTo(Key(right)));
        Serve(0, bound);
        _state.UndoTo(0);
        return _unresolved;
    }

    (int, int, int) Key((int Block, int Start) placed)
    {
        var depth = 0;
        for (var b = placed.Block; _model.Blocks[b].Parent >= 0 && depth < 100; b = _model.Blocks[b].Parent) depth++;
        return (depth, -_model.Blocks[placed.Block].Run, placed.Block);
    }

    void Serve(int next, Int128 bound)
    {
        if (bound <= _incumbent.Enough) return;
        var most = _state.Welfare;
        for (var k = next; k < _blocks.Count; k++) most += MostOf(_blocks[k]);
        bound = Int128.Min(bound, most);
        if (bound <= _incumbent.Enough) return;
        if (_depth >= DeepestCalls || --_callsLeft < 0 || !_allowance.Spend(2))
        {
            _unresolved = Int128.Max(_unresolved, bound);
            return;
        }

        if (next == _blocks.Count)
        {
            var mark = _state.Mark;
            if (!_state.LacksEarnings()) _incumbent.Offer(_state);
            else
            {
                var welfare = _state.Welfare;
                var lifted = _earnings.LeastLoss(_state, welfare - _incumbent.Welfare, _allowance, out var complete);
                if (lifted is { } found && _state.LiftTo(found.Prices)) _incumbent.Offer(_state);
                else complete &= lifted is null;
                if (!complete)
                {
                    _state.UndoTo(mark);
                    if (_state.EarnAll()) _incumbent.Offer(_state);
                    _unresolved = Int128.Max(_unresolved, welfare);
                }
            }

            _state.UndoTo(mark);
            return;
        }

        _depth++;
        var (b, start) = _blocks[next];
        var block = _model.Blocks[b];
        if (_state.MayPlace(b))
        {
            var pools = _state.PoolsFor(block, start);
            for (var gpus = block.Gpus; gpus >= block.Least && _callsLeft >= 0; gpus -= block.Step) Split(next, pools, 0, gpus, gpus, _fills.Count, bound);
        }

        _depth--;
    }

    /// <summary>Tries all amounts from the pools from <paramref name="at"/> on, the largest first.</summary>
    void Split(int next, List<(int Pool, int Room)> pools, int at, int gpus, int left, int mark, Int128 bound)
    {
        var (b, start) = _blocks[next];
        if (left == 0)
        {
            var undo = _state.Mark;
            if (!_state.Place(new Placement(b, start, gpus, [.. _fills.Skip(mark)]))) return;
            Serve(next + 1, bound);
            _state.UndoTo(undo);
            return;
        }

        if (at == pools.Count) return;
        long ahead = 0;
        for (var k = at + 1; k < pools.Count; k++) ahead += pools[k].Room;
        for (var take = Math.Min(left, pools[at].Room); take >= 0 && left - take <= ahead; take -= _model.Blocks[b].Step)
        {
            if (_depth >= DeepestCalls || --_callsLeft < 0 || !_allowance.Spend())
            {
                _unresolved = Int128.Max(_unresolved, bound);
                return;
            }

            _depth++;
            if (take > 0) _fills.Add(new PoolFill(pools[at].Pool, take));
            Split(next, pools, at + 1, gpus, left - take, mark, bound);
            if (take > 0) _fills.RemoveAt(_fills.Count - 1);
            _depth--;
        }
    }

    /// <summary>No more can a block bring than at the prices now and its cheapest reserves.</summary>
    Int128 MostOf((int Block, int Start) placed)
    {
        var block = _model.Blocks[placed.Block];
        var cost = _state.LeastCostAt(block, placed.Start);
        foreach (var (pool, _) in _state.PoolsFor(block, placed.Start))
            if (!_model.Pools[pool].IsOpen) cost = Math.Min(cost, _model.Pools[pool].CostOf(block.Starts[placed.Start], block.Run));
        var margin = (Int128)block.Limit * block.Weights[placed.Start] - cost;
        return margin * (margin > 0 ? block.Gpus : block.Least);
    }
}
