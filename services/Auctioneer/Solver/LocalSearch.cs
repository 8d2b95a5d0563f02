namespace ComputeExchange.Solver;

/// <summary>Finds good valid allocations early: greedy insertion, then rounds of taking out some blocks and filling up again.</summary>
/// <remarks>
/// Every allocation on the way is valid as it stands; there is no repair of losing blocks afterwards. Ruin and recreate: the blocks
/// beside one of them are taken out, some or all, and what could run there is inserted in a new order, each block where it brings
/// most. What is worse than before by more than a little, which shrinks, is undone.
/// </remarks>
internal sealed class LocalSearch
{
    const int MostTrials = 3;
    const int MostOfACell = 24;

    readonly Model _model;
    Allowance _allowance = new(0);
    readonly SeededDice _dice;
    readonly Incumbent _incumbent;
    Allocation _state;
    readonly int[][] _canRun;
    readonly int[] _stamp;
    readonly Dictionary<int, List<int>> _members = [];
    int _round;
    readonly List<int> _candidates = [];
    readonly List<(long Score, int Block)> _order = [];
    readonly List<(Int128 Estimate, int Start)> _starts = [];

    public LocalSearch(Model model, Incumbent incumbent, ulong seed)
    {
        (_model, _incumbent, _dice) = (model, incumbent, new SeededDice(seed));
        _state = new Allocation(model);
        _stamp = new int[model.Blocks.Length];
        var canRun = new List<int>[model.CellCount];
        for (var cell = 0; cell < canRun.Length; cell++) canRun[cell] = [];
        for (var b = 0; b < model.Blocks.Length; b++)
            foreach (var start in model.Blocks[b].Starts)
                for (var cell = start; cell < start + model.Blocks[b].Run; cell++)
                    if (canRun[cell].Count == 0 || canRun[cell][^1] != b) canRun[cell].Add(b);
        for (var b = 0; b < model.Blocks.Length; b++)
        {
            if (model.Blocks[b].Group < 0) continue;
            if (!_members.TryGetValue(model.Blocks[b].Group, out var members)) _members.Add(model.Blocks[b].Group, members = []);
            members.Add(b);
        }

        _canRun = [.. canRun.Select(blocks => blocks.ToArray())];
    }

    /// <summary>Inserts blocks while each brings welfare, those first that are worth most by some measure.</summary>
    public void Construct(Func<int, long> score, Allowance allowance)
    {
        _allowance = allowance;
        _state = new Allocation(_model);
        _order.Clear();
        for (var b = 0; b < _model.Blocks.Length; b++) _order.Add((score(b), b));
        InsertOrdered();
        _incumbent.Offer(_state);
        _state.Commit();
    }

    /// <summary>Fills what a bound fills, where it does so and can be, then what else brings welfare; a few rounds from there.</summary>
    public void Follow(DualBound dual, Allowance allowance)
    {
        _allowance = allowance;
        _state = new Allocation(_model);
        _order.Clear();
        for (var b = 0; b < _model.Blocks.Length; b++) if (dual.IsTaken(b)) _order.Add((dual.WorthOf(b), b));
        _order.Sort((left, right) => left.Score != right.Score ? right.Score.CompareTo(left.Score) : left.Block - right.Block);
        foreach (var (_, b) in _order) if (_state.MayPlace(b)) _state.Place(b, dual.ChoiceOf(b), _model.Blocks[b].Gpus);
        _order.Clear();
        for (var b = 0; b < _model.Blocks.Length; b++) if (_state[b] is null && Worth(b) is > 0 and var worth) _order.Add((worth, b));
        InsertOrdered();
        _incumbent.Offer(_state);
        _state.Commit();
        Improve(Int128.MaxValue, 20, allowance);
    }

    /// <summary>Improves until the welfare reaches <paramref name="enough"/>, the allowance runs out, or nothing helped for so many rounds.</summary>
    public void Improve(Int128 enough, int patience, Allowance allowance)
    {
        _allowance = allowance;
        if (_model.Blocks.Length == 0) return;
        for (var idle = 0; idle < patience && _incumbent.Welfare < enough && !_allowance.Exhausted; idle++)
        {
            _allowance.Spend(1);
            var before = _state.Welfare;
            Ruin();
            _allowance.Spend(_candidates.Count);
            InsertOrdered();
            if (_incumbent.Offer(_state)) idle = -1;
            if (_state.Welfare < before - Tolerance()) _state.UndoTo(0);
            _state.Commit();
        }
    }

    Int128 Tolerance() => _dice.Below(4) == 0 ? _state.Welfare / 1_000_000 * _dice.Below(100) : 0;

    /// <summary>Up to 30% more or less.</summary>
    long Vary(long score) => (long)((Int128)score * (700 + _dice.Below(600)) / 1000);

