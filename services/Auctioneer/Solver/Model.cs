using ComputeExchange.Values.Auctions;

namespace ComputeExchange.Solver;

/// <summary>Offers of one market that only their ids tell apart, as one supply of so many GPUs over a range of cells.</summary>
/// <remarks>
/// Merging them is exact while blocks may be split at will: runs on the GPUs of one window are an interval graph, so whatever
/// fits by number fits by GPU, each block keeping its own (see <see cref="PoolMembers"/>). With node groups each offer is a pool. What one
/// block's list of offers names and another's does not is told apart too, so that a block may use all of a pool or nothing of it.
/// </remarks>
internal sealed class Pool
{
    /// <summary>Positions of the offers in the problem, earliest first.</summary>
    public required int[] Offers { get; init; }

    /// <summary>The first cell, and the cell after the last.</summary>
    public required int From { get; init; }

    public required int To { get; init; }

    /// <summary>GPUs; no more than matters beside what all bids together could take.</summary>
    public required int Size { get; init; }

    public required int MinRun { get; init; }

    /// <summary>The reserve in each cell, from <see cref="From"/>.</summary>
    public required long[] Reserves { get; init; }

    /// <summary>The highest of <see cref="Reserves"/>.</summary>
    public required long Highest { get; init; }

    /// <summary>Weighted sums of the reserves of the cells before each.</summary>
    public required long[] CostTo { get; init; }

    /// <summary>Where the free GPUs of the first cell stand among those of all pools.</summary>
    public required int Base { get; init; }

    /// <summary>Its place in the merit order of each cell; pools with a minimum run have none.</summary>
    public required int[] Ranks { get; init; }

    /// <summary>Whether divisible bids can have its GPUs.</summary>
    public bool IsOpen => MinRun == 1;

    public long ReserveIn(int cell) => Reserves[cell - From];

    /// <summary>What one GPU's reserve comes to over a run, weighted.</summary>
    public long CostOf(int start, int run) => CostTo[start + run - From] - CostTo[start - From];
}

/// <summary>A block bid: GPUs for a run of cells, at one of its starts.</summary>
internal sealed class Block
{
    /// <summary>Position in the problem.</summary>
    public required int Bid { get; init; }

    public required int Gpus { get; init; }

    /// <summary>The fewest GPUs it takes; a multiple of <see cref="Step"/>.</summary>
    public required int Least { get; init; }

    /// <summary>The GPUs taken of one pool are a multiple of this: 1 or the node size.</summary>
    public required int Step { get; init; }

    public required int Run { get; init; }

    public required long Limit { get; init; }

    /// <summary>The first cells at which it may start, in any of its markets, where enough GPUs cover the run.</summary>
    public required int[] Starts { get; init; }

    /// <summary>For each start, the weights of the run's cells summed.</summary>
    public required long[] Weights { get; init; }

    /// <summary>By pool: whether it may serve the block; null where every one may.</summary>
    public required bool[]? Pools { get; init; }

    /// <summary>At most one block of an equal number is filled; -1 for none.</summary>
    public required int Group { get; init; }

    /// <summary>The block that must be filled for this one to be; -1 for none.</summary>
    public int Parent { get; set; } = -1;

    public List<int> Children { get; } = [];

    /// <summary>Whether a pool is one of those that alone may serve it, if there are such.</summary>
    public bool MayUse(int pool) => Pools is null || Pools[pool];

    /// <summary>So many GPUs at the limit from a start on, weighted.</summary>
    public long ValueOf(int gpus, int start) => gpus * Limit * Weights[start];
}

/// <summary>Divisible bids of one slot that name the same markets, the highest limit first and of equal ones the earliest.</summary>
internal sealed class Demand
{
    /// <summary>Places of the markets in the group.</summary>
    public required int[] Markets { get; init; }

    /// <summary>Positions in the problem.</summary>
    public required int[] Bids { get; init; }

    public required long[] Limits { get; init; }

    /// <summary>GPUs wanted by the bids up to each, and what they are worth: element k is the sum over the first k.</summary>
    public required long[] WantedTo { get; init; }

    public required long[] ValueTo { get; init; }

    /// <summary>How many bids have a limit above a price.</summary>
    public int CountAbove(long price)
    {
        var (low, high) = (0, Limits.Length);
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (Limits[middle] > price) low = middle + 1; else high = middle;
        }

        return low;
    }

    /// <summary>How many bids have a limit not below a price.</summary>
    public int CountFrom(long price)
    {
        var (low, high) = (0, Limits.Length);
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (Limits[middle] >= price) low = middle + 1; else high = middle;
        }

        return low;
    }
}

