using System.Collections.Frozen;
using System.Globalization;

namespace ComputeExchange.Participants.Domain;

/// <summary>What makes the numbers of banks and accounts valid, as far as they check themselves.</summary>
public static class BankNumbers
{
    /// <summary>How long an IBAN of a country is, where that is known; others are 15 to 34 characters.</summary>
    private static readonly FrozenDictionary<string, int> IbanLengths = (
        "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DK18 DO28 EE20 EG29 ES24 FI18 FO18 FR27 GB22 GE22 GI23 "
        + "GL18 GR27 GT28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 MC27 MD24 ME22 MK19 MR27 MT31 MU30 NL18 "
        + "NO15 PK24 PL28 PS29 PT25 QA29 RO24 RS22 SA24 SC31 SE24 SI19 SK24 SM27 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20")
        .Split(' ').ToFrozenDictionary(entry => entry[..2], entry => int.Parse(entry[2..], CultureInfo.InvariantCulture));

    /// <summary>What is wrong with an IBAN without spaces; null: nothing.</summary>
    public static string? IbanFault(string iban)
    {
        if (iban.Length == 0) return "is missing: give the account's IBAN.";
        if (iban.Length is < 15 or > 34 || !iban.All(char.IsAsciiLetterOrDigit) || !iban[..2].All(char.IsAsciiLetterUpper) || !iban[2..4].All(char.IsAsciiDigit))
            return "is not an IBAN: it begins with a country's two letters and two digits and has 15 to 34 letters and digits.";
        if (IbanLengths.TryGetValue(iban[..2], out var length) && iban.Length != length)
            return $"has {iban.Length} characters; an IBAN of {iban[..2]} has {length}.";
        return Mod97(iban[4..] + iban[..4]) == 1 ? null : "does not match its check digits: look for a typing error.";
    }

    /// <summary>What is wrong with an American bank's routing number; null: nothing.</summary>
    public static string? RoutingFault(string number)
    {
        if (number.Length != 9 || !number.All(char.IsAsciiDigit)) return "is not a routing number: give the bank's 9 digits.";
        var sum = 0;
        for (var i = 0; i < 9; i++) sum += (number[i] - '0') * (i % 3) switch { 0 => 3, 1 => 7, _ => 1 };
        return sum > 0 && sum % 10 == 0 ? null : "does not match its check digit: look for a typing error.";
    }

    /// <summary>What is wrong with a BIC; null: nothing.</summary>
    public static string? BicFault(string bic) =>
        bic.Length is 8 or 11 && bic[..6].All(char.IsAsciiLetterUpper) && bic.All(char.IsAsciiLetterOrDigit)
            ? null
            : "is not a BIC: it has 8 or 11 letters and digits, the first six of them letters.";

    /// <summary>The remainder by 97 of the number that digits and letters, as 10 to 35, make together.</summary>
    private static int Mod97(string text)
    {
        var rest = 0;
        foreach (var c in text)
            rest = char.IsAsciiDigit(c) ? ((rest * 10) + (c - '0')) % 97 : ((rest * 100) + (c - 'A' + 10)) % 97;
        return rest;
    }
}
