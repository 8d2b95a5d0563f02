namespace ComputeExchange.Solver;

/// <summary>Finds good valid allocations early: greedy insertion, then rounds of taking out some blocks and filling up again.</summary>
/// <remarks>
/// Every allocation it keeps is valid as it stands; there is no repair of losing blocks afterwards. Ruin and recreate: the blocks
/// beside one of them are taken out, some or all, and what could run there is inserted in a new order, each block where it brings
/// most: high limits first or large blocks first, with some chance in it. What is no worse is gone on from.
/// </remarks>
internal sealed class LocalSearch
{
    /// <summary>Rounds that help nothing between two that try every block everywhere: prices reach beyond the cells that a round touched.</summary>
    const int EverywhereEvery = 4;

    readonly Model _model;
    readonly Allowance _allowance;
    readonly SeededDice _dice;
    readonly RevenuePrices _revenue;
    readonly Allocation _trial;
    readonly List<(long Score, int Block)> _order = [];

    public LocalSearch(Model model, Allowance allowance, ulong seed)
    {
        (_model, _allowance, _dice, _revenue) = (model, allowance, new SeededDice(seed), new RevenuePrices(model));
        (Best, _trial) = (new Allocation(model), new Allocation(model));
    }

    public Allocation Best { get; }

    /// <summary>Inserts blocks, the highest limit first, while each brings welfare.</summary>
    public void Greedy()
    {
        _trial.CopyFrom(Best);
        Insert(block => block.Limit, 0, _model.CellCount);
        if (_trial.Welfare > Best.Welfare) Best.CopyFrom(_trial);
    }

    /// <summary>Improves until the welfare reaches <paramref name="enough"/>, the allowance runs out, or nothing helped for so many rounds.</summary>
    public void Improve(Int128 enough, int patience)
    {
        if (_model.Blocks.Length == 0) return;
        for (var idle = 0; idle < patience && Best.Welfare < enough && !_allowance.Exhausted; idle++)
        {
            _allowance.Spend(1 + _model.FreeLength / 4_000);
            _trial.CopyFrom(Best);
            var (from, to) = Ruin();
            if (idle % EverywhereEvery == 0) (from, to) = (0, _model.CellCount);
            if (_dice.Below(2) == 0) Insert(block => Vary(block.Limit), from, to);
            else Insert(block => Vary((long)block.Gpus * block.Run), from, to);

            if (_trial.Welfare < Best.Welfare || !Earns()) continue;
            if (_trial.Welfare > Best.Welfare) idle = -1;
            Best.CopyFrom(_trial);
        }
    }

    /// <summary>Up to 30% more or less.</summary>
    long Vary(long score) => (long)((Int128)score * (700 + _dice.Below(600)) / 1000);

    /// <summary>Takes out some of the blocks that run beside one of them; returns the cells that this touches.</summary>
    (int From, int To) Ruin()
    {
        if (_trial.Filled.Count == 0) return (0, _model.CellCount);
        var centre = _trial.Filled[_dice.Below(_trial.Filled.Count)];
        var (start, end) = SpanOf(centre);
        var share = 100 + _dice.Below(1_500);
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

    /// <summary>Inserts what can run in some of these cells, the highest score first.</summary>
    void Insert(Func<Block, long> score, int from, int to)
    {
        _order.Clear();
        for (var b = 0; b < _model.Blocks.Length; b++)
        {
            var block = _model.Blocks[b];
            if (_trial[b] is not null || !block.Options.Any(option => option.Start < to && from < option.Start + block.Run)) continue;
            _order.Add((score(block), b));
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
        if (!Earns()) _trial.Remove(b);
    }

    /// <summary>Whether what minimum-run pools must earn can be had.</summary>
    bool Earns()
    {
        if (_trial.MinRunFills == 0) return true;
        _allowance.Spend(1 + _model.CellCount / 8);
        return _revenue.Hold(_trial);
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
