namespace ComputeExchange.Participants.Domain;

/// <summary>How a bank account is named. The names are those of tables.</summary>
public enum PaymentScheme
{
    /// <summary>By its IBAN.</summary>
    Iban,

    /// <summary>In the United States, by routing number and account number.</summary>
    UsAch,

    /// <summary>As it is written elsewhere, with the bank's BIC.</summary>
    Other,
}

/// <summary>A bank account as it is stored and paid to: without spaces, letters in upper case.</summary>
/// <param name="Iban">For <see cref="PaymentScheme.Iban"/>, else empty.</param>
/// <param name="Bic">The bank; may be empty for an IBAN.</param>
/// <param name="RoutingNumber">For <see cref="PaymentScheme.UsAch"/>, else empty.</param>
/// <param name="AccountNumber">For the other two schemes, else empty.</param>
public sealed record BankAccount(PaymentScheme Scheme, string Iban, string Bic, string RoutingNumber, string AccountNumber)
{
    /// <summary>The longest account number that is not of a known form, in characters.</summary>
    public const int OtherLengthMax = 34;

    /// <summary>All but the last four characters masked, and of a short number all but the last two; of an IBAN the country stays.</summary>
    public string Masked => Scheme == PaymentScheme.Iban ? $"{Iban[..2]}…{Iban[^4..]}" : $"…{AccountNumber[^(AccountNumber.Length >= 8 ? 4 : Math.Min(2, AccountNumber.Length - 1))..]}";

    /// <summary>Nothing that prints this prints the account.</summary>
    public override string ToString() => $"{Scheme} account";

    /// <summary>An account as people write it, in the form in which it is stored.</summary>
    public static BankAccount Of(PaymentScheme scheme, string iban, string bic, string routingNumber, string accountNumber) => new(
        scheme, Compact(iban).ToUpperInvariant(), Compact(bic).ToUpperInvariant(), Compact(routingNumber),
        scheme == PaymentScheme.UsAch ? Compact(accountNumber) : accountNumber.Trim());

    /// <summary>Every wrong field and what would be right; empty: the account can be.</summary>
    /// <remarks>No sentence repeats the account: it may be logged by whoever is refused.</remarks>
    public IEnumerable<(string Field, string Description)> Faults()
    {
        var fields = new (string Name, string Value, bool Wanted)[]
        {
            ("iban", Iban, Scheme == PaymentScheme.Iban),
            ("bic", Bic, Scheme != PaymentScheme.UsAch),
            ("routing_number", RoutingNumber, Scheme == PaymentScheme.UsAch),
            ("account_number", AccountNumber, Scheme != PaymentScheme.Iban),
        };
        foreach (var (name, value, wanted) in fields)
            if (!wanted && value.Length > 0) yield return (name, $"has no place in an account of scheme {Name(Scheme)}: leave it out.");

        if (Scheme == PaymentScheme.Iban && BankNumbers.IbanFault(Iban) is { } iban) yield return ("iban", iban);
        if (Scheme != PaymentScheme.UsAch && (Bic.Length > 0 || Scheme == PaymentScheme.Other) && BankNumbers.BicFault(Bic) is { } bic) yield return ("bic", bic);
        if (Scheme == PaymentScheme.UsAch && BankNumbers.RoutingFault(RoutingNumber) is { } routing) yield return ("routing_number", routing);
        if (Scheme == PaymentScheme.UsAch && (AccountNumber.Length is < 4 or > 17 || !AccountNumber.All(char.IsAsciiDigit)))
            yield return ("account_number", "is not an account number: give 4 to 17 digits.");
        if (Scheme == PaymentScheme.Other && (AccountNumber.Length is < 2 or > OtherLengthMax || !AccountNumber.All(IsOfNumber)))
            yield return ("account_number", $"is not an account number: give 2 to {OtherLengthMax} letters, digits, spaces, dashes and slashes.");
    }

    /// <summary>For example <c>US_ACH</c>.</summary>
    public static string Name(PaymentScheme scheme) => scheme switch
    {
        PaymentScheme.Iban => "IBAN",
        PaymentScheme.UsAch => "US_ACH",
        _ => "OTHER",
    };

    private static bool IsOfNumber(char c) => char.IsAsciiLetterOrDigit(c) || c is ' ' or '-' or '/';

    private static string Compact(string text) => string.Concat(text.Where(c => !char.IsWhiteSpace(c)));
}
