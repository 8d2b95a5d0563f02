using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using ComputeExchange.Cli.Output;
using ComputeExchange.Cli.Words;
using ComputeExchange.MatchingEngine.Core.Auctions;
using ComputeExchange.Solver;
using ComputeExchange.Values.Auctions;

namespace ComputeExchange.Cli.Commands;

/// <summary><c>cx auction</c>: solve an auction's problem from a file, and verify any solution of it, without an exchange.</summary>
public static class AuctionCommands
{
    static readonly Argument<string> Problem = CommandShape.Needed("problem", "The problem's file.");
    static readonly Argument<string?> VerifiedProblem = CommandShape.Optional("problem", "The problem's file.");
    static readonly Argument<string?> Solution = CommandShape.Optional("solution", "The solution's file.");
    static readonly Option<string?> Run = CommandShape.May("--run", "N", "In place of files: the public record of this run, fetched from the exchange. Needs no key.");
    static readonly Option<string> Output = new("--output", "-o") { Description = "Write the solution there.", HelpName = "SOLUTION", Required = true };
    static readonly Option<string?> Seconds = CommandShape.May("--seconds", "S", "Search for so long at most. Default: a fixed amount of work, which repeats to the byte.");

    /// <summary>The command.</summary>
    public static Command Make() => CommandShape.Make("auction", "Solve auctions from files; verify them from files, or as the exchange ran them.",
        CommandShape.Make("solve", "Solve a problem. Exit code 2 if the file does not read.", Problem, Output, Seconds).Does(Solve),
        CommandShape.Make(
            "verify", "Check a solution against every rule: of a problem's file, or of a run. Exit code 1 if it breaks one or is not what was published, 2 if it does not read.",
            VerifiedProblem, Solution, Run).Does(Verify));

    static async Task Solve(Session session)
    {
        var problem = await ReadFile(Problem.Name, session.Line.GetRequiredValue(Problem), AuctionJson.ReadProblem, session.Cancel);
        var budget = new SolverBudget();
        if (session.Line.GetValue(Seconds) is { } text)
        {
            if (!decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds) || seconds is <= 0 or > 86_400)
                throw new InputException($"--seconds: \"{text}\" is not a number of seconds above 0 and at most 86400.");
            budget = new SolverBudget(long.MaxValue / 4, TimeSpan.FromTicks((long)(seconds * TimeSpan.TicksPerSecond)), TimeProvider.System);
        }
        var began = TimeProvider.System.GetTimestamp();
        var solution = AuctionSolver.Solve(problem, budget);
        var took = decimal.Round((decimal)TimeProvider.System.GetElapsedTime(began).TotalMilliseconds / 1000, 3);
        solution = solution with { Seconds = took };
        await File.WriteAllBytesAsync(session.Line.GetRequiredValue(Output), AuctionJson.WriteSolution(solution), session.Cancel);
        var words = new Sheet<AuctionSolution>("solution", "")
            .Word("Status", "status", found => found.Status)
            .Money("Welfare", "welfare", found => found.Welfare)
            .Money("Bound", "bound", found => found.Bound)
            .Ppm("Gap", "gap_ppm", found => found.GapPartsPerMillion)
            .Count("Fills", "fill_count", found => found.Fills.Count)
            .Count("Left out", "left_out_count", found => found.LeftOut.Count)
            .Add("Seconds", "seconds", found => found.Seconds.ToString(CultureInfo.InvariantCulture), found => JsonValue.Create(found.Seconds), isNumber: true);
        session.Print.Card(words, solution);
    }

    static async Task<int> Verify(Session session)
    {
        var (files, run) = (session.Line.GetValue(VerifiedProblem), session.Line.GetValue(Run));
        if (run is not null)
        {
            if (files is not null) throw new InputException("--run: takes the record from the exchange; leave the files out.");
            return await RunRecord.Verify(session, run);
        }
        if (files is null || session.Line.GetValue(Solution) is not { } answer)
            throw new InputException("Name a problem's file and a solution's file, or a run of the exchange: cx auction verify PROBLEM SOLUTION, cx auction verify --run N.");
        return Judge(
            session,
            await ReadFile(VerifiedProblem.Name, files, AuctionJson.ReadProblem, session.Cancel),
            await ReadFile(Solution.Name, answer, AuctionJson.ReadSolution, session.Cancel));
    }

    /// <summary>Says whether a solution keeps every rule, and each breach on a line; 0 if it does, else 1.</summary>
    public static int Judge(Session session, AuctionProblem problem, AuctionSolution solution)
    {
        var breaches = AuctionVerifier.Verify(problem, solution);
        foreach (var breach in breaches) session.Print.Say(Line(problem, breach));
        session.Print.Say(breaches.Count == 0 ? "valid" : string.Create(CultureInfo.InvariantCulture, $"not valid: {breaches.Count} breach{(breaches.Count == 1 ? "" : "es")}"));
        session.Print.Field("valid", breaches.Count == 0);
        session.Print.Field("breaches", new JsonArray([.. breaches.Select(breach => (JsonNode)new JsonObject
        {
            ["rule"] = breach.Rule,
            ["sentence"] = breach.Sentence,
            ["bid"] = breach.Bid,
            ["offer"] = breach.Offer,
            ["market"] = breach.Market is { } market && market < problem.Markets.Count ? problem.Markets[market] : null,
            ["slot"] = breach.Slot,
        })]));
        return breaches.Count == 0 ? 0 : 1;
    }

    /// <summary>One breach on one line: rule, where, what.</summary>
    static string Line(AuctionProblem problem, AuctionBreach breach)
    {
        var place = new List<string>();
        if (breach.Bid is { } bid) place.Add($"bid {bid}");
        if (breach.Offer is { } offer) place.Add($"offer {offer}");
        if (breach.Market is { } market) place.Add($"market {(market >= 0 && market < problem.Markets.Count ? problem.Markets[market] : market.ToString(CultureInfo.InvariantCulture))}");
        if (breach.Slot is { } slot) place.Add(string.Create(CultureInfo.InvariantCulture, $"slot {slot}"));
        return string.Create(CultureInfo.InvariantCulture, $"rule {breach.Rule}: {(place.Count == 0 ? "" : string.Join(", ", place) + ": ")}{breach.Sentence}");
    }

    /// <summary>What the bytes of a file hold; what is wrong with them, place by place, where they do not read.</summary>
    public static T Read<T>(string path, ReadOnlyMemory<byte> bytes, Func<ReadOnlyMemory<byte>, T> read)
    {
        try
        {
            return read(bytes);
        }
        catch (AuctionFormatException unreadable)
        {
            throw new InputException(string.Join(Environment.NewLine, unreadable.Breaches.Select(breach => $"{path}: {breach}")), exitCode: 2);
        }
    }

    static async Task<T> ReadFile<T>(string argument, string path, Func<ReadOnlyMemory<byte>, T> read, CancellationToken cancel)
    {
        try
        {
            return Read(path, await File.ReadAllBytesAsync(path, cancel), read);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new InputException($"{argument}: {path} cannot be read: {fault.Message}", exitCode: 2);
        }
    }
}
