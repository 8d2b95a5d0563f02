namespace ComputeExchange.Values.Filters;

/// <summary>A filter over nodes and what is free on them: comparisons, all of which hold.</summary>
public sealed class NodeFilter : IEquatable<NodeFilter>
{
    /// <summary>The longest text that is read, in letters.</summary>
    public const int LengthMax = 2_000;

    internal NodeFilter(IReadOnlyList<FilterTerm> terms) => Terms = terms;

    /// <summary>Everything.</summary>
    public static NodeFilter Everything { get; } = new([]);

    public IReadOnlyList<FilterTerm> Terms { get; }

    /// <summary>Reads a filter over all fields; an empty text is everything.</summary>
    /// <exception cref="FilterException">It is wrong: it says where, and what would be right.</exception>
    public static NodeFilter Parse(string text) => Parse(text, FilterFields.All);

    /// <summary>Reads a filter over some fields.</summary>
    /// <exception cref="FilterException">It is wrong: it says where, and what would be right.</exception>
    public static NodeFilter Parse(string text, IReadOnlyList<FilterField> fields) => new FilterReader(text, fields).Read();

    /// <summary>Whether a row satisfies it.</summary>
    /// <param name="row">What the row has in the field of a name.</param>
    public bool Matches(Func<string, FilterValue> row)
    {
        foreach (var term in Terms)
            if (!term.Accepts(row(term.Field.Name))) return false;
        return true;
    }

    public bool Equals(NodeFilter? other) => other is not null && Terms.SequenceEqual(other.Terms);

    public override bool Equals(object? obj) => Equals(obj as NodeFilter);

    public override int GetHashCode() => Terms.Aggregate(0, HashCode.Combine);

    /// <summary>The normal form: reading it gives the same filter.</summary>
    public override string ToString() => string.Join(" and ", Terms);
}
