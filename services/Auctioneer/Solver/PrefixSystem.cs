namespace ComputeExchange.Solver;

/// <summary>The sum of price × weight over the slots of a run is not to leave a range.</summary>
internal readonly record struct RunRange(int From, int To, Int128 AtLeast, Int128 AtMost)
{
    /// <summary>Stands for no limit on that side.</summary>
    public static readonly Int128 Open = (Int128)long.MaxValue * 4096;
}

/// <summary>Whole prices for the slots of one market, within a range each, with the sums over some runs within ranges too.</summary>
/// <remarks>
/// On prefix sums of the prices these are difference constraints, a feasible system of which has whole solutions that shortest
/// paths find (Bellman and Ford). All slots weigh the same but the first, which may weigh less. Its price is q × w' + r with w' the
/// slots' weight over the common divisor; for a fixed r its part of every sum is a whole number of the others' units plus a
/// constant, so q takes a node's place and must only come out as a multiple: tried for each r, exactly.
/// </remarks>
internal static class PrefixSystem
{
    readonly record struct Edge(int From, int To, Int128 Length);

    /// <summary>Prices for each slot, or null when there are none.</summary>
    public static long[]? Solve(ReadOnlySpan<long> low, ReadOnlySpan<long> high, int firstWeight, int weight, IReadOnlyList<RunRange> runs)
    {
        for (var slot = 0; slot < low.Length; slot++) if (high[slot] < low[slot]) return null;
        var divisor = Gcd(firstWeight, weight);
        var (unit, multiple) = (weight / divisor, firstWeight / divisor);
        for (var rest = 0; rest < unit; rest++)
            if (SolveFor(rest, unit, multiple, low, high, firstWeight, weight, runs) is { } prices) return prices;
        return null;
    }

    static long[]? SolveFor(int rest, int unit, int multiple, ReadOnlySpan<long> low, ReadOnlySpan<long> high,
        int firstWeight, int weight, IReadOnlyList<RunRange> runs)
    {
        // Node 0 stands `multiple × q` before node 1; node k + 1 stands the price of slot k behind node k, for k from 1.
        var edges = new List<Edge>();
        void Between(int from, int to, Int128 atLeast, Int128 atMost)
        {
            edges.Add(new Edge(from, to, atMost));
            edges.Add(new Edge(to, from, -atLeast));
        }

        Between(0, 1, multiple * CeilingOf(low[0] - rest, unit), multiple * FloorOf(high[0] - rest, unit));
        for (var slot = 1; slot < low.Length; slot++) Between(slot, slot + 1, low[slot], high[slot]);
        foreach (var run in runs)
        {
            var constant = run.From == 0 ? (Int128)firstWeight * rest : 0;
            Between(run.From, run.To, CeilingOf(run.AtLeast - constant, weight), FloorOf(run.AtMost - constant, weight));
        }

        var nodes = low.Length + 1;
        if (multiple > 1)
        {
            if (Shortest(nodes, edges, 1) is not { } back || Shortest(nodes, edges, 0) is not { } forth) return null;
            var q = CeilingOf(-back[0], multiple);
            if (q * multiple > forth[1]) return null;
            Between(0, 1, q * multiple, q * multiple);
        }

        if (Shortest(nodes, edges, -1) is not { } at) return null;
        var prices = new long[low.Length];
        prices[0] = multiple == 0 ? low[0] : (long)((at[1] - at[0]) / multiple * unit + rest);
        for (var slot = 1; slot < prices.Length; slot++) prices[slot] = (long)(at[slot + 1] - at[slot]);
        return prices;
    }

    /// <summary>Distances from a node, or from everywhere for -1; null when there is a negative cycle.</summary>
    static Int128[]? Shortest(int nodes, List<Edge> edges, int from)
    {
        var distance = new Int128[nodes];
        if (from >= 0)
        {
            Array.Fill(distance, RunRange.Open * 1024);
            distance[from] = 0;
        }

        for (var round = 0; round <= nodes; round++)
        {
            var changed = false;
            foreach (var edge in edges)
            {
                if (distance[edge.From] + edge.Length >= distance[edge.To]) continue;
                distance[edge.To] = distance[edge.From] + edge.Length;
                changed = true;
            }

            if (!changed) return distance;
        }

        return null;
    }

    static int Gcd(int left, int right) => right == 0 ? left : Gcd(right, left % right);

    static Int128 FloorOf(Int128 value, int by) => value >= 0 ? value / by : -((-value + by - 1) / by);

    static Int128 CeilingOf(Int128 value, int by) => -FloorOf(-value, by);
}
