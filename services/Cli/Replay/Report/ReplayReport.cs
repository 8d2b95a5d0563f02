using ComputeExchange.Cli.Replay.Plan;
using ComputeExchange.Cli.Replay.Play;
using ComputeExchange.Values;

namespace ComputeExchange.Cli.Replay.Report;

/// <summary>All that a replay has to say.</summary>
public sealed record ReplayReport
{
    /// <summary>The files.</summary>
    public required ReplayFiles Files { get; init; }

    /// <summary>What was sent.</summary>
    public required ReplayPlan Plan { get; init; }

    /// <summary>What became of it.</summary>
    public required Score Score { get; init; }

    /// <summary>What the exchange showed afterwards.</summary>
    public required Findings Found { get; init; }

    /// <summary>Each class.</summary>
    public required IReadOnlyList<ClassLine> Classes { get; init; }

    /// <summary>What was paid, beside posted prices.</summary>
    public required Saving Saving { get; init; }

    /// <summary>How prices came about.</summary>
    public required HourCounts Hours { get; init; }

    /// <summary>Bids that were sent.</summary>
    public int BidsSent => Score.BidsAccepted + Score.RefusedBids.Values.Sum();

    /// <summary>Hours of leases that were delivered in part or not at all.</summary>
    public int FailedHours => Found.Leases.Sum(lease => lease.Hours.Count(hour => hour.Metered && hour.Delivered < hour.Sold));

    /// <summary>Money of the kinds whose names hold a word.</summary>
    public Money Moved(string word) => Found.Moved.Where(moved => moved.Kind.Contains(word, StringComparison.OrdinalIgnoreCase))
        .Aggregate(Money.Zero, (sum, moved) => sum + moved.Amount);

    /// <summary>Whether everything was settled, the books balance and nothing disagrees.</summary>
    public bool IsSound => Score.Unsettled.Length == 0 && Found.TrialBalance == Money.Zero && Found.Breaks.Count == 0;

    /// <summary>The report of a replay.</summary>
    public static ReplayReport Make(ReplayFiles files, ReplayPlan plan, Score score, Findings found) => new()
    {
        Files = files,
        Plan = plan,
        Score = score,
        Found = found,
        Classes = ReportMaths.Classes(plan, found, score.AcceptedOffers),
        Saving = ReportMaths.Savings(plan, found),
        Hours = ReportMaths.Hours(plan, found),
    };
}
