namespace ComputeExchange.Cli.Replay.Files;

/// <summary>One minute of a service's traffic.</summary>
public sealed record TraceMinute(DateTimeOffset Minute, int Requests, long PromptTokens, long GeneratedTokens);

/// <summary>A trace of requests to a language model, added up by the minute: time, prompt tokens, generated tokens.</summary>
public sealed class RequestsFile
{
    static readonly string[] Columns = ["TIMESTAMP", "ContextTokens", "GeneratedTokens"];

    RequestsFile(CsvTable table)
    {
        Sha256 = table.Sha256;
        RowCount = table.RowCount;
        var minutes = new SortedDictionary<DateTimeOffset, (int Requests, long Prompt, long Generated)>();
        foreach (var row in table.Rows())
        {
            if (row.Time("TIMESTAMP") is not { } time) Skipped.Add("TIMESTAMP is not a time");
            else if (row.Whole("ContextTokens") is not (>= 0 and <= 10_000_000 and var prompt)) Skipped.Add("ContextTokens is not a count of tokens");
            else if (row.Whole("GeneratedTokens") is not (>= 0 and <= 10_000_000 and var generated)) Skipped.Add("GeneratedTokens is not a count of tokens");
            else
            {
                var minute = time.AddTicks(-(time.Ticks % TimeSpan.TicksPerMinute));
                var sum = minutes.GetValueOrDefault(minute);
                minutes[minute] = (sum.Requests + 1, sum.Prompt + prompt, sum.Generated + generated);
            }
        }
        Minutes = [.. minutes.Select(entry => new TraceMinute(entry.Key, entry.Value.Requests, entry.Value.Prompt, entry.Value.Generated))];
        PromptTokens = Minutes.Sum(minute => minute.PromptTokens);
        GeneratedTokens = Minutes.Sum(minute => minute.GeneratedTokens);
        BusiestMinuteTokens = Minutes.Count == 0 ? 0 : Minutes.Max(minute => minute.GeneratedTokens);
        if (GeneratedTokens == 0) throw new Words.InputException($"{table.Name}: holds no generated tokens: there is nothing to serve.", exitCode: 2);
    }

    /// <summary>The SHA-256 of the file.</summary>
    public string Sha256 { get; }

    /// <summary>Rows in the file.</summary>
    public int RowCount { get; }

    /// <summary>Rows that could not be used.</summary>
    public SkippedRows Skipped { get; } = new();

    /// <summary>The minutes that had a request, earliest first.</summary>
    public IReadOnlyList<TraceMinute> Minutes { get; }

    /// <summary>Prompt tokens in all.</summary>
    public long PromptTokens { get; }

    /// <summary>Generated tokens in all; above 0.</summary>
    public long GeneratedTokens { get; }

    /// <summary>Generated tokens of the busiest minute: what a service is sized for.</summary>
    public long BusiestMinuteTokens { get; }

    /// <summary>Reads the file.</summary>
    public static RequestsFile Read(string path) => new(CsvTable.Read(path, Columns));

    /// <summary>Reads the bytes of a file.</summary>
    public static RequestsFile Read(string name, byte[] bytes) => new(CsvTable.Read(name, bytes, Columns));
}
