namespace ComputeExchange.Solver;

/// <summary>Finds the lowest prices that clear a slot's coupled cells beside the blocks, and the divisible welfare at them.</summary>
/// <remarks>
/// With the blocks fixed, what is left of a slot is a market of perfect substitutes: each divisible bid buys where it is cheapest.
/// Its clearing prices form a lattice (Demange, Gale and Sotomayor, Multi-Item Auctions, 1986), and the ascending auction finds the
/// lowest: a set of markets whose own buyers want more than there is at most is raised until they do not, or until another market
/// is as cheap. With one market that is the crossing of rulebook section 1.3. Blocks only take supply away and hold prices up, so
/// the lowest prices only rise as blocks are added: that is what the searches prune with.
/// <para>
/// A price that a block holds above the crossing leaves offers below it unsold; rule 4 allows that of those cheaper than the
/// dearest offer that serves a block there. The others must be sold whole.
/// </para>
/// </remarks>
internal sealed class SlotClearing
{
    /// <summary>Stands for "at no price": more is asked for than there is.</summary>
    public const long NoPrice = long.MaxValue / 4;

    readonly Model _model;
    readonly Supply _supply;
    readonly long[] _price;
    readonly long[] _floor;
    readonly long[] _required;
    readonly long[] _room;
    readonly long[] _sold;
    readonly long[] _must;
    readonly long[] _target;
    readonly long[] _inelastic;
    readonly long[] _top;
    readonly long[] _wantedAt;
    readonly long[] _wanted;
    readonly long[] _thereAt;
    readonly long[] _there;
    readonly bool[] _reached;
    readonly bool[] _pressed;
    readonly int[] _members;
    readonly int[] _own;
    readonly int[] _from;
    readonly int[] _by;
    readonly int[] _queue;
    readonly long[] _least;
    readonly int[] _ties;
    readonly int[] _only;
    readonly long[] _left;
    readonly long[] _flow;
    readonly int _width;

    public SlotClearing(Model model, Supply supply, int demands)
    {
        (_model, _supply) = (model, supply);
        _width = model.Markets.Length;
        (_price, _floor, _required, _room, _sold, _must) = (new long[_width], new long[_width], new long[_width], new long[_width], new long[_width], new long[_width]);
        (_top, _wantedAt, _wanted, _thereAt, _there) = (new long[_width], new long[demands], new long[demands], new long[_width], new long[_width]);
        (_target, _inelastic, _pressed, _members, _own) = (new long[_width], new long[_width], new bool[_width], new int[_width], new int[demands]);
        (_reached, _from, _by, _queue) = (new bool[_width], new int[_width], new int[_width], new int[_width]);
        (_least, _ties, _only, _left, _flow) = (new long[demands], new int[demands], new int[demands], new long[demands], new long[demands * _width]);
    }

    /// <summary>Clears a group.</summary>
    /// <param name="group">The cells.</param>
    /// <param name="floors">By cell: the price may not be lower, for the open offers that blocks are filled from or for what is to be earned.</param>
    /// <param name="dearest">By cell: the dearest reserve that a block is filled from.</param>
    /// <param name="before">By cell: prices that cleared it before, when there was more supply and less held, or the other way round.</param>
    /// <param name="falls">Whether it was the other way round: there is more supply or less held now.</param>
    /// <param name="prices">By cell: where the prices go.</param>
    /// <param name="gain">GPUs × (limit − reserve) over the divisible fills, for one unit of weight.</param>
    /// <returns>False when an offer that must be sold whole cannot be.</returns>
    public bool Clear(SlotGroup group, ReadOnlySpan<long> floors, ReadOnlySpan<long> dearest, ReadOnlySpan<long> before, bool falls, Span<long> prices, out long gain) =>
        group.Cells.Length == 1
            ? ClearOne(group.Cells[0], group.Demands.Length == 0 ? null : group.Demands[0], floors, dearest, prices, out gain)
            : ClearSeveral(group, floors, dearest, before, falls, prices, out gain);

