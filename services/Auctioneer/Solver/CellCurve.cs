using ComputeExchange.Values.Auctions;

namespace ComputeExchange.Solver;

/// <summary>What a price does in a cell: the lowest that the rules allow, and the welfare of the divisible bids at it.</summary>
/// <param name="Low">Micro-dollars per GPU-hour.</param>
/// <param name="Gain">GPUs × (limit − reserve) over the divisible fills, for one unit of the cell's weight.</param>
internal readonly record struct CellState(long Low, long Gain);

/// <summary>The merit order of one cell (a market in a slot): divisible demand, dearest first, and pools, cheapest first.</summary>
/// <remarks>
/// With the blocks fixed, a cell is a one-dimensional crossing, concave in what the blocks take (rulebook section 1.3). What blocks
/// take here only lowers <c>free</c> and raises <c>floor</c>, so the lowest price only rises as blocks are added: that is what the
/// searches prune with. Divisible bids buy from open pools only (<c>min_run</c> 1); the others follow the open ones in the arrays.
/// </remarks>
internal sealed class CellCurve
{
    /// <summary>Stands for "no price": blocks want more than there is.</summary>
    public const long NoPrice = long.MaxValue;

    readonly long[] _wantedTo;
    readonly long[] _valueTo;
    readonly long[] _wantedAbove;
    readonly long[] _sizeTo;
    readonly long[] _costTo;

    public CellCurve(AuctionProblem problem, int first, List<int> bids, List<(int Pool, long Reserve, int Size)> open,
        List<(int Pool, long Reserve, int Size)> minRun)
    {
        First = first;
        Bids = [.. bids.OrderByDescending(b => problem.Bids[b].Limit).ThenBy(b => b)];
        Limits = [.. Bids.Select(b => problem.Bids[b].Limit)];
        _wantedTo = new long[Bids.Length];
        _valueTo = new long[Bids.Length];
        long wanted = 0, value = 0;
        for (var k = 0; k < Bids.Length; k++)
        {
            var gpus = problem.Bids[Bids[k]].Gpus;
            _wantedTo[k] = wanted += gpus;
            _valueTo[k] = value += gpus * Limits[k];
        }

        var supply = open.OrderBy(s => s.Reserve).ThenBy(s => s.Pool).Concat(minRun.OrderBy(s => s.Reserve).ThenBy(s => s.Pool)).ToList();
        OpenCount = open.Count;
        Pools = [.. supply.Select(s => s.Pool)];
        Reserves = [.. supply.Select(s => s.Reserve)];
        Sizes = [.. supply.Select(s => s.Size)];
        _wantedAbove = [.. Reserves.Take(OpenCount).Select(WantedAbove)];
        _sizeTo = new long[OpenCount];
        _costTo = new long[OpenCount];
        long size = 0, cost = 0;
        for (var k = 0; k < OpenCount; k++)
        {
            _sizeTo[k] = size += Sizes[k];
            _costTo[k] = cost += Sizes[k] * Reserves[k];
        }
    }

    /// <summary>Where this cell's pools begin in the array of free GPUs.</summary>
    public int First { get; }

    /// <summary>Divisible bids by position in the problem: highest limit first, then earliest.</summary>
    public int[] Bids { get; }

    public long[] Limits { get; }

    /// <summary>Open pools, cheapest first, then pools with a minimum run, cheapest first.</summary>
    public int[] Pools { get; }

    public int OpenCount { get; }

    public long[] Reserves { get; }

    public int[] Sizes { get; }

    /// <summary>The lowest valid price and the divisible welfare at it, when blocks leave <paramref name="free"/> and have bought up to <paramref name="floor"/>.</summary>
    public CellState At(ReadOnlySpan<int> free, long floor)
    {
        var low = Math.Max(Crossing(free, 0), floor);
        return new CellState(low, GainAt(free, low));
    }

    /// <summary>
    /// The lowest price at which the bids above it and <paramref name="extra"/> more GPUs fit in the open pools not above it;
    /// <see cref="NoPrice"/> if they never do.
    /// </summary>
    public long Crossing(ReadOnlySpan<int> free, long extra)
    {
        long supply = 0;
        for (var k = 0; k < OpenCount; k++)
        {
            var with = supply + free[First + k];
            if (with >= _wantedAbove[k] + extra) return Math.Min(Reserves[k], LimitBeyond(supply - extra));
            supply = with;
        }

        return LimitBeyond(supply - extra);
    }

    /// <summary>
    /// A price that no valid answer is below once blocks take <paramref name="extra"/> more GPUs from wherever they are free;
    /// <see cref="NoPrice"/> if there are not that many.
    /// </summary>
    public long LeastPrice(ReadOnlySpan<int> free, long extra)
    {
        for (var k = OpenCount; k < Pools.Length; k++) extra -= free[First + k];
        return Crossing(free, Math.Max(0, extra));
    }

