namespace ComputeExchange.Solver;

/// <summary>Decides block by block which start it takes, if any, then which dear pools it takes, and proves what cannot be better.</summary>
/// <remarks>
/// Branch and bound, depth first. A branch is bounded by <see cref="LagrangianBound"/> over what it leaves open, the dual prices
/// moved a little at every node, and cut where that is not above the incumbent; an option that alone would pull the bound under
/// it is closed, a block without which it would is filled (reduced-cost fixing). The rules about prices are checked by continued
/// branching, not by rejecting losing blocks afterwards (rulebook section 1.2 b): what is certain draws
/// <see cref="PriceRanges"/>, and an option, a pool or a branch in which a block could not pay is closed. When all starts are
/// decided, pools that would hold a price up are taken or left one at a time; the amounts are <see cref="SplitSearch"/>'s. With an
/// allowance that lasts this is exact; what is left open when it ends goes into the bound.
/// </remarks>
internal sealed class ChoiceSearch
{
    const int DeepestCalls = 1_000;
    const int RoundsAtANode = 12;
    const int RoundsAtALeaf = 200;
    const int FirstAmountsAtALeaf = 500;
    const int GlanceAtSplits = 40;

    readonly Model _model;
    readonly Incumbent _incumbent;
    readonly Allowance _allowance;
    readonly LagrangianBound _lagrangian;
    readonly SplitSearch _splits;
    readonly Domain _domain;
    readonly PriceRanges _ranges;
    readonly List<(int Block, BlockOption Option)> _placed = [];
    readonly int[] _free;
    readonly long[] _demand;
    readonly long[] _least;
    Int128 _openBound;
    long _amountsAtALeaf;
    readonly long _workOfANode;

    public ChoiceSearch(Model model, Incumbent incumbent, LagrangianBound lagrangian, Allowance allowance)
    {
        (_model, _incumbent, _lagrangian, _allowance) = (model, incumbent, lagrangian, allowance);
        _splits = new SplitSearch(model, incumbent, allowance);
        _domain = new Domain(model);
        _ranges = new PriceRanges(model);
        _free = model.AllFree();
        _workOfANode = 1 + (20L * model.CellCount + 8L * model.FreeLength) / 300;
        _demand = new long[model.CellCount];
        _least = new long[model.CellCount];
    }

    /// <summary>Searches from everything open; returns a bound on all answers.</summary>
    /// <remarks>A placing with many equal ways to share out its pools could take all there is: each gets a little, then more.</remarks>
    public Int128 Run(DualPrices prices, Int128 rootBound)
    {
        var best = rootBound;
        for (_amountsAtALeaf = FirstAmountsAtALeaf; best > _incumbent.Enough && !_allowance.Exhausted; _amountsAtALeaf *= 8)
        {
            _openBound = 0;
            Visit(prices, rootBound, 0);

            // Branches were cut where they were not above what was enough then; what is enough has only grown since.
            best = Int128.Min(best, Int128.Max(_incumbent.Enough, _openBound));
        }

        return best;
    }

    void Visit(DualPrices prices, Int128 bound, int depth)
    {
        if (bound <= _incumbent.Enough) return;
        if (depth == DeepestCalls || !_allowance.Spend(_workOfANode))
        {
            LeaveOpen(bound);
            return;
        }

        var mark = _domain.Mark;
        prices = prices.Copy();
        while (true)
        {
            if (!Propagate()) break;
            if (Tighten(prices, bound) is not { } improved) break;
            bound = Int128.Min(bound, improved);
            if (bound <= _incumbent.Enough) break;
            if (Fix(improved)) continue;
            if (NextBlock() is var block and >= 0) BranchOnBlock(block, prices, bound, depth);
            else if (!FixPools(prices, improved, out var dear)) BranchOnPool(dear, prices, bound, improved, depth);
            else continue;
            break;
        }

        _domain.UndoTo(mark);
    }

    /// <summary>Moves the dual prices: a few rounds, or until they settle where only pools are left to decide about.</summary>
    Int128? Tighten(DualPrices prices, Int128 bound)
    {
        var enough = _incumbent.Enough;
        var rounds = NextBlock() < 0 ? RoundsAtALeaf : RoundsAtANode;
        return _lagrangian.Improve(prices, _domain, _ranges, enough - (bound - enough) / 4, enough, rounds, 1.0, _allowance);
    }

    /// <summary>The best option first, or leaving it out.</summary>
    void BranchOnBlock(int block, DualPrices prices, Int128 bound, int depth)
    {
        var ways = Enumerable.Range(0, _model.Blocks[block].Options.Length).Where(o => _domain.IsOpen(block, o)).ToList();
        if (!_domain.Must[block]) ways.Add(-1);
        var worth = ways.ToDictionary(way => way, way => way < 0 ? 0 : _lagrangian.ValueOf(block, way));
        var most = _lagrangian.WorthOf(block);
        foreach (var way in ways.OrderByDescending(way => worth[way]).ThenByDescending(way => way))
        {
            var mark = _domain.Mark;
            if (way >= 0) _domain.Demand(block);
            for (var o = 0; o < _model.Blocks[block].Options.Length; o++) if (o != way) _domain.Close(block, o);
            Visit(prices, bound - most + worth[way], depth + 1);
            _domain.UndoTo(mark);
        }
    }