    /// <summary>At prices that clear: how many GPUs each cell sells to divisible bids of reserves below its price, and how many more it has at it.</summary>
    public (long[] Below, long[] At) TargetsOf(SlotGroup group, ReadOnlySpan<long> floors, ReadOnlySpan<long> dearest, ReadOnlySpan<long> prices)
    {
        var again = new long[prices.Length];
        if (!Clear(group, floors, dearest, prices, falls: false, again, out _)) throw new System.Diagnostics.UnreachableException("The incumbent's prices do not clear a slot.");
        var (below, at) = (new long[group.Cells.Length], new long[group.Cells.Length]);
        for (var i = 0; i < below.Length; i++)
        {
            var cell = group.Cells[i];
            if (again[cell] != prices[cell]) throw new System.Diagnostics.UnreachableException("A slot clears at other prices than it did.");
            if (group.Demands.Length == 0) continue;
            below[i] = _target[i];
            at[i] = _supply.First(cell, _supply.Count(cell, prices[cell], orAt: true)) - _supply.First(cell, _supply.Count(cell, prices[cell], orAt: false));
        }

        return (below, at);
    }

    /// <summary>The lowest prices at which divisible bids above them and so much inelastic demand find offers, by cell.</summary>
    public void Press(SlotGroup group, ReadOnlySpan<long> inelastic, Span<long> prices)
    {
        var cells = group.Cells;
        Forget(group);
        for (var i = 0; i < cells.Length; i++)
        {
            _inelastic[i] = inelastic[cells[i]];
            (_floor[i], _price[i]) = (0, group.Lowest[i]);
        }

        while (RaiseOnce(group)) { }
        for (var i = 0; i < cells.Length; i++)
        {
            prices[cells[i]] = _price[i];
            _inelastic[i] = 0;
        }
    }

    bool ClearOne(int cell, Demand? demand, ReadOnlySpan<long> floors, ReadOnlySpan<long> dearest, Span<long> prices, out long gain)
    {
        gain = 0;
        var price = floors[cell];
        if (demand is null)
        {
            prices[cell] = price;
            return price <= dearest[cell] || Must(cell, price, dearest[cell]) == 0;
        }

        var above = demand.CountAbove(price);
        if (demand.WantedTo[above] > _supply.First(cell, _supply.Count(cell, price, orAt: true)))
        {
            // Above the floor: at the crossing, be it at a reserve or at a limit.
            var reserves = _model.Merit[cell].Reserves;
            var below = _supply.CountBelowCrossing(cell, demand);
            var supply = _supply.First(cell, below);
            var reserve = below < reserves.Length ? reserves[below] : long.MaxValue;
            price = Math.Max(price, Math.Min(reserve, demand.WantedTo[^1] > supply ? demand.Limits[LastThatFits(demand, supply)] : 0));
            above = demand.CountAbove(price);
        }

        prices[cell] = price;
        var from = demand.CountFrom(price);
        unchecked
        {
            gain = demand.ValueTo[above] - price * demand.WantedTo[above];
        }

        return Profit(cell, price, dearest[cell], demand.WantedTo[above], demand.WantedTo[from], ref gain);
    }

    /// <summary>The first bid that so much supply does not fill whole.</summary>
    static int LastThatFits(Demand demand, long supply)
    {
        var (low, high) = (0, demand.Bids.Length);
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (demand.WantedTo[middle + 1] <= supply) low = middle + 1; else high = middle;
        }

