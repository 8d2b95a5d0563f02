namespace ComputeExchange.Solver;

/// <summary>What a part of the search leaves open: each block's starts, and which blocks it fills for certain.</summary>
internal sealed class Domain(Model model)
{
    readonly bool[][] _closed = [.. model.Blocks.Select(block => new bool[block.Starts.Length])];
    readonly int[] _left = [.. model.Blocks.Select(block => block.Starts.Length)];
    readonly bool[] _must = new bool[model.Blocks.Length];
    readonly Stack<(int Block, int Start)> _changes = [];

    /// <summary>How many changes there are to undo.</summary>
    public int Mark => _changes.Count;

    public bool IsOpen(int block, int start) => !_closed[block][start];

    public int Left(int block) => _left[block];

    public bool Must(int block) => _must[block];

    /// <summary>Filled at the one start left, or not at all.</summary>
    public bool IsDecided(int block) => _left[block] == 0 || (_must[block] && _left[block] == 1);

    public bool IsPlaced(int block) => _must[block] && _left[block] == 1;

    public int OnlyStart(int block) => Array.IndexOf(_closed[block], false);

    public bool Close(int block, int start)
    {
        if (_closed[block][start]) return false;
        _closed[block][start] = true;
        _left[block]--;
        _changes.Push((block, start));
        return true;
    }

    public bool CloseAll(int block)
    {
        if (_left[block] == 0) return false;
        for (var start = 0; start < _closed[block].Length; start++) Close(block, start);
        return true;
    }

    /// <summary>Makes it certain that a block is filled.</summary>
    public bool Demand(int block)
    {
        if (_must[block]) return false;
        _must[block] = true;
        _changes.Push((block, -1));
        return true;
    }

    public void UndoTo(int mark)
    {
        while (_changes.Count > mark)
        {
            var (block, start) = _changes.Pop();
            if (start < 0) _must[block] = false;
            else
            {
                _closed[block][start] = false;
                _left[block]++;
            }
        }
    }
}

/// <summary>A proven upper bound on welfare from prices of the cells: everybody's surplus at them, capacity relaxed.</summary>
/// <remarks>
/// Rulebook section 1.3. At any prices π no valid answer is above
///   Σ slots weight × (Σ divisible bids GPUs × (limit − cheapest of their markets)⁺ + Σ pools size × (π − reserve)⁺)
///   + Σ families of blocks, the best that one of them could make at π,
/// which is weak duality with the blocks' and offers' own constraints kept but for the open pools' identity. Pools with a minimum
/// run, which divisible bids cannot have, are lots with prices of their own, one a cell: they stand behind those of all cells. Each
/// such pool is a lot, or, where they are very many, all of a market together. What the rules
/// about prices take away from this is <see cref="PricePenalties"/>. Prices are whole
/// micro-dollars and the sum is exact, so the bound is safe whatever the arithmetic that chose the prices: a deflected subgradient
/// descent with Polyak's step towards a target.
/// </remarks>
internal sealed class DualBound
{
    /// <summary>The worth of a block that must be filled and cannot be.</summary>
    public const long Never = long.MinValue / 4;

    const int RoundsBetween = 40;
    const long CoarseBelow = 100_000;

    /// <summary>More looks than this in a round, and the pools with a minimum run of a market are one lot.</summary>
    const long MostLooks = 1_000_000;

    /// <summary>Supply for blocks only, with prices of its own from <paramref name="Offset"/> on for its cells.</summary>
    sealed record Lot(int[] Pools, int From, int To, int Offset);

    readonly Model _model;
    readonly long[][] _reserves;
    readonly long[][] _sizeTo;
    readonly Int128[][] _costTo;
    readonly long[] _priceTo;
    readonly int[] _weights;
    readonly Lot[] _lots;
    readonly (int Open, int MinRun, (int Lot, int Gpus)[] Lots)[][] _room;
    readonly List<(long Margin, int Lot, int Gpus)> _parts = [];
    readonly long[][] _values;
    readonly int[] _choice;
    readonly long[] _worth;
    readonly bool[] _taken;
    readonly double[] _often;
    readonly double[] _moves;
    readonly int[] _before;
    readonly int[][] _families;
    readonly PricePenalties _penalties;
    readonly double[] _slope;
    readonly double[] _direction;
    readonly double[] _at;
    readonly long[] _trial;
    readonly long[] _excess;
    readonly double _highest;
    readonly long _workOfARound;