/// <summary>Cells of one slot that divisible bids couple by naming several of the markets; mostly a single cell.</summary>
internal sealed class SlotGroup
{
    public required int[] Cells { get; init; }

    public required Demand[] Demands { get; init; }

    /// <summary>The prices that clear the group without any block: none is ever lower. By place in <see cref="Cells"/>.</summary>
    public required long[] Lowest { get; init; }

    public required int Weight { get; init; }
}

/// <summary>A component, indexed for the search: its markets' slots in one row of cells, merit orders, pools, demand and blocks.</summary>
/// <remarks>
/// Cell <c>k × slots + t</c> is slot t of the component's k-th market. An offer's window and a block's run are ranges of cells, and
/// a block that accepts several markets just has starts in each, so the searches need not know about markets at all.
/// Weights are minutes; sums of price × GPUs × weight are divided by 60 only in the answer.
/// </remarks>
internal sealed class Model
{
    /// <summary>By bid: the positions of the offers that alone may serve it; blocks of equal lists share one.</summary>
    readonly Dictionary<int, HashSet<int>> _lists;

    public Model(AuctionProblem problem, Component component)
    {
        (Problem, Markets) = (problem, component.Markets);
        CellCount = Markets.Length * problem.Slots;
        Weights = new int[CellCount];
        for (var cell = 0; cell < CellCount; cell++) Weights[cell] = problem.MinutesOf(cell % problem.Slots);
        _lists = ListsOf(component);
        (Pools, FreeLength) = PoolOffers(component);
        Merit = RankPools();
        PoolsOf = [.. Enumerable.Range(0, Markets.Length).Select(market => Enumerable.Range(0, Pools.Length)
            .Where(p => Pools[p].From / Problem.Slots == market)
            .OrderBy(p => Pools[p].IsOpen).ThenBy(p => Pools[p].Highest).ThenBy(p => Pools[p].To - Pools[p].From).ThenBy(p => p).ToArray())];
        (GroupOf, PlaceOf) = (new int[CellCount], new int[CellCount]);
        Groups = GroupCells(component);
        Blocks = ReadBlocks(component);
    }

    public AuctionProblem Problem { get; }

    /// <summary>Positions of the markets in the problem.</summary>
    public int[] Markets { get; }

    public int CellCount { get; }

    /// <summary>Minutes that count in each cell.</summary>
    public int[] Weights { get; }

    public Pool[] Pools { get; }

    /// <summary>The pools of each market: those with a minimum run, then the open ones, the lowest highest reserve first.</summary>
    public int[][] PoolsOf { get; }

    /// <summary>Each cell's open pools and their reserves, cheapest first.</summary>
    public (int[] Pools, long[] Reserves)[] Merit { get; }

    public SlotGroup[] Groups { get; }

    /// <summary>The group of each cell, and its place there.</summary>
    public int[] GroupOf { get; }

    public int[] PlaceOf { get; }

    /// <summary>The most classes of divisible bids in a group.</summary>
    public int MostDemands { get; private set; }

    public Block[] Blocks { get; }

    /// <summary>The length of an array with the free GPUs of every pool in every cell.</summary>
    public int FreeLength { get; }

    public int SlotOf(int cell) => cell % Problem.Slots;

    int FirstCellOf(int market) => Array.IndexOf(Markets, market) * Problem.Slots;

    Dictionary<int, HashSet<int>> ListsOf(Component component)
    {
        var lists = new Dictionary<int, HashSet<int>>();
        var listed = component.Bids.Where(b => Problem.Bids[b].Offers is not null).ToList();
        if (listed.Count == 0) return lists;
        var positions = component.Offers.ToDictionary(o => Problem.Offers[o].Id, StringComparer.Ordinal);
        var known = new Dictionary<string, HashSet<int>>(StringComparer.Ordinal);
        foreach (var b in listed)
        {
            var named = Problem.Bids[b].Offers!.Where(positions.ContainsKey).Select(id => positions[id]).Order().ToList();
            var key = string.Join(' ', named);
            if (!known.TryGetValue(key, out var list)) known.Add(key, list = [.. named]);
            lists.Add(b, list);
        }

        return lists;
    }

