namespace ComputeExchange.Cli.Replay.Files;

/// <summary>Which region of the exchange a country lies in: the table regions.csv.</summary>
/// <remarks>
/// us and ca by themselves, eu Europe (with the United Kingdom, Norway, Switzerland, Iceland and Russia), ap Asia and the
/// Pacific, me the Middle East (with Türkiye), la Latin America and the Caribbean, af Africa.
/// </remarks>
public static class Regions
{
    static readonly Dictionary<string, string> ByCountry = CsvTable.Embedded("regions.csv", "region", "country").Rows()
        .ToDictionary(row => row.Text("country"), row => row.Text("region"), StringComparer.OrdinalIgnoreCase);

    /// <summary>The region of a place that ends in its ISO 3166 country code ("Texas, US"); null where there is none.</summary>
    public static string? Of(string place)
    {
        var comma = place.LastIndexOf(',');
        return ByCountry.GetValueOrDefault(place[(comma + 1)..].Trim());
    }
}
