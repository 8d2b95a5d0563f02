namespace ComputeExchange.Cli.Replay.Files;

/// <summary>How fast one GPU of a class generates tokens of a model, by the best published result.</summary>
/// <param name="ClassName">The GPU class.</param>
/// <param name="TokensPerSecond">Generated tokens per second of one GPU.</param>
/// <param name="Scenario">Server or Offline.</param>
/// <param name="Source">The benchmark's id.</param>
public sealed record Throughput(string ClassName, decimal TokensPerSecond, string Scenario, string Source);

/// <summary>A table of published throughput: model, scenario, accelerator, tokens per second of one GPU.</summary>
/// <remarks>The Server scenario (requests arrive at random and must be answered in time) goes before Offline (all at once); others are not used.</remarks>
public sealed class TokensFile
{
    static readonly string[] Columns = ["model", "scenario", "accelerator", "tokens_per_second_per_gpu"];
    static readonly string[] Scenarios = ["Server", "Offline"];

    readonly Dictionary<string, Dictionary<string, Throughput>> _models = new(StringComparer.OrdinalIgnoreCase);

    TokensFile(CsvTable table)
    {
        Sha256 = table.Sha256;
        RowCount = table.RowCount;
        var classes = GpuClasses.Table.All.GroupBy(gpu => gpu.PublishedAs, StringComparer.OrdinalIgnoreCase)
            .ToDictionary(group => group.Key, group => group.First(), StringComparer.OrdinalIgnoreCase);
        foreach (var row in table.Rows())
        {
            var (model, scenario) = (row.Text("model"), row.Text("scenario"));
            if (model.Length == 0) Skipped.Add("model is missing");
            else if (row.Number("tokens_per_second_per_gpu") is not (> 0 and <= 1_000_000_000 and var rate)) Skipped.Add("tokens_per_second_per_gpu is not above 0");
            else if (Array.FindIndex(Scenarios, known => known.Equals(scenario, StringComparison.OrdinalIgnoreCase)) is var rank && rank < 0)
                Skipped.Add("scenario is neither Server nor Offline");
            else if (!classes.TryGetValue(row.Text("accelerator"), out var gpu)) Skipped.Add("accelerator is not one that a marketplace lists");
            else
            {
                if (!_models.TryGetValue(model, out var rates)) _models[model] = rates = new(StringComparer.Ordinal);
                var found = new Throughput(gpu.Name, rate, Scenarios[rank], row.Text("mlperf_id"));
                if (!rates.TryGetValue(gpu.Name, out var known) || IsBetter(found, known)) rates[gpu.Name] = found;
            }
        }
    }

    /// <summary>The SHA-256 of the file.</summary>
    public string Sha256 { get; }

    /// <summary>Rows in the file.</summary>
    public int RowCount { get; }

    /// <summary>Rows that could not be used.</summary>
    public SkippedRows Skipped { get; } = new();

    /// <summary>The models with at least one usable row.</summary>
    public IEnumerable<string> Models => _models.Keys.Order(StringComparer.Ordinal);

    /// <summary>What is published of a model, by GPU class; empty for a model that is not there.</summary>
    public IReadOnlyDictionary<string, Throughput> Of(string model) => _models.GetValueOrDefault(model) ?? [];

    /// <summary>Reads the file.</summary>
    public static TokensFile Read(string path) => new(CsvTable.Read(path, Columns));

    /// <summary>Reads the bytes of a file.</summary>
    public static TokensFile Read(string name, byte[] bytes) => new(CsvTable.Read(name, bytes, Columns));

    static bool IsBetter(Throughput found, Throughput known) => found.Scenario == known.Scenario
        ? found.TokensPerSecond > known.TokensPerSecond
        : Array.IndexOf(Scenarios, found.Scenario) < Array.IndexOf(Scenarios, known.Scenario);
}