    /// <summary>
    /// More divisible welfare, less the reserves of <paramref name="extra"/> GPUs for blocks, than is left in the cell (weak duality
    /// at <paramref name="price"/>, any), when only bids not below <paramref name="floor"/> can be filled.
    /// </summary>
    public long AtMost(ReadOnlySpan<int> free, long extra, long price, long floor)
    {
        long total = -extra * price;
        for (var k = 0; k < Pools.Length; k++)
            if ((k < OpenCount || extra > 0) && Reserves[k] < price) total += free[First + k] * (price - Reserves[k]);
        var bids = Math.Min(CountAbove(price), floor == 0 ? Limits.Length : CountAbove(floor - 1));
        return total + Upto(_valueTo, bids) - price * Upto(_wantedTo, bids);
    }

    /// <summary>The best welfare of the divisible bids at a price that is not below the crossing, bids at the price included.</summary>
    public long GainAt(ReadOnlySpan<int> free, long price)
    {
        var wanted = WantedFrom(price);
        var left = wanted;
        long cost = 0;
        for (var k = 0; k < OpenCount && left > 0 && Reserves[k] <= price; k++)
        {
            var take = Math.Min(free[First + k], left);
            cost += take * Reserves[k];
            left -= take;
        }

        return ValueOf(wanted - left) - cost;
    }

    /// <summary>
    /// What the open pools sell to divisible bids at a price not below the lowest: all that they must, then the cheapest, as much
    /// as is wanted. False when they would have to sell more than is wanted.
    /// </summary>
    /// <param name="dearest">The highest reserve that a block pays here: cheaper pools may stay unsold (rule 4). 0 without a block.</param>
    /// <param name="take">GPUs sold by each open pool.</param>
    public bool Dispatch(ReadOnlySpan<int> free, long dearest, long price, Span<int> take, out long gain)
    {
        take.Clear();
        var left = WantedFrom(price);
        var wanted = left;
        gain = 0;
        for (var must = 1; must >= 0; must--)
            for (var k = 0; k < OpenCount && Reserves[k] <= price; k++)
            {
                var isMust = Reserves[k] >= dearest && Reserves[k] < price;
                if (isMust != (must == 1)) continue;
                take[k] = (int)Math.Min(free[First + k], left);
                if (isMust && take[k] < free[First + k]) return false;
                left -= take[k];
                gain -= take[k] * Reserves[k];
            }

        gain += ValueOf(wanted - left);
        return true;
    }

    /// <summary>The next price above one at which something changes beyond it: bids leave, or pools that must sell come in.</summary>
    public long NextStep(ReadOnlySpan<int> free, long dearest, long price)
    {
        var bids = CountAbove(price);
        var next = bids == 0 ? NoPrice : Limits[bids - 1];
        for (var k = OpenBelow(dearest); k < OpenCount && Reserves[k] < next; k++)
            if (Reserves[k] > price && free[First + k] > 0) next = Reserves[k];
        return next;
    }

    /// <summary>GPUs wanted at limits above a price.</summary>
    public long WantedAbove(long price) => Upto(_wantedTo, CountAbove(price));

    /// <summary>GPUs wanted at limits not below a price.</summary>
    public long WantedFrom(long price) => price == 0 ? Upto(_wantedTo, Limits.Length) : WantedAbove(price - 1);

    /// <summary>
    /// What the bids gain over a dual price, and the open pools under it, if all of both trade: the cell's term of the Lagrangian.
    /// No bid below the range of the true price is filled, and every one above it is, gain or loss.
    /// </summary>
    public long RentsAt(long price, long least, long most)
    {
        var bids = FilledAt(price, least, most);
        var pools = OpenBelow(price);
        return Upto(_valueTo, bids) - price * Upto(_wantedTo, bids) + price * Upto(_sizeTo, pools) - Upto(_costTo, pools);
    }

    /// <summary>The open pools' GPUs with reserves below a price, less those filled at it: the slope of <see cref="RentsAt"/>.</summary>
    public long ExcessAt(long price, long least, long most) =>
        Upto(_sizeTo, OpenBelow(price)) - Upto(_wantedTo, FilledAt(price, least, most));

    /// <summary>The welfare at limits of the dearest <paramref name="gpus"/> wanted.</summary>
    public long ValueOf(long gpus)
    {
        if (gpus == 0) return 0;
        var k = FirstWith(_wantedTo, gpus);
        return _valueTo[k] - (_wantedTo[k] - gpus) * Limits[k];
    }

    /// <summary>The highest limit that is not whole when <paramref name="gpus"/> are filled; 0 when all are.</summary>
    long LimitBeyond(long gpus)
    {
        if (gpus < 0) return NoPrice;
        var k = FirstWith(_wantedTo, gpus + 1);
        return k == Limits.Length ? 0 : Limits[k];
    }

    int FilledAt(long price, long least, long most)
    {
        if (price < most) return CountAbove(price >= least ? price : least - 1);
        return CountAbove(most);
    }

    int CountAbove(long price)
    {
        int low = 0, high = Limits.Length;
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (Limits[middle] > price) low = middle + 1; else high = middle;
        }

        return low;
    }

    int OpenBelow(long price)
    {
        int low = 0, high = OpenCount;
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (Reserves[middle] < price) low = middle + 1; else high = middle;
        }

        return low;
    }

    static long Upto(long[] totals, int count) => count == 0 ? 0 : totals[count - 1];

    static int FirstWith(long[] totals, long atLeast)
    {
        int low = 0, high = totals.Length;
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (totals[middle] < atLeast) low = middle + 1; else high = middle;
        }

        return low;
    }
}
