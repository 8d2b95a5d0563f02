using System.Diagnostics;

namespace ComputeExchange.Solver;

/// <summary>GPUs of one pool for one block, over its whole run.</summary>
internal readonly record struct PoolFill(int Pool, int Gpus);

/// <summary>A block filled: at one of its starts, with so many GPUs, from these pools.</summary>
internal sealed record Placement(int Block, int Start, int Gpus, PoolFill[] Fills);

/// <summary>Which blocks are filled from which pools, with the lowest prices that go with them and the welfare, kept up to date.</summary>
/// <remarks>
/// Valid at every moment: every filled block can pay the lowest prices of its run, and what offers with a minimum run must earn is
/// earned, where need be by prices held above the lowest (<c>lift</c>). Every change can be undone, the latest first.
/// </remarks>
internal sealed class Allocation
{
    enum Kind : byte { Free, Floor, Lift, Dearest, Price, Gain, Paid, Placed, Removed, Need, Welfare }

    readonly record struct Change(Kind Kind, int At, int Other, long Old, Placement? Placement = null);

    readonly Model _model;
    readonly Supply _supply;
    readonly SlotClearing _clearing;
    readonly int[] _free;
    readonly long[] _floor;
    readonly long[] _lift;
    readonly long[] _held;
    readonly long[] _dearest;
    readonly long[] _price;
    readonly long[] _next;
    readonly long[] _gain;
    readonly long[] _paid;
    readonly long[] _need;
    readonly Placement?[] _placed;
    readonly int[] _position;
    readonly List<int> _filled = [];
    readonly List<int>[] _covering;
    readonly int[] _groupFilled;
    readonly List<Change> _log = [];
    readonly List<Int128> _welfares = [];
    readonly List<int> _touched = [];
    readonly bool[] _isTouched;
    readonly List<PoolFill> _fills = [];
    readonly List<(long Cost, int Window, int Pool, int Room)> _ranked = [];

    public Allocation(Model model)
    {
        _model = model;
        _supply = new Supply(model);
        _clearing = new SlotClearing(model, _supply, model.MostDemands);
        _free = new int[model.FreeLength];
        foreach (var pool in model.Pools) _free.AsSpan(pool.Base, pool.To - pool.From).Fill(pool.Size);
        var (cells, blocks) = (model.CellCount, model.Blocks.Length);
        (_floor, _lift, _held, _dearest, _price, _next) = (new long[cells], new long[cells], new long[cells], new long[cells], new long[cells], new long[cells]);
        _gain = new long[model.Groups.Length];
        (_paid, _need, _placed, _position, _groupFilled, _isTouched) =
            (new long[blocks], new long[blocks], new Placement?[blocks], new int[blocks], new int[blocks], new bool[blocks]);
        _covering = new List<int>[cells];
        for (var cell = 0; cell < cells; cell++) _covering[cell] = [];
        for (var g = 0; g < model.Groups.Length; g++)
        {
            if (!_clearing.Clear(model.Groups[g], _held, _dearest, _price, falls: false, _price, out _gain[g])) throw new UnreachableException("A slot without blocks always clears.");
            Welfare += (Int128)_gain[g] * model.Groups[g].Weight;
        }
    }

    /// <summary>As an incumbent left it; for reading only.</summary>
    public Allocation(Model model, Incumbent incumbent)
        : this(model)
    {
        foreach (var placement in incumbent.Placements)
        {
            Enter(placement);
            foreach (var fill in placement.Fills)
                Take(fill.Pool, model.Blocks[placement.Block].Starts[placement.Start], model.Blocks[placement.Block].Run, -fill.Gpus);
        }

        incumbent.Prices.CopyTo(_price, 0);
        incumbent.Held.CopyTo(_held, 0);
        incumbent.Dearest.CopyTo(_dearest, 0);
    }

    /// <summary>How many GPUs each cell of a group is to sell to divisible bids of reserves below the price, and how many more there are at it.</summary>
    public (long[] Below, long[] At) TargetsOf(SlotGroup group) => _clearing.TargetsOf(group, _held, _dearest, _price);

    /// <summary>Whether what offers with a minimum run must earn is looked after at the end, by <see cref="EarnAll"/>.</summary>
    public bool DefersEarning { get; init; }

    /// <summary>GPUs × (limit − reserve) × minutes over all fills.</summary>
    public Int128 Welfare { get; private set; }