    (Pool[] Pools, int Length) PoolOffers(Component component)
    {
        var lists = _lists.Values.Distinct().ToArray();
        var apart = component.Bids.Any(b => Problem.Bids[b].Node > 1);
        // One more than all bids could take: enough to know that something stays unsold.
        var most = (int)Math.Min(int.MaxValue / 2, 1 + component.Bids.Sum(b => (long)Problem.Bids[b].Gpus));
        var length = 0;
        var pools = component.Offers
            .Where(o => Problem.Offers[o] is { Gpus: > 0 } offer && offer.From < offer.To)
            .GroupBy(o => apart ? $"{o}" : Likeness(Problem.Offers[o]) + NamesOf(o), StringComparer.Ordinal)
            .Select(alike => PoolOf([.. alike], most, ref length)).ToArray();
        return (pools, length);

        string NamesOf(int offer) => lists.Length == 0 ? "" : $" {string.Join(',', Enumerable.Range(0, lists.Length).Where(k => lists[k].Contains(offer)))}";
    }

    static string Likeness(AuctionOffer offer)
    {
        var reserves = Enumerable.Range(offer.From, offer.To - offer.From).Select(offer.ReserveAt).ToList();
        var all = reserves.TrueForAll(reserve => reserve == reserves[0]) ? $"{reserves[0]}" : string.Join(',', reserves);
        return $"{offer.Market} {offer.From} {offer.To} {Math.Max(1, offer.MinRun)} {all}";
    }

    Pool PoolOf(int[] offers, int most, ref int length)
    {
        var like = Problem.Offers[offers[0]];
        var first = FirstCellOf(like.Market);
        var reserves = new long[like.To - like.From];
        var costTo = new long[reserves.Length + 1];
        for (var k = 0; k < reserves.Length; k++)
        {
            reserves[k] = like.ReserveAt(like.From + k);
            costTo[k + 1] = costTo[k] + reserves[k] * Weights[first + like.From + k];
        }

        var start = length;
        length += reserves.Length;
        return new Pool
        {
            Offers = offers, From = first + like.From, To = first + like.To,
            Size = (int)Math.Min(most, offers.Sum(o => (long)Problem.Offers[o].Gpus)),
            MinRun = Math.Max(1, like.MinRun), Reserves = reserves, Highest = reserves.Max(), CostTo = costTo, Base = start, Ranks = new int[reserves.Length],
        };
    }

    (int[] Pools, long[] Reserves)[] RankPools()
    {
        var open = new List<(long Reserve, int Pool)>[CellCount];
        for (var cell = 0; cell < CellCount; cell++) open[cell] = [];
        for (var p = 0; p < Pools.Length; p++)
            if (Pools[p].IsOpen)
                for (var cell = Pools[p].From; cell < Pools[p].To; cell++) open[cell].Add((Pools[p].ReserveIn(cell), p));

        var merit = new (int[], long[])[CellCount];
        for (var cell = 0; cell < CellCount; cell++)
        {
            open[cell].Sort();
            for (var rank = 0; rank < open[cell].Count; rank++)
            {
                var pool = Pools[open[cell][rank].Pool];
                pool.Ranks[cell - pool.From] = rank;
            }

            merit[cell] = ([.. open[cell].Select(o => o.Pool)], [.. open[cell].Select(o => o.Reserve)]);
        }

        return merit;
    }

    SlotGroup[] GroupCells(Component component)
    {
        var groups = new List<SlotGroup>();
        var bidsOf = new List<int>[Problem.Slots];
        for (var slot = 0; slot < bidsOf.Length; slot++) bidsOf[slot] = [];
        foreach (var b in component.Bids)
            if (Problem.Bids[b] is { Kind: BidKind.Divisible, Gpus: > 0 } bid)
                for (var slot = bid.From; slot < bid.To; slot++) bidsOf[slot].Add(b);

        var place = new int[Problem.Markets.Count];
        for (var k = 0; k < Markets.Length; k++) place[Markets[k]] = k;
        var root = new int[Markets.Length];
        int Root(int k)
        {
            while (root[k] != k) k = root[k] = root[root[k]];
            return k;
        }

        for (var slot = 0; slot < Problem.Slots; slot++)
        {
            for (var k = 0; k < root.Length; k++) root[k] = k;
            var classes = bidsOf[slot]
                .Select(b => (Bid: b, Markets: Problem.Bids[b].Markets.Select(m => place[m]).Distinct().Order().ToArray()))
                .GroupBy(b => string.Join(' ', b.Markets), StringComparer.Ordinal).Select(c => (c.First().Markets, Bids: c.Select(b => b.Bid).ToArray())).ToList();
            foreach (var (markets, _) in classes)
                foreach (var k in markets) root[Math.Max(Root(markets[0]), Root(k))] = Math.Min(Root(markets[0]), Root(k));
            foreach (var together in Enumerable.Range(0, root.Length).GroupBy(Root))
            {
                var cells = together.Select(k => k * Problem.Slots + slot).ToArray();
                for (var k = 0; k < cells.Length; k++) (GroupOf[cells[k]], PlaceOf[cells[k]]) = (groups.Count, k);
                groups.Add(new SlotGroup
                {
                    Cells = cells, Weight = Weights[cells[0]], Lowest = new long[cells.Length],
                    Demands = [.. classes.Where(c => Root(c.Markets[0]) == together.Key)
                        .Select(c => DemandOf([.. c.Markets.Select(k => PlaceOf[k * Problem.Slots + slot])], c.Bids))],
                });
            }
        }

        MostDemands = groups.Max(group => group.Demands.Length);
        var clearing = new SlotClearing(this, new Supply(this), MostDemands);
        var (none, prices) = (new long[CellCount], new long[CellCount]);
        foreach (var group in groups)
        {
            if (!clearing.Clear(group, none, none, none, falls: false, prices, out _)) throw new System.Diagnostics.UnreachableException("A slot without blocks always clears.");
            for (var k = 0; k < group.Cells.Length; k++) group.Lowest[k] = prices[group.Cells[k]];
        }

        return [.. groups];
    }

