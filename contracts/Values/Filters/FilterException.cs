namespace ComputeExchange.Values.Filters;

/// <summary>What is wrong with a filter: where, what stands there, and what would be right.</summary>
public sealed class FilterException : Exception
{
    public FilterException(int position, string found, string message)
        : base(found.Length == 0 ? $"at the end: {message}" : $"at {position + 1}, '{found}': {message}")
    {
        Position = position;
        Found = found;
    }

    /// <summary>The place of its first letter in the text, from 0; the text's length where something is missing at its end.</summary>
    public int Position { get; }

    /// <summary>The word that is wrong, as it stands there; empty at the end of the text.</summary>
    public string Found { get; }

    /// <summary>The text with a mark under what is wrong, on two lines; one line of the text only.</summary>
    public string Mark(string text) =>
        $"{text.Replace('\n', ' ').Replace('\r', ' ').Replace('\t', ' ')}\n{new string(' ', Position)}{new string('^', Math.Max(1, Found.Length))}";
}
