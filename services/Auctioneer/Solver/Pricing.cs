namespace ComputeExchange.Solver;

/// <summary>What is sold in a cell, and the prices that would support it on their own.</summary>
/// <param name="Low">The highest reserve sold or limit not filled whole; 0 when nothing asks for more.</param>
/// <param name="High">The lowest limit filled or reserve that must stay unsold; null when nothing asks for less.</param>
/// <param name="Highest">The highest limit filled: the default of <paramref name="High"/> where the midpoint is taken.</param>
internal readonly record struct Support(long Low, long? High, long Highest)
{
    /// <summary>The middle between the ends, rounded down.</summary>
    public long Middle => Low + (Math.Max(Low, High ?? Highest) - Low) / 2;
}

/// <summary>Chooses the prices: nearest to each slot's own midpoint, least squares, such that the filled blocks can pay.</summary>
/// <remarks>
/// Format auction problem, last lines; rulebook section 1.1 (minimise the squares of π − mid subject to no PAB). The projection on
/// the runs' half-spaces is Hildreth's: one multiplier a run, each set in turn so that its run's sum is just in range; all in whole
/// 1/1024 micro-dollars. Rounding can leave a sum a little out of range, so the answer is taken from the whole prices within 0, 1,
/// 2, 4 … of it: <see cref="PrefixSystem"/> finds some as soon as there are any, and there are, for a valid set is in hand.
/// </remarks>
internal static class Pricing
{
    const int Scale = 1_024;
    const int Sweeps = 100;

    /// <summary>The prices of one market's slots; those of slots where nothing is sold mean nothing.</summary>
    public static long[] Choose(Support[] supports, int firstWeight, int weight, List<RunRange> runs)
    {
        var prices = supports.Select(support => support.Middle).ToArray();
        if (runs.Count == 0) return prices;
        Project(supports, prices, firstWeight, weight, runs);

        var (low, high) = (new long[prices.Length], new long[prices.Length]);
        for (long around = 0; ; around = Math.Max(1, around * 2))
        {
            for (var slot = 0; slot < prices.Length; slot++)
            {
                low[slot] = Math.Max(supports[slot].Low, prices[slot] - around);
                high[slot] = Math.Min(supports[slot].High ?? long.MaxValue, prices[slot] + around);
            }

            if (PrefixSystem.Solve(low, high, firstWeight, weight, runs) is { } whole) return whole;
        }
    }

    static void Project(Support[] supports, long[] prices, int firstWeight, int weight, List<RunRange> runs)
    {
        int WeightOf(int slot) => slot == 0 ? firstWeight : weight;
        var pull = new long[prices.Length];
        var multipliers = new long[runs.Count];
        long PriceAt(int slot, long extra) => Math.Clamp(
            supports[slot].Middle * Scale - pull[slot] - extra * WeightOf(slot),
            supports[slot].Low * Scale, (supports[slot].High ?? long.MaxValue / Scale) * Scale);
        Int128 SumAt(RunRange run, long extra)
        {
            Int128 sum = 0;
            for (var slot = run.From; slot < run.To; slot++) sum += (Int128)PriceAt(slot, extra) * WeightOf(slot);
            return sum;
        }

        var reach = 1L;
        while (reach < (supports.Max(support => Math.Max(support.Middle, support.Highest)) + 1) * Scale) reach *= 2;
        for (var (sweep, moved) = (0, true); sweep < Sweeps && moved; sweep++)
        {
            moved = false;
            for (var r = 0; r < runs.Count; r++)
            {
                var run = runs[r];
                var old = multipliers[r];
                Shift(run, -old);
                var now = MultiplierFor(run);
                Shift(run, now);
                multipliers[r] = now;
                moved |= now != old;
            }
        }

        for (var slot = 0; slot < prices.Length; slot++) prices[slot] = PriceAt(slot, 0) / Scale;

        void Shift(RunRange run, long by)
        {
            for (var slot = run.From; slot < run.To; slot++) pull[slot] += by * WeightOf(slot);
        }

        // The multiplier nearest to 0 that brings the sum into range: above 0 lowers the prices, below 0 raises them.
        long MultiplierFor(RunRange run)
        {
            var free = SumAt(run, 0);
            if (free > run.AtMost * Scale) return Nearest(extra => SumAt(run, extra) <= run.AtMost * Scale);
            return free < run.AtLeast * Scale ? -Nearest(extra => SumAt(run, -extra) >= run.AtLeast * Scale) : 0;
        }

        long Nearest(Func<long, bool> isInRange)
        {
            var (outside, inside) = (0L, 1L);
            while (inside < 4 * reach && !isInRange(inside)) (outside, inside) = (inside, inside * 2);
            while (inside - outside > 1)
            {
                var middle = outside + (inside - outside) / 2;
                if (isInRange(middle)) inside = middle; else outside = middle;
            }

            return inside;
        }
    }
}
