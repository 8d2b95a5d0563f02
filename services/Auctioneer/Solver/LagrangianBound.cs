namespace ComputeExchange.Solver;

/// <summary>A proven upper bound on welfare from dual prices: everybody's surplus at them, capacity relaxed.</summary>
/// <remarks>
/// Rulebook section 1.3, with a rent for each pool and cell. At any prices π and rents e ≥ 0 no valid answer is above
///   Σ over cells of weight × (Σ divisible bids GPUs × (limit − π)⁺ + Σ open pools size × ((π − reserve)⁺ + e) + Σ others size × e)
///   + Σ over blocks of the best of its options' (value − cheapest GPUs that cover the run, each pool no more than its size)⁺,
/// which is weak duality; see <see cref="DualPrices"/> for what a GPU costs. So runs that only dear or contested offers cover are
/// seen as dear. Of the rules about prices it uses what
/// <see cref="PriceRanges"/> drew from them. Prices are whole micro-dollars and the sum is exact, so the bound is safe
/// whatever the arithmetic that chose the prices: a deflected subgradient descent with Polyak's step towards the welfare in hand.
/// </remarks>
internal sealed class LagrangianBound
{
    /// <summary>The worth of an option that its block could not pay for.</summary>
    public const long Never = long.MinValue / 4;

    /// <summary>Dual prices stay within so many times the highest limit, where no sum of them can leave its range.</summary>
    const int MostOfTheHighestLimit = 16;

    readonly Model _model;
    readonly long[][] _costTo;
    readonly long[] _priceTo;
    readonly long[][] _values;
    readonly int[] _choice;
    readonly long[] _costs;
    readonly int[][] _load;
    readonly double[] _slope;
    readonly double[] _direction;
    readonly double[] _at;
    readonly double[][] _rentDirection;
    readonly double[][] _rentAt;
    readonly DualPrices _trial;
    readonly long _workOfARound;
    readonly double _highest;
    long _looks;

    public LagrangianBound(Model model)
    {
        _model = model;
        _costTo = [.. model.Pools.Select(pool => new long[pool.To - pool.From + 1])];
        _priceTo = new long[model.CellCount + 1];
        _values = [.. model.Blocks.Select(block => new long[block.Options.Length])];
        _choice = new int[model.Blocks.Length];
        _costs = new long[model.Pools.Length];
        _load = [.. model.Pools.Select(pool => new int[pool.To - pool.From])];
        _slope = new double[model.CellCount];
        _direction = new double[model.CellCount];
        _at = new double[model.CellCount];
        _rentDirection = [.. model.Pools.Select(pool => new double[pool.To - pool.From])];
        _rentAt = [.. model.Pools.Select(pool => new double[pool.To - pool.From])];
        _trial = DualPrices.From(model, new long[model.CellCount]);
        _highest = MostOfTheHighestLimit * (double)(1 + model.Problem.Bids.Select(bid => bid.Limit).DefaultIfEmpty().Max());
        _workOfARound = 10L * model.CellCount + 4L * model.FreeLength;
    }

    /// <summary>What an open option was worth at the prices last evaluated: value less cost.</summary>
    public long ValueOf(int block, int option) => _values[block][option];

    /// <summary>What a block adds to the bound at the prices last evaluated.</summary>
    public long WorthOf(int block) => _choice[block] < 0 ? 0 : _values[block][_choice[block]];

    /// <summary>What a GPU of each of an option's pools costs a block over its run, at the prices last evaluated.</summary>
    public long[] CostsOf(int b, BlockOption option) =>
        [.. option.Pools.Select(p => _costTo[p][option.Start - _model.Pools[p].From + _model.Blocks[b].Run] - _costTo[p][option.Start - _model.Pools[p].From])];

    /// <summary>At least so much the bound falls at the prices last evaluated if a placed block takes any GPUs of a pool.</summary>
    public Int128 LossOf(int b, BlockOption option, int p, DualPrices prices, PriceRanges ranges)
    {
        var (block, pool) = (_model.Blocks[b], _model.Pools[p]);
        long CostOf(int q)
        {
            var from = option.Start - _model.Pools[q].From;
            return _costTo[q][from + block.Run] - _costTo[q][from];
        }

        // The block's other GPUs cost no less than the cheapest, and so would this one have without the pool, at least.
        var dearest = long.MinValue;
        var left = block.Gpus;
        foreach (var q in option.Pools.Where(q => ranges.CanPay(block, option, q)).OrderBy(CostOf))
        {
            if (left <= 0) break;
            dearest = CostOf(q);
            left -= _model.Pools[q].Size / block.Step * block.Step;
        }

        var loss = (Int128)Math.Max(0, CostOf(p) - dearest) * block.Step;
        if (!pool.IsOpen) return loss;
        for (var cell = option.Start; cell < option.Start + block.Run; cell++)
        {
            var (price, least, most) = (prices.Cells[cell], ranges.Least[cell], ranges.Most[cell]);
            if (pool.ReserveIn(cell) <= least) continue;
            var curve = _model.Curves[cell];
            loss += (Int128)(curve.RentsAt(price, least, most) - curve.RentsAt(price, pool.ReserveIn(cell), most)) * _model.Weights[cell];
        }

        return loss;
    }

