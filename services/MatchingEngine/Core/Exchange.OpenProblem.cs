using ComputeExchange.Values.Auctions;

namespace ComputeExchange.MatchingEngine.Core;

/// <summary>The problem that the next run would be if it were closed at some moment.</summary>
/// <param name="Problem">The problem.</param>
/// <param name="FirstSlot">The start of its slot 0.</param>
/// <param name="Bids">Bids in it.</param>
/// <param name="Offers">Offers in it.</param>
public sealed record OpenProblem(AuctionProblem Problem, DateTimeOffset FirstSlot, int Bids, int Offers);

/// <summary>What is open, as a problem: for indicative prices.</summary>
public sealed partial class Exchange
{
    /// <summary>The problem that the next run would be if it were closed now; null while a run clears, and where nothing could trade. It changes nothing.</summary>
    public OpenProblem? MakeOpenProblem()
    {
        if (_clearing is not null) return null;
        var run = new RunBuilder(this).Build(_lastRun + 1);
        return run.BidCount == 0 || run.OfferCount == 0 ? null : new OpenProblem(run.Problem, StartOf(run.FirstSlot), run.BidCount, run.OfferCount);
    }
}
