using System.Diagnostics;

namespace ComputeExchange.Solver;

/// <summary>Turns a component's best allocation into fills and prices: time priority at the margin, offers by id, one price a slot.</summary>
internal sealed class Outcome
{
    readonly Model _model;
    readonly Incumbent _incumbent;
    readonly PoolMembers[] _members;
    readonly bool[] _traded;
    readonly Dictionary<(int Bid, int Offer), (int From, int To, int Gpus)> _running = [];
    readonly PriceRange[] _ranges;
    readonly List<(int Cheaper, int Than)> _order = [];

    public Outcome(Model model, Incumbent incumbent)
    {
        (_model, _incumbent) = (model, incumbent);
        _members = [.. model.Pools.Select(pool => new PoolMembers(model.Problem, pool))];
        _traded = new bool[model.CellCount];
        _ranges = new PriceRange[model.CellCount];
        Array.Fill(_ranges, new PriceRange(0, long.MaxValue, 0));
        var free = FillBlocks();
        foreach (var group in model.Groups) FillDivisible(group, free);
        foreach (var ((bid, offer), (from, to, gpus)) in _running) Write(bid, offer, from, to, gpus);
        var prices = new FinalPrices(model, incumbent, _ranges, _traded, _order).Choose();
        Prices = [.. Enumerable.Range(0, model.Markets.Length).Select(k => Enumerable.Range(k * model.Problem.Slots, model.Problem.Slots)
            .Select(cell => _traded[cell] ? prices[cell] : (long?)null).ToArray())];
        for (var cell = 0; cell < model.CellCount; cell++) NoteUnsold(cell);
    }

    /// <summary>Who gets what, by position of bid and offer in the problem; slots as in the format.</summary>
    public List<(int Bid, int Offer, int From, int To, int Gpus)> Fills { get; } = [];

    /// <summary>The prices of each of the model's markets.</summary>
    public List<long?[]> Prices { get; }

    /// <summary>Offers below the price that keep GPUs beside a block from a dearer one.</summary>
    public SortedSet<int> LeftOutOffers { get; } = [];

    Allocation FillBlocks()
    {
        var free = new Allocation(_model, _incumbent);
        var floors = _incumbent.Floors();
        foreach (var placement in _incumbent.Placements.OrderBy(p => _model.Blocks[p.Block].Starts[p.Start]).ThenBy(p => p.Block))
        {
            var block = _model.Blocks[placement.Block];
            var start = block.Starts[placement.Start];
            foreach (var fill in placement.Fills)
                foreach (var (offer, gpus) in _members[fill.Pool].Serve(start, block.Run, fill.Gpus))
                    Write(block.Bid, offer, start, start + block.Run, gpus);
            for (var cell = start; cell < start + block.Run; cell++)
            {
                _traded[cell] = true;
                Raise(cell, floors[cell]);
                _ranges[cell] = _ranges[cell] with { Highest = Math.Max(_ranges[cell].Highest, block.Limit) };
            }
        }

        return free;
    }

    void FillDivisible(SlotGroup group, Allocation state)
    {
        var shares = new SlotShares(_model, group, state, _incumbent);
        var bids = _model.Problem.Bids;
        var supplies = new Queue<(int Offer, int Gpus)>[group.Cells.Length];
        for (var i = 0; i < group.Cells.Length; i++)
        {
            var cell = group.Cells[i];
            supplies[i] = new();
            foreach (var (pool, gpus) in shares.SoldBy(i))
            {
                Raise(cell, _model.Pools[pool].ReserveIn(cell));
                foreach (var sale in _members[pool].Sell(cell, gpus)) supplies[i].Enqueue(sale);
            }

            foreach (var pool in shares.UnsoldBy(i)) Lower(cell, _model.Pools[pool].ReserveIn(cell));
        }

        for (var c = 0; c < group.Demands.Length; c++)
        {
            var demand = group.Demands[c];
            var flows = new Queue<(int Market, long Gpus)>(demand.Markets.Select(i => (i, shares.Flow(c, i))).Where(flow => flow.Item2 > 0));
            foreach (var (i, _) in flows)
                foreach (var j in demand.Markets) if (j != i) _order.Add((group.Cells[i], group.Cells[j]));
            for (var k = 0; k < demand.Bids.Length; k++)
            {
                long wanted = bids[demand.Bids[k]].Gpus, left = shares.Filled(c, k);
                if (left < wanted)
                {
                    foreach (var i in demand.Markets) Raise(group.Cells[i], demand.Limits[k]);
                    if (left == 0) break;
                }

                while (left > 0)
                {
                    var (market, gpus) = flows.Peek();
                    var part = Math.Min(left, gpus);
                    Buy(demand.Bids[k], group.Cells[market], supplies[market], part);
                    Lower(group.Cells[market], demand.Limits[k]);
                    _ranges[group.Cells[market]] = _ranges[group.Cells[market]] with { Highest = Math.Max(_ranges[group.Cells[market]].Highest, demand.Limits[k]) };
                    _traded[group.Cells[market]] = true;
                    left -= part;
                    flows.Dequeue();
                    if (part < gpus) flows = new(flows.Prepend((market, gpus - part)));
                }
            }
        }
    }

    void Buy(int bid, int cell, Queue<(int Offer, int Gpus)> supply, long gpus)
    {
        while (gpus > 0)
        {
            var (offer, there) = supply.Dequeue();
            var part = (int)Math.Min(there, gpus);
            Extend(bid, offer, cell, part);
            gpus -= part;
            if (part == there) continue;
            var rest = supply.ToArray();
            supply.Clear();
            supply.Enqueue((offer, there - part));
            foreach (var sale in rest) supply.Enqueue(sale);
        }
    }

    void Raise(int cell, long price) => _ranges[cell] = _ranges[cell] with { Low = Math.Max(_ranges[cell].Low, price) };

    void Lower(int cell, long price) => _ranges[cell] = _ranges[cell] with { High = Math.Min(_ranges[cell].High, price) };

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

    void NoteUnsold(int cell)
    {
        if (Prices[cell / _model.Problem.Slots][_model.SlotOf(cell)] is not { } price) return;
        var (pools, reserves) = _model.Merit[cell];
        for (var k = 0; k < pools.Length && reserves[k] < price; k++) LeftOutOffers.UnionWith(_members[pools[k]].Unsold(cell));
    }
}

/// <summary>Between what prices a cell's sales are in order by themselves.</summary>
/// <param name="Low">The highest reserve sold or limit not filled whole.</param>
/// <param name="High">The lowest limit filled or reserve that must stay unsold.</param>
/// <param name="Highest">The highest limit filled.</param>
internal readonly record struct PriceRange(long Low, long High, long Highest);
