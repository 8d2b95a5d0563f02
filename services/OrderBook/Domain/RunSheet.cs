using System.Globalization;
using ComputeExchange.Values.Auctions;

namespace ComputeExchange.OrderBook.Domain;

/// <summary>A run's public record, laid out so that it can be asked what it decided about each bid.</summary>
/// <param name="runId">The run.</param>
/// <param name="closedTime">When it was closed; its slot 0 is the one in progress then.</param>
/// <param name="problem">What was solved.</param>
/// <param name="solution">What was verified and applied.</param>
public sealed class RunSheet(long runId, DateTimeOffset closedTime, AuctionProblem problem, AuctionSolution solution)
{
    private readonly ILookup<int, (AuctionOffer Offer, int[] Unsold)> _offers = WithUnsold(problem, solution).ToLookup(offer => offer.Offer.Market);
    private readonly ILookup<long, AuctionBid> _pieces = problem.Bids.ToLookup(bid => NumberOf(bid.Id));
    private readonly ILookup<string, AuctionFill> _fills = solution.Fills.ToLookup(fill => fill.Bid);
    private readonly HashSet<string> _leftOut = [.. solution.LeftOut];
    private readonly Dictionary<string, string> _filledOfGroup = FilledOfGroups(problem, solution);

    /// <summary>A run in which nothing could trade: it has no record.</summary>
    public static RunSheet Empty(long runId, DateTimeOffset closedTime, bool nothingOffered)
    {
        var problem = new AuctionProblem { Slots = 0, Markets = [], Offers = [], Bids = [] };
        return new RunSheet(runId, closedTime, problem, AuctionSolution.Nothing(problem, bound: 0)) { NothingOffered = nothingOffered };
    }

    /// <summary>The run.</summary>
    public long RunId => runId;

    /// <summary>When it was closed.</summary>
    public DateTimeOffset ClosedTime => closedTime;

    /// <summary>What was solved.</summary>
    public AuctionProblem Problem => problem;

    /// <summary>Whether there were bids and not one offer.</summary>
    public bool NothingOffered { get; private init; }

    /// <summary>The pieces of constant size that a bid was in the run; none if it took no part.</summary>
    public IEnumerable<AuctionBid> PiecesOf(long bid) => _pieces[bid];

    /// <summary>The price of a market's slot; null where nothing was sold.</summary>
    public long? Price(int market, int slot) => solution.Prices[market][slot];

    /// <summary>What a bid was filled with.</summary>
    public IEnumerable<AuctionFill> FillsOf(string bid) => _fills[bid];

    /// <summary>Whether anything of a bid was filled.</summary>
    public bool IsFilled(string bid) => _fills.Contains(bid);

    /// <summary>Whether a block was left out although prices were below its limit.</summary>
    public bool IsLeftOut(string bid) => _leftOut.Contains(bid);

    /// <summary>The block of a group that was filled; null if none was.</summary>
    public string? FilledOf(string group) => _filledOfGroup.GetValueOrDefault(group);

    /// <summary>The offers of a market that serve every slot from one to another, at least <paramref name="run"/> in a row, with what each had left unsold in all of them.</summary>
    public IEnumerable<(AuctionOffer Offer, int Unsold)> OffersOver(int market, int first, int end, int run) =>
        from offer in _offers[market]
        where offer.Offer.From <= first && offer.Offer.To >= end && offer.Offer.MinRun <= run
        select (offer.Offer, Enumerable.Range(first, end - first).Min(slot => offer.Unsold[slot - offer.Offer.From]));

    /// <summary>The number of the bid that a piece belongs to: the first is named "b7", the others "b7.2" and so on.</summary>
    private static long NumberOf(string piece) =>
        long.TryParse(piece.AsSpan().TrimStart('b').ToString().Split('.')[0], NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;

    private static IEnumerable<(AuctionOffer Offer, int[] Unsold)> WithUnsold(AuctionProblem problem, AuctionSolution solution)
    {
        var unsold = problem.Offers.ToDictionary(offer => offer.Id, offer =>
        {
            var left = new int[offer.To - offer.From];
            Array.Fill(left, offer.Gpus);
            return (Offer: offer, Left: left);
        });
        foreach (var fill in solution.Fills)
            for (var slot = fill.From; slot < fill.To; slot++) unsold[fill.Offer].Left[slot - unsold[fill.Offer].Offer.From] -= fill.Gpus;
        return unsold.Values;
    }

    private static Dictionary<string, string> FilledOfGroups(AuctionProblem problem, AuctionSolution solution)
    {
        var filled = solution.Fills.Select(fill => fill.Bid).ToHashSet();
        return problem.Bids.Where(bid => bid.Group is not null && filled.Contains(bid.Id))
            .GroupBy(bid => bid.Group!).ToDictionary(group => group.Key, group => group.First().Id);
    }
}
