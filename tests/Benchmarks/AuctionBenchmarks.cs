using BenchmarkDotNet.Attributes;
using ComputeExchange.MatchingEngine.Core.Auctions;
using ComputeExchange.Solver;
using ComputeExchange.Values.Auctions;

namespace ComputeExchange.Benchmarks;

/// <summary>One run of the auction: solved under the live budget, and verified as the engine does before it applies it.</summary>
[MemoryDiagnoser]
public class AuctionBenchmarks
{
    private AuctionProblem _problem = null!;
    private AuctionSolution _solution = null!;

    /// <summary>Bids in the run; a third are blocks. There are a fifth as many offers, over six markets and 72 slots.</summary>
    [Params(150, 1_500)]
    public int Bids { get; set; }

    [GlobalSetup]
    public void Fill()
    {
        var random = new Random(42);
        _problem = new AuctionProblem
        {
            Slots = 72,
            Markets = [.. Enumerable.Range(0, 6).Select(m => $"CLASS-{m}.region")],
            Offers = [.. Enumerable.Range(0, Bids / 5).Select(i => new AuctionOffer
            {
                Id = $"o{i}", Market = i % 6, Gpus = 8, From = random.Next(0, 24), To = random.Next(48, 72), Reserve = [random.Next(1_500, 2_500) * 1_000L],
            })],
            Bids = [.. Enumerable.Range(0, Bids).Select(i => Bid(i, random))],
        };
        _solution = AuctionSolver.Solve(_problem, new SolverBudget());
    }

    [Benchmark(Baseline = true)]
    public int Verify() => AuctionVerifier.Verify(_problem, _solution).Count;

    [Benchmark]
    public long Solve() => AuctionSolver.Solve(_problem, new SolverBudget()).Welfare;

    private static AuctionBid Bid(int i, Random random)
    {
        var from = random.Next(0, 60);
        var hours = random.Next(1, 12);
        var isBlock = i % 3 == 0;
        return new AuctionBid
        {
            Id = $"b{i}",
            Kind = isBlock ? BidKind.Block : BidKind.Divisible,
            Markets = [i % 6],
            Gpus = random.Next(1, 9),
            From = from,
            To = from + hours,
            Run = isBlock ? hours : 0,
            Limit = random.Next(1_500, 3_500) * 1_000L,
        };
    }
}
