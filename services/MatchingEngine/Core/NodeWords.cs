namespace ComputeExchange.MatchingEngine.Core;

/// <summary>What a bid can ask of a node.</summary>
/// <param name="Verified">The exchange has seen what it is, and that it works.</param>
/// <param name="Simulated">It is no machine, but one that is only played.</param>
/// <param name="ReliabilityPpm">How well it delivered until now, in parts per million.</param>
/// <param name="NvLink">Its GPUs are joined by NVLink.</param>
/// <param name="Country">Where it stands, ISO 3166-1 alpha-2; empty where that is not known.</param>
/// <param name="Zone">What that country belongs to; may be empty.</param>
public sealed record NodeTraits(bool Verified, bool Simulated, long ReliabilityPpm, bool NvLink, string Country, string Zone)
{
    /// <summary>What is known of a node of which nothing was said.</summary>
    public static readonly NodeTraits None = new(Verified: false, Simulated: false, 0, NvLink: false, "", "");

    /// <summary>What is wrong with these traits: a field and what would be right; null when nothing is.</summary>
    internal (string Field, string Message)? Wrong() =>
        NodeWords.WrongReliability(ReliabilityPpm) is { } reliability ? ("traits.reliability_ppm", reliability)
        : Country.Length > 0 && NodeWords.WrongCountry(Country) is { } country ? ("traits.country", country)
        : Zone.Length > 0 && NodeWords.WrongZone(Zone) is { } zone ? ("traits.zone", zone)
        : null;
}

/// <summary>What a block asks of every node that serves it; what is not said is not asked.</summary>
/// <param name="LeastReliabilityPpm">The least reliability, in parts per million.</param>
/// <param name="Verified">It must be verified.</param>
/// <param name="NvLink">Its GPUs must be joined by NVLink.</param>
/// <param name="Countries">It must stand in one of these; empty: anywhere.</param>
/// <param name="Zones">It must stand in one of these; empty: anywhere.</param>
/// <param name="Nodes">It must be one of these; empty: any.</param>
public sealed record NodeNeeds(
    long LeastReliabilityPpm, bool Verified, bool NvLink, IReadOnlyList<string> Countries, IReadOnlyList<string> Zones, IReadOnlyList<Guid> Nodes)
{
    /// <summary>The most countries, zones or nodes that are named.</summary>
    public const int MostNamed = 16;

    /// <summary>Nothing is asked.</summary>
    public bool IsEmpty => LeastReliabilityPpm == 0 && !Verified && !NvLink && Countries.Count == 0 && Zones.Count == 0 && Nodes.Count == 0;

    /// <summary>Whether a node is all that is asked.</summary>
    public bool AreMetBy(Guid node, NodeTraits traits) =>
        traits.ReliabilityPpm >= LeastReliabilityPpm
        && (traits.Verified || !Verified)
        && (traits.NvLink || !NvLink)
        && (Countries.Count == 0 || Countries.Contains(traits.Country, StringComparer.Ordinal))
        && (Zones.Count == 0 || Zones.Contains(traits.Zone, StringComparer.Ordinal))
        && (Nodes.Count == 0 || Nodes.Contains(node));

    /// <summary>What is wrong with these needs: a field and what would be right; null when nothing is.</summary>
    internal (string Field, string Message)? Wrong()
    {
        if (NodeWords.WrongReliability(LeastReliabilityPpm) is { } reliability) return ("needs.reliability_ppm_min", reliability);
        if (WrongCount(Countries.Count) is { } countries) return ("needs.countries", countries);
        if (WrongCount(Zones.Count) is { } zones) return ("needs.zones", zones);
        if (WrongCount(Nodes.Count) is { } nodes) return ("needs.node_ids", nodes);
        if (Countries.Select(NodeWords.WrongCountry).FirstOrDefault(wrong => wrong is not null) is { } country) return ("needs.countries", country);
        return Zones.Select(NodeWords.WrongZone).FirstOrDefault(wrong => wrong is not null) is { } zone ? ("needs.zones", zone) : null;
    }

    private static string? WrongCount(int count) => count > MostNamed ? $"names {count}; it can name {MostNamed} at most." : null;
}

/// <summary>How the words about nodes are written.</summary>
internal static class NodeWords
{
    private const int LongestZone = 16;

    public static string? WrongReliability(long ppm) => ppm is < 0 or > 1_000_000 ? $"is {ppm}; it can be 0 to 1000000." : null;

    public static string? WrongCountry(string country) => country.Length == 2 && country.All(char.IsAsciiLetterUpper)
        ? null
        : $"names '{country}'; a country is two capital letters, as ISO 3166-1 has them, for example DE.";

    public static string? WrongZone(string zone) => zone.Length is >= 1 and <= LongestZone && zone.All(IsZoneLetter)
        ? null
        : $"names '{zone}'; a zone is 1 to {LongestZone} capital letters, digits and '-', for example EU.";

    private static bool IsZoneLetter(char letter) => char.IsAsciiLetterUpper(letter) || char.IsAsciiDigit(letter) || letter == '-';
}