    /// <summary>Filled blocks, in no order that means anything.</summary>
    public IReadOnlyList<int> Filled => _filled;

    /// <summary>Valid prices: the lowest, but where something must be earned.</summary>
    public ReadOnlySpan<long> Prices => _price;

    /// <summary>By cell: the price may not be lower.</summary>
    public ReadOnlySpan<long> Held => _held;

    /// <summary>By cell: the dearest reserve that a block is filled from.</summary>
    public ReadOnlySpan<long> Dearest => _dearest;

    public ReadOnlySpan<int> Free => _free;

    public Placement? this[int block] => _placed[block];

    /// <summary>Filled blocks that run in a cell.</summary>
    public IReadOnlyList<int> Covering(int cell) => _covering[cell];

    /// <summary>What a filled block's offers must earn, a GPU, weighted; 0 when nothing.</summary>
    public long NeedOf(int block) => _need[block];

    /// <summary>Where the log of changes stands.</summary>
    public int Mark => _log.Count;

    /// <summary>Forgets how to undo.</summary>
    public void Commit()
    {
        _log.Clear();
        _welfares.Clear();
    }

    /// <summary>Whether its parent is filled and nothing else of its group.</summary>
    public bool MayPlace(int block)
    {
        var (parent, group) = (_model.Blocks[block].Parent, _model.Blocks[block].Group);
        return _placed[block] is null && (parent < 0 || (parent != block && _placed[parent] is not null)) && (group < 0 || _groupFilled[group] == 0);
    }

    /// <summary>What a GPU costs a block at the prices now, over the run from a start, weighted; adding the block can only raise it.</summary>
    public long CostAt(Block block, int start)
    {
        var first = block.Starts[start];
        long cost = 0;
        for (var cell = first; cell < first + block.Run; cell++) cost += _price[cell] * _model.Weights[cell];
        return cost;
    }

    /// <summary>The same as far as other bids or dearer offers would have to give way: a price that a block holds up asks for more than that.</summary>
    public long LeastCostAt(Block block, int start)
    {
        var first = block.Starts[start];
        long cost = 0;
        for (var cell = first; cell < first + block.Run; cell++)
        {
            var price = _price[cell];
            if (price > 0 && price == _held[cell]) price = Math.Min(price, _supply.CheapestFree(cell));
            cost += price * _model.Weights[cell];
        }

        return cost;
    }

    /// <summary>Fills a block from the pools that cost least; false, and nothing changed, when there is no room or somebody could not pay.</summary>
    public bool Place(int block, int start, int gpus)
    {
        var asked = _model.Blocks[block];
        if (CostAt(asked, start) > asked.Limit * asked.Weights[start] || !ChooseFills(asked, start, gpus)) return false;
        return Place(new Placement(block, start, _fills.Sum(fill => fill.Gpus), [.. _fills]));
    }

    /// <summary>The same with given fills, which must fit.</summary>
    public bool Place(Placement placement)
    {
        var mark = _log.Count;
        var asked = _model.Blocks[placement.Block];
        var first = asked.Starts[placement.Start];
        _welfares.Add(Welfare);
        _log.Add(new Change(Kind.Placed, placement.Block, 0, 0, placement));
        Enter(placement);
        Welfare += ValueOf(placement);
        foreach (var fill in placement.Fills) Take(fill.Pool, first, asked.Run, -fill.Gpus);
        long need = 0;
        foreach (var fill in placement.Fills)
        {
            var pool = _model.Pools[fill.Pool];
            if (!pool.IsOpen) need = Math.Max(need, pool.CostOf(first, asked.Run));
            for (var cell = first; cell < first + asked.Run; cell++)
            {
                if (pool.IsOpen && pool.ReserveIn(cell) > _floor[cell]) Set(Kind.Floor, _floor, cell, pool.ReserveIn(cell));
                if (pool.ReserveIn(cell) > _dearest[cell]) Set(Kind.Dearest, _dearest, cell, pool.ReserveIn(cell));
            }
        }

        Set(Kind.Need, _need, placement.Block, need);
        Set(Kind.Paid, _paid, placement.Block, CostAt(asked, placement.Start));
        if (ClearRun(first, asked.Run, falls: false) && CanPay(placement.Block) && TouchedCanPay() && (DefersEarning || Earn(placement.Block))) return true;
        UndoTo(mark);
        return false;
    }

