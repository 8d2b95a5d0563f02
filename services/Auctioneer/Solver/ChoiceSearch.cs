namespace ComputeExchange.Solver;

/// <summary>Decides block by block which start it takes, if any, and proves what cannot be better: the outer branch and bound.</summary>
/// <remarks>
/// Depth first. A branch is bounded by <see cref="LagrangianBound"/> over the options it leaves open, its prices moved a little at
/// every node, and cut where that is not above the incumbent; an option that alone would pull the bound under it is closed, a
/// block without which it would is filled (reduced-cost fixing). Prices are checked with continued branching, not by rejecting
/// losing blocks afterwards (rulebook section 1.2 b): what the blocks filled so far take fixes lowest prices that can only rise,
/// and an option or a branch in which a block could not pay them is closed. When all is decided <see cref="SplitSearch"/> finds
/// the pools. With an allowance that lasts this is exact; what is left open when it ends goes into the bound.
/// </remarks>
internal sealed class ChoiceSearch
{
    const int DeepestCalls = 1_000;
    const int RoundsAtANode = 12;

    readonly Model _model;
    readonly Incumbent _incumbent;
    readonly Allowance _allowance;
    readonly LagrangianBound _lagrangian;
    readonly SplitSearch _splits;
    readonly Domain _domain;
    readonly Stack<(int Block, int Option)> _trail = [];
    readonly PriceRanges _ranges;
    readonly List<(int Block, BlockOption Option)> _decided = [];
    readonly int[] _free;
    readonly long[] _demand;
    readonly long[] _least;
    Int128 _openBound;

    public ChoiceSearch(Model model, Incumbent incumbent, LagrangianBound lagrangian, Allowance allowance)
    {
        (_model, _incumbent, _lagrangian, _allowance) = (model, incumbent, lagrangian, allowance);
        _splits = new SplitSearch(model, incumbent, allowance);
        _domain = new Domain(model);
        _free = model.AllFree();
        _demand = new long[model.CellCount];
        _least = new long[model.CellCount];
        _ranges = new PriceRanges(model);
    }

    /// <summary>Searches from everything open; returns a bound on all answers.</summary>
    public Int128 Run(DualPrices prices, Int128 rootBound)
    {
        _openBound = 0;
        Visit(prices, rootBound, 0);

        // Branches were cut where they were not above what was enough then; what is enough has only grown since.
        return Int128.Max(Int128.Min(_incumbent.Enough, rootBound), _openBound);
    }

    void Visit(DualPrices prices, Int128 bound, int depth)
    {
        if (bound <= _incumbent.Enough) return;
        if (depth == DeepestCalls || !_allowance.Spend())
        {
            LeaveOpen(bound);
            return;
        }

        var mark = _trail.Count;
        prices = prices.Copy();
        while (true)
        {
            if (!Propagate()) break;
            if (_lagrangian.Improve(prices, _domain, _ranges, _incumbent.Welfare, _incumbent.Enough, RoundsAtANode, 1.0, _allowance) is not { } improved) break;
            bound = Int128.Min(bound, improved);
            if (bound <= _incumbent.Enough) break;
            if (Fix(improved)) continue;
            Branch(prices, bound, depth);
            break;
        }

        UndoTo(mark);
    }

    void Branch(DualPrices prices, Int128 bound, int depth)
    {
        var block = NextBlock();
        if (block < 0)
        {
            var filled = Enumerable.Range(0, _model.Blocks.Length).Where(b => _domain.Must[b])
                .Select(b => (b, _model.Blocks[b].Options[_domain.OnlyOption(b)]));
            LeaveOpen(Int128.Min(_splits.Run(filled), bound));
            return;
        }

        // The best first: each of its options, or -1 for leaving it out.
        var ways = Enumerable.Range(0, _model.Blocks[block].Options.Length).Where(o => _domain.IsOpen(block, o)).ToList();
        if (!_domain.Must[block]) ways.Add(-1);
        var worth = ways.ToDictionary(way => way, way => way < 0 ? 0 : _lagrangian.ValueOf(block, way));
        var most = _lagrangian.WorthOf(block);
        foreach (var way in ways.OrderByDescending(way => worth[way]).ThenByDescending(way => way))
        {
            var mark = _trail.Count;
            if (way >= 0) Demand(block);
            for (var o = 0; o < _model.Blocks[block].Options.Length; o++) if (o != way) Close(block, o);
            Visit(prices, bound - most + worth[way], depth + 1);
            UndoTo(mark);
        }
    }

