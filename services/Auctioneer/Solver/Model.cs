using ComputeExchange.Values.Auctions;

namespace ComputeExchange.Solver;

/// <summary>Offers of one market that only their ids tell apart, as one supply of so many GPUs over a range of cells.</summary>
/// <remarks>
/// Merging them is exact while blocks may be split at will: runs on the GPUs of one window are an interval graph, so whatever
/// fits by number fits by GPU, each block keeping its own (see <see cref="PoolMembers"/>). With node groups each offer is a pool.
/// </remarks>
internal sealed class Pool
{
    /// <summary>Positions of the offers in the problem, earliest first.</summary>
    public required int[] Offers { get; init; }

    /// <summary>The first cell, and the cell after the last.</summary>
    public required int From { get; init; }

    public required int To { get; init; }

    public required int Size { get; init; }

    public required int MinRun { get; init; }

    /// <summary>The reserve in each cell, from <see cref="From"/>.</summary>
    public required long[] Reserves { get; init; }

    /// <summary>Weighted sums of the reserves of the cells before each.</summary>
    public required long[] CostTo { get; init; }

    /// <summary>Where each cell keeps this pool's free GPUs.</summary>
    public required int[] Places { get; init; }

    public bool IsOpen => MinRun == 1;

    public long ReserveIn(int cell) => Reserves[cell - From];

    public int PlaceIn(int cell) => Places[cell - From];

    /// <summary>What one GPU's reserve comes to over a run, weighted.</summary>
    public long CostOf(int start, int run) => CostTo[start + run - From] - CostTo[start - From];
}

/// <summary>One way to fill a block: from this cell on, out of one or more of these pools.</summary>
internal sealed class BlockOption
{
    public required int Start { get; init; }

    /// <summary>The weights of the cells of the run, summed.</summary>
    public required long Weight { get; init; }

    /// <summary>The pools that cover the run and serve it, the ones to take first first.</summary>
    public required int[] Pools { get; init; }

    /// <summary>Whether none of the pools has a minimum run: then no GPU costs less than the cells' prices.</summary>
    public required bool IsOpen { get; init; }

    /// <summary>The same with fewer pools.</summary>
    public BlockOption With(int[] pools) => new() { Start = Start, Weight = Weight, Pools = pools, IsOpen = IsOpen };
}

/// <summary>A block bid: GPUs for a run of cells, whole, at one of its options.</summary>
internal sealed class Block
{
    /// <summary>Position in the problem.</summary>
    public required int Bid { get; init; }

    public required int Gpus { get; init; }

    /// <summary>The GPUs taken of one pool are a multiple of this: 1 or the node size.</summary>
    public required int Step { get; init; }

    public required int Run { get; init; }

    public required long Limit { get; init; }

    public required BlockOption[] Options { get; init; }

    /// <summary>The block that must be filled for this one to be; -1 for none.</summary>
    public int Parent { get; set; } = -1;

    /// <summary>At most one block of an equal number is filled; -1 for none.</summary>
    public required int Group { get; init; }

    /// <summary>All of its GPUs at the limit over an option's run, weighted.</summary>
    public long ValueOf(BlockOption option) => Gpus * Limit * option.Weight;
}

/// <summary>A component, indexed for the search: its markets' slots in one row of cells, curves, pools and blocks.</summary>
/// <remarks>
/// Cell <c>k × slots + t</c> is slot t of the component's k-th market. An offer's window and a block's run are ranges of cells, and
/// a block that accepts several markets just has starts in each, so the searches need not know about markets at all.
/// Weights are minutes; sums of price × GPUs × weight are divided by 60 only in the answer.
/// </remarks>
internal sealed class Model
{
    public Model(AuctionProblem problem, Component component)
    {
        (Problem, Markets) = (problem, component.Markets);
        CellCount = Markets.Length * problem.Slots;
        Weights = new int[CellCount];
        for (var cell = 0; cell < CellCount; cell++) Weights[cell] = problem.MinutesOf(cell % problem.Slots);
        Pools = PoolOffers(component);
        Curves = DrawCurves(component);
        FreeLength = Curves.Sum(curve => curve.Pools.Length);
        Blocks = ReadBlocks(component);
    }

    public AuctionProblem Problem { get; }

    /// <summary>Positions of the markets in the problem.</summary>
    public int[] Markets { get; }

    public int CellCount { get; }

    /// <summary>Minutes that count in each cell.</summary>
    public int[] Weights { get; }

    public Pool[] Pools { get; }

    public CellCurve[] Curves { get; }

    public Block[] Blocks { get; }

    /// <summary>The length of an array with the free GPUs of every pool in every cell.</summary>
    public int FreeLength { get; }

    public int SlotOf(int cell) => cell % Problem.Slots;

    public int MarketOf(int cell) => Markets[cell / Problem.Slots];