        return low;
    }

    /// <summary>GPUs that must be sold at a price: of reserves below it, but not below the dearest that a block pays.</summary>
    long Must(int cell, long price, long dearest) => price <= dearest ? 0
        : _supply.First(cell, _supply.Count(cell, price, orAt: false)) - _supply.First(cell, _supply.Count(cell, dearest, orAt: false));

    /// <summary>Adds what the offers of a cell get over their reserves when between so many GPUs are bought of them.</summary>
    bool Profit(int cell, long price, long dearest, long atLeast, long atMost, ref long gain)
    {
        var below = _supply.Count(cell, price, orAt: false);
        var cheap = _supply.First(cell, below);
        var sold = Math.Max(atLeast, Math.Min(atMost, cheap));
        _target[_model.PlaceOf[cell]] = Math.Min(sold, cheap);
        if (sold >= cheap)
        {
            unchecked
            {
                gain += price * cheap - _supply.CostOfFirst(cell, below);
            }

            return true;
        }

        return Sell(cell, price, dearest, sold, ref gain);
    }

    /// <summary>The same for fewer GPUs than have reserves below the price: those that must be sold, and the cheapest.</summary>
    bool Sell(int cell, long price, long dearest, long sold, ref long gain)
    {
        var must = Must(cell, price, dearest);
        if (must > sold) return false;
        _target[_model.PlaceOf[cell]] = sold;
        unchecked
        {
            var mustCost = must == 0 ? 0
                : _supply.CostOfFirst(cell, _supply.Count(cell, price, orAt: false)) - _supply.CostOfFirst(cell, _supply.Count(cell, dearest, orAt: false));
            gain += price * sold - mustCost - _supply.CostOfCheapest(cell, sold - must);
        }

        return true;
    }

    bool ClearSeveral(SlotGroup group, ReadOnlySpan<long> floors, ReadOnlySpan<long> dearest, ReadOnlySpan<long> before, bool falls, Span<long> prices, out long gain)
    {
        var cells = group.Cells;
        Forget(group);
        for (var i = 0; i < cells.Length; i++)
        {
            _floor[i] = floors[cells[i]];
            _price[i] = Math.Max(_floor[i], before[cells[i]]);
        }

        while (RaiseOnce(group)) { }
        if (falls) Fall(group);
        for (var i = 0; i < cells.Length; i++) prices[cells[i]] = _price[i];
        return Worth(group, dearest, out gain);
    }

    /// <summary>Lowers prices that clear to the lowest that do: what is not pressed back up from just below goes down, and up again as far as it must.</summary>
    void Fall(SlotGroup group)
    {
        var cells = group.Cells;
        for (long fall = 1_024; ; fall *= 8)
        {
            var any = false;
            for (var i = 0; i < cells.Length; i++)
            {
                _top[i] = _price[i];
                if (_price[i] <= Base(i)) continue;
                any = true;
                _price[i]--;
            }

            if (!any) return;
            var pressed = FindPressed(group, all: true);
            var done = true;
            for (var i = 0; i < cells.Length; i++)
            {
                _price[i] = _top[i];
                if (_price[i] <= Base(i) || (pressed && _pressed[i])) continue;
                done = false;
                _price[i] = Math.Max(Base(i), _price[i] - fall);
            }

            if (done) return;
            while (RaiseOnce(group)) { }
        }

        long Base(int i) => Math.Max(_floor[i], group.Lowest[i]);
    }

    /// <summary>What was reckoned for another group, or before a supply changed, is not used again.</summary>
    void Forget(SlotGroup group)
    {
        _wantedAt.AsSpan(0, group.Demands.Length).Fill(-1);
        _thereAt.AsSpan(0, group.Cells.Length).Fill(-1);
    }

    /// <summary>What a class wants strictly above a price.</summary>
    long WantedAbove(SlotGroup group, int c, long price)
    {
        if (_wantedAt[c] != price) (_wantedAt[c], _wanted[c]) = (price, group.Demands[c].WantedTo[group.Demands[c].CountAbove(price)]);
        return _wanted[c];
    }

    /// <summary>What is there in a market up to a price.</summary>
    long ThereAt(SlotGroup group, int i, long price)
    {
        if (_thereAt[i] != price) (_thereAt[i], _there[i]) = (price, _supply.First(group.Cells[i], _supply.Count(group.Cells[i], price, orAt: true)));
        return _there[i];
    }

    /// <summary>Each class's lowest price, how many of its markets have it, and the one if it is one.</summary>
    void FindLowest(SlotGroup group)
    {
        for (var c = 0; c < group.Demands.Length; c++)
        {
            var (least, ties, only) = (long.MaxValue, 0, -1);
            foreach (var i in group.Demands[c].Markets)
            {
                if (_price[i] < least) (least, ties, only) = (_price[i], 1, i);
                else if (_price[i] == least) ties++;
            }

            (_least[c], _ties[c], _only[c]) = (least, ties, only);
        }
    }

    bool RaiseOnce(SlotGroup group)
    {
        if (!FindPressed(group, all: false)) return false;
        Raise(group);
        return true;
    }

    /// <summary>Finds markets whose own buyers want more than there is at most, and with them those whose buyers would have to come back to them.</summary>
    /// <param name="group">The cells.</param>
    /// <param name="all">Whether all such markets are marked, or just those that one class of buyers presses.</param>
    bool FindPressed(SlotGroup group, bool all)
    {
        var (demands, cells) = (group.Demands, group.Cells);
        FindLowest(group);
        Array.Clear(_pressed, 0, cells.Length);
        Array.Clear(_required, 0, cells.Length);
        var (tied, found) = (false, false);
        for (var c = 0; c < demands.Length; c++)
        {
            _left[c] = WantedAbove(group, c, _least[c]);
            if (_left[c] == 0) continue;
            if (_ties[c] == 1) _required[_only[c]] += _left[c];
            else tied = true;
        }

        for (var i = 0; i < cells.Length; i++)
        {
            _room[i] = ThereAt(group, i, _price[i]) - _required[i] - _inelastic[i];
            if (_room[i] >= 0 || _price[i] >= NoPrice) continue;
            (_room[i], _pressed[i], found) = (0, true, true);
            if (!all) return true;
        }

        if (!tied) return found;
        Array.Clear(_flow, 0, demands.Length * _width);
        for (var c = 0; c < demands.Length; c++)
        {
            if (_ties[c] == 1 || _left[c] == 0) continue;
            while (_left[c] > 0 && Place(group, c)) { }
            if (_left[c] == 0) continue;
            found = true;
            if (all) continue;
            for (var i = 0; i < cells.Length; i++) _pressed[i] = _reached[i];
            return true;
        }

        if (!found) return false;
        for (var c = 0; c < demands.Length; c++)
        {
            if (_ties[c] == 1 || _left[c] == 0) continue;
            Place(group, c);
            for (var i = 0; i < cells.Length; i++) _pressed[i] |= _reached[i];
        }

        return true;
    }

    /// <summary>Gives a tied class's GPUs a market with room, moving others' if need be; false, with what was reached, when there is none.</summary>
    bool Place(SlotGroup group, int c)
    {
        var demands = group.Demands;
        Array.Clear(_reached, 0, group.Cells.Length);
        var (head, tail) = (0, 0);
        foreach (var i in demands[c].Markets) Reach(i, -1, c, ref tail, _least[c]);
        while (head < tail)
        {
            var i = _queue[head++];
            if (_room[i] > 0)
            {
                var amount = Math.Min(_room[i], _left[c]);
                for (var at = i; _from[at] >= 0; at = _from[at]) amount = Math.Min(amount, _flow[_by[at] * _width + _from[at]]);
                _room[i] -= amount;
                _left[c] -= amount;
                for (var at = i; ; at = _from[at])
                {
                    _flow[_by[at] * _width + at] += amount;
                    if (_from[at] < 0) return true;
                    _flow[_by[at] * _width + _from[at]] -= amount;
                }
            }

            for (var other = 0; other < demands.Length; other++)
                if (_ties[other] > 1 && _flow[other * _width + i] > 0)
                    foreach (var j in demands[other].Markets) Reach(j, i, other, ref tail, _least[other]);
        }

        return false;
    }

    void Reach(int i, int from, int by, ref int tail, long price)
    {
        if (_reached[i] || _price[i] != price) return;
        (_reached[i], _from[i], _by[i]) = (true, from, by);
        _queue[tail++] = i;
    }

    /// <summary>Raises the pressed markets together as long as all of them are, or until another market is as cheap.</summary>
    void Raise(SlotGroup group)
    {
        var (demands, cells) = (group.Demands, group.Cells);
        var members = 0;
        for (var i = 0; i < cells.Length; i++) if (_pressed[i]) _members[members++] = i;
        var price = _price[_members[0]];
        long cheapestOutside = long.MaxValue, highest = price + 1;
        var own = 0;
        for (var c = 0; c < demands.Length; c++)
        {
            if (_least[c] != price) continue;
            var (inside, outside) = (true, long.MaxValue);
            foreach (var i in demands[c].Markets)
            {
                if (_pressed[i]) continue;
                inside &= _price[i] != price;
                outside = Math.Min(outside, _price[i]);
            }

            if (!inside || demands[c].Limits.Length == 0 || demands[c].Limits[0] <= price) continue;
            _own[own++] = c;
            cheapestOutside = Math.Min(cheapestOutside, outside);
            highest = Math.Max(highest, demands[c].Limits[0]);
        }

        for (var k = 0; k < members; k++)
        {
            var reserves = _model.Merit[cells[_members[k]]].Reserves;
            if (_inelastic[_members[k]] > 0) highest = Math.Max(highest, reserves.Length == 0 ? NoPrice : Math.Max(price + 1, reserves[^1] + 1));
        }

        // All together they want no more than there is at the first price that is found; several may part before.
        var most = Math.Min(cheapestOutside, highest);
        var (low, high, stride) = (price, price + 1, 1L);
        while (high < most && Excess(high))
        {
            low = high;
            high = Math.Min(most, high + stride);
            stride = Math.Min(stride * 4, NoPrice);
        }

        high = Math.Min(high, most);
        while (high - low > 1)
        {
            var middle = low + (high - low) / 2;
            if (Excess(middle)) low = middle; else high = middle;
        }

        if (high == most && most == highest && Excess(high)) high = NoPrice;
        if (members > 1 && low > price && !AllPressed(low))
        {
            (high, low) = (low, price);
            while (high - low > 1)
            {
                var middle = low + (high - low) / 2;
                if (AllPressed(middle)) low = middle; else high = middle;
            }
        }

        for (var k = 0; k < members; k++) _price[_members[k]] = high;

        bool Excess(long at)
        {
            long wanted = 0, there = 0;
            for (var k = 0; k < members; k++) wanted += _inelastic[_members[k]];
            for (var k = 0; k < own; k++) wanted += demands[_own[k]].WantedTo[demands[_own[k]].CountAbove(at)];
            for (var k = 0; k < members && there < wanted; k++)
                there += _supply.First(cells[_members[k]], _supply.Count(cells[_members[k]], at, orAt: true));
            return wanted > there;
        }

        bool AllPressed(long at)
        {
            for (var k = 0; k < members; k++) _price[_members[k]] = at;
            if (!FindPressed(group, all: true)) return false;
            for (var k = 0; k < members; k++) if (!_pressed[_members[k]]) return false;
            return true;
        }
    }

    /// <summary>The welfare at the prices found.</summary>
    bool Worth(SlotGroup group, ReadOnlySpan<long> dearest, out long gain)
    {
        var (demands, cells) = (group.Demands, group.Cells);
        gain = 0;
        FindLowest(group);
        Array.Clear(_required, 0, cells.Length);
        Array.Clear(_room, 0, cells.Length);
        Array.Clear(_reached, 0, cells.Length);
        for (var c = 0; c < demands.Length; c++)
        {
            var above = demands[c].CountAbove(_least[c]);
            var wanted = demands[c].WantedTo[above];
            unchecked
            {
                gain += demands[c].ValueTo[above] - _least[c] * wanted;
            }

            _left[c] = demands[c].WantedTo[demands[c].CountFrom(_least[c])];
            if (_ties[c] == 1)
            {
                _required[_only[c]] += wanted;
                _room[_only[c]] += _left[c];
            }
            else if (_left[c] > 0)
                foreach (var i in demands[c].Markets) _reached[i] |= _price[i] == _least[c];
        }

        var spare = false;
        for (var i = 0; i < cells.Length; i++)
        {
            // A tied market above its floor sells all that is cheaper; one at its floor may not, and others with it.
            if (_reached[i]) spare |= _price[i] == _floor[i] && _price[i] > 0;
            else if (!Profit(cells[i], _price[i], dearest[cells[i]], _required[i], _room[i], ref gain)) return false;
        }

        if (spare) return Share(group, dearest, ref gain);
        for (var i = 0; i < cells.Length; i++)
            if (_reached[i] && !Profit(cells[i], _price[i], dearest[cells[i]], long.MaxValue, long.MaxValue, ref gain)) return false;
        return true;
    }

    /// <summary>What tied markets sell of offers below the price, where some may keep theirs: first what must be sold, then the cheapest.</summary>
    bool Share(SlotGroup group, ReadOnlySpan<long> dearest, ref long gain)
    {
        var cells = group.Cells;
        var tied = 0;
        for (var i = 0; i < cells.Length; i++) if (_reached[i]) _queue[tied++] = i;
        var members = _queue.AsSpan(0, tied).ToArray();
        var isMember = _reached.AsSpan(0, cells.Length).ToArray();
        Array.Clear(_flow, 0, group.Demands.Length * _width);
        foreach (var i in members)
        {
            _sold[i] = 0;
            _must[i] = Must(cells[i], _price[i], dearest[cells[i]]);
            if (Attract(group, i, _must[i], isMember) < _must[i]) return false;
            _sold[i] = _must[i];
        }

        var next = new int[cells.Length];
        var end = new int[cells.Length];
        foreach (var i in members) end[i] = _supply.Count(cells[i], Math.Min(_price[i], _must[i] > 0 ? dearest[cells[i]] : long.MaxValue), orAt: false);
        var open = members.Length;
        while (open > 0)
        {
            // The cheapest GPUs that nobody has tried to sell yet; where one market is left, all of its at once.
            var best = -1;
            open = 0;
            foreach (var i in members)
            {
                if (next[i] >= end[i]) continue;
                open++;
                if (best < 0 || _model.Merit[cells[i]].Reserves[next[i]] < _model.Merit[cells[best]].Reserves[next[best]]) best = i;
            }

            if (best < 0) break;
            var upTo = open == 1 ? end[best] : next[best] + 1;
            var there = _supply.First(cells[best], upTo) - _supply.First(cells[best], next[best]);
            var taken = there == 0 ? 0 : Attract(group, best, there, isMember);
            _sold[best] += taken;
            next[best] = taken < there ? end[best] : upTo;
        }

        foreach (var i in members) if (!Sell(cells[i], _price[i], dearest[cells[i]], _sold[i], ref gain)) return false;
        return true;
    }

    /// <summary>Finds buyers for so many more GPUs of a tied market; returns how many there are.</summary>
    long Attract(SlotGroup group, int market, long gpus, bool[] isMember)
    {
        var demands = group.Demands;
        var found = 0L;
        while (found < gpus)
        {
            Array.Clear(_reached, 0, group.Cells.Length);
            var (head, tail) = (0, 1);
            (_queue[0], _reached[market], _from[market]) = (market, true, -1);
            var (end, by) = (-1, -1);
            while (head < tail && end < 0)
            {
                var i = _queue[head++];
                for (var c = 0; c < demands.Length && end < 0; c++)
                {
                    if (_least[c] != _price[i] || !demands[c].Markets.AsSpan().Contains(i)) continue;
                    if (_left[c] > 0) (end, by) = (i, c);
                    else
                        foreach (var j in demands[c].Markets)
                        {
                            if (!isMember[j] || _reached[j] || _price[j] != _least[c] || _flow[c * _width + j] == 0) continue;
                            (_reached[j], _from[j], _by[j]) = (true, i, c);
                            _queue[tail++] = j;
                        }
                }
            }

            if (end < 0) break;
            var amount = Math.Min(gpus - found, _left[by]);
            for (var at = end; _from[at] >= 0; at = _from[at]) amount = Math.Min(amount, _flow[_by[at] * _width + at]);
            _left[by] -= amount;
            _flow[by * _width + end] += amount;
            for (var at = end; _from[at] >= 0; at = _from[at])
            {
                _flow[_by[at] * _width + at] -= amount;
                _flow[_by[at] * _width + _from[at]] += amount;
            }

            found += amount;
        }

        return found;
    }
}
