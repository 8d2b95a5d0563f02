namespace ComputeExchange.Solver;

/// <summary>What a filled block that could not pay a bound's prices takes away from the bound, because of the rules about prices.</summary>
/// <remarks>
/// A block is filled only where its run's prices p do not come to more than its limit. Where p is below the bound's price π, no open
/// offer with a reserve between the two sells (rule 4), and every divisible bid with a limit between them is filled whole (rule 3):
/// against the bound, which sells those offers and leaves those bids out, a loss of GPUs × (π − reserve or limit), the more the lower
/// p is. So a block at a start loses at least the least that such prices within its limit can lose over its run. What several
/// blocks would lose in the same cell is lost once: each block is told its share, and the shares come to no more than the whole.
/// A bid that names several markets is counted where it is cheapest at π, so no loss is counted in two cells.
/// </remarks>
internal sealed class PricePenalties
{
    const int MustCounts = 4;

    readonly Model _model;
    readonly long[]?[] _penalties;
    readonly List<int> _blocks = [];
    readonly int[] _sharers;
    readonly int[] _stamp;
    int _stamps;
    readonly List<(long Length, double Slope)>?[] _hulls;
    readonly List<int> _cells = [];
    readonly List<(long Level, double Gpus)> _steps = [];
    readonly List<(double Slope, double Length)> _segments = [];

    public PricePenalties(Model model)
    {
        _model = model;
        _penalties = new long[model.Blocks.Length][];
        (_sharers, _stamp) = (new int[model.CellCount], new int[model.CellCount]);
        _hulls = new List<(long, double)>[model.CellCount];
    }

    public bool IsEmpty => _blocks.Count == 0;

    public long Of(int block, int start) => _penalties[block] is { } penalties ? penalties[start] : 0;

    public void Clear()
    {
        foreach (var b in _blocks) _penalties[b] = null;
        _blocks.Clear();
    }

    /// <summary>Finds the penalties at these prices, at which the bound was evaluated without any; false when there are none.</summary>
    public bool Find(ReadOnlySpan<long> prices, Domain domain, DualBound bound)
    {
        foreach (var cell in _cells) (_sharers[cell], _hulls[cell]) = (0, null);
        _cells.Clear();
        for (var b = 0; b < _model.Blocks.Length; b++)
        {
            if (domain.Left(b) == 0) continue;
            var block = _model.Blocks[b];
            var any = false;
            _stamps++;
            for (var o = 0; o < block.Starts.Length; o++)
            {
                if (!IsDear(b, o, prices, domain, bound)) continue;
                any = true;
                for (var cell = block.Starts[o]; cell < block.Starts[o] + block.Run; cell++)
                {
                    if (_stamp[cell] == _stamps) continue;
                    _stamp[cell] = _stamps;
                    if (_sharers[cell] == 0) _cells.Add(cell);
                    _sharers[cell] += domain.Must(b) ? MustCounts : 1;
                }
            }

            if (any) _blocks.Add(b);
        }

        if (_blocks.Count == 0) return false;
        foreach (var cell in _cells) _hulls[cell] = HullOf(cell, prices);
        foreach (var b in _blocks)
        {
            var block = _model.Blocks[b];
            var penalties = new long[block.Starts.Length];
            for (var o = 0; o < penalties.Length; o++) if (IsDear(b, o, prices, domain, bound)) penalties[o] = PenaltyOf(block, o, prices, domain.Must(b) ? MustCounts : 1);
            _penalties[b] = penalties;
        }

        return true;
    }

    /// <summary>Whether a start counts in the bound although the block cannot pay the bound's prices.</summary>
    bool IsDear(int b, int o, ReadOnlySpan<long> prices, Domain domain, DualBound bound)
    {
        if (!domain.IsOpen(b, o) || (bound.ValueOf(b, o) + bound.ChildrenOf(b) <= 0 && !domain.Must(b))) return false;
        return Over(_model.Blocks[b], o, prices) > 0;
    }

    long Over(Block block, int o, ReadOnlySpan<long> prices)
    {
        var over = -block.Limit * block.Weights[o];
        for (var cell = block.Starts[o]; cell < block.Starts[o] + block.Run; cell++) over += prices[cell] * _model.Weights[cell];
        return over;
    }

    /// <summary>The least that prices within the limit lose: down where the loss is smallest first, until the run is cheap enough.</summary>
    long PenaltyOf(Block block, int o, ReadOnlySpan<long> prices, int counts)
    {
        _segments.Clear();
        for (var cell = block.Starts[o]; cell < block.Starts[o] + block.Run; cell++)
        {
            var share = (double)counts / _sharers[cell];
            foreach (var (length, slope) in _hulls[cell]!) _segments.Add((slope * share, (double)length * _model.Weights[cell]));
        }

        _segments.Sort();
        var (left, loss) = ((double)Over(block, o, prices), 0.0);
        foreach (var (slope, length) in _segments)
        {
            var part = Math.Min(left, length);
            loss += part * slope;
            if ((left -= part) <= 0) break;
        }

        // Rounding of the sums is far below a part in a million.
        return (long)Math.Min(loss * 0.999_999, long.MaxValue / 1024.0);
    }

    /// <summary>The loss in one cell for one unit of weight as its price goes down from the bound's: the lower convex hull, from the top.</summary>
    List<(long Length, double Slope)> HullOf(int cell, ReadOnlySpan<long> prices)
    {
        var price = prices[cell];
        _steps.Clear();
        var (pools, reserves) = _model.Merit[cell];
        for (var k = reserves.Length - 1; k >= 0; k--)
            if (reserves[k] < price) _steps.Add((reserves[k], _model.Pools[pools[k]].Size));
        var group = _model.Groups[_model.GroupOf[cell]];
        foreach (var demand in group.Demands)
        {
            var cheapest = demand.Markets[0];
            foreach (var i in demand.Markets) if (prices[group.Cells[i]] < prices[group.Cells[cheapest]]) cheapest = i;
            if (group.Cells[cheapest] != cell) continue;
            for (var k = demand.CountFrom(price); k < demand.Limits.Length; k++) _steps.Add((demand.Limits[k], demand.WantedTo[k + 1] - demand.WantedTo[k]));
        }

        _steps.Sort((left, right) => right.Level.CompareTo(left.Level));

        // At a price equal to a level that level is not lost yet; just below it is.
        var hull = new List<(long Length, double Slope)>();
        var points = new List<(long Down, double Loss)> { (0, 0) };
        var loss = 0.0;
        for (var k = 0; k < _steps.Count; k++)
        {
            Add(points, (price - _steps[k].Level, loss));
            loss += _steps[k].Gpus * (price - _steps[k].Level);
        }

        Add(points, (price, loss));
        for (var k = 1; k < points.Count; k++)
            hull.Add((points[k].Down - points[k - 1].Down, (points[k].Loss - points[k - 1].Loss) / (points[k].Down - points[k - 1].Down)));
        return hull;
    }

    static void Add(List<(long Down, double Loss)> points, (long Down, double Loss) next)
    {
        if (next.Down == points[^1].Down)
        {
            // Of one level the least loss stands: prices between here and the last point lose no less.
            return;
        }

        while (points.Count > 1)
        {
            var (before, last) = (points[^2], points[^1]);
            if ((last.Loss - before.Loss) * (next.Down - last.Down) <= (next.Loss - last.Loss) * (last.Down - before.Down)) break;
            points.RemoveAt(points.Count - 1);
        }

        points.Add(next);
    }
}