    public DualBound(Model model)
    {
        _model = model;
        _lots = LotsOf(model);
        var length = _lots.Length == 0 ? model.CellCount : _lots[^1].Offset + _lots[^1].To - _lots[^1].From;
        var curves = new List<(long Reserve, int Size)>[length];
        for (var at = 0; at < length; at++) curves[at] = [];
        _weights = new int[length];
        model.Weights.CopyTo(_weights, 0);
        foreach (var pool in model.Pools)
            if (pool.IsOpen)
                for (var cell = pool.From; cell < pool.To; cell++) curves[cell].Add((pool.ReserveIn(cell), pool.Size));
        foreach (var lot in _lots)
            for (var cell = lot.From; cell < lot.To; cell++)
            {
                _weights[lot.Offset + cell - lot.From] = model.Weights[cell];
                foreach (var p in lot.Pools)
                    if (model.Pools[p].From <= cell && cell < model.Pools[p].To)
                        curves[lot.Offset + cell - lot.From].Add((model.Pools[p].ReserveIn(cell), model.Pools[p].Size));
            }

        (_reserves, _sizeTo, _costTo) = (new long[length][], new long[length][], new Int128[length][]);
        for (var at = 0; at < length; at++)
        {
            curves[at].Sort();
            _reserves[at] = [.. curves[at].Select(step => step.Reserve)];
            (_sizeTo[at], _costTo[at]) = (new long[curves[at].Count + 1], new Int128[curves[at].Count + 1]);
            for (var k = 0; k < curves[at].Count; k++)
            {
                _sizeTo[at][k + 1] = _sizeTo[at][k] + curves[at][k].Size;
                _costTo[at][k + 1] = _costTo[at][k] + (Int128)curves[at][k].Size * curves[at][k].Reserve;
            }
        }

        _priceTo = new long[length + 1];
        _room = [.. model.Blocks.Select(block => Enumerable.Range(0, block.Starts.Length).Select(o => RoomOf(block, o)).ToArray())];
        _values = [.. model.Blocks.Select(block => new long[block.Starts.Length])];
        (_choice, _worth, _taken) = (new int[model.Blocks.Length], new long[model.Blocks.Length], new bool[model.Blocks.Length]);
        (_often, _moves, _before) = (new double[model.Blocks.Length], new double[model.Blocks.Length], new int[model.Blocks.Length]);
        _penalties = new PricePenalties(model);
        _families = FamiliesOf(model);
        (_slope, _direction, _at, _trial, _excess) = 
            (new double[length], new double[length], new double[length], new long[length], new long[length]);
        _highest = 2.0 * (1 + model.Problem.Bids.Select(bid => bid.Limit).DefaultIfEmpty().Max());
        _workOfARound = 1 + (length * 8L + _room.Sum(rooms => rooms.Sum(room => 2L + room.Lots.Length))) / 1_000;
    }

    /// <summary>All prices, from those of the cells: the lots' are the same, but not below a reserve.</summary>
    public long[] From(ReadOnlySpan<long> cells)
    {
        var prices = new long[_weights.Length];
        cells.CopyTo(prices);
        foreach (var lot in _lots)
            for (var cell = lot.From; cell < lot.To; cell++)
            {
                var at = lot.Offset + cell - lot.From;
                prices[at] = Math.Max(cells[cell], _reserves[at].Length == 0 ? 0 : _reserves[at][0]);
            }

        return prices;
    }

    /// <summary>Blocks of one group, or one block; each comes with its children.</summary>
    public int[][] Families => _families;

    /// <summary>What a start was worth at the prices last evaluated: the value of all GPUs less their prices.</summary>
    public long ValueOf(int block, int start) => _values[block][start];

    /// <summary>What a block made at its best start, with its children, at the prices last evaluated.</summary>
    public long WorthOf(int block) => _worth[block];

    /// <summary>What its children add to that.</summary>
    public long ChildrenOf(int block) => _choice[block] < 0 || _worth[block] <= Never / 2 ? 0 : _worth[block] - _values[block][_choice[block]];

    /// <summary>The block's best start; −1 for none.</summary>
    public int ChoiceOf(int block) => _choice[block];

    /// <summary>Whether the bound counted the block as filled.</summary>
    public bool IsTaken(int block) => _taken[block];

    /// <summary>How unsure the last descent was about a block, between 0 and 1: filled in half of its steps, or ever elsewhere.</summary>
    public double DoubtOf(int block) => Math.Max(1 - Math.Abs(2 * _often[block] - 1), _moves[block]);

    /// <summary>Whether a block is a family by itself, with its children.</summary>
    public bool IsAlone(int block) => _model.Blocks[block] is { Group: < 0, Parent: < 0 };

    /// <summary>GPUs with a minimum run that could serve a block at a start.</summary>
    public int MinRunRoomOf(int block, int start) => _room[block][start].MinRun;

