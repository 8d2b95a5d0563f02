namespace ComputeExchange.ProviderRegistry.Domain;

/// <summary>What countries belong to, so that a bid can ask for a zone and not for a list of countries.</summary>
public static class Zones
{
    private static readonly HashSet<string> Eu = [
        "AT", "BE", "BG", "HR", "CY", "CZ", "DK", "EE", "FI", "FR", "DE", "GR", "HU", "IE", "IT", "LV", "LT", "LU", "MT", "NL", "PL", "PT", "RO", "SK", "SI", "ES", "SE",
    ];

    private static readonly HashSet<string> NorthAmerica = ["US", "CA", "MX"];

    private static readonly HashSet<string> AsiaPacific = ["AU", "HK", "ID", "IN", "JP", "KR", "MY", "NZ", "PH", "SG", "TH", "TW", "VN"];

    /// <summary>"EU" for the members of the European Union, "NA" for North America, "APAC" for Asia and the Pacific; empty for all others.</summary>
    public static string Of(string country) =>
        Eu.Contains(country) ? "EU" : NorthAmerica.Contains(country) ? "NA" : AsiaPacific.Contains(country) ? "APAC" : "";

    /// <summary>Whether a text is written as ISO 3166-1 alpha-2 is.</summary>
    public static bool IsCountry(string text) => text.Length == 2 && text.All(char.IsAsciiLetterUpper);
}
