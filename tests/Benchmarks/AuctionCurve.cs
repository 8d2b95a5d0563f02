using System.Diagnostics;
using System.Globalization;
using ComputeExchange.Auctioneer.Tests;
using ComputeExchange.MatchingEngine.Core.Auctions;
using ComputeExchange.Solver;
using ComputeExchange.Values.Auctions;

namespace ComputeExchange.Benchmarks;

/// <summary>How good an auction's answer is after so many seconds: welfare, proven bound and gap; the last one checked by the engine's verifier.</summary>
/// <remarks>One run, and what was in hand at each moment of it, after reading and start-up.</remarks>
static class AuctionCurve
{
    static readonly double[] Moments = [0.1, 0.3, 1, 2, 5, 10, 20, 30, 60, 120, 300];

    /// <summary>
    /// <c>auction [S|M|L|XL|FILE] [seed, or first-last] [seconds]</c>. <c>S-plain</c> has single markets and whole blocks only,
    /// <c>S-open</c> the whole language but no minimum runs.
    /// </summary>
    public static void Run(string[] words)
    {
        var what = words.Length > 0 ? words[0] : "S";
        var seeds = (words.Length > 1 ? words[1] : "1-3").Split('-').Select(word => ulong.Parse(word, CultureInfo.InvariantCulture)).ToArray();
        var most = words.Length > 2 ? double.Parse(words[2], CultureInfo.InvariantCulture) : 60;

        // Once for nothing, so that compiling is not measured.
        AuctionSolver.Solve(new ExchangeMarket(40, 60, 24, 2, 99).Make(), new SolverBudget(20_000));
        Write("problem", "seconds", "welfare $", "bound $", "gap %");
        Write("---", "---", "---", "---", "---");
        foreach (var (name, problem) in Problems(what, seeds)) Measure(name, problem, most);
    }

    static IEnumerable<(string Name, AuctionProblem Problem)> Problems(string what, ulong[] seeds)
    {
        if (File.Exists(what))
        {
            yield return (Path.GetFileNameWithoutExtension(what), AuctionJson.ReadProblem(File.ReadAllBytes(what)));
            yield break;
        }

        var parts = what.Split('-');
        Func<ulong, ExchangeMarket> market = parts[0] switch
        {
            "S" => ExchangeMarket.Small,
            "M" => ExchangeMarket.Medium,
            "L" => ExchangeMarket.Large,
            "XL" => ExchangeMarket.Largest,
            _ => throw new ArgumentException($"auction: \"{what}\" is neither S, M, L, XL nor a file."),
        };
        for (var seed = seeds[0]; seed <= seeds[^1]; seed++)
        {
            var problem = (market(seed) with { Plain = parts[^1] == "plain" }).Make();
            if (parts[^1] == "open") problem = problem with { Offers = [.. problem.Offers.Select(offer => offer with { MinRun = 1 })] };
            yield return ($"{what}{seed}", problem);
        }
    }

    static void Measure(string name, AuctionProblem problem, double most)
    {
        var (told, next) = (new SolverProgress(0, 0), 0);
        var clock = Stopwatch.StartNew();
        var solution = AuctionSolver.Solve(problem, new SolverBudget(long.MaxValue)
        {
            Deadline = TimeSpan.FromSeconds(most),
            Progress = progress =>
            {
                Pass(clock.Elapsed.TotalSeconds);
                told = progress;
            },
        });
        var took = clock.Elapsed.TotalSeconds;
        Pass(took);
        Line(name, $"{took:0.00}", solution.Welfare, solution.Bound);

        var verified = Enumerable.Range(0, 5).Min(_ =>
        {
            clock.Restart();
            if (AuctionVerifier.Verify(problem, solution) is [var breach, ..]) throw new InvalidOperationException($"{name}: {breach.Sentence}");
            return clock.Elapsed;
        });
        Console.WriteLine(
            $"{name}: {solution.Status} ({solution.Stopped}), {solution.Fills.Count} fills, {solution.LeftOut.Count} blocks left out, verified in {verified.TotalMilliseconds:0.0} ms");

        // What was in hand at every moment up to now.
        void Pass(double now)
        {
            for (; next < Moments.Length && Moments[next] <= now; next++)
                if (told.Bound > 0) Line(name, $"{Moments[next]:0.0}", told.Welfare, told.Bound);
        }
    }

    static void Line(string name, string seconds, long welfare, long bound) =>
        Write(name, seconds, $"{welfare / 1e6:0.00}", $"{bound / 1e6:0.00}", $"{100.0 * (bound - welfare) / Math.Max(1, bound):0.0000}");

    static void Write(params string[] cells) => Console.WriteLine($"| {string.Join(" | ", cells)} |");
}