    Demand DemandOf(int[] markets, int[] bids)
    {
        bids = [.. bids.OrderByDescending(b => Problem.Bids[b].Limit).ThenBy(b => b)];
        var (wantedTo, valueTo) = (new long[bids.Length + 1], new long[bids.Length + 1]);
        for (var k = 0; k < bids.Length; k++)
        {
            wantedTo[k + 1] = wantedTo[k] + Problem.Bids[bids[k]].Gpus;
            valueTo[k + 1] = valueTo[k] + Problem.Bids[bids[k]].Gpus * Problem.Bids[bids[k]].Limit;
        }

        return new Demand { Markets = markets, Bids = bids, Limits = [.. bids.Select(b => Problem.Bids[b].Limit)], WantedTo = wantedTo, ValueTo = valueTo };
    }

    Block[] ReadBlocks(Component component)
    {
        var groups = new Dictionary<string, int>(StringComparer.Ordinal);
        var blocks = new List<Block>();
        var byId = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var b in component.Bids)
        {
            var bid = Problem.Bids[b];
            if (bid.Kind != BidKind.Block) continue;
            var group = bid.Group is null ? -1 : groups.TryAdd(bid.Group, groups.Count) ? groups.Count - 1 : groups[bid.Group];
            var step = Math.Max(1, bid.Node);
            var least = (int)Math.Min(int.MaxValue, ((long)bid.MinFill * bid.Gpus + 999) / 1000);
            least = Math.Max(step, (least + step - 1) / step * step);
            var pools = _lists.TryGetValue(b, out var list) ? Pools.Select(pool => list.Contains(pool.Offers[0])).ToArray() : null;
            var starts = bid.Markets.Distinct().SelectMany(market => StartsOf(bid, step, least, FirstCellOf(market), pools)).ToArray();
            byId[bid.Id] = blocks.Count;
            blocks.Add(new Block
            {
                Bid = b, Gpus = bid.Gpus / step * step, Least = least, Step = step, Run = bid.Run, Limit = bid.Limit, Group = group, Pools = pools,
                Starts = starts, Weights = [.. starts.Select(start => Enumerable.Range(start, bid.Run).Sum(cell => (long)Weights[cell]))],
            });
        }

        // A block whose parent is not there at all can never be filled: it is its own parent, which no search ever fills first.
        for (var k = 0; k < blocks.Count; k++)
        {
            if (Problem.Bids[blocks[k].Bid].Parent is not { } parent) continue;
            blocks[k].Parent = byId.GetValueOrDefault(parent, k);
            if (blocks[k].Parent != k) blocks[blocks[k].Parent].Children.Add(k);
        }

        return [.. blocks];
    }

    /// <summary>The starts at which enough GPUs cover the run.</summary>
    IEnumerable<int> StartsOf(AuctionBid bid, int step, int least, int first, bool[]? pools)
    {
        foreach (var slot in bid.AllowedStarts().Distinct())
        {
            if (bid.Run < 1 || bid.Gpus < 1 || slot < bid.From || slot + bid.Run > Math.Min(bid.To, Problem.Slots)) continue;
            var start = first + slot;
            long room = 0;
            foreach (var p in PoolsOf[first / Problem.Slots])
            {
                var pool = Pools[p];
                if (pool.From > start || start + bid.Run > pool.To || pool.MinRun > bid.Run || pools is not null && !pools[p]) continue;
                if ((room += pool.Size / step * step) >= least) break;
            }

            if (room >= least) yield return start;
        }
    }
}
