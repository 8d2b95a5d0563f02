using System.CommandLine;
using System.Globalization;
using ComputeExchange.Cli.Replay.Files;
using ComputeExchange.Cli.Replay.Plan;
using ComputeExchange.Cli.Words;

namespace ComputeExchange.Cli.Commands;

/// <summary>The files and figures from which a replay and a demo make their market, as options.</summary>
/// <param name="scenario">Whether the scenario of the checkout stands in for what is not given.</param>
public sealed class MarketFiles(bool scenario)
{
    readonly Option<string[]> _offers = new("--offers")
    {
        Description = $"Marketplace snapshots, the supply: a CSV table, or the JSON of vastai search offers --raw. May be repeated.{Default(scenario)}", HelpName = "FILE", Required = !scenario,
    };

    readonly Option<string?> _day = CommandShape.May("--snapshot-day", "DAY", $"The day of the first JSON snapshot, for example 2026-03-01; each further one is the next day. Default: {(scenario ? "" : "--start's day, else ")}the day each file was written.");
    readonly Option<string?> _requests = File("--requests", "A trace of requests to a language model: the demand.", scenario);
    readonly Option<string?> _tokens = File("--tokens-per-gpu", "Published tokens per second of one GPU, by model and GPU.", scenario);
    readonly Option<string?> _prices = File("--token-prices", "What tokens sell for, by model and day.", scenario);
    readonly Option<string?> _model = new("--model") { Description = $"The model that is served, as the throughput file names it.{(scenario ? $" Default: {ScenarioModel}." : "")}", HelpName = "NAME", Required = !scenario };
    readonly Option<long> _seed = CommandShape.Whole("--seed", "S", "What chance begins from: the same seed and files, the same people and commands.", orElse: 1L);
    readonly Option<string> _scale = new("--scale") { Description = "Multiplies all demand.", HelpName = "X", DefaultValueFactory = _ => "1" };

    const string ScenarioModel = "llama3.1-8b";

    /// <summary>All of them.</summary>
    public Symbol[] Options => [_offers, _day, _requests, _tokens, _prices, _model, _seed, _scale];

    /// <summary>The model.</summary>
    public string Model(ParseResult line) => line.GetValue(_model) ?? ScenarioModel;

    /// <summary>What chance begins from.</summary>
    public long Seed(ParseResult line) => line.GetValue(_seed);

    /// <summary>What all demand is multiplied by.</summary>
    public decimal Scale(ParseResult line)
    {
        var text = line.GetRequiredValue(_scale);
        return decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var scale) && scale is > 0 and <= 100
            ? scale
            : throw new InputException($"--scale: \"{text}\" is not a number above 0 and at most 100.");
    }

    /// <summary>Reads the four files.</summary>
    public ReplayFiles Read(ParseResult line, ExchangeTerms terms, DateTimeOffset? start = null)
    {
        var given = line.GetValue(_offers) is { Length: > 0 } paths ? paths : [InScenario("--offers", "offers.csv")];
        return new ReplayFiles(
            OffersFile.Read(Sources(given, FirstDay(line, start)), terms.TickMicros, terms.HighestPriceMicros),
            RequestsFile.Read(line.GetValue(_requests) ?? InScenario("--requests", "requests.csv")),
            TokensFile.Read(line.GetValue(_tokens) ?? InScenario("--tokens-per-gpu", "tokens_per_gpu.csv")),
            PricesFile.Read(line.GetValue(_prices) ?? InScenario("--token-prices", "token_prices.csv")));
    }

    /// <summary>The files with their days; only what is JSON takes one.</summary>
    static List<OffersSource> Sources(IReadOnlyList<string> paths, DateOnly? first)
    {
        var sources = new List<OffersSource>();
        var snapshots = 0;
        foreach (var path in paths)
        {
            var bytes = CsvTable.Bytes(path);
            var day = !SearchResult.Looks(bytes) ? default
                : first is { } begin ? begin.AddDays(snapshots++)
                : DateOnly.FromDateTime(System.IO.File.GetLastWriteTimeUtc(path));
            sources.Add(new OffersSource(Path.GetFileName(path), bytes, day));
        }
        return sources;
    }

    DateOnly? FirstDay(ParseResult line, DateTimeOffset? start)
    {
        if (line.GetValue(_day) is not { } text) return start is { } time ? DateOnly.FromDateTime(time.UtcDateTime) : null;
        return DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)
            ? day
            : throw new InputException($"--snapshot-day: \"{text}\" is not a day: write for example 2026-03-01.");
    }

    static string InScenario(string option, string file) => Checkout.Folder is { } folder
        ? Path.Combine(folder, "deploy", "scenario", file)
        : throw new InputException($"{option}: name a file: cx does not stand in a checkout, where deploy/scenario/{file} would be.");

    static Option<string?> File(string name, string description, bool scenario) => new(name) { Description = description + Default(scenario), HelpName = "FILE", Required = !scenario };

    static string Default(bool scenario) => scenario ? " Default: that of deploy/scenario." : "";
}