    /// <summary>The bound at these prices over what a domain leaves open; null when a block that must be filled cannot be.</summary>
    public Int128? At(DualPrices prices, Domain domain, PriceRanges ranges)
    {
        Int128 total = 0;
        for (var cell = 0; cell < _model.CellCount; cell++)
        {
            total += (Int128)_model.Curves[cell].RentsAt(prices.Cells[cell], ranges.Least[cell], ranges.Most[cell]) * _model.Weights[cell];
            _priceTo[cell + 1] = _priceTo[cell] + prices.Cells[cell] * _model.Weights[cell];
        }

        for (var p = 0; p < _model.Pools.Length; p++) total += CostPool(p, prices);
        for (var b = 0; b < _model.Blocks.Length; b++)
        {
            Choose(b, domain, ranges);
            if (domain.Must[b] && _choice[b] < 0) return null;
            total += WorthOf(b);
        }

        return total;
    }

    /// <summary>Moves prices to lower the bound; <paramref name="prices"/> holds the best found, which is what comes back.</summary>
    /// <param name="enough">Stop once the bound is not above this.</param>
    /// <param name="target">Where the steps aim: the welfare of an answer in hand.</param>
    public Int128? Improve(DualPrices prices, Domain domain, PriceRanges ranges, Int128 target, Int128 enough, int rounds, double step, Allowance allowance)
    {
        if (At(prices, domain, ranges) is not { } best) return null;
        Begin(prices);
        var bound = best;
        var stale = 0;
        for (var round = 0; round < rounds && best > enough && allowance.Spend(WorkDone()); round++)
        {
            var length = Steepen(round == 0 ? prices : _trial, domain, ranges);
            if (length == 0) break;
            Walk(step * (double)(bound - target) / length);
            bound = At(_trial, domain, ranges) ?? best;
            if (bound < best)
            {
                best = bound;
                prices.CopyFrom(_trial);
                stale = 0;
            }
            else if (++stale >= 8)
            {
                stale = 0;
                step /= 2;
            }
        }

        // The choices and values that are read afterwards are those of the best prices.
        return At(prices, domain, ranges);
    }

    /// <summary>What the last round took, in units of the budget.</summary>
    long WorkDone()
    {
        var work = 1 + (_workOfARound + 2 * _looks) / 500;
        _looks = 0;
        return work;
    }

    /// <summary>Prepares a pool's cost of every run, and returns its rents.</summary>
    Int128 CostPool(int p, DualPrices prices)
    {
        var (pool, rents, costTo) = (_model.Pools[p], prices.Rents[p], _costTo[p]);
        Int128 sum = 0;
        for (var k = 0; k < rents.Length; k++)
        {
            var weight = _model.Weights[pool.From + k];
            var reserve = pool.Reserves[k];
            var price = pool.IsOpen ? Math.Max(prices.Cells[pool.From + k], reserve) : reserve;
            costTo[k + 1] = costTo[k] + (price + rents[k]) * weight;
            sum += rents[k] * weight;
        }

        return sum * pool.Size;
    }

    void Choose(int b, Domain domain, PriceRanges ranges)
    {
        var block = _model.Blocks[b];
        var values = _values[b];
        var best = domain.Must[b] ? Never : 0;
        _choice[b] = -1;
        for (var o = 0; o < values.Length; o++)
        {
            if (!domain.IsOpen(b, o)) continue;
            var option = domain.OptionOf(b, o);
            values[o] = CostOf(block, option, ranges) is { } cost ? block.ValueOf(option) - cost : Never;
            if (values[o] > best) (best, _choice[b]) = (values[o], o);
        }
    }

    /// <summary>The cheapest GPUs for a block at an option, each pool no more than its size; null when it could not pay for enough.</summary>
    long? CostOf(Block block, BlockOption option, PriceRanges ranges)
    {
        var start = option.Start;
        var floor = _priceTo[start + block.Run] - _priceTo[start];
        var (cheapest, room) = (long.MaxValue, 0);
        _looks += option.Pools.Length;
        for (var k = 0; k < option.Pools.Length; k++)
        {
            var p = option.Pools[k];
            var from = start - _model.Pools[p].From;
            var cost = _costs[k] = _costTo[p][from + block.Run] - _costTo[p][from];
            if (cost >= cheapest) continue;
            if (!ranges.CanPay(block, option, p)) { _costs[k] = long.MaxValue; continue; }
            (cheapest, room) = (cost, _model.Pools[p].Size / block.Step * block.Step);
            if (option.IsOpen && cost == floor && room >= block.Gpus) return cost * block.Gpus;
        }

        if (room >= block.Gpus) return cheapest * block.Gpus;
        long total = 0;
        for (var left = block.Gpus; left > 0;)
        {
            var next = 0;
            for (var k = 1; k < option.Pools.Length; k++) if (_costs[k] < _costs[next]) next = k;
            if (_costs[next] == long.MaxValue) return null;
            if (!ranges.CanPay(block, option, option.Pools[next])) { _costs[next] = long.MaxValue; continue; }
            var take = Math.Min(left, _model.Pools[option.Pools[next]].Size / block.Step * block.Step);
            total += take * _costs[next];
            left -= take;
            _costs[next] = long.MaxValue;
        }

        return total;
    }