    /// <summary>Takes a block out, with its children, and with what could not earn enough any more.</summary>
    public void Remove(int block)
    {
        if (_placed[block] is not { } placement) return;
        foreach (var child in _model.Blocks[block].Children) Remove(child);
        if (_placed[block] is null) return;
        var asked = _model.Blocks[block];
        var first = asked.Starts[placement.Start];
        _welfares.Add(Welfare);
        _log.Add(new Change(Kind.Removed, block, 0, 0, placement));
        Leave(placement);
        Welfare -= ValueOf(placement);
        foreach (var fill in placement.Fills) Take(fill.Pool, first, asked.Run, fill.Gpus);
        for (var cell = first; cell < first + asked.Run; cell++)
        {
            var (floor, dearest) = HeldBy(cell);
            if (floor != _floor[cell]) Set(Kind.Floor, _floor, cell, floor);
            if (dearest != _dearest[cell]) Set(Kind.Dearest, _dearest, cell, dearest);
            foreach (var other in _model.Groups[_model.GroupOf[cell]].Cells)
                if (_lift[other] > 0) Set(Kind.Lift, _lift, other, 0);
        }

        if (!ClearRun(first, asked.Run, falls: true)) throw new UnreachableException("A slot clears when less is held.");
        foreach (var other in _touched.ToArray())
            if (_placed[other] is not null && _need[other] > _paid[other] && !Earn(other)) Remove(other);
    }

    public void UndoTo(int mark)
    {
        while (_log.Count > mark)
        {
            var change = _log[^1];
            _log.RemoveAt(_log.Count - 1);
            switch (change.Kind)
            {
                case Kind.Free: TakeOne(change.At, change.Other, (int)-change.Old); break;
                case Kind.Floor: _floor[change.At] = change.Old; Hold(change.At); break;
                case Kind.Lift: _lift[change.At] = change.Old; Hold(change.At); break;
                case Kind.Dearest: _dearest[change.At] = change.Old; break;
                case Kind.Price: _price[change.At] = change.Old; break;
                case Kind.Gain: _gain[change.At] = change.Old; break;
                case Kind.Paid: _paid[change.At] = change.Old; break;
                case Kind.Need: _need[change.At] = change.Old; break;
                case Kind.Placed: Leave(change.Placement!); Restore(); break;
                case Kind.Welfare: Restore(); break;
                case Kind.Removed: Enter(change.Placement!); Restore(); break;
                default: throw new UnreachableException();
            }
        }
    }

    /// <summary>Lifts prices cell by cell until all that must be earned is; false, with changes to undo, when that fails.</summary>
    public bool EarnAll()
    {
        _welfares.Add(Welfare);
        _log.Add(new Change(Kind.Welfare, 0, 0, 0));
        foreach (var b in _filled.Order().ToArray()) if (!Earn(b)) return false;
        return true;
    }

    /// <summary>Whether some offer with a minimum run does not earn enough at the prices now.</summary>
    public bool LacksEarnings()
    {
        foreach (var b in _filled) if (_need[b] > _paid[b]) return true;
        return false;
    }

    /// <summary>The divisible welfare of a cell that no bid couples, for one unit of weight, if its price were this; null when it cannot be.</summary>
    public long? GainAt(int cell, long price)
    {
        var held = _held[cell];
        _held[cell] = Math.Max(held, price);
        var clears = _clearing.Clear(_model.Groups[_model.GroupOf[cell]], _held, _dearest, _price, falls: false, _next, out var gain);
        _held[cell] = held;
        return clears && _next[cell] == Math.Max(held, price) ? gain : null;
    }

    /// <summary>Lifts prices to these where they are higher; false, with changes to undo, when they do not clear or are not enough.</summary>
    public bool LiftTo(ReadOnlySpan<long> prices)
    {
        _welfares.Add(Welfare);
        _log.Add(new Change(Kind.Welfare, 0, 0, 0));
        for (var cell = 0; cell < prices.Length; cell++)
        {
            if (prices[cell] <= _price[cell]) continue;
            Set(Kind.Lift, _lift, cell, prices[cell]);
            if (!Clear(_model.GroupOf[cell])) return false;
        }

        return _filled.TrueForAll(CanPay) && !LacksEarnings();
    }

    /// <summary>The pools that cover a block's run from a start and have room, cheapest at the prices now first.</summary>
    public List<(int Pool, int Room)> PoolsFor(Block block, int start)
    {
        ChooseFills(block, start, block.Gpus, all: true);
        return [.. _ranked.Select(pool => (pool.Pool, pool.Room))];
    }

