namespace ComputeExchange.Values.Filters;

/// <summary>What a row has in a field, or what a filter compares it with; unknown where it has nothing.</summary>
public readonly struct FilterValue : IEquatable<FilterValue>
{
    private readonly IReadOnlyList<string>? _texts;
    private readonly long _number;

    private FilterValue(FilterFieldType type, long number, IReadOnlyList<string>? texts) => (IsKnown, Type, _number, _texts) = (true, type, number, texts);

    /// <summary>Nothing is known: it satisfies no comparison.</summary>
    public static FilterValue Unknown => default;

    public bool IsKnown { get; }

    public FilterFieldType Type { get; }

    /// <summary>The number, in the smallest part of the field's unit.</summary>
    public long Number => _number;

    public bool Flag => _number != 0;

    /// <summary>The text, or the first of several.</summary>
    public string Text => _texts is { Count: > 0 } ? _texts[0] : "";

    /// <summary>A number; null: unknown.</summary>
    public static FilterValue Of(long? number) => number is { } known ? new(FilterFieldType.Number, known, null) : Unknown;

    public static FilterValue Of(bool flag) => new(FilterFieldType.Flag, flag ? 1 : 0, null);

    /// <summary>A text; an empty one is unknown.</summary>
    public static FilterValue Of(string text) => text.Length == 0 ? Unknown : Of([text]);

    /// <summary>Several texts at once, each of them true of the row; none is unknown.</summary>
    public static FilterValue Of(IReadOnlyList<string> texts) => texts.Count == 0 ? Unknown : new(FilterFieldType.Text, 0, texts);

    /// <summary>Whether one of its texts is that one, whatever their case.</summary>
    public bool Has(string text)
    {
        foreach (var own in _texts ?? [])
            if (own.Equals(text, StringComparison.OrdinalIgnoreCase)) return true;
        return false;
    }

    public bool Equals(FilterValue other) =>
        IsKnown == other.IsKnown && Type == other.Type && _number == other._number
        && (_texts ?? []).SequenceEqual(other._texts ?? [], StringComparer.OrdinalIgnoreCase);

    public override bool Equals(object? obj) => obj is FilterValue other && Equals(other);

    public override int GetHashCode() => HashCode.Combine(IsKnown, Type, _number, StringComparer.OrdinalIgnoreCase.GetHashCode(Text));

    public static bool operator ==(FilterValue left, FilterValue right) => left.Equals(right);

    public static bool operator !=(FilterValue left, FilterValue right) => !left.Equals(right);
}
