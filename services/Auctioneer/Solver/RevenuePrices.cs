namespace ComputeExchange.Solver;

/// <summary>Prices at which the min_run offers that sell earn their reserves and the filled blocks still pay no more than their limits.</summary>
/// <remarks>
/// Rule 4 asks more of a min_run offer than the lowest prices may pay it. A price may rise freely up to the next limit or reserve.
/// Beyond that divisible bids drop out while cheaper offers stay unsold, which rule 4 allows beside a block from a dearer offer:
/// valid, but it costs welfare, so it is the last thing tried, cell by cell, the least loss first.
/// </remarks>
internal sealed class RevenuePrices(Model model)
{
    readonly record struct Step(long Price, Int128 Loss);

    /// <summary>Whether there are such prices at no loss of welfare.</summary>
    public bool Hold(Allocation allocation) => allocation.MinRunFills == 0 || PricesOf(allocation) is not null;

    /// <summary>Such prices at no loss of welfare, for every cell; null when there are none.</summary>
    public long[]? PricesOf(Allocation allocation)
    {
        if (allocation.MinRunFills == 0 || EarnsAt(allocation, allocation.Low)) return allocation.Low.ToArray();
        return Within(allocation, [.. StepsOf(allocation, atNoLoss: true).Select(steps => steps[0].Price)]);
    }

    /// <summary>Such prices at the least loss below <paramref name="most"/>; null when there are none.</summary>
    /// <param name="complete">False when the allowance ran out first.</param>
    public (long[] Prices, Int128 Loss)? LeastLoss(Allocation allocation, Int128 most, Allowance allowance, out bool complete)
    {
        complete = true;
        var steps = StepsOf(allocation, atNoLoss: false);
        var caps = steps.Select(step => step[^1].Price).ToArray();
        if (Within(allocation, caps) is null) return null;
        var cells = Enumerable.Range(0, model.CellCount).Where(cell => steps[cell].Length > 1).ToArray();
        long[]? best = null;
        var finished = true;
        Descend(0, 0);
        complete = finished;
        return best is null ? null : (best, most);

        // Cells before `depth` are capped, the others as high as they go; a set of caps that admits no prices admits none when lower.
        void Descend(int depth, Int128 loss)
        {
            if (loss >= most) return;
            if (!allowance.Spend()) { finished = false; return; }
            if (Within(allocation, caps) is not { } prices) return;
            if (depth == cells.Length)
            {
                (best, most) = (prices, loss);
                return;
            }

            var cell = cells[depth];
            var highest = caps[cell];
            foreach (var step in steps[cell])
            {
                caps[cell] = step.Price;
                Descend(depth + 1, loss + step.Loss);
            }

            caps[cell] = highest;
        }
    }

    long[]? Within(Allocation allocation, long[] caps)
    {
        var prices = new long[caps.Length];
        var slots = model.Problem.Slots;
        for (var first = 0; first < caps.Length; first += slots)
        {
            var runs = RunsOf(model, allocation, first).ToList();
            var part = runs.Count == 0
                ? allocation.Low.Slice(first, slots).ToArray()
                : PrefixSystem.Solve(allocation.Low.Slice(first, slots), caps.AsSpan(first, slots),
                    model.Weights[first], slots > 1 ? model.Weights[first + 1] : model.Weights[first], runs);
            if (part is null) return null;
            part.CopyTo(prices, first);
        }

        return prices;
    }

    /// <summary>What rules 4 and 5 ask of the sums of one market's prices, from its first cell on.</summary>
    public static IEnumerable<RunRange> RunsOf(Model model, Allocation allocation, int first)
    {
        foreach (var b in allocation.Filled)
        {
            var (option, run) = (allocation[b]!.Option, model.Blocks[b].Run);
            if (option.Start < first || option.Start >= first + model.Problem.Slots) continue;
            var from = option.Start - first;
            var most = (Int128)model.Blocks[b].Limit * option.Weight;
            var least = -RunRange.Open;
            foreach (var fill in allocation[b]!.Fills)
                if (model.Pools[fill.Pool] is { IsOpen: false } pool) least = Int128.Max(least, pool.CostOf(option.Start, run));
            yield return new RunRange(from, from + run, least, most);
        }
    }

    /// <summary>The highest reserve that a block pays in each cell, whichever kind the offer.</summary>
    public static long[] DearestOf(Model model, Allocation allocation)
    {
        var dearest = new long[model.CellCount];
        foreach (var b in allocation.Filled)
            foreach (var fill in allocation[b]!.Fills)
                for (var cell = allocation[b]!.Option.Start; cell < allocation[b]!.Option.Start + model.Blocks[b].Run; cell++)
                    dearest[cell] = Math.Max(dearest[cell], model.Pools[fill.Pool].ReserveIn(cell));
        return dearest;
    }

    bool EarnsAt(Allocation allocation, ReadOnlySpan<long> prices)
    {
        foreach (var b in allocation.Filled)
        {
            var (start, run) = (allocation[b]!.Option.Start, model.Blocks[b].Run);
            Int128 earned = 0;
            for (var cell = start; cell < start + run; cell++) earned += (Int128)prices[cell] * model.Weights[cell];
            foreach (var fill in allocation[b]!.Fills)
                if (model.Pools[fill.Pool] is { IsOpen: false } pool && pool.CostOf(start, run) > earned) return false;
        }

        return true;
    }

    /// <summary>For each cell how high its price may go, and what that loses: first at no loss, then ever more.</summary>
    Step[][] StepsOf(Allocation allocation, bool atNoLoss)
    {
        var dearest = DearestOf(model, allocation);
        var ceiling = CeilingsOf(allocation);
        var steps = new Step[model.CellCount][];
        for (var cell = 0; cell < steps.Length; cell++)
        {
            var low = allocation.Low[cell];
            steps[cell] = ceiling[cell] <= low ? [new Step(low, 0)] : StepsOf(cell, allocation.Free, dearest[cell], low, ceiling[cell], atNoLoss);
        }

        return steps;
    }

    Step[] StepsOf(int cell, ReadOnlySpan<int> free, long dearest, long low, long ceiling, bool atNoLoss)
    {
        var curve = model.Curves[cell];
        Span<int> take = curve.OpenCount <= 256 ? stackalloc int[curve.OpenCount] : new int[curve.OpenCount];
        curve.Dispatch(free, dearest, low, take, out var gain);
        var steps = new List<Step> { new(low, 0) };
        for (var price = low; price < ceiling;)
        {
            price = Math.Min(ceiling, curve.NextStep(free, dearest, price));
            if (!curve.Dispatch(free, dearest, price, take, out var then)) break;
            var loss = (Int128)(gain - then) * model.Weights[cell];
            if (loss > 0 && atNoLoss) break;
            if (steps[^1].Loss == loss) steps[^1] = new Step(price, loss); else steps.Add(new Step(price, loss));
        }

        return [.. steps];
    }

    /// <summary>The most a cell's price can be before some block there pays too much whatever the other cells cost; 0 where nobody need earn.</summary>
    long[] CeilingsOf(Allocation allocation)
    {
        var ceiling = new long[model.CellCount];
        foreach (var b in allocation.Filled)
        {
            var (option, run) = (allocation[b]!.Option, model.Blocks[b].Run);
            if (!allocation[b]!.Fills.Any(fill => !model.Pools[fill.Pool].IsOpen)) continue;
            for (var cell = option.Start; cell < option.Start + run; cell++)
                ceiling[cell] = Math.Max(ceiling[cell], model.Blocks[b].Limit * option.Weight / Math.Max(1, model.Weights[cell]));
        }

        return ceiling;
    }
}