    /// <summary>The cells' free GPUs when no block is filled.</summary>
    public int[] AllFree() => [.. Curves.SelectMany(curve => curve.Sizes)];

    int FirstCellOf(int market) => Array.IndexOf(Markets, market) * Problem.Slots;

    Pool[] PoolOffers(Component component)
    {
        var apart = component.Bids.Any(b => Problem.Bids[b].Node > 1);
        return [.. component.Offers
            .Where(o => Problem.Offers[o] is { Gpus: > 0 } offer && offer.From < offer.To)
            .GroupBy(o => apart ? $"{o}" : Likeness(Problem.Offers[o]), StringComparer.Ordinal)
            .Select(alike => PoolOf([.. alike]))];
    }

    static string Likeness(AuctionOffer offer)
    {
        var reserves = Enumerable.Range(offer.From, offer.To - offer.From).Select(offer.ReserveAt).ToList();
        var all = reserves.TrueForAll(reserve => reserve == reserves[0]) ? $"{reserves[0]}" : string.Join(',', reserves);
        return $"{offer.Market} {offer.From} {offer.To} {Math.Max(1, offer.MinRun)} {all}";
    }

    Pool PoolOf(int[] offers)
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

        return new Pool
        {
            Offers = offers, From = first + like.From, To = first + like.To, Size = offers.Sum(o => Problem.Offers[o].Gpus),
            MinRun = Math.Max(1, like.MinRun), Reserves = reserves, CostTo = costTo, Places = new int[reserves.Length],
        };
    }

    CellCurve[] DrawCurves(Component component)
    {
        var bids = new List<int>[CellCount];
        var open = new List<(int, long, int)>[CellCount];
        var minRun = new List<(int, long, int)>[CellCount];
        for (var cell = 0; cell < CellCount; cell++) (bids[cell], open[cell], minRun[cell]) = ([], [], []);
        foreach (var b in component.Bids)
        {
            var bid = Problem.Bids[b];
            if (bid.Kind != BidKind.Divisible || bid.Gpus <= 0) continue;
            var first = FirstCellOf(bid.Markets[0]);
            for (var slot = bid.From; slot < bid.To; slot++) bids[first + slot].Add(b);
        }

        for (var p = 0; p < Pools.Length; p++)
            for (var cell = Pools[p].From; cell < Pools[p].To; cell++)
                (Pools[p].IsOpen ? open : minRun)[cell].Add((p, Pools[p].ReserveIn(cell), Pools[p].Size));

        var curves = new CellCurve[CellCount];
        var place = 0;
        for (var cell = 0; cell < CellCount; cell++)
        {
            curves[cell] = new CellCurve(Problem, place, bids[cell], open[cell], minRun[cell]);
            foreach (var p in curves[cell].Pools) Pools[p].Places[cell - Pools[p].From] = place++;
        }

        return curves;
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
            byId[bid.Id] = blocks.Count;
            blocks.Add(new Block
            {
                Bid = b, Gpus = bid.Gpus, Step = step, Run = bid.Run, Limit = bid.Limit, Group = group,
                Options = [.. bid.Markets.SelectMany(market => OptionsOf(bid, step, FirstCellOf(market)))],
            });
        }

        // A block whose parent is not there at all can never be filled: it is its own parent, which no search ever fills first.
        for (var k = 0; k < blocks.Count; k++)
            if (Problem.Bids[blocks[k].Bid].Parent is { } parent) blocks[k].Parent = byId.GetValueOrDefault(parent, k);
        return [.. blocks];
    }

    /// <summary>The starts at which enough GPUs cover the run.</summary>
    IEnumerable<BlockOption> OptionsOf(AuctionBid bid, int step, int first)
    {
        foreach (var slot in bid.AllowedStarts().Distinct())
        {
            if (bid.Run < 1 || bid.Gpus < 1 || slot < bid.From || slot + bid.Run > Math.Min(bid.To, Problem.Slots)) continue;
            var start = first + slot;
            var pools = Enumerable.Range(0, Pools.Length)
                .Where(p => Pools[p] is var pool && pool.From <= start && start + bid.Run <= pool.To
                    && pool.MinRun <= bid.Run && pool.Size >= step)
                .OrderBy(p => Pools[p].CostOf(start, bid.Run)).ThenBy(p => Pools[p].To - Pools[p].From).ThenBy(p => p)
                .ToArray();
            if (pools.Sum(p => (long)Pools[p].Size / step * step) < bid.Gpus) continue;
            long weight = 0;
            for (var cell = start; cell < start + bid.Run; cell++) weight += Weights[cell];
            yield return new BlockOption { Start = start, Weight = weight, Pools = pools, IsOpen = pools.All(p => Pools[p].IsOpen) };
        }
    }
}
