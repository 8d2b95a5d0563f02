namespace ComputeExchange.Solver;

/// <summary>Solves one component: a good answer early, a bound beside it, then the exact search with what is left.</summary>
internal sealed class ComponentSearch
{
    const int RootRounds = 300;
    readonly Model _model;
    readonly Allowance _allowance;
    readonly ulong _seed;

    public ComponentSearch(Model model, Allowance allowance, ulong seed)
    {
        (_model, _allowance, _seed) = (model, allowance, seed);
        Incumbent = new Incumbent(model);
    }

    public Incumbent Incumbent { get; }

    /// <summary>No valid answer is above this; weighted as <see cref="Incumbent.Welfare"/>.</summary>
    public Int128 Bound { get; private set; }

    public void Run()
    {
        var lagrangian = new LagrangianBound(_model);
        var open = new Domain(_model);
        var ranges = new PriceRanges(_model);
        ranges.Narrow(Incumbent.Allocation.Free, Incumbent.Prices, [], 0);
        var prices = DualPrices.From(_model, Incumbent.Prices);

        // Without blocks the cells' crossings are the optimum, and the bound at the crossing prices says so.
        Bound = lagrangian.At(prices, open, ranges) ?? Incumbent.Welfare;
        if (Bound <= Incumbent.Enough) return;

        var local = new LocalSearch(_model, _allowance, _seed);
        local.Greedy();
        Incumbent.Offer(local.Best);
        Tighten(lagrangian, open, ranges, prices);
        if (Bound <= Incumbent.Enough) return;

        PreferByPrice(prices.Cells);
        local.Improve(Bound, patience: 20 + 2 * _model.Blocks.Length);
        Incumbent.Offer(local.Best);
        Tighten(lagrangian, open, ranges, prices);
        if (Bound <= Incumbent.Enough) return;

        // The exact search first gets a part: where it can finish it mostly does soon.
        Search(lagrangian, prices, 1, 5);
        if (Bound <= Incumbent.Enough) return;
        local.Improve(Bound, patience: 1_000 + 50 * _model.Blocks.Length);
        Incumbent.Offer(local.Best);
        Search(lagrangian, prices, 1, 1);
        Bound = Int128.Max(Bound, Incumbent.Welfare);
    }

    void Search(LagrangianBound lagrangian, DualPrices prices, long numerator, long denominator)
    {
        var given = (long)((Int128)_allowance.Left * numerator / denominator);
        var share = _allowance.Share(numerator, denominator);
        Bound = Int128.Min(Bound, new ChoiceSearch(_model, Incumbent, lagrangian, share).Run(prices, Bound));
        _allowance.Settle(share, given);
    }

    void Tighten(LagrangianBound lagrangian, Domain open, PriceRanges ranges, DualPrices prices) =>
        Bound = Int128.Min(Bound, lagrangian.Improve(
            prices, open, ranges, Incumbent.Welfare, Incumbent.Enough, RootRounds, 1.0, _allowance) ?? Bound);

    /// <summary>Lets each option take the pools first that cost least at these prices, and of those the shortest windows.</summary>
    void PreferByPrice(long[] prices)
    {
        var costTo = new long[_model.Pools.Length][];
        for (var p = 0; p < costTo.Length; p++)
        {
            var pool = _model.Pools[p];
            costTo[p] = new long[pool.Reserves.Length + 1];
            for (var k = 0; k < pool.Reserves.Length; k++)
                costTo[p][k + 1] = costTo[p][k] + Math.Max(prices[pool.From + k], pool.Reserves[k]) * _model.Weights[pool.From + k];
        }

        foreach (var block in _model.Blocks)
            foreach (var option in block.Options)
            {
                long CostOf(int p) => costTo[p][option.Start + block.Run - _model.Pools[p].From] - costTo[p][option.Start - _model.Pools[p].From];
                Array.Sort(
                    option.Pools.Select(p => (CostOf(p), _model.Pools[p].To - _model.Pools[p].From, p)).ToArray(), option.Pools);
            }
    }
}
