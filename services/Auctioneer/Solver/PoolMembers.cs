using ComputeExchange.Values.Auctions;

namespace ComputeExchange.Solver;

/// <summary>Gives what a pool sells back to its offers: blocks keep theirs throughout, divisible bids get what is free in each slot.</summary>
/// <remarks>
/// Blocks are served in the order of their starts. What overlaps a run and started before it is still there when it starts, so
/// the pool's free GPUs at the start stay free to the end, and any of its offers' free GPUs will do: the earlier offer first, but
/// one that has room for all before several.
/// </remarks>
internal sealed class PoolMembers
{
    readonly AuctionProblem _problem;
    readonly Pool _pool;
    readonly int[][] _free;

    public PoolMembers(AuctionProblem problem, Pool pool)
    {
        (_problem, _pool) = (problem, pool);
        _free = [.. pool.Offers.Select(o => Enumerable.Repeat(problem.Offers[o].Gpus, pool.To - pool.From).ToArray())];
    }

    /// <summary>Serves a block; to be called in the order of starts.</summary>
    public IEnumerable<(int Offer, int Gpus)> Serve(int start, int run, int gpus)
    {
        var at = start - _pool.From;
        var whole = Array.FindIndex(_free, free => free[at] >= gpus);
        for (var k = Math.Max(0, whole); gpus > 0; k++)
        {
            var take = Math.Min(gpus, _free[k][at]);
            if (take == 0) continue;
            foreach (ref var free in _free[k].AsSpan(at, run)) free -= take;
            gpus -= take;
            yield return (_pool.Offers[k], take);
        }
    }

    /// <summary>Sells to divisible bids in one cell, the earlier offer first; to be called after all blocks are served.</summary>
    public IEnumerable<(int Offer, int Gpus)> Sell(int cell, int gpus)
    {
        for (var k = 0; gpus > 0; k++)
        {
            var take = Math.Min(gpus, _free[k][cell - _pool.From]);
            if (take == 0) continue;
            _free[k][cell - _pool.From] -= take;
            gpus -= take;
            yield return (_pool.Offers[k], take);
        }
    }

    /// <summary>The offers that keep GPUs in a cell.</summary>
    public IEnumerable<int> Unsold(int cell) =>
        Enumerable.Range(0, _free.Length).Where(k => _free[k][cell - _pool.From] > 0).Select(k => _pool.Offers[k]);

    public override string ToString() => string.Join(", ", _pool.Offers.Select(o => _problem.Offers[o].Id));
}
