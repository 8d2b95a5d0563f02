using System.Globalization;
using ComputeExchange.Values;
using Google.Protobuf.WellKnownTypes;

namespace ComputeExchange.Cli.Output;

/// <summary>Figures for people: UTC everywhere, dollars, and no unit that has to be guessed.</summary>
public static class Show
{
    static readonly string[] Units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];

    /// <summary>A time to the minute, or to the second where it has any: <c>2026-03-01 09:00Z</c>.</summary>
    public static string Time(DateTimeOffset time) =>
        time.ToUniversalTime().ToString(time.Second == 0 ? "yyyy-MM-dd HH:mm'Z'" : "yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>A time, or nothing.</summary>
    public static string Time(Timestamp? time) => time is null ? "" : Time(time.ToDateTimeOffset());

    /// <summary>A window: the date only once where both ends share it.</summary>
    public static string Window(Timestamp from, Timestamp to)
    {
        var (start, end) = (from.ToDateTimeOffset(), to.ToDateTimeOffset());
        return start.Date == end.Date
            ? string.Create(CultureInfo.InvariantCulture, $"{start:yyyy-MM-dd HH:mm}-{end:HH:mm'Z'}")
            : string.Create(CultureInfo.InvariantCulture, $"{start:yyyy-MM-dd HH:mm}-{end:MM-dd HH:mm'Z'}");
    }

    /// <summary>A price, or nothing.</summary>
    public static string Price(long? micros) => micros is { } known ? new Price(known).ToString() : "";

    /// <summary>An amount.</summary>
    public static string Money(long micros) => new Money(micros).ToString();

    /// <summary>GPU-hours from GPU-minutes, to a tenth.</summary>
    public static string GpuHours(long gpuMinutes) => (gpuMinutes / 60m).ToString("#,0.#", CultureInfo.InvariantCulture);

    /// <summary>A share of a million as a percentage.</summary>
    public static string Percent(long ppm) => (ppm / 10_000m).ToString("0.0#", CultureInfo.InvariantCulture) + "%";

    /// <summary>An enum's value as people say it: <c>ORDER_STATE_OPEN</c> is "open".</summary>
    public static string Word<TEnum>(TEnum value) where TEnum : struct, System.Enum =>
        string.Concat(value.ToString().Select((letter, i) => char.IsUpper(letter) && i > 0 ? " " + char.ToLowerInvariant(letter) : char.ToLowerInvariant(letter).ToString()));

    /// <summary>An enum's value as people say it; nothing where it says nothing.</summary>
    public static string? WordOrNone<TEnum>(TEnum value) where TEnum : struct, System.Enum => value.Equals(default(TEnum)) ? null : Word(value);

    /// <summary>An amount of memory or disk, by powers of 1024; nothing for 0.</summary>
    public static string Bytes(long bytes)
    {
        var (value, unit) = ((decimal)bytes, 0);
        for (; value >= 1_024 && unit < Units.Length - 1; unit++) value /= 1_024;
        return bytes == 0 ? "" : value.ToString(unit == 0 ? "0" : "0.#", CultureInfo.InvariantCulture) + " " + Units[unit];
    }

    /// <summary>A length of time in its largest units: <c>1d12h</c>, <c>90s</c>; nothing for 0.</summary>
    public static string Length(long seconds)
    {
        var words = "";
        foreach (var (unit, length) in new[] { ("d", 86_400L), ("h", 3_600L), ("m", 60L), ("s", 1L) })
        {
            if (seconds >= length) words += (seconds / length).ToString(CultureInfo.InvariantCulture) + unit;
            seconds %= length;
        }
        return words;
    }

    /// <summary>The first part of an id: enough for a command to take.</summary>
    public static string ShortId(string id) => id.Length > 13 ? id[..13] : id;
}
