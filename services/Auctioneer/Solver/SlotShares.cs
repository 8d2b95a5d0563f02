using System.Diagnostics;

namespace ComputeExchange.Solver;

/// <summary>Who buys how much where in one slot, at prices that clear it: the whole of bids above the price, at it the earliest first.</summary>
internal sealed class SlotShares
{
    readonly SlotGroup _group;
    readonly long[,] _flow;
    readonly long[] _room;
    readonly long[] _price;
    readonly Dictionary<(int Demand, int Bid), long> _atLimit = [];
    readonly int[] _whole;
    readonly List<(int Pool, int Gpus)>[] _sold;
    readonly List<int>[] _unsold;

    public SlotShares(Model model, SlotGroup group, Allocation state, Incumbent incumbent)
    {
        _group = group;
        var (cells, demands) = (group.Cells, group.Demands);
        _price = [.. cells.Select(cell => incumbent.Prices[cell])];
        _flow = new long[demands.Length, cells.Length];
        _whole = new int[demands.Length];
        var (targets, more) = state.TargetsOf(group);
        _room = targets.ToArray();

        // What must be bought is bought of what is below the price as far as may be, then of what is at it; bids at their limit get
        // what is left below the price.
        var left = new long[demands.Length];
        for (var c = 0; c < demands.Length; c++)
        {
            _whole[c] = demands[c].CountAbove(Least(c));
            left[c] = demands[c].WantedTo[_whole[c]] - Assign(c, demands[c].WantedTo[_whole[c]]);
        }

        var below = _room.ToArray();
        for (var i = 0; i < cells.Length; i++) _room[i] = below[i] + more[i];
        for (var c = 0; c < demands.Length; c++)
            if (Assign(c, left[c]) < left[c]) throw new UnreachableException("What must be bought is not there.");

        // Of the room that is left, the part below the price.
        for (var i = 0; i < cells.Length; i++) _room[i] = Math.Max(0, targets[i] - Bought(i));
        foreach (var (c, k) in AtTheirLimit().OrderBy(at => demands[at.Demand].Bids[at.Bid]))
            _atLimit[(c, k)] = Assign(c, model.Problem.Bids[demands[c].Bids[k]].Gpus);

        (_sold, _unsold) = (new List<(int, int)>[cells.Length], new List<int>[cells.Length]);
        for (var i = 0; i < cells.Length; i++) Sell(model, state, incumbent, i);
    }

    /// <summary>GPUs that a class of bids buys in a market.</summary>
    public long Flow(int demand, int market) => _flow[demand, market];

    /// <summary>GPUs that a bid of a class gets over all its markets.</summary>
    public long Filled(int demand, int bid) => bid < _whole[demand]
        ? _group.Demands[demand].WantedTo[bid + 1] - _group.Demands[demand].WantedTo[bid]
        : _atLimit.GetValueOrDefault((demand, bid));

    public IEnumerable<(int Pool, int Gpus)> SoldBy(int market) => _sold[market];

    /// <summary>Pools that keep GPUs although the rules would have them sold at a higher price.</summary>
    public IEnumerable<int> UnsoldBy(int market) => _unsold[market];

    long Least(int demand) => _group.Demands[demand].Markets.Min(i => _price[i]);

    long Bought(int market)
    {
        long sum = 0;
        for (var c = 0; c < _group.Demands.Length; c++) sum += _flow[c, market];
        return sum;
    }

    IEnumerable<(int Demand, int Bid)> AtTheirLimit()
    {
        for (var c = 0; c < _group.Demands.Length; c++)
            for (var k = _whole[c]; k < _group.Demands[c].Bids.Length && _group.Demands[c].Limits[k] == Least(c); k++) yield return (c, k);
    }

    /// <summary>Buys up to so many GPUs where the class's markets are cheapest, moving others' purchases among equally cheap ones.</summary>
    long Assign(int demand, long gpus)
    {
        var given = 0L;
        var (from, by) = (new int[_room.Length], new int[_room.Length]);
        while (given < gpus)
        {
            var reached = new bool[_room.Length];
            var queue = new Queue<int>();
            void Reach(int c, int i, int source)
            {
                if (reached[i] || _price[i] != Least(c)) return;
                (reached[i], from[i], by[i]) = (true, source, c);
                queue.Enqueue(i);
            }

            foreach (var i in _group.Demands[demand].Markets) Reach(demand, i, -1);
            var end = -1;
            while (queue.Count > 0 && end < 0)
            {
                var i = queue.Dequeue();
                if (_room[i] > 0) end = i;
                else
                    for (var c = 0; c < _group.Demands.Length; c++)
                        if (_flow[c, i] > 0) foreach (var j in _group.Demands[c].Markets) Reach(c, j, i);
            }

            if (end < 0) break;
            var amount = Math.Min(_room[end], gpus - given);
            for (var at = end; from[at] >= 0; at = from[at]) amount = Math.Min(amount, _flow[by[at], from[at]]);
            _room[end] -= amount;
            given += amount;
            for (var at = end; ; at = from[at])
            {
                _flow[by[at], at] += amount;
                if (from[at] < 0) break;
                _flow[by[at], from[at]] -= amount;
            }
        }

        return given;
    }

    /// <summary>Which pools sell what is bought: those that must, then the cheapest.</summary>
    void Sell(Model model, Allocation state, Incumbent incumbent, int market)
    {
        var cell = _group.Cells[market];
        var (pools, reserves) = model.Merit[cell];
        var (price, dearest, left) = (_price[market], incumbent.Dearest[cell], Bought(market));
        var sold = new int[pools.Length];
        for (var stage = 0; stage < 2; stage++)
            for (var k = 0; k < pools.Length && reserves[k] <= price; k++)
            {
                if (stage == 0 && (reserves[k] < dearest || reserves[k] == price)) continue;
                var pool = model.Pools[pools[k]];
                var part = (int)Math.Min(left, state.Free[pool.Base + cell - pool.From] - sold[k]);
                sold[k] += part;
                left -= part;
            }

        if (left > 0) throw new UnreachableException("More is bought than is there.");
        (_sold[market], _unsold[market]) = ([], []);
        for (var k = 0; k < pools.Length; k++)
        {
            if (sold[k] > 0) _sold[market].Add((pools[k], sold[k]));
            var pool = model.Pools[pools[k]];
            if (state.Free[pool.Base + cell - pool.From] > sold[k] && reserves[k] >= dearest) _unsold[market].Add(pools[k]);
        }
    }
}
