namespace ComputeExchange.Solver;

/// <summary>Chooses the prices among those that support the sales: nearest to each slot's midpoint, such that filled blocks can pay.</summary>
/// <remarks>
/// Format auction problem, last lines. Where no bid couples markets this is the least-squares projection of <see cref="Pricing"/>.
/// Coupled markets' prices keep their order; the middle between the lowest and the highest such prices, and where a block could not
/// pay that, its slots' prices are drawn towards the lowest by the same part.
/// </remarks>
internal sealed class FinalPrices
{
    readonly Model _model;
    readonly Incumbent _incumbent;
    readonly PriceRange[] _ranges;
    readonly bool[] _traded;
    readonly List<(int Cheaper, int Than)> _order;
    readonly long[] _low;
    readonly long[] _high;

    public FinalPrices(Model model, Incumbent incumbent, PriceRange[] ranges, bool[] traded, List<(int Cheaper, int Than)> order)
    {
        (_model, _incumbent, _ranges, _traded, _order) = (model, incumbent, ranges, traded, order);
        (_low, _high) = (new long[ranges.Length], new long[ranges.Length]);
    }

    public long[] Choose()
    {
        Narrow();
        var prices = new long[_model.CellCount];
        for (var cell = 0; cell < prices.Length; cell++) prices[cell] = _low[cell] + (_high[cell] - _low[cell]) / 2;

        var slots = _model.Problem.Slots;
        var coupled = new bool[_model.Markets.Length];
        foreach (var group in _model.Groups) if (group.Cells.Length > 1) foreach (var cell in group.Cells) coupled[cell / slots] = true;
        for (var k = 0; k < coupled.Length; k++)
        {
            if (coupled[k]) continue;
            var first = k * slots;
            var supports = Enumerable.Range(first, slots).Select(cell =>
                new Support(_low[cell], _ranges[cell].High == long.MaxValue ? null : _ranges[cell].High, Math.Max(_low[cell], _ranges[cell].Highest))).ToArray();
            Pricing.Choose(supports, _model.Weights[first], _model.Weights[first + Math.Min(1, slots - 1)], [.. RunsOf(first)]).CopyTo(prices, first);
        }

        if (!Array.Exists(coupled, isCoupled => isCoupled)) return prices;
        var runs = _incumbent.Placements.Where(p => coupled[_model.Blocks[p.Block].Starts[0] / slots] || coupled[StartOf(p) / slots]).ToList();
        foreach (var placement in runs) Lower(placement, prices);
        if (runs.TrueForAll(placement => Earns(placement, prices) && Pays(placement, prices))) return prices;

        // What must be earned was earned at the search's own prices.
        for (var cell = 0; cell < prices.Length; cell++) if (coupled[cell / slots]) prices[cell] = _incumbent.Prices[cell];
        return prices;
    }

    int StartOf(Placement placement) => _model.Blocks[placement.Block].Starts[placement.Start];

    /// <summary>The lowest and the highest prices that keep the order of coupled cells.</summary>
    void Narrow()
    {
        for (var cell = 0; cell < _low.Length; cell++)
        {
            _low[cell] = _ranges[cell].Low;
            _high[cell] = _ranges[cell].High != long.MaxValue || !_traded[cell] ? _ranges[cell].High : Math.Max(_ranges[cell].Low, _ranges[cell].Highest);
        }

        for (var changed = true; changed;)
        {
            changed = false;
            foreach (var (cheaper, than) in _order)
            {
                if (_traded[than] && _low[than] < _low[cheaper]) (_low[than], changed) = (_low[cheaper], true);
                if (_high[cheaper] > _high[than]) (_high[cheaper], changed) = (_high[than], true);
            }
        }

        for (var cell = 0; cell < _low.Length; cell++)
        {
            if (!_traded[cell]) (_low[cell], _high[cell]) = (0, 0);
            _high[cell] = Math.Max(_low[cell], _high[cell]);
        }
    }

    /// <summary>What rules 4 and 5 ask of the sums of one market's prices, from its first cell on.</summary>
    IEnumerable<RunRange> RunsOf(int first)
    {
        foreach (var placement in _incumbent.Placements)
        {
            var (block, start) = (_model.Blocks[placement.Block], StartOf(placement));
            if (start < first || start >= first + _model.Problem.Slots) continue;
            var least = NeedOf(placement);
            yield return new RunRange(start - first, start - first + block.Run, least > 0 ? least : -RunRange.Open,
                (Int128)block.Limit * block.Weights[placement.Start]);
        }
    }

    long NeedOf(Placement placement) => placement.Fills.Where(fill => !_model.Pools[fill.Pool].IsOpen)
        .Select(fill => _model.Pools[fill.Pool].CostOf(StartOf(placement), _model.Blocks[placement.Block].Run)).DefaultIfEmpty().Max();

    Int128 SumOver(Placement placement, long[] prices)
    {
        Int128 sum = 0;
        var start = StartOf(placement);
        for (var cell = start; cell < start + _model.Blocks[placement.Block].Run; cell++) sum += (Int128)prices[cell] * _model.Weights[cell];
        return sum;
    }

    bool Pays(Placement placement, long[] prices) =>
        SumOver(placement, prices) <= (Int128)_model.Blocks[placement.Block].Limit * _model.Blocks[placement.Block].Weights[placement.Start];

    bool Earns(Placement placement, long[] prices) => SumOver(placement, prices) >= NeedOf(placement);

    /// <summary>Draws the prices of a block's slots towards the lowest, all by the same part, as far as it cannot pay.</summary>
    void Lower(Placement placement, long[] prices)
    {
        var block = _model.Blocks[placement.Block];
        var over = SumOver(placement, prices) - (Int128)block.Limit * block.Weights[placement.Start];
        var above = SumOver(placement, prices) - SumOver(placement, _low);
        if (over <= 0 || above <= 0) return;
        var start = StartOf(placement);
        for (var cell = start; cell < start + block.Run; cell++)
            foreach (var other in _model.Groups[_model.GroupOf[cell]].Cells)
                prices[other] = _low[other] + (long)((prices[other] - _low[other]) * Int128.Max(0, above - over) / above);
    }
}
