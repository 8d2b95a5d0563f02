namespace ComputeExchange.Cli.Replay.Files;

/// <summary>What a file held that could not be used, counted by reason.</summary>
public sealed class SkippedRows
{
    readonly SortedDictionary<string, int> _reasons = new(StringComparer.Ordinal);

    /// <summary>Rows by reason, in alphabetical order.</summary>
    public IReadOnlyDictionary<string, int> ByReason => _reasons;

    /// <summary>All of them.</summary>
    public int Count => _reasons.Values.Sum();

    /// <summary>Counts a row.</summary>
    public void Add(string reason) => _reasons[reason] = _reasons.GetValueOrDefault(reason) + 1;
}
