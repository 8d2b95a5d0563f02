namespace ComputeExchange.Values.Filters;

/// <summary>Reads the words of a filter: comparisons joined by "and".</summary>
internal sealed class FilterReader
{
    private const int TermMax = 32;
    private const int ListMax = 64;

    private readonly IReadOnlyList<FilterField> _fields;
    private readonly List<FilterWord> _words;
    private int _next;

    public FilterReader(string text, IReadOnlyList<FilterField> fields)
    {
        if (text.Length > NodeFilter.LengthMax)
            throw new FilterException(NodeFilter.LengthMax, "", $"the filter has {text.Length} letters; it can have {NodeFilter.LengthMax}.");
        _fields = fields;
        _words = FilterWords.Cut(text);
    }

    private FilterWord Word => _words[_next];

    public NodeFilter Read()
    {
        if (Word.Kind == FilterWordKind.End) return NodeFilter.Everything;
        var terms = new List<FilterTerm> { Term() };
        while (Word.Kind != FilterWordKind.End)
        {
            if (Word.Is("or")) throw Wrong("is not part of the language: every comparison must hold; write 'in (a, b)' for one of several values.");
            if (!Word.Is("and")) throw Wrong("comes where a comparison is over: write 'and' between two of them.");
            _next++;
            terms.Add(Term());
            if (terms.Count > TermMax) throw new FilterException(terms[^1].Position, terms[^1].Written, $"is one comparison too many; there can be {TermMax}.");
        }
        return new NodeFilter(terms);
    }

    private FilterTerm Term()
    {
        var start = Word;
        if (start.Is("not"))
        {
            _next++;
            var (negated, name) = Field();
            if (negated.Type != FilterFieldType.Flag)
                throw new FilterException(start.Position, start.Written, $"can stand before a field that is true or false, and before 'in': write '{negated.Name} != ...' or '{negated.Name} not in (...)'.");
            return Flag(negated, name, false);
        }
        var (field, written) = Field();
        if (field.Type == FilterFieldType.Flag) return FlagTerm(field, written);

        if (Word.Is("in") || Word.Is("not"))
        {
            var without = Word.Is("not");
            if (without) _next++;
            if (!Word.Is("in")) throw Wrong("comes where 'in' is missing: write 'not in (a, b)'.");
            _next++;
            return new FilterTerm(field, without ? FilterOperator.NotIn : FilterOperator.In, List(field), written.Position, written.Written);
        }
        var comparison = Comparison(field);
        return new FilterTerm(field, comparison, [Value(field)], written.Position, written.Written);
    }

    private (FilterField Field, FilterWord Written) Field()
    {
        var word = Word;
        if (word.Kind != FilterWordKind.Bare || word.Is("and") || word.Is("or") || word.Is("in") || word.Is("not"))
            throw Wrong($"a field belongs here, for example '{_fields[0].Example}'.");
        if (_fields.FirstOrDefault(one => word.Is(one.Name)) is { } field)
        {
            _next++;
            return (field, word);
        }
        if (FilterFields.Find(word.Text) is not null)
            throw Wrong($"cannot be asked for here, only {Listed(_fields)}.");
        var near = Nearest(word.Text, _fields);
        throw Wrong(near is not null ? $"is no field: did you mean '{near}'?" : $"is no field: there are {Listed(_fields)}.");
    }

    private FilterTerm FlagTerm(FilterField field, FilterWord written)
    {
        if (Word.Kind != FilterWordKind.Comparison)
        {
            if (Word.Is("in") || (Word.Is("not") && _words[_next + 1].Is("in"))) throw Wrong($"does not fit: '{field.Name}' is true or false; write '{field.Name} = true'.");
            return Flag(field, written, true);
        }
        if (!Word.Is("=") && !Word.Is("!=")) throw Wrong($"does not fit: '{field.Name}' is true or false; write '{field.Name} = true'.");
        var same = Word.Is("=");
        _next++;
        var value = Word.Is("true") || Word.Is("yes") || Word.Is("1");
        if (!value && !Word.Is("false") && !Word.Is("no") && !Word.Is("0")) throw Wrong("is neither true nor false.");
        _next++;
        return Flag(field, written, value == same);
    }

