namespace ComputeExchange.Facts.MatchingEngine.V1;

/// <summary>Work: a closed run to be solved. Any Auctioneer may take it; the engine takes the first answer that verifies.</summary>
/// <remarks>Offered by MatchingEngine on the queue <see cref="Queue"/>, again and again until the run is cleared or given up.</remarks>
public sealed record AuctionClosed
{
    /// <summary>The queue of the solvers.</summary>
    public const string Queue = "auctions";

    public required long RunId { get; init; }

    /// <summary>The problem, in the file format "auction problem", version 1.</summary>
    public required string ProblemJson { get; init; }

    /// <summary>The solver's budget in search nodes.</summary>
    public required long SolverNodes { get; init; }

    /// <summary>The last prices by market and slot as a JSON list of lists, micro-dollars per GPU-hour, null where there were none: where the solver may start from. Empty where none are known.</summary>
    public string StartPricesJson { get; init; } = "";
}
