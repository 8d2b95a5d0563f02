using System.Globalization;

namespace ComputeExchange.Cli.Words;

/// <summary>Hours of the day and days of the week as people write them: <c>18-6</c>, <c>9-12,20</c>, <c>mon-fri</c>, <c>sat,sun</c>, <c>all</c>; as bits, 0 for all.</summary>
public static class WeekWords
{
    static readonly string[] DayNames = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

    /// <summary>Reads hours: 18-6 is from 18:00 until 06:00, a single 9 is the hour that begins at 09:00.</summary>
    public static int Hours(string field, string text) => Mask(text, 24, HourRun)
        ?? throw new InputException($"{field}: \"{text}\" is not hours of the day: write for example 18-6 for 18:00 to 06:00, 9-12,20-22, or all (UTC).");

    /// <summary>Reads days: mon-fri has both its ends in it.</summary>
    public static int Days(string field, string text) => Mask(text, 7, DayRun)
        ?? throw new InputException($"{field}: \"{text}\" is not days of the week: write for example mon-fri, sat,sun, or all.");

    /// <summary>Hours as they are written.</summary>
    public static string OfHours(int mask) => Runs(mask, 24, (from, count) => string.Create(CultureInfo.InvariantCulture, $"{from}-{((from + count - 1) % 24) + 1}"));

    /// <summary>Days as they are written.</summary>
    public static string OfDays(int mask) => Runs(mask, 7, (from, count) => count == 1 ? Short(from) : $"{Short(from)}-{Short((from + count - 1) % 7)}");

    static int? Mask(string text, int bits, Func<string, (int From, int Count)?> read)
    {
        if (text.Trim().Equals("all", StringComparison.OrdinalIgnoreCase)) return 0;
        var mask = 0;
        foreach (var part in text.Split(',', StringSplitOptions.TrimEntries))
        {
            if (read(part) is not var (from, count)) return null;
            for (var i = 0; i < count; i++) mask |= 1 << ((from + i) % bits);
        }
        return mask == (1 << bits) - 1 ? 0 : mask;
    }

    static (int From, int Count)? HourRun(string part)
    {
        var ends = part.Split('-', StringSplitOptions.TrimEntries);
        if (ends.Length > 2 || Hour(ends[0]) is not (>= 0 and < 24 and var from)) return null;
        if (ends.Length == 1) return (from, 1);
        if (Hour(ends[1]) is not { } to || to == from) return null;
        return (from, to > from ? to - from : to - from + 24);
    }

    static (int From, int Count)? DayRun(string part)
    {
        var ends = part.Split('-', StringSplitOptions.TrimEntries);
        return ends.Length <= 2 && Day(ends[0]) is { } from && Day(ends[^1]) is { } last ? (from, ((last - from + 7) % 7) + 1) : null;
    }

    static int? Hour(string text)
    {
        var hour = text.EndsWith(":00", StringComparison.Ordinal) ? text[..^3] : text;
        return int.TryParse(hour, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is >= 0 and <= 24 ? number : null;
    }

    static int? Day(string text)
    {
        var at = text.Length < 3 ? -1 : Array.FindIndex(DayNames, name => name.StartsWith(text, StringComparison.OrdinalIgnoreCase));
        return at < 0 ? null : at;
    }

    /// <summary>The runs of bits; one that goes over the end is one.</summary>
    static string Runs(int mask, int bits, Func<int, int, string> word)
    {
        bool Is(int bit) => ((mask >> ((bit + bits) % bits)) & 1) == 1;
        var set = Enumerable.Range(0, bits).Count(Is);
        if (set == 0 || set == bits) return "all";
        return string.Join(",", Enumerable.Range(0, bits).Where(bit => Is(bit) && !Is(bit - 1))
            .Select(from => word(from, Enumerable.Range(1, bits).First(count => !Is(from + count)))));
    }

    static string Short(int day) => DayNames[day][..3];
}