    /// <summary>GPUs of a pool that are free throughout a run.</summary>
    public int FreeThroughout(Pool pool, int start, int run)
    {
        var least = int.MaxValue;
        foreach (var free in _free.AsSpan(pool.Base + start - pool.From, run)) least = Math.Min(least, free);
        return least;
    }

    void Restore()
    {
        Welfare = _welfares[^1];
        _welfares.RemoveAt(_welfares.Count - 1);
    }

    Int128 ValueOf(Placement placement)
    {
        var block = _model.Blocks[placement.Block];
        Int128 worth = block.ValueOf(placement.Gpus, placement.Start);
        foreach (var fill in placement.Fills) worth -= (Int128)fill.Gpus * _model.Pools[fill.Pool].CostOf(block.Starts[placement.Start], block.Run);
        return worth;
    }

    void Enter(Placement placement)
    {
        var (b, block) = (placement.Block, _model.Blocks[placement.Block]);
        (_placed[b], _position[b]) = (placement, _filled.Count);
        _filled.Add(b);
        if (block.Group >= 0) _groupFilled[block.Group]++;
        var first = block.Starts[placement.Start];
        for (var cell = first; cell < first + block.Run; cell++) _covering[cell].Add(b);
    }

    void Leave(Placement placement)
    {
        var (b, block) = (placement.Block, _model.Blocks[placement.Block]);
        _placed[b] = null;
        var last = _filled[^1];
        (_filled[_position[b]], _position[last]) = (last, _position[b]);
        _filled.RemoveAt(_filled.Count - 1);
        if (block.Group >= 0) _groupFilled[block.Group]--;
        var first = block.Starts[placement.Start];
        for (var cell = first; cell < first + block.Run; cell++) _covering[cell].Remove(b);
    }

    bool CanPay(int block)
    {
        var (asked, placement) = (_model.Blocks[block], _placed[block]!);
        return _paid[block] <= asked.Limit * asked.Weights[placement.Start];
    }

    bool TouchedCanPay()
    {
        foreach (var other in _touched) if (_placed[other] is not null && !CanPay(other)) return false;
        return true;
    }

    void Set(Kind kind, long[] values, int at, long value)
    {
        _log.Add(new Change(kind, at, 0, values[at]));
        values[at] = value;
        if (kind is Kind.Floor or Kind.Lift) Hold(at);
    }

    void Hold(int cell) => _held[cell] = Math.Max(_floor[cell], _lift[cell]);

    void Take(int pool, int first, int run, int gpus)
    {
        for (var cell = first; cell < first + run; cell++)
        {
            _log.Add(new Change(Kind.Free, pool, cell, gpus));
            TakeOne(pool, cell, gpus);
        }
    }

    void TakeOne(int p, int cell, int gpus)
    {
        var pool = _model.Pools[p];
        _free[pool.Base + cell - pool.From] += gpus;
        if (pool.IsOpen) _supply.Add(cell, pool.Ranks[cell - pool.From], gpus);
    }

    (long Floor, long Dearest) HeldBy(int cell)
    {
        long floor = 0, dearest = 0;
        foreach (var b in _covering[cell])
            foreach (var fill in _placed[b]!.Fills)
            {
                var reserve = _model.Pools[fill.Pool].ReserveIn(cell);
                dearest = Math.Max(dearest, reserve);
                if (_model.Pools[fill.Pool].IsOpen) floor = Math.Max(floor, reserve);
            }

        return (floor, dearest);
    }

    /// <summary>Clears the slots of a run anew; notes which blocks pay another price.</summary>
    bool ClearRun(int first, int run, bool falls)
    {
        foreach (var b in _touched) _isTouched[b] = false;
        _touched.Clear();
        for (var cell = first; cell < first + run; cell++) if (!Clear(_model.GroupOf[cell], falls)) return false;
        return true;
    }

    bool Clear(int g, bool falls = false)
    {
        var group = _model.Groups[g];
        if (!_clearing.Clear(group, _held, _dearest, _price, falls, _next, out var gain)) return false;
        if (gain != _gain[g])
        {
            Welfare += (Int128)(gain - _gain[g]) * group.Weight;
            Set(Kind.Gain, _gain, g, gain);
        }

        foreach (var cell in group.Cells)
        {
            if (_next[cell] == _price[cell]) continue;
            var rise = (_next[cell] - _price[cell]) * group.Weight;
            Set(Kind.Price, _price, cell, _next[cell]);
            foreach (var b in _covering[cell])
            {
                Set(Kind.Paid, _paid, b, _paid[b] + rise);
                if (_isTouched[b]) continue;
                _isTouched[b] = true;
                _touched.Add(b);
            }
        }

        return true;
    }