    /// <summary>The undecided block that takes most: where a decision moves the bound most either way.</summary>
    int NextBlock()
    {
        var (next, most) = (-1, -1L);
        for (var b = 0; b < _model.Blocks.Length; b++)
        {
            if (_domain.IsDecided(b)) continue;
            var size = (long)_model.Blocks[b].Gpus * _model.Blocks[b].Run;
            if (size > most) (next, most) = (b, size);
        }

        return next;
    }

    /// <summary>Closes options that would pull the bound under what is enough, and fills blocks without which it would.</summary>
    bool Fix(Int128 bound)
    {
        var changed = false;
        for (var b = 0; b < _model.Blocks.Length; b++)
        {
            if (_domain.IsDecided(b)) continue;
            var rest = bound - _lagrangian.WorthOf(b);
            for (var o = 0; o < _model.Blocks[b].Options.Length; o++)
                if (_domain.IsOpen(b, o) && rest + _lagrangian.ValueOf(b, o) <= _incumbent.Enough) changed |= Close(b, o);
            if (!_domain.Must[b] && rest <= _incumbent.Enough) changed |= Demand(b);
        }

        return changed;
    }

    /// <summary>Draws what follows from the decisions; false when they contradict each other or a filled block cannot pay.</summary>
    bool Propagate()
    {
        while (true)
        {
            if (!FollowFamilies()) return false;
            if (!PriceDecided()) return false;
            var changed = false;
            for (var b = 0; b < _model.Blocks.Length; b++)
            {
                var block = _model.Blocks[b];
                for (var o = 0; o < block.Options.Length && _domain.Left[b] > 0; o++)
                {
                    if (_domain.IsOpen(b, o) && !_ranges.CanPay(block, block.Options[o])) changed |= Close(b, o);
                }

                if (_domain.Must[b] && _domain.Left[b] == 0) return false;
            }

            if (!changed) return true;
        }
    }

    /// <summary>A filled child fills its parent; a lost parent loses its children; one filled block shuts its group.</summary>
    bool FollowFamilies()
    {
        for (var changed = true; changed;)
        {
            changed = false;
            for (var b = 0; b < _model.Blocks.Length; b++)
            {
                var (parent, group) = (_model.Blocks[b].Parent, _model.Blocks[b].Group);
                if (_domain.Must[b] && _domain.Left[b] == 0) return false;
                if (parent >= 0 && (parent == b || _domain.Left[parent] == 0) && _domain.Left[b] > 0) changed |= CloseAll(b);
                if (parent >= 0 && parent != b && _domain.Must[b]) changed |= Demand(parent);
                if (group < 0 || !_domain.Must[b]) continue;
                for (var other = 0; other < _model.Blocks.Length; other++)
                    if (other != b && _model.Blocks[other].Group == group && _domain.Left[other] > 0) changed |= CloseAll(other);
            }
        }

        return true;
    }

    /// <summary>Works out the lowest prices that the decided blocks leave possible, whichever pools they take.</summary>
    bool PriceDecided()
    {
        _decided.Clear();
        Array.Clear(_demand);
        for (var b = 0; b < _model.Blocks.Length; b++)
        {
            if (!_domain.Must[b] || _domain.Left[b] != 1) continue;
            var option = _model.Blocks[b].Options[_domain.OnlyOption(b)];
            _decided.Add((b, option));
            for (var cell = option.Start; cell < option.Start + _model.Blocks[b].Run; cell++) _demand[cell] += _model.Blocks[b].Gpus;
        }

        for (var cell = 0; cell < _model.CellCount; cell++)
        {
            _least[cell] = _model.Curves[cell].LeastPrice(_free, _demand[cell]);
            if (_least[cell] == CellCurve.NoPrice) return false;
        }

        return _ranges.Narrow(_free, _least, _decided, 0);
    }

    bool CloseAll(int block)
    {
        for (var o = 0; o < _model.Blocks[block].Options.Length; o++) Close(block, o);
        return true;
    }

    bool Close(int block, int option)
    {
        if (!_domain.IsOpen(block, option)) return false;
        _domain.Close(block, option);
        _trail.Push((block, option));
        return true;
    }

    bool Demand(int block)
    {
        if (_domain.Must[block]) return false;
        _domain.Must[block] = true;
        _trail.Push((block, -1));
        return true;
    }

    void UndoTo(int mark)
    {
        while (_trail.Count > mark)
        {
            var (block, option) = _trail.Pop();
            if (option < 0) _domain.Must[block] = false; else _domain.Reopen(block, option);
        }
    }

    void LeaveOpen(Int128 bound) => _openBound = Int128.Max(_openBound, bound);
}
