using System.Globalization;
using ComputeExchange.Cli.Replay.Files;
using ComputeExchange.Cli.Replay.Plan;
using ComputeExchange.MatchingEngine.Core.Auctions;
using ComputeExchange.Solver;
using ComputeExchange.Values.Auctions;

namespace ComputeExchange.Benchmarks.Study;

/// <summary><c>study DIR [model] [seconds]</c>: recorded days sold by auction and by posted prices, side by side; then who gains by not telling the truth.</summary>
static class MarketStudy
{
    static readonly int[] BlockShares = [0, 25, 50, 75];

    public static void Run(string[] words)
    {
        if (words.Length == 0) throw new ArgumentException("study: name the folder of vast_offers.csv, azure_llm_requests.csv, tokens_per_gpu.csv and token_prices.csv.");
        var model = words.Length > 1 ? words[1] : "llama3.1-8b";
        var seconds = words.Length > 2 ? double.Parse(words[2], CultureInfo.InvariantCulture) : 60;
        var days = Days(words[0], model);

        Write("day", "blocks %", "machines", "bids", "welfare $: auction", "posted", "of bound %", "paid $: auction", "posted", "GPU-hours: auction", "posted", "blocks filled: auction", "posted");
        Write([.. Enumerable.Repeat("---", 13)]);
        var all = BlockShares.Select(share => days.Select(day => Compare(day, share, seconds)).Aggregate((sum, day) => sum + day)).ToList();

        Console.WriteLine();
        Write(["all days; share of the wanted GPU-hours that are blocks", .. BlockShares.Select(share => $"{share}%")]);
        Write([.. Enumerable.Repeat("---", 1 + BlockShares.Length)]);
        void Row(string name, Func<Compared, string> value) => Write([name, .. all.Select(value)]);
        Row("welfare, auction", sum => Dollars(sum.Auction.Welfare));
        Row("welfare, posted prices", sum => Dollars(sum.Posted.Welfare));
        Row("more by auction", sum => Percent((double)sum.Auction.Welfare / (double)sum.Posted.Welfare - 1, 1));
        Row("auction's share of the proven bound", sum => Percent((double)sum.Auction.Welfare / sum.Bound, 2));
        Row("buyers gain, auction", sum => Dollars(sum.Auction.ToBuyers));
        Row("buyers gain, posted prices", sum => Dollars(sum.Posted.ToBuyers));
        Row("sellers are paid, auction", sum => Dollars(sum.Auction.Revenue));
        Row("sellers are paid, posted prices", sum => Dollars(sum.Posted.Revenue));
        Row("of it above their asks, auction", sum => Dollars(sum.Auction.ToSellers));
        Row("GPU-hours sold, auction", sum => $"{sum.Auction.GpuHours}");
        Row("GPU-hours sold, posted prices", sum => $"{sum.Posted.GpuHours}");
        Row("blocks", sum => $"{sum.Blocks}");
        Row("filled, auction", sum => $"{sum.Auction.Blocks}");
        Row("filled, posted prices", sum => $"{sum.Posted.Blocks}");
        Row("left out below the price, auction", sum => $"{sum.LeftOut}");
        Row("turned away though an empty shop would have served them, posted prices", sum => $"{sum.TurnedAway}");

        Console.WriteLine();
        Shading.Run(days[0], seconds);
    }

    /// <summary>The auction's answer, which the engine's verifier must find valid; under the live budget, so that it repeats, unless the clock cuts it short.</summary>
    public static AuctionSolution Solve(AuctionProblem problem, double seconds)
    {
        var solution = AuctionSolver.Solve(problem, new SolverBudget { Deadline = TimeSpan.FromSeconds(seconds) });
        return AuctionVerifier.Verify(problem, solution) is [var breach, ..] ? throw new InvalidOperationException(breach.Sentence) : solution;
    }

    public static string Dollars(Int128 micros) => ((decimal)micros / 1_000_000).ToString("0.00", CultureInfo.InvariantCulture);

    public static void Write(params string[] cells) => Console.WriteLine($"| {string.Join(" | ", cells)} |");

    static List<StudyDay> Days(string folder, string model)
    {
        var terms = ExchangeTerms.Default;
        string In(string file) => Path.Combine(folder, file);
        var files = new ReplayFiles(
            OffersFile.Read([new OffersSource("vast_offers.csv", File.ReadAllBytes(In("vast_offers.csv")), default)], terms.TickMicros, terms.HighestPriceMicros),
            RequestsFile.Read(In("azure_llm_requests.csv")), TokensFile.Read(In("tokens_per_gpu.csv")), PricesFile.Read(In("token_prices.csv")));
        var plan = Planner.Make(files, new PlanOptions(model, files.Offers.Snapshots.Count, Seed: 1), terms);
        return [.. Enumerable.Range(0, files.Offers.Snapshots.Count).Select(day => new StudyDay(plan, day))];
    }

    static Compared Compare(StudyDay day, int share, double seconds)
    {
        var problem = day.Auction(share);
        var solution = Solve(problem, seconds);
        var sold = PostedPrices.Sell(problem);
        var auction = MarketOutcome.Of(problem, solution.Fills, (offer, slot) => solution.Prices[offer.Market][slot]!.Value);
        var posted = MarketOutcome.Of(problem, sold, (offer, slot) => offer.ReserveAt(slot));
        Write(
            day.Date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), $"{share}", $"{problem.Offers.Count}", $"{problem.Bids.Count}", Dollars(auction.Welfare), Dollars(posted.Welfare),
            Percent((double)auction.Welfare / Math.Max(1, solution.Bound), 2), Dollars(auction.Revenue), Dollars(posted.Revenue), $"{auction.GpuHours}", $"{posted.GpuHours}",
            $"{auction.Blocks}", $"{posted.Blocks}");
        return new Compared(auction, posted, solution.Bound, problem.Bids.Count(bid => bid.Kind == BidKind.Block), solution.LeftOut.Count, PostedPrices.TurnedAway(problem, sold));
    }

    static string Percent(double share, int digits) => (100 * share).ToString($"F{digits}", CultureInfo.InvariantCulture) + "%";

    sealed record Compared(MarketOutcome Auction, MarketOutcome Posted, long Bound, int Blocks, int LeftOut, int TurnedAway)
    {
        public static Compared operator +(Compared one, Compared other) => new(
            one.Auction + other.Auction, one.Posted + other.Posted, one.Bound + other.Bound, one.Blocks + other.Blocks, one.LeftOut + other.LeftOut, one.TurnedAway + other.TurnedAway);
    }
}