    /// <summary>The bound at these prices over what a domain leaves open; null when a block that must be filled cannot be.</summary>
    /// <param name="prices">By cell.</param>
    /// <param name="domain">What is open.</param>
    /// <param name="least">By cell: no price of a valid answer is below this; null where that is not known.</param>
    public Int128? At(ReadOnlySpan<long> prices, Domain domain, long[]? least = null)
    {
        Int128 total = 0;
        for (var cell = 0; cell < prices.Length; cell++)
        {
            var (price, weight) = (prices[cell], _weights[cell]);
            var below = CountBelow(_reserves[cell], price);
            total += ((Int128)price * _sizeTo[cell][below] - _costTo[cell][below]) * weight;
            _excess[cell] = _sizeTo[cell][below];
            _priceTo[cell + 1] = _priceTo[cell] + price * weight;
        }

        foreach (var group in _model.Groups)
        {
            foreach (var demand in group.Demands)
            {
                var (cheapest, at, barred) = (long.MaxValue, -1, long.MaxValue);
                foreach (var i in demand.Markets)
                {
                    var cell = group.Cells[i];
                    if (prices[cell] < cheapest) (cheapest, at) = (prices[cell], cell);
                    if (least is not null) barred = Math.Min(barred, least[cell]);
                }

                // A bid below every price that its markets could have is not filled.
                var above = demand.CountAbove(cheapest);
                if (least is not null && barred > cheapest) above = Math.Min(above, demand.CountFrom(barred));
                if (above == 0) continue;
                total += ((Int128)demand.ValueTo[above] - (Int128)cheapest * demand.WantedTo[above]) * group.Weight;
                _excess[at] -= demand.WantedTo[above];
            }
        }

        for (var b = 0; b < _choice.Length; b++) Choose(b, domain);
        foreach (var family in _families)
        {
            var (best, member, must) = (0L, -1, -1);
            foreach (var b in family)
            {
                var worth = WorthWithChildren(b, domain);
                if (domain.Must(b)) must = b;
                if (worth > best) (best, member) = (worth, b);
            }

            if (must >= 0) (best, member) = (_worth[must], must);
            if (best <= Never / 2) return null;
            total += best;
            foreach (var b in family) Mark(b, b == member, domain);
        }

        return total;
    }

    /// <summary>The same with what the rules about prices take away at these prices.</summary>
    public Int128? Refresh(ReadOnlySpan<long> prices, Domain domain, long[]? least = null)
    {
        _penalties.Clear();
        if (At(prices, domain, least) is not { } loose) return null;
        return _penalties.Find(prices, domain, this) ? At(prices, domain, least) : loose;
    }

    /// <summary>Moves prices to lower the bound; <paramref name="prices"/> holds the best found, at which it comes back evaluated.</summary>
    /// <param name="prices">By cell; changed.</param>
    /// <param name="domain">What is open.</param>
    /// <param name="least">See <see cref="At"/>.</param>
    /// <param name="target">Where the steps aim: the welfare of an answer in hand, or a little more.</param>
    /// <param name="enough">Stop once the bound is not above this.</param>
    /// <param name="rounds">Most steps.</param>
    /// <param name="step">The first steps' length, as a part of Polyak's.</param>
    /// <param name="allowance">The budget.</param>
    public Int128? Improve(long[] prices, Domain domain, long[]? least, Int128 target, Int128 enough, int rounds, double step, Allowance allowance)
    {
        if (Refresh(prices, domain, least) is not { } best) return null;
        var moved = prices.ToArray();
        for (var done = 0; done < rounds && best > enough && !allowance.Exhausted; done += RoundsBetween)
        {
            // The penalties stay as they are for some steps: what these reach is only then a bound when they are found anew.
            if (!Descend(moved, domain, least, target, enough, Math.Min(RoundsBetween, rounds - done), ref step, allowance)) break;
            if (Refresh(moved, domain, least) is not { } bound) return null;
            if (bound < best)
            {
                best = bound;
                moved.CopyTo(prices, 0);
            }
            else if (!_penalties.IsEmpty) step *= 0.7;
        }

        return Refresh(prices, domain, least);
    }

