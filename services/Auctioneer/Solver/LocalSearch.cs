namespace ComputeExchange.Solver;

/// <summary>Finds good valid allocations early: greedy insertion, then rounds of taking out some blocks and filling up again.</summary>
/// <remarks>
/// Every allocation it keeps is valid as it stands; there is no repair of losing blocks afterwards. Large neighbourhood search
/// in the sense of ruin and recreate: a stretch of cells is thinned out and refilled in a shuffled order.
/// </remarks>
internal sealed class LocalSearch(Model model, Allowance allowance, ulong seed)
{
    readonly SeededDice _dice = new(seed);
    readonly RevenuePrices _revenue = new(model);
    readonly long[] _score = new long[model.Blocks.Length];

    public Allocation Best { get; } = new(model);

    /// <summary>Inserts blocks, the highest limit first, while each brings welfare.</summary>
    public void Greedy()
    {
        var order = Enumerable.Range(0, model.Blocks.Length)
            .OrderByDescending(b => model.Blocks[b].Limit).ThenByDescending(b => model.Blocks[b].Gpus).ThenBy(b => b).ToArray();
        Insert(Best, order);
    }

    /// <summary>Improves until the welfare reaches <paramref name="enough"/> or the allowance or the rounds without success run out.</summary>
    public void Improve(Func<Int128> enough, int patience)
    {
        if (model.Blocks.Length == 0) return;
        var trial = new Allocation(model);
        var candidates = new List<int>(model.Blocks.Length);
        for (var idle = 0; idle < patience && Best.Welfare < enough() && !allowance.Exhausted; idle++)
        {
            allowance.Spend();
            trial.CopyFrom(Best);
            Ruin(trial);
            candidates.Clear();
            for (var b = 0; b < model.Blocks.Length; b++)
            {
                if (trial[b] is not null) continue;
                _score[b] = (long)((Int128)model.Blocks[b].Limit * (800 + _dice.Below(400)) / 1000);
                candidates.Add(b);
            }

            candidates.Sort((left, right) => _score[right] != _score[left] ? _score[right].CompareTo(_score[left]) : left - right);
            Insert(trial, candidates);
            if (trial.Welfare < Best.Welfare || (trial.MinRunFills > 0 && !_revenue.Hold(trial))) continue;
            if (trial.Welfare > Best.Welfare) idle = -1;
            Best.CopyFrom(trial);
        }
    }

    /// <summary>Takes out some of the blocks that run through a stretch of cells around one of them.</summary>
    void Ruin(Allocation trial)
    {
        if (trial.Filled.Count == 0) return;
        var centre = trial[trial.Filled[_dice.Below(trial.Filled.Count)]]!;
        var from = centre.Option.Start;
        var to = from + model.Blocks[centre.Block].Run;
        var share = 300 + _dice.Below(700);
        var near = trial.Filled.Where(b => trial[b] is { } p && p.Option.Start < to && from < p.Option.Start + model.Blocks[b].Run).ToArray();
        foreach (var b in near) if (b == centre.Block || _dice.Below(1000) < share) trial.RemoveWithChildren(b);
    }

    void Insert(Allocation into, IReadOnlyList<int> order)
    {
        for (var k = 0; k < order.Count; k++)
        {
            if (allowance.Exhausted) return;
            InsertBest(into, order[k]);
        }
    }

    /// <summary>Places a block at the option that brings most, if any brings something.</summary>
    bool InsertBest(Allocation into, int b)
    {
        if (!into.MayPlace(b)) return false;
        var block = model.Blocks[b];
        Int128 most = 0;
        BlockOption? best = null;
        PoolFill[] bestFills = [];
        foreach (var option in block.Options)
        {
            allowance.Spend(1 + (block.Run * (option.Pools.Length + 20)) / 800);
            if (into.Try(b, option, openOnly: false, out var fills) is not { } worth || worth <= most) continue;
            (most, best, bestFills) = (worth, option, fills.ToArray());
        }

        if (best is null) return false;
        into.Place(b, best, bestFills);
        if (into.MinRunFills == 0 || _revenue.Hold(into)) return true;
        into.Remove(b);
        return false;
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
