namespace ComputeExchange.ProviderRegistry.Domain;

/// <summary>The part of a market's name after the dot.</summary>
public static class Regions
{
    /// <summary>What the names of regions begin with whose nodes are only played.</summary>
    public const string SimulatedPrefix = "sim";

    /// <summary>Whether nodes there may be inventory files on an exchange that is for real.</summary>
    public static bool IsForSimulated(string region) => region.StartsWith(SimulatedPrefix, StringComparison.Ordinal);

    /// <summary>Whether a text can be a region: small letters, digits and dashes.</summary>
    public static bool CanBe(string text) =>
        text.Length is > 0 and <= 60 && text.All(sign => char.IsAsciiLetterLower(sign) || char.IsAsciiDigit(sign) || sign == '-');

    /// <summary>The market of a class there.</summary>
    public static string Market(string productClass, string region) => $"{productClass}.{region}";
}
