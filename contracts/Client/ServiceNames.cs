namespace ComputeExchange.Client;

/// <summary>The services' names: in addresses, tokens, schemas, and as producers of facts.</summary>
public static class ServiceNames
{
    public const string MatchingEngine = "matching_engine";
    public const string Auctioneer = "auctioneer";
    public const string OrderBook = "order_book";
    public const string ProviderRegistry = "provider_registry";
    public const string Settlement = "settlement";
    public const string Pricing = "pricing";
    public const string Participants = "participants";
    public const string Web = "web";

    /// <summary>The engine's feed, as a producer that the others hear.</summary>
    public const string Feed = "engine";

    /// <summary>The services that keep data of their own, the engine apart.</summary>
    public static readonly IReadOnlyList<string> Keepers = [OrderBook, ProviderRegistry, Settlement, Pricing, Participants];

    private static readonly Dictionary<string, string> ByPackage = new(StringComparer.Ordinal)
    {
        ["computeexchange.matchingengine"] = MatchingEngine,
        ["computeexchange.orderbook"] = OrderBook,
        ["computeexchange.providerregistry"] = ProviderRegistry,
        ["computeexchange.settlement"] = Settlement,
        ["computeexchange.pricing"] = Pricing,
        ["computeexchange.participants"] = Participants,
    };

    /// <summary>The service that answers a package of the contracts, for example <c>computeexchange.settlement.v1</c>; empty if every service or none does.</summary>
    public static string OfPackage(string package)
    {
        var version = package.LastIndexOf('.');
        return version < 0 ? "" : ByPackage.GetValueOrDefault(package[..version], "");
    }
}
