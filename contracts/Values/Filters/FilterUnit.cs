using System.Globalization;

namespace ComputeExchange.Values.Filters;

/// <summary>What a number counts, and so how it is written; every number is kept as a whole count of the smallest part.</summary>
public enum FilterUnit
{
    /// <summary>Whole things.</summary>
    Count,

    /// <summary>Bytes.</summary>
    Bytes,

    /// <summary>Micro-dollars, written as dollars.</summary>
    Dollars,

    /// <summary>Parts per million, written as a share from 0 to 1 or in percent.</summary>
    Share,

    /// <summary>Seconds.</summary>
    Seconds,

    /// <summary>Hours.</summary>
    Hours,

    /// <summary>Megabits a second.</summary>
    Megabits,
}

/// <summary>Numbers of the filter language as they are written.</summary>
internal static class FilterNumbers
{
    // The first is meant where none is written. Those that print comes first to last, the largest that leaves no fraction.
    private static readonly Dictionary<FilterUnit, (string Name, long Factor)[]> Units = new()
    {
        [FilterUnit.Count] = [("", 1)],
        [FilterUnit.Bytes] =
        [
            ("", 1_000_000_000), ("TB", 1_000_000_000_000), ("GB", 1_000_000_000), ("MB", 1_000_000), ("KB", 1_000), ("B", 1),
            ("TiB", 1L << 40), ("GiB", 1L << 30), ("MiB", 1L << 20), ("KiB", 1L << 10),
        ],
        [FilterUnit.Dollars] = [("", 1_000_000)],
        [FilterUnit.Share] = [("", 1_000_000), ("%", 10_000)],
        [FilterUnit.Seconds] = [("", 1), ("h", 3_600), ("min", 60), ("s", 1), ("d", 86_400)],
        [FilterUnit.Hours] = [("", 1), ("h", 1), ("d", 24)],
        [FilterUnit.Megabits] = [("", 1), ("Gbps", 1_000), ("Mbps", 1)],
    };

    /// <summary>Reads a number; null with what is wrong with it.</summary>
    public static long? Parse(string text, FilterUnit unit, out string wrong)
    {
        var written = unit == FilterUnit.Dollars ? text.TrimStart('$') : text;
        var digits = written.TakeWhile(letter => char.IsAsciiDigit(letter) || letter is '.').Count();
        var (number, name) = (written[..digits], written[digits..]);
        if (!decimal.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value))
        {
            wrong = $"is no number{Examples(unit)}.";
            return null;
        }
        var known = Units[unit].Where(one => one.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).ToArray();
        if (known.Length == 0)
        {
            wrong = $"has the unit '{name}', which this field does not have{Examples(unit)}.";
            return null;
        }
        if (value > 1_000_000_000_000m || value * known[0].Factor > long.MaxValue)
        {
            wrong = "is too large.";
            return null;
        }
        var whole = value * known[0].Factor;
        if (whole != decimal.Truncate(whole))
        {
            wrong = unit is FilterUnit.Dollars or FilterUnit.Share ? "has more than six decimal places." : $"is not a whole number{Smallest(unit)}.";
            return null;
        }
        if (unit == FilterUnit.Share && whole > 1_000_000)
        {
            wrong = "is above 1: a share is from 0 to 1, for example 0.98 or 98%.";
            return null;
        }
        wrong = "";
        return (long)whole;
    }

    /// <summary>The number as it stands in the normal form.</summary>
    public static string Print(long value, FilterUnit unit)
    {
        if (unit is FilterUnit.Dollars or FilterUnit.Share) return (value / 1_000_000m).ToString("0.######", CultureInfo.InvariantCulture);
        if (unit is FilterUnit.Count or FilterUnit.Hours) return value.ToString(CultureInfo.InvariantCulture);
        var (name, factor) = Units[unit].Skip(1).First(one => value % one.Factor == 0);
        return (value / factor).ToString(CultureInfo.InvariantCulture) + name;
    }

    private static string Examples(FilterUnit unit) => unit switch
    {
        FilterUnit.Bytes => ": write for example 80GB, 500MB, 2TB or 16GiB",
        FilterUnit.Dollars => ": write dollars, for example 2.50",
        FilterUnit.Share => ": write for example 0.98 or 98%",
        FilterUnit.Seconds => ": write for example 120, 30min or 1h",
        FilterUnit.Hours => ": write for example 24 or 24h",
        FilterUnit.Megabits => ": write for example 900Mbps or 10Gbps",
        _ => ": write for example 8",
    };

    private static string Smallest(FilterUnit unit) => unit switch
    {
        FilterUnit.Bytes => " of bytes",
        FilterUnit.Seconds => " of seconds",
        FilterUnit.Hours => " of hours",
        FilterUnit.Megabits => " of megabits a second",
        _ => "",
    };
}
