using System.Text;

namespace ComputeExchange.Values.Filters;

/// <summary>What a word of a filter is.</summary>
internal enum FilterWordKind
{
    /// <summary>A name, a number, a text without quotes, or one of and, or, not, in.</summary>
    Bare,

    /// <summary>A text in quotes.</summary>
    Quoted,

    /// <summary>= != &lt; &lt;= &gt; &gt;=</summary>
    Comparison,

    /// <summary>( ) ,</summary>
    Mark,

    /// <summary>The text is over.</summary>
    End,
}

/// <summary>A word of a filter.</summary>
/// <param name="Text">What it means: without quotes.</param>
/// <param name="Written">As it stands there.</param>
internal readonly record struct FilterWord(FilterWordKind Kind, string Text, int Position, string Written)
{
    public bool Is(string word) => Kind is not FilterWordKind.Quoted and not FilterWordKind.End && Text.Equals(word, StringComparison.OrdinalIgnoreCase);
}

/// <summary>Cuts a filter into its words.</summary>
internal static class FilterWords
{
    /// <summary>Whether a letter can stand in a word without quotes.</summary>
    public static bool IsBare(char letter) => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '-' or '_' or '%' or '$' or '+' or '/' or ':';

    /// <summary>All words, and the end.</summary>
    /// <exception cref="FilterException">A letter belongs to no word, or a quote is open.</exception>
    public static List<FilterWord> Cut(string text)
    {
        var words = new List<FilterWord>();
        for (var at = 0; at < text.Length;)
        {
            if (char.IsWhiteSpace(text[at]))
            {
                at++;
                continue;
            }
            var word = Next(text, at);
            words.Add(word);
            at += word.Written.Length;
        }
        words.Add(new FilterWord(FilterWordKind.End, "", text.Length, ""));
        return words;
    }

    private static FilterWord Next(string text, int at)
    {
        var letter = text[at];
        if (letter is '(' or ')' or ',') return new FilterWord(FilterWordKind.Mark, letter.ToString(), at, letter.ToString());
        if (letter is '"' or '\'') return Quoted(text, at);
        if (letter is '=' or '<' or '>' or '!') return Comparison(text, at);
        var length = text.AsSpan(at).IndexOfAnyExcept(BareLetters);
        var bare = length < 0 ? text[at..] : text.Substring(at, length);
        if (bare.Length > 0) return new FilterWord(FilterWordKind.Bare, bare, at, bare);
        throw letter is '&'
            ? new FilterException(at, "&", "is not part of the language: write 'and'.")
            : letter is '|' ? new FilterException(at, "|", "is not part of the language: write 'in (a, b)' for one of several values.")
            : new FilterException(at, Shown(text, at), "is not part of the language: put texts with such letters in quotes.");
    }

    private static readonly System.Buffers.SearchValues<char> BareLetters =
        System.Buffers.SearchValues.Create([.. Enumerable.Range(0, 128).Select(code => (char)code).Where(IsBare)]);

    private static FilterWord Comparison(string text, int at)
    {
        var two = text.AsSpan(at, Math.Min(2, text.Length - at));
        switch (two)
        {
            case "!=" or "<=" or ">=":
                return new FilterWord(FilterWordKind.Comparison, two.ToString(), at, two.ToString());
            case "==":
                throw new FilterException(at, "==", "is not part of the language: write '='.");
            case "<>":
                throw new FilterException(at, "<>", "is not part of the language: write '!='.");
            case "=<" or "=>":
                throw new FilterException(at, two.ToString(), $"is not part of the language: write '{(two[1] == '<' ? "<=" : ">=")}'.");
        }
        if (text[at] == '!') throw new FilterException(at, "!", "is not part of the language: write '!=' or 'not'.");
        return new FilterWord(FilterWordKind.Comparison, text[at].ToString(), at, text[at].ToString());
    }

    private static FilterWord Quoted(string text, int at)
    {
        var quote = text[at];
        var meant = new StringBuilder();
        for (var next = at + 1; next < text.Length; next++)
        {
            if (text[next] == quote) return new FilterWord(FilterWordKind.Quoted, meant.ToString(), at, text[at..(next + 1)]);
            if (text[next] == '\\' && next + 1 < text.Length) next++;
            meant.Append(text[next]);
        }
        throw new FilterException(at, text[at..], "is a text that does not end: close the quote.");
    }

    private static string Shown(string text, int at) =>
        char.IsHighSurrogate(text[at]) && at + 1 < text.Length && char.IsLowSurrogate(text[at + 1]) ? text.Substring(at, 2) : text[at].ToString();
}
