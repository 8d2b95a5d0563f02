namespace ComputeExchange.Values.Auctions;

/// <summary>How far a solution is proven.</summary>
public enum AuctionStatus
{
    /// <summary>Nothing is filled.</summary>
    Empty,

    /// <summary>Valid, but the budget ran out before the gap was closed.</summary>
    Feasible,

    /// <summary>No valid solution is better by more than 0.01%.</summary>
    Optimal,
}

/// <summary>One answer to an <see cref="AuctionProblem"/>: prices, fills, and what was left out for indivisibility.</summary>
/// <remarks>The file format "auction solution", version 1.</remarks>
public sealed record AuctionSolution
{
    /// <summary>How far it is proven.</summary>
    public required AuctionStatus Status { get; init; }

    /// <summary>The sum over fills and slots of GPUs × (limit − reserve) × minutes, divided by 60 once, rounded down; micro-dollars.</summary>
    public required long Welfare { get; init; }

    /// <summary>No valid solution has a higher welfare than this; micro-dollars.</summary>
    public required long Bound { get; init; }

    /// <summary>How long the solver took. For people: nothing depends on it.</summary>
    public decimal Seconds { get; init; }

    /// <summary>Which solver made it, by name and version; empty where it does not say. For people: nothing depends on it.</summary>
    public string Solver { get; init; } = "";

    /// <summary>What ended the search: "done" when nothing was left to look at, "nodes" when the budget, "clock" when the deadline did; empty where it is not said.</summary>
    public string Stopped { get; init; } = "";

    /// <summary>The price of each market and slot, micro-dollars per GPU-hour; null exactly where nothing is filled.</summary>
    public required IReadOnlyList<IReadOnlyList<long?>> Prices { get; init; }

    /// <summary>Who gets what from whom.</summary>
    public required IReadOnlyList<AuctionFill> Fills { get; init; }

    /// <summary>Blocks not filled although some start in some market has a price in every slot and a mean below the limit.</summary>
    public required IReadOnlyList<string> LeftOut { get; init; }

    /// <summary>Offers below the price that stay unsold beside a block that needed a dearer one.</summary>
    public required IReadOnlyList<string> LeftOutOffers { get; init; }

    /// <summary>The gap as rulebooks state it, in parts per million: (bound − welfare) / max(1, bound).</summary>
    public long GapPartsPerMillion => (long)((Int128)(Bound - Welfare) * 1_000_000 / Math.Max(1, Bound));

    /// <summary>The answer that fills nothing.</summary>
    public static AuctionSolution Nothing(AuctionProblem problem, long bound) => new()
    {
        Status = AuctionStatus.Empty,
        Welfare = 0,
        Bound = bound,
        Prices = [.. problem.Markets.Select(_ => (IReadOnlyList<long?>)new long?[problem.Slots])],
        Fills = [],
        LeftOut = [],
        LeftOutOffers = [],
    };
}

/// <summary>That many GPUs of an offer, for a bid, in every slot from <paramref name="From"/> up to but not including <paramref name="To"/>.</summary>
public sealed record AuctionFill(string Bid, string Offer, int From, int To, int Gpus);
