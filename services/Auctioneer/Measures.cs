using System.Diagnostics.Metrics;
using ComputeExchange.Facts;
using ComputeExchange.Values.Auctions;

namespace ComputeExchange.Auctioneer;

/// <summary>What is measured of solving: how long it takes, how good the answer is, and whether the engine believes it.</summary>
internal static class Measures
{
    private static readonly Meter Meter = new(Tracing.Prefix + "Auctioneer");

    private static readonly Histogram<double> Solve = Meter.CreateHistogram(
        "cx.auctioneer.solve", "s", "How long a run took to solve.",
        advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.005, 0.01, 0.05, 0.1, 0.5, 1, 2.5, 5, 10, 30, 60] });

    private static readonly Counter<long> Solutions = Meter.CreateCounter<long>(
        "cx.auctioneer.solutions", "{solution}", "Runs solved, by the solution's status.");

    private static readonly Counter<long> RefusedSolutions = Meter.CreateCounter<long>(
        "cx.auctioneer.solutions_refused", "{solution}", "Solutions that the engine did not believe.");

    private static readonly Counter<long> Indications = Meter.CreateCounter<long>(
        "cx.auctioneer.indications", "{indication}", "Open problems solved for indicative prices.");

    public static void Indicated() => Indications.Add(1);

    public static void Solved(AuctionSolution solution, TimeSpan took)
    {
        Solve.Record(took.TotalSeconds);
        Solutions.Add(1, new KeyValuePair<string, object?>("status", solution.Status.ToString()));
        RefusedSolutions.Add(0);
    }

    public static void Refused() => RefusedSolutions.Add(1);
}
