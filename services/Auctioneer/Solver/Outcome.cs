using ComputeExchange.Values.Auctions;

namespace ComputeExchange.Solver;

/// <summary>Turns a component's best allocation into fills and prices: time priority at the margin, offers by id, one price a slot.</summary>
internal sealed class Outcome
{
    readonly Model _model;
    readonly Incumbent _incumbent;
    readonly PoolMembers[] _members;
    readonly long[] _dearest;
    readonly Support[] _supports;
    readonly bool[] _traded;
    readonly Dictionary<(int Bid, int Offer), (int From, int To, int Gpus)> _running = [];

    public Outcome(Model model, Incumbent incumbent)
    {
        (_model, _incumbent) = (model, incumbent);
        _members = [.. model.Pools.Select(pool => new PoolMembers(model.Problem, pool))];
        _dearest = RevenuePrices.DearestOf(model, incumbent.Allocation);
        _supports = new Support[model.CellCount];
        _traded = new bool[model.CellCount];
        FillBlocks();
        for (var cell = 0; cell < model.CellCount; cell++) FillDivisible(cell);
        foreach (var ((bid, offer), (from, to, gpus)) in _running) Write(bid, offer, from, to, gpus);
        Prices = [.. Enumerable.Range(0, model.Markets.Length).Select(PriceMarket)];
        for (var cell = 0; cell < model.CellCount; cell++) NoteUnsold(cell);
    }

    /// <summary>Who gets what, by position of bid and offer in the problem; slots as in the format.</summary>
    public List<(int Bid, int Offer, int From, int To, int Gpus)> Fills { get; } = [];

    /// <summary>The prices of each of the model's markets.</summary>
    public List<long?[]> Prices { get; }

    /// <summary>Offers below the price that keep GPUs beside a block from a dearer one.</summary>
    public SortedSet<int> LeftOutOffers { get; } = [];

    void FillBlocks()
    {
        var allocation = _incumbent.Allocation;
        foreach (var b in allocation.Filled.OrderBy(b => allocation[b]!.Option.Start).ThenBy(b => b))
        {
            var (block, start) = (_model.Blocks[b], allocation[b]!.Option.Start);
            foreach (var fill in allocation[b]!.Fills)
                foreach (var (offer, gpus) in _members[fill.Pool].Serve(start, block.Run, fill.Gpus))
                    Write(block.Bid, offer, start, start + block.Run, gpus);
            for (var cell = start; cell < start + block.Run; cell++)
            {
                _traded[cell] = true;
                _supports[cell] = _supports[cell] with { Highest = Math.Max(_supports[cell].Highest, block.Limit) };
            }
        }
    }

    void FillDivisible(int cell)
    {
        var curve = _model.Curves[cell];
        var take = new int[curve.OpenCount];
        var free = _incumbent.Allocation.Free;
        if (!curve.Dispatch(free, _dearest[cell], _incumbent.Prices[cell], take, out _))
            throw new System.Diagnostics.UnreachableException("The incumbent's price does not clear a cell.");

        var (low, highest) = (0L, _supports[cell].Highest);
        long? high = null;
        for (var k = 0; k < curve.OpenCount; k++)
        {
            var left = free[curve.First + k] - take[k];
            if (left < curve.Sizes[k]) low = Math.Max(low, curve.Reserves[k]);
            if (left > 0 && curve.Reserves[k] >= _dearest[cell]) high = Least(high, curve.Reserves[k]);
        }

        // Dearest bids first, and of equal limits the earliest: at most one is filled in part.
        var next = 0;
        var missing = curve.Bids.Length == 0 ? 0 : _model.Problem.Bids[curve.Bids[0]].Gpus;
        for (var k = 0; k < curve.OpenCount; k++)
            foreach (var (offer, gpus) in take[k] == 0 ? [] : _members[curve.Pools[k]].Sell(cell, take[k]))
                for (var left = gpus; left > 0;)
                {
                    var part = Math.Min(left, missing);
                    Extend(curve.Bids[next], offer, cell, part);
                    (high, highest) = (Least(high, curve.Limits[next]), Math.Max(highest, curve.Limits[next]));
                    _traded[cell] = true;
                    left -= part;
                    if ((missing -= part) == 0 && ++next < curve.Bids.Length) missing = _model.Problem.Bids[curve.Bids[next]].Gpus;
                }

        if (next < curve.Bids.Length) low = Math.Max(low, curve.Limits[next]);
        _supports[cell] = new Support(low, high, highest);
    }

    /// <summary>Adds a slot to the fill that runs between the two, or begins one.</summary>
    void Extend(int bid, int offer, int cell, int gpus)
    {
        if (_running.TryGetValue((bid, offer), out var running))
        {
            if (running.To == cell && running.Gpus == gpus)
            {
                _running[(bid, offer)] = running with { To = cell + 1 };
                return;
            }

            Write(bid, offer, running.From, running.To, running.Gpus);
        }

        _running[(bid, offer)] = (cell, cell + 1, gpus);
    }

    void Write(int bid, int offer, int from, int to, int gpus) =>
        Fills.Add((bid, offer, _model.SlotOf(from), _model.SlotOf(from) + to - from, gpus));

    long?[] PriceMarket(int market)
    {
        var slots = _model.Problem.Slots;
        var first = market * slots;
        var chosen = Pricing.Choose(_supports[first..(first + slots)], _model.Weights[first], _model.Weights[first + Math.Min(1, slots - 1)],
            [.. RevenuePrices.RunsOf(_model, _incumbent.Allocation, first)]);
        return [.. chosen.Select((price, slot) => _traded[first + slot] ? price : (long?)null)];
    }

    void NoteUnsold(int cell)
    {
        if (Prices[cell / _model.Problem.Slots][_model.SlotOf(cell)] is not { } price) return;
        var curve = _model.Curves[cell];
        for (var k = 0; k < curve.OpenCount && curve.Reserves[k] < price; k++)
            LeftOutOffers.UnionWith(_members[curve.Pools[k]].Unsold(cell));
    }

    static long Least(long? left, long right) => left is { } value ? Math.Min(value, right) : right;
}
