namespace ComputeExchange.Solver;

/// <summary>Branch and bound over which blocks are filled and where they start.</summary>
/// <remarks>
/// Best bound first, going down from each node along its better child while that is worth it. At a node: families are followed; the
/// blocks certainly filled press the prices up, and starts at which a block could not pay those are closed (the lazy cuts of rulebook
/// section 1.2, drawn from prices); the dual prices move on from the parent's; what would pull the bound under what is in hand is
/// closed or demanded. What the node's dual fills is tried as an answer.
/// </remarks>
internal sealed class ChoiceSearch
{
    const int RoundsAtANode = 40;
    const int WorkOfANode = 20;
    const int CallsAtALeaf = 5_000;

    /// <summary>A block that the dual has other than the answer in hand comes first: there the gap is.</summary>
    const int Disagreement = 1_000;
    const int Tightness = 50;
    const int MostEscalations = 4;

    sealed record Node(Node? Parent, int Block, int Start, Int128 Bound, long[] Prices);

    readonly Model _model;
    readonly Incumbent _incumbent;
    readonly DualBound _dual;
    Allowance _allowance = new(0);
    readonly List<Node> _deferred = [];
    long _callsAtALeaf = CallsAtALeaf;
    int _escalations;
    readonly Int128 _root;
    readonly Domain _domain;
    readonly SlotClearing _clearing;
    readonly LocalSearch _local;
    readonly PoolSearch _pools;
    readonly long[] _pressure;
    readonly long[] _least;
    readonly bool[] _tight;
    readonly PriorityQueue<Node, (Int128, long)> _open = new();
    long _made;

    public ChoiceSearch(Model model, Incumbent incumbent, DualBound dual, LocalSearch local, long[] prices, Int128 bound)
    {
        (_model, _incumbent, _dual, _local, _root) = (model, incumbent, dual, local, bound);
        _domain = new Domain(model);
        _clearing = new SlotClearing(model, new Supply(model), model.MostDemands);
        _pools = new PoolSearch(model, incumbent);
        (_pressure, _least, _tight) = (new long[model.CellCount], new long[model.CellCount], new bool[model.CellCount]);
        Push(new Node(null, -1, -1, bound, [.. prices]));
    }

    /// <summary>Whether nothing is open any more.</summary>
    public bool IsFinished => _open.Count == 0 && (_deferred.Count == 0 || _escalations == MostEscalations);

    /// <summary>Nodes looked at.</summary>
    public long Nodes { get; private set; }

    /// <summary>Goes on until nothing open can be better than what is in hand, or the allowance ends; returns what is proven.</summary>
    public Int128 Run(Allowance allowance, Action tell)
    {
        _allowance = allowance;
        var told = Proven();
        while (TryTake(out var node))
        {
            // Going down: the better child at once, the others later.
            for (var next = node; next is not null;)
            {
                if (next.Bound <= _incumbent.Enough) break;
                if (!_allowance.Spend(WorkOfANode))
                {
                    Push(next);
                    return Proven();
                }

                next = Visit(next);
            }

            if (Nodes % 32 == 0 && Proven() < told)
            {
                told = Proven();
                tell();
            }
        }

        return Proven();
    }

