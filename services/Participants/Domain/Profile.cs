using System.Text.RegularExpressions;

namespace ComputeExchange.Participants.Domain;

/// <summary>What is known of a participant as a person or a firm, apart from its name. Any part may be empty.</summary>
/// <param name="AddressLines">In the order of an envelope.</param>
/// <param name="Country">ISO 3166-1 alpha-2.</param>
/// <param name="TaxCode">Which tax its fees include: a country, or a country and a part of it.</param>
public sealed partial record Profile(
    string LegalName, string Email, IReadOnlyList<string> AddressLines, string Country, string TaxNumber, string TaxCode)
{
    /// <summary>The longest legal name, in characters.</summary>
    public const int LegalNameLengthMax = 200;

    /// <summary>The longest e-mail address, in characters.</summary>
    public const int EmailLengthMax = 254;

    /// <summary>How many lines an address can have.</summary>
    public const int AddressLineCountMax = 6;

    /// <summary>The longest line of an address, in characters.</summary>
    public const int AddressLineLengthMax = 100;

    /// <summary>Nothing that prints this prints the person.</summary>
    public override string ToString() => nameof(Profile);

    /// <summary>A profile as people write it, in the form in which it is stored.</summary>
    public static Profile Of(string legalName, string email, IEnumerable<string> addressLines, string country, string taxNumber, string taxCode) => new(
        legalName.Trim(), email.Trim(), [.. addressLines.Select(line => line.Trim()).Where(line => line.Length > 0)],
        country.Trim().ToUpperInvariant(), taxNumber.Trim(), taxCode.Trim().ToUpperInvariant());

    /// <summary>Every wrong field and what would be right; empty: the profile can be.</summary>
    public IEnumerable<(string Field, string Description)> Faults()
    {
        if (TooLong(LegalName, LegalNameLengthMax) is { } name) yield return ("legal_name", name);
        if (TooLong(Email, EmailLengthMax) is { } email) yield return ("email", email);
        else if (Email.Length > 0 && !EmailForm().IsMatch(Email)) yield return ("email", "is not an e-mail address: it looks like billing@example.com.");
        if (AddressLines.Count > AddressLineCountMax) yield return ("address_lines", $"has {AddressLines.Count} lines; it can have {AddressLineCountMax}.");
        else if (AddressLines.Select(line => TooLong(line, AddressLineLengthMax)).FirstOrDefault(fault => fault is not null) is { } line)
            yield return ("address_lines", $"has a line that {line}");
        if (Country.Length > 0 && !CountryForm().IsMatch(Country)) yield return ("country", "is not a country: give its two letters, for example DE.");
        if (!TaxNumberForm().IsMatch(TaxNumber)) yield return ("tax_number", "is not a tax number: give at most 32 letters, digits, spaces, points, dashes and slashes.");
        if (TaxCode.Length > 0 && !TaxCodeForm().IsMatch(TaxCode)) yield return ("tax_code", "is not a tax code: give a country, or a country and a part of it, for example DE or US-CA.");
        else if (TaxCode.Length > 0 && Country.Length == 0) yield return ("country", "is missing: a tax code goes with a country.");
        else if (TaxCode.Length > 0 && CountryForm().IsMatch(Country) && !TaxCode.StartsWith(Country, StringComparison.Ordinal))
            yield return ("tax_code", "is of another country than the address: let it begin with country.");
    }

    /// <summary>The names of the fields in which another profile differs; they, and not their values, stand in the audit log.</summary>
    public IReadOnlyList<string> FieldsChangedBy(Profile other) =>
    [
        .. new[]
        {
            ("legal_name", LegalName == other.LegalName), ("email", Email == other.Email), ("address_lines", AddressLines.SequenceEqual(other.AddressLines)),
            ("country", Country == other.Country), ("tax_number", TaxNumber == other.TaxNumber), ("tax_code", TaxCode == other.TaxCode),
        }.Where(field => !field.Item2).Select(field => field.Item1),
    ];

    private static string? TooLong(string text, int most) =>
        text.Length > most ? $"has {text.Length} characters; it can have {most}."
        : text.Any(char.IsControl) ? "has control characters: leave them out."
        : null;

    [GeneratedRegex(@"\A[^\s@]+@[^\s@.]+(\.[^\s@.]+)+\z", RegexOptions.CultureInvariant)]
    private static partial Regex EmailForm();

    [GeneratedRegex(@"\A[A-Z]{2}\z", RegexOptions.CultureInvariant)]
    private static partial Regex CountryForm();

    [GeneratedRegex(@"\A[A-Za-z0-9 ./-]{0,32}\z", RegexOptions.CultureInvariant)]
    private static partial Regex TaxNumberForm();

    [GeneratedRegex(@"\A[A-Z]{2}(-[A-Z0-9]{1,3})?\z", RegexOptions.CultureInvariant)]
    private static partial Regex TaxCodeForm();
}
