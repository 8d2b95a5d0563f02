namespace ComputeExchange.Cli.Demo.Play;

/// <summary>What became of everything that a demo sent.</summary>
public sealed class Tally
{
    readonly Lock _counting = new();
    readonly SortedDictionary<string, int> _counts = new(StringComparer.Ordinal);
    readonly SortedDictionary<string, int> _refusals = new(StringComparer.Ordinal);

    /// <summary>Refusals by reason.</summary>
    public IReadOnlyDictionary<string, int> Refusals => Copy(_refusals);

    /// <summary>How often something happened.</summary>
    public int this[string what] => Copy(_counts).GetValueOrDefault(what);

    /// <summary>Counts something that happened.</summary>
    public void Add(string what) => Count(_counts, what);

    /// <summary>Counts what somebody was refused, by reason.</summary>
    public void Refused(string what, string reason) => Count(_refusals, $"{what}: {reason}");

    void Count(SortedDictionary<string, int> counts, string what)
    {
        lock (_counting) counts[what] = counts.GetValueOrDefault(what) + 1;
    }

    Dictionary<string, int> Copy(SortedDictionary<string, int> counts)
    {
        lock (_counting) return new Dictionary<string, int>(counts, StringComparer.Ordinal);
    }
}