    /// <summary>Takes out some of the blocks that run beside one of them, and lists what could run there now.</summary>
    void Ruin()
    {
        var centre = _dice.Below(_model.Blocks.Length);
        for (var tries = 0; tries < 8 && _model.Blocks[centre].Starts.Length == 0; tries++) centre = _dice.Below(_model.Blocks.Length);
        var block = _model.Blocks[centre];
        if (block.Starts.Length == 0) return;
        var (from, run) = (block.Starts[_state[centre]?.Start ?? _dice.Below(block.Starts.Length)], block.Run);
        var share = 100 + _dice.Below(1_200);
        _round++;
        _candidates.Clear();
        Note(centre);
        var most = 2 + _dice.Below(10);
        for (var cell = from; cell < from + run && most > 0; cell++)
            foreach (var b in _state.Covering(cell).ToArray())
                if (_state[b] is not null && (b == centre || _dice.Below(1000) < share) && most-- > 0) Take(b);
        _state.Remove(centre);
        MakeRoomInFamily(block);
        for (var cell = from; cell < from + run; cell++) NoteSome(cell);
        _order.Clear();
        var bySize = _dice.Below(2) == 0;
        foreach (var b in _candidates)
        {
            if (_state[b] is not null) continue;
            var candidate = _model.Blocks[b];
            var worth = Worth(b);
            if (worth <= 0) continue;
            _order.Add((Vary(bySize ? (long)candidate.Gpus * candidate.Run : worth), b));
        }
    }

    /// <summary>Takes out what shuts a block out of its group, and lists the parent that it would need.</summary>
    void MakeRoomInFamily(Block block)
    {
        if (block.Group >= 0)
            foreach (var other in _members[block.Group])
                if (_state[other] is not null) Take(other); else Note(other);
        for (var (parent, depth) = (block.Parent, 0); parent >= 0 && depth < 100; parent = _model.Blocks[parent].Parent, depth++)
            if (_state[parent] is null) Note(parent);
    }

    void Take(int b)
    {
        Note(b);
        var placement = _state[b]!;
        var (first, run) = (_model.Blocks[b].Starts[placement.Start], _model.Blocks[b].Run);
        _state.Remove(b);
        for (var cell = first; cell < first + run; cell += 3) NoteSome(cell);
    }

    /// <summary>What could run in a cell; of very many a part, another one each time.</summary>
    void NoteSome(int cell)
    {
        var blocks = _canRun[cell];
        if (blocks.Length <= MostOfACell)
        {
            foreach (var b in blocks) Note(b);
            return;
        }

        for (var (k, at) = (0, _dice.Below(blocks.Length)); k < MostOfACell; k++, at = (at + 1) % blocks.Length) Note(blocks[at]);
    }

    void Note(int b)
    {
        if (_stamp[b] == _round) return;
        _stamp[b] = _round;
        _candidates.Add(b);
    }

    /// <summary>The most that a block could bring at the prices now, per GPU.</summary>
    long Worth(int b)
    {
        var block = _model.Blocks[b];
        var best = 0L;
        for (var o = 0; o < block.Starts.Length; o++) best = Math.Max(best, block.Limit * block.Weights[o] - _state.LeastCostAt(block, o));
        return best;
    }

    void InsertOrdered()
    {
        _order.Sort((left, right) => left.Score != right.Score ? right.Score.CompareTo(left.Score) : left.Block - right.Block);
        foreach (var (_, b) in _order)
        {
            if (_allowance.Exhausted) return;
            InsertFamily(b);
        }
    }

    /// <summary>Fills a block, and with it what hangs on it.</summary>
    void InsertFamily(int b)
    {
        if (!_state.MayPlace(b)) return;
        InsertBest(b);
        if (_state[b] is null) return;
        foreach (var child in _model.Blocks[b].Children) InsertFamily(child);
    }

    /// <summary>Fills a block at the start that brings most, if any brings something.</summary>
    void InsertBest(int b)
    {
        var block = _model.Blocks[b];
        _starts.Clear();
        for (var o = 0; o < block.Starts.Length; o++)
        {
            if (block.Limit * block.Weights[o] < _state.CostAt(block, o)) continue;
            var margin = block.Limit * block.Weights[o] - _state.LeastCostAt(block, o);
            if (margin > 0) _starts.Add((margin, o));
        }

        if (_starts.Count == 0) return;
        _starts.Sort((left, right) => left.Estimate != right.Estimate ? right.Estimate.CompareTo(left.Estimate) : left.Start - right.Start);
        var (mark, before) = (_state.Mark, _state.Welfare);
        Int128 most = 0;
        Placement? best = null;
        var fits = 0;
        for (var k = 0; k < _starts.Count && fits < MostTrials; k++)
        {
            if (best is not null && _starts[k].Estimate * block.Gpus <= most) break;
            fits++;
            for (var gpus = block.Gpus; ; gpus = block.Least)
            {
                _allowance.Spend(2 + block.Run * _model.Groups[_model.GroupOf[block.Starts[_starts[k].Start]]].Cells.Length);
                if (_state.Place(b, _starts[k].Start, gpus))
                {
                    var gain = _state.Welfare - before;
                    if (gain > most) (most, best) = (gain, _state[b]);
                    _state.UndoTo(mark);
                }
                else if (gpus == block.Least) fits--;

                if (gpus == block.Least) break;
            }
        }

        if (best is not null) _state.Place(best);
    }
}

/// <summary>SplitMix64: a small generator with a seed of its own, the same on every machine.</summary>
internal sealed class SeededDice(ulong seed)
{
    ulong _state = seed;

    /// <summary>A number from 0 up to but not including <paramref name="bound"/>.</summary>
    public int Below(int bound)
    {
        unchecked
        {
            var z = _state += 0x9E3779B97F4A7C15;
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            return (int)(((z ^ (z >> 31)) >> 33) % (ulong)bound);
        }
    }
}
