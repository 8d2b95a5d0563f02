using ComputeExchange.Values;

namespace ComputeExchange.Settlement.Domain.Fees;

/// <summary>The tax in a payer's fees: the exchange's fees include it.</summary>
/// <param name="Code">Where it is owed, for example <c>DE</c>.</param>
/// <param name="RatePpm">Parts per million of the net fee.</param>
public sealed record FeeTax(string Code, int RatePpm)
{
    /// <summary>The highest rate.</summary>
    public const int HighestPpm = 500_000;

    /// <summary>The tax that a fee includes, rounded to the nearest micro-dollar, halves up; the rest is the net fee.</summary>
    public Money In(Money fee)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(fee.Micros);
        Int128 whole = 1_000_000 + RatePpm;
        return new Money((long)((((Int128)fee.Micros * RatePpm * 2) + whole) / (whole * 2)));
    }

    /// <summary>What is wrong with a rate on a day, field by field, and what would be right.</summary>
    public static IReadOnlyList<(string Field, string Message)> Wrong(string code, DateOnly fromDay, int ratePpm, DateOnly today)
    {
        var wrong = new List<(string, string)>();
        if (code.Length is < 2 or > 10 || !code.All(letter => char.IsAsciiLetterUpper(letter) || char.IsAsciiDigit(letter) || letter == '-'))
            wrong.Add(("tax_code", $"is '{code}'; it has 2 to 10 of A-Z, 0-9 and '-', for example DE or US-CA."));
        if (fromDay < today) wrong.Add(("from_day", $"is {fromDay:yyyy-MM-dd}, which is past; it can be {today:yyyy-MM-dd} or later."));
        if (ratePpm is < 0 or > HighestPpm) wrong.Add(("rate_ppm", $"is {ratePpm}; it can be 0 to {HighestPpm}."));
        return wrong;
    }
}

/// <summary>The taxes in the two fees of a slot; null where none is owed.</summary>
public readonly record struct FeeTaxes(FeeTax? Buyer, FeeTax? Seller);

/// <summary>Who pays which tax, and its rates by the day from which they hold.</summary>
public sealed class TaxBook(IReadOnlyDictionary<Guid, string> codes, IEnumerable<(string Code, DateOnly FromDay, int RatePpm)> rates)
{
    private readonly ILookup<string, (DateOnly FromDay, int RatePpm)> _rates =
        rates.OrderBy(rate => rate.FromDay).ToLookup(rate => rate.Code, rate => (rate.FromDay, rate.RatePpm), StringComparer.Ordinal);

    /// <summary>The tax in a participant's fees for what was delivered on a UTC day; null where none is owed.</summary>
    public FeeTax? Of(Guid participant, DateOnly day)
    {
        if (!codes.TryGetValue(participant, out var code)) return null;
        var rate = _rates[code].LastOrDefault(rate => rate.FromDay <= day);
        return rate.RatePpm > 0 ? new FeeTax(code, rate.RatePpm) : null;
    }
}