    /// <summary>Without the pool, then with some of it; with no pool to decide about, the amounts.</summary>
    void BranchOnPool((int Block, int Pool, Int128 Loss)? dear, DualPrices prices, Int128 bound, Int128 improved, int depth)
    {
        if (dear is not { } choice)
        {
            LeaveOpen(Int128.Min(_splits.Run(_placed, _lagrangian, improved, _amountsAtALeaf), bound));
            return;
        }

        _splits.Run(_placed, _lagrangian, improved, GlanceAtSplits);
        if (bound <= _incumbent.Enough) return;
        var (block, pool, loss) = choice;
        var mark = _domain.Mark;
        _domain.Without(block, _domain.OnlyOption(block), p => p == pool);
        Visit(prices, bound, depth + 1);
        _domain.UndoTo(mark);

        _domain.Use(block, pool);
        Visit(prices, bound - loss, depth + 1);
        _domain.UndoTo(mark);
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
                if (_domain.IsOpen(b, o) && rest + _lagrangian.ValueOf(b, o) <= _incumbent.Enough) changed |= _domain.Close(b, o);
            if (!_domain.Must[b] && rest <= _incumbent.Enough) changed |= _domain.Demand(b);
        }

        return changed;
    }

    /// <summary>
    /// Takes pools away from placed blocks that could not pay for them or would pull the bound under what is enough; else finds the
    /// one to decide about: of those that would raise a price, or must earn, the one that loses most.
    /// </summary>
    bool FixPools(DualPrices prices, Int128 bound, out (int Block, int Pool, Int128 Loss)? dear)
    {
        dear = null;
        var changed = false;
        foreach (var (b, option) in _placed)
        {
            var gone = new List<int>();
            foreach (var p in option.Pools)
            {
                if (_domain.Uses.Contains((b, p))) continue;
                var (isDear, loss) = (IsDear(b, option, p), (Int128)0);
                if (!_ranges.CanPay(_model.Blocks[b], option, p)
                    || (isDear && bound - (loss = _lagrangian.LossOf(b, option, p, prices, _ranges)) <= _incumbent.Enough)) gone.Add(p);
                else if (isDear && (dear is null || loss > dear.Value.Loss)) dear = (b, p, loss);
            }

            if (gone.Count == 0) continue;
            _domain.Without(b, _domain.OnlyOption(b), gone.Contains);
            changed = true;
        }

        return changed;
    }

    bool IsDear(int b, BlockOption option, int p)
    {
        var pool = _model.Pools[p];
        if (!pool.IsOpen) return true;
        for (var cell = option.Start; cell < option.Start + _model.Blocks[b].Run; cell++)
            if (pool.ReserveIn(cell) > _ranges.Least[cell]) return true;
        return false;
    }

    /// <summary>Draws what follows from the decisions; false when they contradict each other or a filled block cannot pay.</summary>
    bool Propagate()
    {
        while (true)
        {
            if (!FollowFamilies() || !PricePlaced()) return false;
            var changed = false;
            for (var b = 0; b < _model.Blocks.Length; b++)
            {
                var block = _model.Blocks[b];
                for (var o = 0; o < block.Options.Length && _domain.Left[b] > 0; o++)
                    if (_domain.IsOpen(b, o) && !_ranges.CanPay(block, block.Options[o])) changed |= _domain.Close(b, o);
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
                if (parent >= 0 && (parent == b || _domain.Left[parent] == 0)) changed |= _domain.CloseAll(b);
                if (parent >= 0 && parent != b && _domain.Must[b]) changed |= _domain.Demand(parent);
                if (group < 0 || !_domain.Must[b]) continue;
                for (var other = 0; other < _model.Blocks.Length; other++)
                    if (other != b && _model.Blocks[other].Group == group) changed |= _domain.CloseAll(other);
            }
        }

        return true;
    }

    /// <summary>Works out between what prices must lie, whichever pools the placed blocks take.</summary>
    bool PricePlaced()
    {
        _placed.Clear();
        Array.Clear(_demand);
        for (var b = 0; b < _model.Blocks.Length; b++)
        {
            if (!_domain.IsPlaced(b)) continue;
            var option = _domain.OptionOf(b, _domain.OnlyOption(b));
            _placed.Add((b, option));
            for (var cell = option.Start; cell < option.Start + _model.Blocks[b].Run; cell++) _demand[cell] += _model.Blocks[b].Gpus;
        }

        for (var cell = 0; cell < _model.CellCount; cell++)
        {
            _least[cell] = _model.Curves[cell].LeastPrice(_free, _demand[cell]);
            if (_least[cell] == CellCurve.NoPrice) return false;
        }

        return _ranges.Narrow(_free, _least, _placed, 0, _domain.Uses);
    }

    void LeaveOpen(Int128 bound) => _openBound = Int128.Max(_openBound, bound);
}
