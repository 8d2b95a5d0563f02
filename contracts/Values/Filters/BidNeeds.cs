namespace ComputeExchange.Values.Filters;

/// <summary>What a bid asks of every node that serves it, read from a filter over the fields that bids can ask for.</summary>
public sealed record BidNeeds
{
    /// <summary>The most countries, zones or nodes.</summary>
    public const int ListMax = 16;

    /// <summary>The least reliability, in parts per million; 0: any.</summary>
    public long ReliabilityPpmMin { get; init; }

    public bool Verified { get; init; }

    public bool Nvlink { get; init; }

    /// <summary>In capital letters, in order; empty: any.</summary>
    public IReadOnlyList<string> Countries { get; init; } = [];

    /// <summary>In capital letters, in order; empty: any.</summary>
    public IReadOnlyList<string> Zones { get; init; } = [];

    /// <summary>In order; empty: any.</summary>
    public IReadOnlyList<Guid> Nodes { get; init; } = [];

    /// <summary>Whether nothing is asked.</summary>
    public bool IsEmpty => ReliabilityPpmMin == 0 && !Verified && !Nvlink && Countries.Count + Zones.Count + Nodes.Count == 0;

    /// <summary>What a bid's filter asks.</summary>
    /// <exception cref="FilterException">It is wrong, or asks for what a bid cannot ask for.</exception>
    public static BidNeeds Parse(string text)
    {
        var needs = new BidNeeds();
        foreach (var term in NodeFilter.Parse(text, FilterFields.InBids).Terms) needs = needs.With(term);
        return needs;
    }

    private BidNeeds With(FilterTerm term) => term.Field.Name switch
    {
        "reliability" => this with { ReliabilityPpmMin = Math.Max(ReliabilityPpmMin, Least(term)) },
        "verified" => this with { Verified = Asked(term) },
        "nvlink" => this with { Nvlink = Asked(term) },
        "country" => this with { Countries = OneOf(term, Countries, Country) },
        "zone" => this with { Zones = OneOf(term, Zones, Zone) },
        _ => this with { Nodes = OneOf(term, Nodes, Node) },
    };

    private static long Least(FilterTerm term)
    {
        var ppm = term.Values[0].Number;
        if (term.Operator == FilterOperator.GreaterOrEqual) return ppm;
        if (term.Operator != FilterOperator.Greater) throw Wrong(term, "can only be asked for from below in a bid: write 'reliability >= 0.98'.");
        if (ppm >= 1_000_000) throw Wrong(term, "above 1 has no node: write 'reliability >= 1'.");
        return ppm + 1;
    }

    private static bool Asked(FilterTerm term) =>
        term.Values[0].Flag ? true : throw Wrong(term, $"can only be asked for in a bid, not kept out: write '{term.Field.Name}', or leave it out.");

    private static List<T> OneOf<T>(FilterTerm term, IReadOnlyList<T> before, Func<FilterTerm, string, T> read)
    {
        if (term.Operator is not FilterOperator.Equal and not FilterOperator.In)
            throw Wrong(term, $"can only be asked for by name in a bid: write '{term.Field.Name} = ...' or '{term.Field.Name} in (...)'.");
        var asked = term.Values.Select(value => read(term, value.Text)).Distinct().Order().ToList();
        if (before.Count > 0) asked = [.. asked.Intersect(before)];
        if (asked.Count == 0) throw Wrong(term, "is asked to be two things at once: no node is both.");
        return asked.Count <= ListMax ? asked : throw Wrong(term, $"has {asked.Count} values; a bid can name {ListMax}.");
    }

    private static string Country(FilterTerm term, string text) =>
        text.Length == 2 && text.All(char.IsAsciiLetter)
            ? text.ToUpperInvariant()
            : throw Wrong(term, $"is compared with '{text}': write two letters (ISO 3166-1), for example DE.");

    private static string Zone(FilterTerm term, string text) =>
        text.Length <= 16 && text.All(letter => char.IsAsciiLetterOrDigit(letter) || letter == '-')
            ? text.ToUpperInvariant()
            : throw Wrong(term, $"is compared with '{text}': write at most 16 letters, digits and '-', for example EU.");

    private static Guid Node(FilterTerm term, string text) =>
        Guid.TryParse(text, out var id) && id != Guid.Empty ? id : throw Wrong(term, $"is compared with '{text}', which is not a UUID.");

    private static FilterException Wrong(FilterTerm term, string message) => new(term.Position, term.Written, message);
}
