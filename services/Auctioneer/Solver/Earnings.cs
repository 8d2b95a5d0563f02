namespace ComputeExchange.Solver;

/// <summary>Prices at which offers with a minimum run earn their reserves and the filled blocks still pay no more than their limits.</summary>
/// <remarks>
/// Rule 4 asks more of such an offer than the lowest prices may pay it. A price may rise freely up to the next limit or reserve.
/// Beyond that divisible bids drop out while cheaper offers stay unsold, which rule 4 allows beside a block from a dearer offer:
/// valid, but it costs welfare, so it is tried cell by cell, the least loss first. Exact where no bid couples the cells.
/// </remarks>
internal sealed class Earnings(Model model)
{
    readonly record struct Step(long Price, Int128 Loss);

    /// <summary>Such prices at the least loss below <paramref name="most"/>, for every cell; null when none were found.</summary>
    /// <param name="allocation">The blocks filled, at the lowest prices.</param>
    /// <param name="most">What may be lost at most, not reached.</param>
    /// <param name="allowance">The budget.</param>
    /// <param name="complete">Whether it is certain that there are none better.</param>
    public (long[] Prices, Int128 Loss)? LeastLoss(Allocation allocation, Int128 most, Allowance allowance, out bool complete)
    {
        var ceilings = CeilingsOf(allocation);
        var finished = !Enumerable.Range(0, model.CellCount).Any(cell => ceilings[cell] > allocation.Prices[cell] && IsCoupled(cell));
        var steps = Enumerable.Range(0, model.CellCount).Select(cell => StepsOf(cell, allocation, ceilings[cell])).ToArray();
        var caps = steps.Select(step => step[^1].Price).ToArray();
        var cells = Enumerable.Range(0, model.CellCount).Where(cell => steps[cell].Length > 1).ToArray();
        long[]? best = null;
        Descend(0, 0);
        complete = finished;
        return best is null ? null : (best, most);

        // Cells before `depth` are capped, the others as high as they go; a set of caps that admits no prices admits none when lower.
        void Descend(int depth, Int128 loss)
        {
            if (loss >= most) return;
            if (!allowance.Spend())
            {
                finished = false;
                return;
            }

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

    bool IsCoupled(int cell) => model.Groups[model.GroupOf[cell]].Cells.Length > 1;

    long[]? Within(Allocation allocation, long[] caps)
    {
        var prices = allocation.Prices.ToArray();
        var slots = model.Problem.Slots;
        for (var first = 0; first < caps.Length; first += slots)
        {
            var runs = RunsOf(allocation, first).ToList();
            if (runs.Count == 0) continue;
            var part = PrefixSystem.Solve(allocation.Prices.Slice(first, slots), caps.AsSpan(first, slots),
                model.Weights[first], slots > 1 ? model.Weights[first + 1] : model.Weights[first], runs);
            if (part is null) return null;
            part.CopyTo(prices, first);
        }

        return prices;
    }

    /// <summary>What rules 4 and 5 ask of the sums of one market's prices, from its first cell on.</summary>
    IEnumerable<RunRange> RunsOf(Allocation allocation, int first)
    {
        foreach (var b in allocation.Filled.Order())
        {
            var (block, placement) = (model.Blocks[b], allocation[b]!);
            var start = block.Starts[placement.Start];
            if (start < first || start >= first + model.Problem.Slots) continue;
            var need = allocation.NeedOf(b);
            yield return new RunRange(start - first, start - first + block.Run, need > 0 ? need : -RunRange.Open, (Int128)block.Limit * block.Weights[placement.Start]);
        }
    }

    /// <summary>How high a cell's price may go, and what that loses: first at no loss, then ever more.</summary>
    Step[] StepsOf(int cell, Allocation allocation, long ceiling)
    {
        var lowest = allocation.Prices[cell];
        var steps = new List<Step> { new(lowest, 0) };
        if (ceiling <= lowest || IsCoupled(cell) || allocation.GainAt(cell, lowest) is not { } gain) return [.. steps];
        var levels = new SortedSet<long> { ceiling };
        var group = model.Groups[model.GroupOf[cell]];
        foreach (var demand in group.Demands) foreach (var limit in demand.Limits) if (limit > lowest && limit < ceiling) levels.Add(limit);
        foreach (var reserve in model.Merit[cell].Reserves) if (reserve > lowest && reserve < ceiling) levels.Add(reserve);
        foreach (var level in levels)
        {
            if (allocation.GainAt(cell, level) is not { } then) break;
            var loss = (Int128)(gain - then) * model.Weights[cell];
            if (steps[^1].Loss == loss) steps[^1] = new Step(level, loss); else steps.Add(new Step(level, loss));
        }

        return [.. steps];
    }

    /// <summary>The most a cell's price can be before some block there pays too much whatever the other cells cost; 0 where nobody need earn.</summary>
    long[] CeilingsOf(Allocation allocation)
    {
        var ceiling = new long[model.CellCount];
        foreach (var b in allocation.Filled)
        {
            if (allocation.NeedOf(b) == 0) continue;
            var (block, placement) = (model.Blocks[b], allocation[b]!);
            for (var cell = block.Starts[placement.Start]; cell < block.Starts[placement.Start] + block.Run; cell++)
                ceiling[cell] = Math.Max(ceiling[cell], block.Limit * block.Weights[placement.Start] / Math.Max(1, model.Weights[cell]));
        }

        return ceiling;
    }
}