    /// <summary>The best open node; when there is none, the leaves that were too large to be looked through, with more patience.</summary>
    bool TryTake([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out Node? node)
    {
        if (_open.Count == 0 && _deferred.Count > 0 && _escalations < MostEscalations)
        {
            _escalations++;
            _callsAtALeaf *= 16;
            foreach (var leaf in _deferred) Push(leaf);
            _deferred.Clear();
        }

        return _open.TryDequeue(out node, out _);
    }

    Int128 Proven()
    {
        var most = _incumbent.Enough;
        if (_open.TryPeek(out var node, out _)) most = Int128.Max(most, node.Bound);
        foreach (var leaf in _deferred) most = Int128.Max(most, leaf.Bound);
        return Int128.Min(_root, most);
    }

    void Push(Node node) => _open.Enqueue(node, (-node.Bound, ++_made));

    Node? Visit(Node node)
    {
        Nodes++;
        _domain.UndoTo(0);
        for (var at = node; at.Parent is not null; at = at.Parent) Decide(at.Block, at.Start);
        var prices = node.Prices.ToArray();
        var (bound, improved) = (node.Bound, node.Bound);
        while (true)
        {
            if (!Propagate()) return null;
            var enough = _incumbent.Enough;
            if (_dual.Improve(prices, _domain, _least, enough - (bound - enough) / 4, enough, RoundsAtANode, 1.0, _allowance) is not { } reached) return null;
            improved = reached;
            bound = Int128.Min(bound, improved);
            if (bound <= _incumbent.Enough) return null;
            if (!Fix(improved)) break;
        }

        if (Nodes % 16 == 1) _local.Follow(_dual, _allowance);
        if (bound <= _incumbent.Enough) return null;
        if (NextBlock(prices) is var block and >= 0) return Branch(node, block, bound, improved, prices);

        // All is decided but which pools serve whom.
        bound = Int128.Min(bound, _pools.Run(_domain, bound, _callsAtALeaf, _allowance));
        if (bound > _incumbent.Enough) _deferred.Add(node with { Bound = bound });
        return null;
    }

    void Decide(int block, int start)
    {
        if (start < 0)
        {
            _domain.CloseAll(block);
            return;
        }

        _domain.Demand(block);
        for (var o = 0; o < _model.Blocks[block].Starts.Length; o++) if (o != start) _domain.Close(block, o);
    }

    /// <summary>A child for each start and one for leaving the block out; the best bound is gone on with.</summary>
    Node? Branch(Node node, int block, Int128 bound, Int128 improved, long[] prices)
    {
        Node? best = null;
        var children = new List<Node>();
        var alone = _dual.IsAlone(block);
        var made = _dual.IsTaken(block) ? _dual.WorthOf(block) : 0;
        if (!_domain.Must(block)) children.Add(new Node(node, block, -1, Int128.Min(bound, improved - (alone ? made : 0)), prices));
        var chosen = _dual.ChoiceOf(block);
        for (var o = 0; o < _model.Blocks[block].Starts.Length; o++)
        {
            if (!_domain.IsOpen(block, o)) continue;
            var loss = alone ? made - (_dual.WorthOf(block) - _dual.ValueOf(block, chosen) + _dual.ValueOf(block, o)) : 0;
            children.Add(new Node(node, block, o, Int128.Min(bound, improved - loss), prices));
        }

        foreach (var child in children)
            if (best is null || child.Bound > best.Bound || (child.Bound == best.Bound && child.Start > best.Start)) best = child;
        foreach (var child in children) if (child != best && child.Bound > _incumbent.Enough) Push(child);
        return best;
    }

    /// <summary>
    /// The undecided block that takes most: before all of those that the dual has other than the answer in hand, then of those beside a
    /// block that must be filled and could not pay the dual's prices, then of those that the dual is least sure about.
    /// </summary>
    int NextBlock(long[] prices)
    {
        MarkTight(prices);
        var (next, most) = (-1, double.NegativeInfinity);
        for (var b = 0; b < _model.Blocks.Length; b++)
        {
            if (_domain.IsDecided(b)) continue;
            var size = (double)_model.Blocks[b].Gpus * _model.Blocks[b].Run;
            var score = size * (0.02 + _dual.DoubtOf(b) + (_dual.IsTaken(b) == _incumbent.Fills(b) ? 0 : Disagreement) + (IsBesideTight(b) ? Tightness : 0));
            if (score > most) (next, most) = (b, score);
        }

        return next;
    }

    /// <summary>Marks the runs of blocks that are certainly filled although they could not pay these prices.</summary>
    void MarkTight(long[] prices)
    {
        Array.Clear(_tight);
        for (var b = 0; b < _model.Blocks.Length; b++)
        {
            if (!_domain.IsPlaced(b)) continue;
            var (block, o) = (_model.Blocks[b], _domain.OnlyStart(b));
            Int128 over = -(Int128)block.Limit * block.Weights[o];
            for (var cell = block.Starts[o]; cell < block.Starts[o] + block.Run; cell++) over += (Int128)prices[cell] * _model.Weights[cell];
            if (over > 0) _tight.AsSpan(block.Starts[o], block.Run).Fill(true);
        }
    }

    bool IsBesideTight(int b)
    {
        if (!_dual.IsTaken(b) || _dual.ChoiceOf(b) < 0) return false;
        return _tight.AsSpan(_model.Blocks[b].Starts[_dual.ChoiceOf(b)], _model.Blocks[b].Run).Contains(true);
    }

    /// <summary>Closes starts that would pull the bound under what is enough, and demands blocks without which it would.</summary>
    bool Fix(Int128 bound)
    {
        var changed = false;
        foreach (var family in _dual.Families)
        {
            long made = 0;
            foreach (var b in family) if (_dual.IsTaken(b)) made = _dual.WorthOf(b);
            foreach (var b in family)
            {
                // The bound with this block at that start in place of what the family made.
                var block = _model.Blocks[b];
                var best = _dual.ChoiceOf(b) < 0 ? 0 : _dual.ValueOf(b, _dual.ChoiceOf(b));
                for (var o = 0; o < block.Starts.Length && !_domain.IsDecided(b); o++)
                    if (_domain.IsOpen(b, o) && bound - made + _dual.WorthOf(b) - best + _dual.ValueOf(b, o) <= _incumbent.Enough) changed |= _domain.Close(b, o);
                if (family.Length == 1 && !_domain.Must(b) && _dual.IsTaken(b) && bound - made <= _incumbent.Enough) changed |= _domain.Demand(b);
            }
        }

        return changed;
    }

    /// <summary>Draws what follows from the decisions; false when they contradict each other or a filled block cannot pay.</summary>
    bool Propagate()
    {
        while (true)
        {
            if (!FollowFamilies()) return false;
            Press();
            var changed = false;
            for (var b = 0; b < _model.Blocks.Length; b++)
            {
                var block = _model.Blocks[b];
                for (var o = 0; o < block.Starts.Length && _domain.Left(b) > 0; o++)
                    if (_domain.IsOpen(b, o) && !CanPay(block, o)) changed |= _domain.Close(b, o);
                if (_domain.Must(b) && _domain.Left(b) == 0) return false;
            }

            if (!changed) return true;
        }
    }

    bool CanPay(Block block, int o)
    {
        Int128 sum = 0;
        var start = block.Starts[o];
        for (var cell = start; cell < start + block.Run; cell++) sum += (Int128)_least[cell] * _model.Weights[cell];
        return sum <= (Int128)block.Limit * block.Weights[o];
    }

    /// <summary>What the blocks certainly filled make the least of each price.</summary>
    void Press()
    {
        Array.Clear(_pressure);
        for (var b = 0; b < _model.Blocks.Length; b++)
        {
            if (!_domain.IsPlaced(b)) continue;
            var block = _model.Blocks[b];
            var o = _domain.OnlyStart(b);
            var open = Math.Max(0, block.Least - _dual.MinRunRoomOf(b, o));
            for (var cell = block.Starts[o]; cell < block.Starts[o] + block.Run; cell++) _pressure[cell] += open;
        }

        foreach (var group in _model.Groups) _clearing.Press(group, _pressure, _least);
    }

    /// <summary>A filled child fills its parent; a lost parent loses its children; one filled block shuts its group.</summary>
    bool FollowFamilies()
    {
        for (var changed = true; changed;)
        {
            changed = false;
            for (var b = 0; b < _model.Blocks.Length; b++)
            {
                var (parent, group) = (_model.Blocks[b].Parent, _model.Blocks[b].Group);
                if (_domain.Must(b) && _domain.Left(b) == 0) return false;
                if (parent >= 0 && (parent == b || _domain.Left(parent) == 0)) changed |= _domain.CloseAll(b);
                if (parent >= 0 && parent != b && _domain.Must(b)) changed |= _domain.Demand(parent);
                if (group < 0 || !_domain.Must(b)) continue;
                for (var other = 0; other < _model.Blocks.Length; other++)
                    if (other != b && _model.Blocks[other].Group == group) changed |= _domain.CloseAll(other);
            }
        }

        return true;
    }
}
