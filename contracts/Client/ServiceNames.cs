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

    /// <summary>The engine's feed, as a producer that the others hear.</summary>
    public const string Feed = "engine";

    /// <summary>The services that keep data of their own, the engine apart.</summary>
    public static readonly IReadOnlyList<string> Keepers = [OrderBook, ProviderRegistry, Settlement, Pricing, Participants];
}