    /// <summary>Where prices are so low that whole micro-dollars are coarse, moves one at a time by a few as long as that lowers the bound.</summary>
    public Int128? Polish(long[] prices, Domain domain, Int128 enough, Allowance allowance)
    {
        if (Refresh(prices, domain) is not { } best || !_penalties.IsEmpty || _highest > CoarseBelow) return null;
        for (var moved = true; moved && best > enough;)
        {
            moved = false;
            for (var at = 0; at < prices.Length; at++)
                foreach (var by in (ReadOnlySpan<long>)[-16, -4, -1, 1, 4, 16])
                {
                    if (prices[at] + by < 0 || !allowance.Spend(_workOfARound)) continue;
                    prices[at] += by;
                    if (At(prices, domain) is { } bound && bound < best) (best, moved) = (bound, true);
                    else prices[at] -= by;
                }
        }

        return Refresh(prices, domain);
    }

    bool Descend(long[] prices, Domain domain, long[]? least, Int128 target, Int128 enough, int rounds, ref double step, Allowance allowance)
    {
        var best = At(prices, domain, least) ?? throw new System.Diagnostics.UnreachableException("What could be filled can be filled.");
        Array.Clear(_direction);
        for (var cell = 0; cell < _at.Length; cell++) _at[cell] = prices[cell];
        var bound = best;
        var stale = 0;
        for (var round = 0; round < rounds && best > enough; round++)
        {
            if (!allowance.Spend(_workOfARound)) return false;
            var length = Steepen();
            if (length == 0) return false;
            var stride = step * Math.Max((double)(bound - target), (double)bound / 100_000) / length;
            for (var cell = 0; cell < _at.Length; cell++)
            {
                if (_direction[cell] != 0) _at[cell] = Math.Clamp(_at[cell] - stride * _direction[cell], 0, _highest);
                _trial[cell] = (long)Math.Round(_at[cell]);
            }

            bound = At(_trial, domain, least) ?? best;
            if (bound < best)
            {
                if (best - bound > (best - target) / 1_000) stale = 0;
                best = bound;
                _trial.CopyTo(prices, 0);
            }
            else if (++stale >= 12)
            {
                stale = 0;
                step *= 0.7;
                if (step < 1e-4) return false;

                // Back to the best.
                for (var cell = 0; cell < _at.Length; cell++) _at[cell] = prices[cell];
                bound = At(prices, domain, least)!.Value;
                Array.Clear(_direction);
            }
        }

        return true;
    }

    /// <summary>Turns the direction towards the slope at the prices last evaluated, and measures it.</summary>
    double Steepen()
    {
        for (var b = 0; b < _choice.Length; b++)
        {
            _often[b] += 0.1 * ((_taken[b] ? 1 : 0) - _often[b]);
            _moves[b] += 0.1 * ((_choice[b] == _before[b] ? 0 : 1) - _moves[b]);
            _before[b] = _choice[b];
            if (!_taken[b]) continue;
            var block = _model.Blocks[b];
            var first = block.Starts[_choice[b]];
            Split(b, _choice[b]);
            foreach (var (_, lot, gpus) in _parts)
            {
                var from = lot < 0 ? first : _lots[lot].Offset + first - _lots[lot].From;
                for (var at = from; at < from + block.Run; at++) _excess[at] -= gpus;
            }
        }

        double length = 0;
        for (var cell = 0; cell < _slope.Length; cell++)
        {
            var slope = (double)_excess[cell] * _weights[cell];
            if (_at[cell] <= 0 && slope > 0) slope = 0;
            _direction[cell] = 0.7 * slope + 0.3 * _direction[cell];
            length += _direction[cell] * _direction[cell];
        }

        return length;
    }

    /// <summary>Where a block's GPUs come from at a start, the most profitable first, and what it makes; lot −1 is the open pools.</summary>
    long Split(int b, int o)
    {
        var (block, room) = (_model.Blocks[b], _room[b][o]);
        var (start, value) = (block.Starts[o], block.Limit * block.Weights[o]);
        var open = value - (_priceTo[start + block.Run] - _priceTo[start]);
        _parts.Clear();
        foreach (var (k, gpus) in room.Lots)
        {
            var from = _lots[k].Offset + start - _lots[k].From;
            var margin = value - (_priceTo[from + block.Run] - _priceTo[from]);
            if (margin > open || room.Open < block.Gpus) _parts.Add((margin, k, gpus));
        }

        if (_parts.Count == 0)
        {
            var all = open > 0 ? Math.Min(block.Gpus, room.Open) : block.Least;
            _parts.Add((open, -1, all));
            return room.Open < block.Least ? Never : open * all;
        }

        _parts.Add((open, -1, room.Open));
        _parts.Sort((left, right) => left.Margin != right.Margin ? right.Margin.CompareTo(left.Margin) : left.Lot - right.Lot);
        long made = 0;
        var taken = 0;
        for (var k = 0; k < _parts.Count; k++)
        {
            var (margin, lot, gpus) = _parts[k];
            var part = Math.Max(0, Math.Min(gpus, (margin > 0 ? block.Gpus : block.Least) - taken));
            _parts[k] = (margin, lot, part);
            made += margin * part;
            taken += part;
        }

        return taken < block.Least ? Never : made;
    }

