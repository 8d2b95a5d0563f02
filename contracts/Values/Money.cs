namespace ComputeExchange.Values;

/// <summary>An amount of US dollars, in whole micro-dollars (1 USD = 1,000,000). May be negative.</summary>
public readonly record struct Money(long Micros) : IComparable<Money>
{
    /// <summary>Micro-dollars in one dollar.</summary>
    public const long MicrosPerDollar = 1_000_000;

    /// <summary>No money.</summary>
    public static readonly Money Zero;

    /// <inheritdoc />
    public int CompareTo(Money other) => Micros.CompareTo(other.Micros);

    /// <summary>Dollars and cents for people, for example <c>$1,234.56</c>; micro-dollars are shown only where there are any.</summary>
    public override string ToString()
    {
        var dollars = (decimal)Micros / MicrosPerDollar;
        var text = Micros % 10_000 == 0 ? $"{Math.Abs(dollars):N2}" : $"{Math.Abs(dollars):#,0.00####}";
        return Micros < 0 ? $"-${text}" : $"${text}";
    }

    /// <summary>Reads dollars as people write them (<c>12</c>, <c>12.50</c>, <c>$1,234.5</c>), to the micro-dollar; finer is refused.</summary>
    public static bool TryParse(string? text, out Money money)
    {
        money = default;
        if (text is null) return false;
        var digits = text.Trim().Replace("$", "", StringComparison.Ordinal).Replace(",", "", StringComparison.Ordinal);
        const System.Globalization.NumberStyles style =
            System.Globalization.NumberStyles.AllowDecimalPoint | System.Globalization.NumberStyles.AllowLeadingSign;
        if (!decimal.TryParse(digits, style, System.Globalization.CultureInfo.InvariantCulture, out var dollars)) return false;
        if (Math.Abs(dollars) > long.MaxValue / MicrosPerDollar) return false;
        var micros = dollars * MicrosPerDollar;
        if (micros != decimal.Truncate(micros)) return false;
        money = new Money((long)micros);
        return true;
    }

    /// <summary>
    /// The share <paramref name="partsPerMillion"/> of this amount, rounded down: the shares of parts are together never
    /// more than the share of the whole, so what was reserved for the whole covers them.
    /// </summary>
    public Money Share(long partsPerMillion)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(Micros);
        ArgumentOutOfRangeException.ThrowIfNegative(partsPerMillion);
        return new Money((long)((Int128)Micros * partsPerMillion / 1_000_000));
    }

    public static Money operator +(Money left, Money right) => new(left.Micros + right.Micros);

    public static Money operator -(Money left, Money right) => new(left.Micros - right.Micros);

    public static Money operator -(Money value) => new(-value.Micros);

    public static bool operator <(Money left, Money right) => left.Micros < right.Micros;

    public static bool operator >(Money left, Money right) => left.Micros > right.Micros;

    public static bool operator <=(Money left, Money right) => left.Micros <= right.Micros;

    public static bool operator >=(Money left, Money right) => left.Micros >= right.Micros;

    public static Money Min(Money left, Money right) => left <= right ? left : right;

    public static Money Max(Money left, Money right) => left >= right ? left : right;
}
