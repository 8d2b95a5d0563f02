using System.Text.RegularExpressions;
using ComputeExchange.Cli.Words;

namespace ComputeExchange.Cli.Replay.Files;

/// <summary>What a model's tokens sold for on one day, in dollars per million.</summary>
public sealed record TokenPrice(DateOnly Day, string Id, decimal Prompt, decimal Generated);

/// <summary>The list prices of one model through time.</summary>
/// <param name="Id">The model's id in the price file.</param>
/// <param name="StandsIn">Why another model's price is used; empty when it is the model's own.</param>
/// <param name="Days">Earliest first, at least one.</param>
public sealed record PriceHistory(string Id, string StandsIn, IReadOnlyList<TokenPrice> Days)
{
    /// <summary>The latest price not after the day, else the earliest there is.</summary>
    public TokenPrice On(DateOnly day) => Days.LastOrDefault(price => price.Day <= day) ?? Days[0];
}

/// <summary>Daily list prices of model tokens, and which of them belongs to a benchmark's model.</summary>
/// <remarks>
/// A benchmark's model is found by the table model_aliases.csv, in its order, else by its name alone: without the maker,
/// without what says that it is tuned for chat, in small letters and digits only. Where several sell the same model on a
/// day, the cheapest counts: that is what a seller can get.
/// </remarks>
public sealed partial class PricesFile
{
    static readonly string[] Columns = ["date", "model_id", "input_usd_per_1m", "output_usd_per_1m"];

    readonly Dictionary<string, SortedDictionary<DateOnly, TokenPrice>> _models = new(StringComparer.OrdinalIgnoreCase);

    PricesFile(CsvTable table)
    {
        Sha256 = table.Sha256;
        RowCount = table.RowCount;
        foreach (var row in table.Rows())
        {
            var id = row.Text("model_id");
            if (row.Time("date") is not { } date) Skipped.Add("date is not a date");
            else if (id.Length == 0) Skipped.Add("model_id is missing");
            else if (row.Number("input_usd_per_1m") is not (>= 0 and <= 1_000_000 and var prompt)) Skipped.Add("input_usd_per_1m is not a price");
            else if (row.Number("output_usd_per_1m") is not (>= 0 and <= 1_000_000 and var generated)) Skipped.Add("output_usd_per_1m is not a price");
            else if (prompt + generated == 0) Skipped.Add("both prices are 0");
            else
            {
                if (!_models.TryGetValue(id, out var days)) _models[id] = days = [];
                var price = new TokenPrice(DateOnly.FromDateTime(date.UtcDateTime), id, prompt, generated);
                if (!days.TryGetValue(price.Day, out var known) || prompt + generated < known.Prompt + known.Generated) days[price.Day] = price;
            }
        }
    }

    /// <summary>The SHA-256 of the file.</summary>
    public string Sha256 { get; }

    /// <summary>Rows in the file.</summary>
    public int RowCount { get; }

    /// <summary>Rows that could not be used.</summary>
    public SkippedRows Skipped { get; } = new();

    /// <summary>Models with at least one price.</summary>
    public int ModelCount => _models.Count;

    /// <summary>Reads the file.</summary>
    public static PricesFile Read(string path) => new(CsvTable.Read(path, Columns));

    /// <summary>Reads the bytes of a file.</summary>
    public static PricesFile Read(string name, byte[] bytes) => new(CsvTable.Read(name, bytes, Columns));

    /// <summary>The prices of a benchmark's model; null where the file has none.</summary>
    public PriceHistory? Find(string model)
    {
        var aliases = CsvTable.Embedded("model_aliases.csv", "model", "price_id", "stands_in").Rows()
            .Where(row => row.Text("model").Equals(model, StringComparison.OrdinalIgnoreCase))
            .Select(row => (Id: row.Text("price_id"), StandsIn: row.Text("stands_in"))).ToList();
        if (_models.ContainsKey(model)) aliases.Insert(0, (model, ""));
        foreach (var (id, standsIn) in aliases)
        {
            if (_models.TryGetValue(id, out var days)) return new PriceHistory(days.First().Value.Id, standsIn, [.. days.Values]);
        }

        var plain = Plain(model);
        var same = _models.Keys.Where(id => Plain(id) == plain).Order(StringComparer.Ordinal).FirstOrDefault();
        return same is null ? null : new PriceHistory(same, "", [.. _models[same].Values]);
    }

    /// <summary>What both files know of a model, or an exception that lists the models that work.</summary>
    public static PriceHistory Match(string model, TokensFile tokens, PricesFile prices)
    {
        var working = tokens.Models.Where(known => prices.Find(known) is not null).ToList();
        var list = working.Count == 0 ? "No model is in both files" : $"These work: {string.Join(", ", working)}";
        if (tokens.Of(model).Count == 0)
            throw new InputException($"--model: \"{model}\" has no usable row in the tokens file. {list}.");
        return prices.Find(model)
            ?? throw new InputException($"--model: \"{model}\" has no row in the price file, by alias or by name. {list}.");
    }

    /// <summary>A model's name without its maker and without what says that it is tuned for chat.</summary>
    static string Plain(string id)
    {
        var name = id[(id.LastIndexOf('/') + 1)..].ToLowerInvariant();
        return NotLetters().Replace(ForChat().Replace(name, ""), "");
    }

    [GeneratedRegex("[-_ ](instruct|chat|it|hf)\\b")]
    private static partial Regex ForChat();

    [GeneratedRegex("[^a-z0-9]")]
    private static partial Regex NotLetters();
}
