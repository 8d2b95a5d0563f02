namespace ComputeExchange.Solver;

/// <summary>Finds good valid allocations early: greedy insertion, then rounds of taking out some blocks and filling up again.</summary>
/// <remarks>
/// Every allocation it keeps is valid as it stands; there is no repair of losing blocks afterwards. Ruin and recreate: the blocks
/// around one of them are thinned out and what could run there is inserted in a new order, each block where it brings most. A
/// result a little below the best is kept to go on from (record-to-record travel), ever less so.
/// </remarks>
internal sealed class LocalSearch
{
    enum Order { Limit, Size, Margin, None }

    readonly Model _model;
    readonly Allowance _allowance;
    readonly SeededDice _dice;
    readonly RevenuePrices _revenue;
    readonly Allocation _current;
    readonly Allocation _trial;
    readonly List<(long Score, int Block)> _order = [];
    readonly long[] _margins;

    public LocalSearch(Model model, Allowance allowance, ulong seed)
    {
        (_model, _allowance, _dice, _revenue) = (model, allowance, new SeededDice(seed), new RevenuePrices(model));
        (Best, _current, _trial) = (new Allocation(model), new Allocation(model), new Allocation(model));
        _margins = new long[model.Blocks.Length];
    }

    public Allocation Best { get; }

    /// <summary>Inserts blocks, the highest limit first, while each brings welfare.</summary>
    public void Greedy()
    {
        for (var b = 0; b < _model.Blocks.Length; b++) _margins[b] = _model.Blocks[b].Limit;
        _trial.CopyFrom(Best);
        Insert(Order.Limit, 0, _model.CellCount, shuffle: false);
        if (_trial.Welfare > Best.Welfare) Best.CopyFrom(_trial);
    }

    /// <summary>Tells it what each block is worth a GPU-hour above dual prices, to try the worthiest first.</summary>
    public void Prefer(LagrangianBound lagrangian)
    {
        for (var b = 0; b < _margins.Length; b++)
        {
            var (block, best) = (_model.Blocks[b], long.MinValue);
            for (var o = 0; o < block.Options.Length; o++)
                best = Math.Max(best, Math.Max(lagrangian.ValueOf(b, o), LagrangianBound.Never) / Math.Max(1, block.Gpus * block.Options[o].Weight));
            _margins[b] = block.Options.Length == 0 ? 0 : best;
        }
    }

    /// <summary>Improves until the welfare reaches <paramref name="enough"/>, the allowance runs out, or nothing helped for so many rounds.</summary>
    public void Improve(Int128 enough, int patience)
    {
        if (_model.Blocks.Length == 0) return;
        _current.CopyFrom(Best);
        for (var idle = 0; idle < patience && Best.Welfare < enough && !_allowance.Exhausted; idle++)
        {
            _allowance.Spend(1 + _model.FreeLength / 4_000);
            _trial.CopyFrom(_current);
            var (from, to) = Ruin();
            if (idle % 16 == 0) (from, to) = (0, _model.CellCount);
            Insert((Order)_dice.Below(4), from, to, shuffle: true);

            // How far below the best is still worth going on from: up to 1/256 of it, less and less while nothing helps.
            var leeway = Best.Welfare / 256 / (1 + idle / 32);
            if (_trial.Welfare < Best.Welfare - leeway || (_trial.MinRunFills > 0 && !_revenue.Hold(_trial))) continue;
            _current.CopyFrom(_trial);
            if (_trial.Welfare <= Best.Welfare) continue;
            Best.CopyFrom(_trial);
            idle = -1;
        }
    }

    /// <summary>Takes out some of the blocks that run beside one of them; returns the cells that this touches.</summary>
    (int From, int To) Ruin()
    {
        if (_trial.Filled.Count == 0) return (0, _model.CellCount);
        var centre = _trial.Filled[_dice.Below(_trial.Filled.Count)];
        var (start, end) = SpanOf(centre);
        var share = 100 + _dice.Below(900);
        var (from, to) = (start, end);
        foreach (var b in _trial.Filled.ToArray())
        {
            if (_trial[b] is null) continue;
            var span = SpanOf(b);
            if (span.From >= end || start >= span.To || (b != centre && _dice.Below(1000) >= share)) continue;
            (from, to) = (Math.Min(from, span.From), Math.Max(to, span.To));
            _trial.RemoveWithChildren(b);
        }

        return (from, to);
    }

    (int From, int To) SpanOf(int block)
    {
        var start = _trial[block]!.Option.Start;
        return (start, start + _model.Blocks[block].Run);
    }

    /// <summary>Inserts what can run in some of these cells.</summary>
    void Insert(Order by, int from, int to, bool shuffle)
    {
        _order.Clear();
        for (var b = 0; b < _model.Blocks.Length; b++)
        {
            var block = _model.Blocks[b];
            if (_trial[b] is not null || !block.Options.Any(option => option.Start < to && from < option.Start + block.Run)) continue;
            var score = by switch
            {
                Order.Limit => block.Limit,
                Order.Size => (long)block.Gpus * block.Run,
                Order.Margin => _margins[b],
                _ => 1_000,
            };
            _order.Add((shuffle ? (long)((Int128)score * (700 + _dice.Below(600)) / 1000) : score, b));
        }

        _order.Sort((left, right) => left.Score != right.Score ? right.Score.CompareTo(left.Score) : left.Block - right.Block);
        foreach (var (_, b) in _order)
        {
            if (_allowance.Exhausted) return;
            InsertBest(b, from, to);
        }
    }

    /// <summary>Places a block at the option that brings most, if any brings something.</summary>
    void InsertBest(int b, int from, int to)
    {
        if (!_trial.MayPlace(b)) return;
        var block = _model.Blocks[b];
        Int128 most = 0;
        BlockOption? best = null;
        PoolFill[] bestFills = [];
        foreach (var option in block.Options)
        {
            if (option.Start >= to || from >= option.Start + block.Run) continue;
            _allowance.Spend(1 + (block.Run * (option.Pools.Length + 20)) / 800);
            if (_trial.Try(b, option, openOnly: false, out var fills) is not { } worth || worth <= most) continue;
            (most, best, bestFills) = (worth, option, fills.ToArray());
        }

        if (best is null) return;
        _trial.Place(b, best, bestFills);
        if (_trial.MinRunFills > 0 && !_revenue.Hold(_trial)) _trial.Remove(b);
    }
}

/// <summary>SplitMix64: a small generator with a seed of its own, the same on every machine.</summary>
internal sealed class SeededDice(ulong seed)
{
    ulong _state = seed;

    /// <summary>A number from 0 up to but not including <paramref name="bound"/>.</summary>
    public int Below(int bound)
    {
        unchecked
        {
            var z = _state += 0x9E3779B97F4A7C15;
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            return (int)(((z ^ (z >> 31)) >> 33) % (ulong)bound);
        }
    }
}