    (int Open, int MinRun, (int Lot, int Gpus)[] Lots) RoomOf(Block block, int o)
    {
        var (start, payable) = (block.Starts[o], block.Limit * block.Weights[o]);
        long open = 0, minRun = 0;
        var lots = new List<(int, int)>();
        foreach (var p in _model.PoolsOf[start / _model.Problem.Slots])
        {
            var pool = _model.Pools[p];
            if (open >= block.Gpus) break;
            if (pool.IsOpen && Serves(p, block, start, payable)) open += pool.Size / block.Step * block.Step;
        }

        for (var k = 0; k < _lots.Length; k++)
        {
            if (_lots[k].From > start || start >= _lots[k].To) continue;
            long there = 0;
            foreach (var p in _lots[k].Pools)
                if (Serves(p, block, start, payable)) there += _model.Pools[p].Size / block.Step * block.Step;
            if (there == 0) continue;
            lots.Add((k, (int)Math.Min(there, int.MaxValue)));
            minRun += there;
        }

        return ((int)Math.Min(open, int.MaxValue), (int)Math.Min(minRun, int.MaxValue), [.. lots]);
    }

    bool Serves(int p, Block block, int start, long payable) => _model.Pools[p] is var pool
        && pool.From <= start && start + block.Run <= pool.To && pool.MinRun <= block.Run && block.MayUse(p) && pool.CostOf(start, block.Run) <= payable;

    static Lot[] LotsOf(Model model)
    {
        var options = new long[model.Markets.Length];
        foreach (var block in model.Blocks) foreach (var start in block.Starts) options[start / model.Problem.Slots]++;
        var closed = model.PoolsOf.Select(pools => pools.Where(p => !model.Pools[p].IsOpen).ToArray()).ToArray();
        var apart = closed.Select((pools, market) => pools.Length * options[market]).Sum() <= MostLooks;
        var lots = new List<Lot>();
        var offset = model.CellCount;
        for (var market = 0; market < closed.Length; market++)
        {
            foreach (var pools in apart ? closed[market].Select(p => new[] { p }) : [closed[market]])
            {
                if (pools.Length == 0) continue;
                var lot = new Lot(pools, pools.Min(p => model.Pools[p].From), pools.Max(p => model.Pools[p].To), offset);
                lots.Add(lot);
                offset += lot.To - lot.From;
            }
        }

        return [.. lots];
    }

    void Choose(int b, Domain domain)
    {
        var (block, values) = (_model.Blocks[b], _values[b]);
        _choice[b] = -1;
        _taken[b] = false;
        var best = long.MinValue;
        for (var o = 0; o < values.Length; o++)
        {
            if (!domain.IsOpen(b, o)) continue;
            values[o] = Split(b, o);
            values[o] -= _penalties.Of(b, o);
            if (values[o] > best) (best, _choice[b]) = (values[o], o);
        }

        _worth[b] = _choice[b] < 0 ? Never : best;
    }

    long WorthWithChildren(int b, Domain domain)
    {
        foreach (var child in _model.Blocks[b].Children)
        {
            var worth = WorthWithChildren(child, domain);
            if (_worth[b] > Never / 2 && (worth > 0 || domain.Must(child))) _worth[b] = worth <= Never / 2 ? Never : _worth[b] + worth;
        }

        return _worth[b];
    }

    void Mark(int b, bool taken, Domain domain)
    {
        _taken[b] = taken && _choice[b] >= 0;
        foreach (var child in _model.Blocks[b].Children) Mark(child, taken && (_worth[child] > 0 || domain.Must(child)), domain);
    }

    static int[][] FamiliesOf(Model model)
    {
        var groups = new Dictionary<int, List<int>>();
        var families = new List<List<int>>();
        for (var b = 0; b < model.Blocks.Length; b++)
        {
            var block = model.Blocks[b];
            if (block.Parent >= 0) continue;
            if (block.Group >= 0 && groups.TryGetValue(block.Group, out var together)) together.Add(b);
            else
            {
                families.Add([b]);
                if (block.Group >= 0) groups.Add(block.Group, families[^1]);
            }
        }

        return [.. families.Select(family => family.ToArray())];
    }

    static int CountBelow(long[] reserves, long price)
    {
        var (low, high) = (0, reserves.Length);
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (reserves[middle] < price) low = middle + 1; else high = middle;
        }

        return low;
    }
}
