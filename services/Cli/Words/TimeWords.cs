using System.Globalization;

namespace ComputeExchange.Cli.Words;

/// <summary>Times as people write them, in UTC: ISO 8601, <c>now</c>, <c>+3h</c>, <c>-2h</c>, <c>today 18:00</c>, <c>tomorrow 09:00</c>, <c>sat 02:00</c>, <c>09:00</c>.</summary>
public static class TimeWords
{
    static readonly string[] IsoForms =
    [
        "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd'T'HHK",
        "yyyy-MM-dd HH:mm:ssK", "yyyy-MM-dd HH:mmK", "yyyy-MM-dd",
    ];

    /// <summary>Reads a time that says by itself which it is; without an offset it is UTC.</summary>
    public static bool TryParseIso(string text, out DateTimeOffset time) =>
        DateTimeOffset.TryParseExact(text.Trim(), IsoForms, CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out time);

    /// <summary>Reads a time, beside what the exchange's clock shows.</summary>
    public static bool TryParse(string text, DateTimeOffset now, out DateTimeOffset time)
    {
        text = text.Trim();
        if (TryParseIso(text, out time)) return true;
        time = now.ToUniversalTime();
        if (text.Equals("now", StringComparison.OrdinalIgnoreCase)) return true;
        if (text.Length > 1 && text[0] is '+' or '-' && DurationWords.TryParse(text[1..], out var duration))
        {
            time = text[0] == '+' ? time + duration : time - duration;
            return true;
        }

        var midnight = new DateTimeOffset(time.UtcDateTime.Date, TimeSpan.Zero);
        var parts = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var word = parts.Length > 0 ? parts[0].ToLowerInvariant() : "";
        var weekday = Weekday(word);
        if (word is "today" or "tomorrow" or "yesterday" || weekday is not null)
        {
            var day = midnight.AddDays(word switch { "tomorrow" => 1, "yesterday" => -1, _ => weekday is null ? 0 : ((int)weekday - (int)midnight.DayOfWeek + 7) % 7 });
            var rest = parts.Skip(1).Where(part => !part.Equals("at", StringComparison.OrdinalIgnoreCase)).ToArray();
            if (rest.Length > 1) return false;
            var hour = TimeSpan.Zero;
            if (rest.Length == 1 && !TryParseHour(rest[0], out hour)) return false;

            // A day of the week is the coming one: that day itself while the hour is still to come.
            time = weekday is not null && day + hour < time ? day.AddDays(7) + hour : day + hour;
            return true;
        }

        // A bare hour of the day is the next one.
        if (parts.Length != 1 || !TryParseHour(parts[0], out var alone)) return false;
        time = midnight + alone >= time ? midnight + alone : midnight.AddDays(1) + alone;
        return true;
    }

    /// <summary>Reads a time, or says how one is written.</summary>
    public static DateTimeOffset Parse(string field, string text, DateTimeOffset now) => TryParse(text, now, out var time)
        ? time
        : throw new InputException($"{field}: \"{text}\" is not a time: write for example 2026-03-01T09:00Z, now, +3h or \"tomorrow 09:00\" (all UTC).");

    /// <summary>The start of a slot for a time that people wrote: <c>now</c> is the slot in progress, anything relative begins with the next whole slot.</summary>
    public static DateTimeOffset ToSlot(string text, DateTimeOffset time, TimeSpan slot)
    {
        if (TryParseIso(text, out _)) return time;
        var past = time.UtcTicks % slot.Ticks;
        if (past == 0) return time;
        var begun = time.AddTicks(-past);
        return text.Trim().Equals("now", StringComparison.OrdinalIgnoreCase) ? begun : begun + slot;
    }

    static DayOfWeek? Weekday(string word)
    {
        if (word.Length < 3) return null;
        foreach (var day in Enum.GetValues<DayOfWeek>())
            if (day.ToString().StartsWith(word, StringComparison.OrdinalIgnoreCase)) return day;
        return null;
    }

    static bool TryParseHour(string text, out TimeSpan hour)
    {
        hour = default;
        string[] forms = ["HH:mm", "H:mm", "HH:mm:ss", "htt", "hhtt", "h:mmtt", "hh:mmtt"];
        if (!TimeOnly.TryParseExact(text, forms, CultureInfo.InvariantCulture, DateTimeStyles.None, out var time)) return false;
        hour = time.ToTimeSpan();
        return true;
    }
}
