using System.Globalization;

namespace ComputeExchange.Cli.Words;

/// <summary>Lengths of time as people write them: <c>90s</c>, <c>30m</c>, <c>3h</c>, <c>2d</c>, <c>1d12h</c>.</summary>
public static class DurationWords
{
    /// <summary>Reads a length of time; false when it is not one, is 0, or is longer than ten years.</summary>
    public static bool TryParse(string text, out TimeSpan duration)
    {
        duration = TimeSpan.Zero;
        var digits = 0;
        var seconds = 0m;
        for (var i = 0; i < text.Length; i++)
        {
            if (char.IsAsciiDigit(text[i]) || text[i] == '.') continue;
            long unit = char.ToLowerInvariant(text[i]) switch { 's' => 1, 'm' => 60, 'h' => 3_600, 'd' => 86_400, _ => 0 };
            if (unit == 0 || !decimal.TryParse(text.AsSpan(digits, i - digits), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var count))
                return false;
            if (count > 100_000_000) return false;
            seconds += count * unit;
            digits = i + 1;
        }
        if (digits != text.Length || seconds <= 0 || seconds > 3_653m * 86_400) return false;
        duration = TimeSpan.FromTicks((long)(seconds * TimeSpan.TicksPerSecond));
        return true;
    }

    /// <summary>Reads a length of time, or says how one is written.</summary>
    public static TimeSpan Parse(string field, string text) => TryParse(text, out var duration)
        ? duration
        : throw new InputException($"{field}: \"{text}\" is not a length of time: write for example 30m, 3h, 2d or 1d12h.");
}
