using System.Globalization;

namespace ComputeExchange.Cli.Replay.Files;

/// <summary>A row of a file as named texts, whatever the file's format.</summary>
public interface IFields
{
    /// <summary>A field without the blanks around it; empty where there is none.</summary>
    string Text(string name);
}

/// <summary>Fields read as what they should be; null for anything else.</summary>
public static class FieldWords
{
    /// <summary>A number; null for what is missing, not a number, or not finite.</summary>
    public static decimal? Number(this IFields row, string name) =>
        decimal.TryParse(row.Text(name), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;

    /// <summary>A whole number; null for anything else.</summary>
    public static long? Whole(this IFields row, string name) =>
        row.Number(name) is { } number && number == decimal.Truncate(number) && Math.Abs(number) <= long.MaxValue ? (long)number : null;

    /// <summary>A time in UTC; null for anything else.</summary>
    public static DateTimeOffset? Time(this IFields row, string name) =>
        DateTimeOffset.TryParse(row.Text(name), CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time) ? time : null;

    /// <summary>Whether a field says true or false; null where it says neither.</summary>
    public static bool? Flag(this IFields row, string name) => bool.TryParse(row.Text(name), out var flag) ? flag : null;
}
