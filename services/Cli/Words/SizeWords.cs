using System.Globalization;

namespace ComputeExchange.Cli.Words;

/// <summary>Amounts of memory and disk as people write them: <c>512M</c>, <c>64G</c> and <c>64GiB</c> by powers of 1024, <c>64GB</c> by powers of 1000.</summary>
public static class SizeWords
{
    static readonly string[] Letters = ["K", "M", "G", "T"];

    /// <summary>Reads an amount above 0, in bytes; false when it is none.</summary>
    public static bool TryParse(string text, out long bytes)
    {
        bytes = 0;
        var digits = text.TakeWhile(letter => char.IsAsciiDigit(letter) || letter == '.').Count();
        if (!decimal.TryParse(text.AsSpan(0, digits), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var count)) return false;
        if (Factor(text[digits..].Trim()) is not { } factor || count > long.MaxValue / factor) return false;
        bytes = (long)(count * factor);
        return bytes > 0;
    }

    /// <summary>Reads an amount, or says how one is written.</summary>
    public static long Parse(string field, string text) => TryParse(text, out var bytes)
        ? bytes
        : throw new InputException($"{field}: \"{text}\" is not an amount of memory or disk: write for example 512M, 64G or 2T (or 64GB for powers of 1000).");

    static long? Factor(string unit)
    {
        if (unit.Length == 0 || unit.Equals("B", StringComparison.OrdinalIgnoreCase)) return 1;
        var power = Array.FindIndex(Letters, letter => letter[0] == char.ToUpperInvariant(unit[0]));
        if (power < 0) return null;
        long root = unit[1..].ToUpperInvariant() switch { "" or "I" or "IB" => 1_024, "B" => 1_000, _ => 0 };
        if (root == 0) return null;
        var factor = root;
        for (var i = 0; i < power; i++) factor *= root;
        return factor;
    }
}