    private static FilterTerm Flag(FilterField field, FilterWord written, bool value) =>
        new(field, FilterOperator.Equal, [FilterValue.Of(value)], written.Position, written.Written);

    private FilterOperator Comparison(FilterField field)
    {
        if (Word.Kind != FilterWordKind.Comparison)
        {
            var signs = field.Type == FilterFieldType.Text ? "=, !=, in or not in" : "=, !=, <, <=, >, >=, in or not in";
            throw Wrong($"a comparison belongs here: {signs}; for example '{field.Example}'.");
        }
        FilterOperator comparison;
        switch (Word.Text)
        {
            case "=": comparison = FilterOperator.Equal; break;
            case "!=": comparison = FilterOperator.NotEqual; break;
            default:
                if (field.Type == FilterFieldType.Text) throw Wrong($"does not fit: '{field.Name}' is a text; write =, !=, in or not in.");
                comparison = Word.Text switch
                {
                    "<" => FilterOperator.Less,
                    "<=" => FilterOperator.LessOrEqual,
                    ">" => FilterOperator.Greater,
                    _ => FilterOperator.GreaterOrEqual,
                };
                break;
        }
        _next++;
        return comparison;
    }

    private List<FilterValue> List(FilterField field)
    {
        if (!Word.Is("(")) throw Wrong($"a list belongs here: write '(' and values with commas between them, for example '{field.Name} in (a, b)'.");
        _next++;
        var values = new List<FilterValue>();
        while (true)
        {
            if (values.Count == ListMax) throw Wrong($"is one value too many; there can be {ListMax}.");
            values.Add(Value(field));
            if (Word.Is(")")) break;
            if (!Word.Is(",")) throw Wrong("a comma or ')' belongs here.");
            _next++;
        }
        _next++;
        return values;
    }

    private FilterValue Value(FilterField field)
    {
        var word = Word;
        if (word.Kind is not FilterWordKind.Bare and not FilterWordKind.Quoted)
            throw Wrong($"a value belongs here, for example '{field.Example}'.");
        if (field.Type == FilterFieldType.Text)
        {
            if (word.Text.Length == 0) throw Wrong("is an empty text: what is not known satisfies no comparison.");
            if (word.Is("and") || word.Is("or") || word.Is("not") || word.Is("in")) throw Wrong("is a word of the language: put it in quotes if it is the value.");
            _next++;
            return FilterValue.Of(word.Text);
        }
        var number = FilterNumbers.Parse(word.Text, field.Unit, out var wrong);
        if (number is null) throw Wrong(wrong);
        _next++;
        return FilterValue.Of(number);
    }

    private FilterException Wrong(string message) => new(Word.Position, Word.Written, message);

    private static string Listed(IReadOnlyList<FilterField> fields) => string.Join(", ", fields.Select(field => field.Name));

    /// <summary>The field that a word is a slip of; null: of none.</summary>
    private static string? Nearest(string word, IReadOnlyList<FilterField> fields)
    {
        if (word.Length > 40) return null;
        var (nearest, steps) = fields
            .Select(field => (field.Name, Steps: Distance(word.ToUpperInvariant(), field.Name.ToUpperInvariant())))
            .MinBy(one => one.Steps);
        return steps <= Math.Max(1, nearest.Length / 3) ? nearest : null;
    }

    private static int Distance(string left, string right)
    {
        var row = Enumerable.Range(0, right.Length + 1).ToArray();
        for (var i = 1; i <= left.Length; i++)
        {
            var corner = row[0];
            row[0] = i;
            for (var j = 1; j <= right.Length; j++)
            {
                var up = row[j];
                row[j] = Math.Min(Math.Min(row[j] + 1, row[j - 1] + 1), corner + (left[i - 1] == right[j - 1] ? 0 : 1));
                corner = up;
            }
        }
        return row[^1];
    }
}
