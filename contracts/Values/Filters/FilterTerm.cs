namespace ComputeExchange.Values.Filters;

/// <summary>How a field is compared.</summary>
public enum FilterOperator
{
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    In,
    NotIn,
}

/// <summary>One comparison of a filter.</summary>
/// <param name="Values">One; several for in and not in.</param>
/// <param name="Position">Where it stands in the text it was read from, from 0.</param>
/// <param name="Written">The field as it was written.</param>
public sealed record FilterTerm(FilterField Field, FilterOperator Operator, IReadOnlyList<FilterValue> Values, int Position, string Written)
{
    private static readonly HashSet<string> Words = new(["and", "or", "not", "in"], StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether a row that has this in the field satisfies it. What is unknown satisfies nothing.</summary>
    public bool Accepts(FilterValue value) => value.IsKnown && Operator switch
    {
        FilterOperator.Equal or FilterOperator.In => IsOneOf(value),
        FilterOperator.NotEqual or FilterOperator.NotIn => !IsOneOf(value),
        FilterOperator.Less => value.Number < Values[0].Number,
        FilterOperator.LessOrEqual => value.Number <= Values[0].Number,
        FilterOperator.Greater => value.Number > Values[0].Number,
        _ => value.Number >= Values[0].Number,
    };

    /// <summary>Whether it is the same comparison, wherever it stood.</summary>
    public bool Equals(FilterTerm? other) =>
        other is not null && Field == other.Field && Operator == other.Operator && Values.SequenceEqual(other.Values);

    public override int GetHashCode() => HashCode.Combine(Field, Operator, Values.Count);

    /// <summary>The comparison in its normal form.</summary>
    public override string ToString()
    {
        if (Field.Type == FilterFieldType.Flag) return $"{Field.Name} = {(Values[0].Flag ? "true" : "false")}";
        return Operator is FilterOperator.In or FilterOperator.NotIn
            ? $"{Field.Name} {Sign(Operator)} ({string.Join(", ", Values.Select(Print))})"
            : $"{Field.Name} {Sign(Operator)} {Print(Values[0])}";
    }

    private static string Sign(FilterOperator comparison) => comparison switch
    {
        FilterOperator.Equal => "=",
        FilterOperator.NotEqual => "!=",
        FilterOperator.Less => "<",
        FilterOperator.LessOrEqual => "<=",
        FilterOperator.Greater => ">",
        FilterOperator.GreaterOrEqual => ">=",
        FilterOperator.In => "in",
        _ => "not in",
    };

    private bool IsOneOf(FilterValue value)
    {
        foreach (var wanted in Values)
        {
            if (Field.Type == FilterFieldType.Text ? value.Has(wanted.Text) : value.Number == wanted.Number) return true;
        }
        return false;
    }

    private string Print(FilterValue value)
    {
        if (Field.Type == FilterFieldType.Number) return FilterNumbers.Print(value.Number, Field.Unit);
        var bare = value.Text.All(FilterWords.IsBare) && !Words.Contains(value.Text);
        return bare ? value.Text : $"\"{value.Text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
    }
}