    void Begin(DualPrices prices)
    {
        Array.Clear(_direction);
        for (var cell = 0; cell < _at.Length; cell++) _at[cell] = prices.Cells[cell];
        for (var p = 0; p < _rentAt.Length; p++)
        {
            Array.Clear(_rentDirection[p]);
            for (var k = 0; k < _rentAt[p].Length; k++) _rentAt[p][k] = prices.Rents[p][k];
        }
    }

    void Walk(double stride)
    {
        for (var cell = 0; cell < _at.Length; cell++)
        {
            if (_direction[cell] != 0) _at[cell] = Math.Clamp(_at[cell] - stride * _direction[cell], 0, _highest);
            _trial.Cells[cell] = (long)Math.Round(_at[cell]);
        }

        for (var p = 0; p < _rentAt.Length; p++)
        {
            var (at, direction, rents) = (_rentAt[p], _rentDirection[p], _trial.Rents[p]);
            for (var k = 0; k < at.Length; k++)
            {
                if (direction[k] != 0) at[k] = Math.Clamp(at[k] - stride * direction[k], 0, _highest);
                rents[k] = (long)Math.Round(at[k]);
            }
        }
    }

    /// <summary>Turns the direction towards the slope at the prices last evaluated, and measures it.</summary>
    double Steepen(DualPrices prices, Domain domain, PriceRanges ranges)
    {
        for (var cell = 0; cell < _slope.Length; cell++) _slope[cell] = _model.Curves[cell].ExcessAt(prices.Cells[cell], ranges.Least[cell], ranges.Most[cell]);
        foreach (var load in _load) Array.Clear(load);
        for (var b = 0; b < _choice.Length; b++) if (_choice[b] >= 0) Load(_model.Blocks[b], domain.OptionOf(b, _choice[b]), prices, ranges);

        double length = 0;
        for (var p = 0; p < _load.Length; p++)
        {
            var pool = _model.Pools[p];
            for (var k = 0; k < _load[p].Length; k++)
            {
                double slope = (pool.Size - _load[p][k]) * _model.Weights[pool.From + k];
                if (_rentAt[p][k] <= 0 && slope > 0) slope = 0;
                var direction = 0.7 * slope + 0.3 * _rentDirection[p][k];
                _rentDirection[p][k] = direction;
                length += direction * direction;
            }
        }

        for (var cell = 0; cell < _slope.Length; cell++)
        {
            var slope = _slope[cell] * _model.Weights[cell];
            if (_at[cell] <= 0 && slope > 0) slope = 0;
            _direction[cell] = 0.7 * slope + 0.3 * _direction[cell];
            length += _direction[cell] * _direction[cell];
        }

        return length;
    }

    /// <summary>Puts a block's GPUs on its cheapest pools; of equally cheap ones on the least loaded.</summary>
    void Load(Block block, BlockOption option, DualPrices prices, PriceRanges ranges)
    {
        for (var k = 0; k < option.Pools.Length; k++)
        {
            var p = option.Pools[k];
            var from = option.Start - _model.Pools[p].From;
            _costs[k] = ranges.CanPay(block, option, p) ? _costTo[p][from + block.Run] - _costTo[p][from] : long.MaxValue;
        }

        for (var left = block.Gpus; left > 0;)
        {
            var next = -1;
            for (var k = 0; k < option.Pools.Length; k++)
            {
                if (_costs[k] == long.MaxValue || (next >= 0 && _costs[k] > _costs[next])) continue;
                if (next < 0 || _costs[k] < _costs[next] || LoadOf(option.Pools[k]) < LoadOf(option.Pools[next])) next = k;
            }

            var pool = _model.Pools[option.Pools[next]];
            var take = Math.Min(left, pool.Size / block.Step * block.Step);
            for (var cell = option.Start; cell < option.Start + block.Run; cell++)
            {
                _load[option.Pools[next]][cell - pool.From] += take;
                if (pool.IsOpen && pool.ReserveIn(cell) <= prices.Cells[cell]) _slope[cell] -= take;
            }

            left -= take;
            _costs[next] = long.MaxValue;
        }

        int LoadOf(int p) => _load[p][option.Start - _model.Pools[p].From] - _model.Pools[p].Size;
    }
}