    /// <summary>Lifts prices of a block's run until its offers with a minimum run earn their reserves: at no loss of welfare first, then at some.</summary>
    bool Earn(int block)
    {
        if (_need[block] <= _paid[block]) return true;
        var (asked, start) = (_model.Blocks[block], _placed[block]!.Start);
        var first = asked.Starts[start];
        if (_need[block] > asked.Limit * asked.Weights[start]) return false;
        for (var lossless = true; ; lossless = false)
        {
            for (var cell = first; cell < first + asked.Run && _need[block] > _paid[block]; cell++) Lift(block, cell, lossless);
            if (_need[block] <= _paid[block]) return true;
            if (!lossless) return false;
        }
    }

    /// <summary>Lifts one cell's price as far as is needed and possible.</summary>
    void Lift(int block, int cell, bool lossless)
    {
        var weight = _model.Weights[cell];
        if (weight == 0) return;
        var (low, most) = (_price[cell], _price[cell] + (_need[block] - _paid[block] + weight - 1) / weight);
        if (TryLift(cell, most, lossless)) return;
        while (most - low > 1)
        {
            var (mark, welfare) = (_log.Count, Welfare);
            var middle = low + (most - low) / 2;
            if (TryLift(cell, middle, lossless))
            {
                UndoTo(mark);
                (Welfare, low) = (welfare, middle);
            }
            else most = middle;
        }

        if (low > _price[cell]) TryLift(cell, low, lossless);
    }

    bool TryLift(int cell, long price, bool lossless)
    {
        var (mark, welfare) = (_log.Count, Welfare);
        Set(Kind.Lift, _lift, cell, price);
        _welfares.Add(welfare);
        if (Clear(_model.GroupOf[cell]) && (!lossless || Welfare == welfare) && _covering[cell].TrueForAll(CanPay) && OthersCanPay(cell))
        {
            _welfares.RemoveAt(_welfares.Count - 1);
            return true;
        }

        UndoTo(mark);
        Restore();
        return false;
    }

    bool OthersCanPay(int cell)
    {
        foreach (var other in _model.Groups[_model.GroupOf[cell]].Cells)
            if (other != cell && !_covering[other].TrueForAll(CanPay)) return false;
        return true;
    }

    bool ChooseFills(Block asked, int start, int gpus, bool all = false)
    {
        _fills.Clear();
        _ranked.Clear();
        var (first, run) = (asked.Starts[start], asked.Run);
        var (least, floor) = (long.MaxValue, 0L);
        for (var cell = first; cell < first + run; cell++)
        {
            least = Math.Min(least, _price[cell]);
            floor += _price[cell] * _model.Weights[cell];
        }

        var payable = asked.Limit * asked.Weights[start];
        long plenty = 0;
        foreach (var p in _model.PoolsOf[first / _model.Problem.Slots])
        {
            var pool = _model.Pools[p];
            if (pool.From > first || first + run > pool.To || pool.MinRun > run || !asked.MayUse(p)) continue;
            if (!all && pool.IsOpen && plenty >= 3L * gpus) break;
            var room = FreeThroughout(pool, first, run) / asked.Step * asked.Step;
            if (room <= 0) continue;
            var reserves = pool.CostOf(first, run);
            if (reserves > payable) continue;
            var cost = floor;
            if (!pool.IsOpen) cost = reserves;
            else if (pool.Highest > least)
            {
                cost = 0;
                for (var cell = first; cell < first + run; cell++) cost += Math.Max(_price[cell], pool.ReserveIn(cell)) * _model.Weights[cell];
                if (cost > payable) continue;
            }

            if (cost <= floor) plenty += room;
            _ranked.Add((cost, pool.To - pool.From, p, room));
        }

        _ranked.Sort();
        var left = gpus;
        foreach (var (_, _, p, room) in _ranked)
        {
            _fills.Add(new PoolFill(p, Math.Min(left, room)));
            if ((left -= _fills[^1].Gpus) == 0) return true;
        }

        // Fewer will do when it takes a part.
        return gpus - left >= asked.Least;
    }
}
