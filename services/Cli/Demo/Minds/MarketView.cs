using ComputeExchange.Values;

namespace ComputeExchange.Cli.Demo.Minds;

/// <summary>A bid of the cast that can still be filled.</summary>
public sealed record OpenBid(
    long Id, Guid Buyer, string Market, bool IsBlock, int Gpus, DateTimeOffset From, DateTimeOffset To, Price Limit);

/// <summary>An offer of the cast that can still sell.</summary>
public sealed record OpenOffer(long Id, Guid Node, int Gpus, DateTimeOffset From, DateTimeOffset To, Price Reserve);

/// <summary>GPUs of a node that are sold.</summary>
public sealed record SoldGpus(Guid Node, int Gpus, DateTimeOffset From, DateTimeOffset To);

/// <summary>The last prices, by market and hour.</summary>
public sealed class LastPrices(IReadOnlyDictionary<(string Market, DateTimeOffset Hour), Price> prices)
{
    const int Near = 6;

    /// <summary>Before the first run.</summary>
    public static LastPrices None { get; } = new(new Dictionary<(string, DateTimeOffset), Price>());

    /// <summary>What an hour, or one of the six to either side of it, last cleared at; the nearest counts. Null where nothing was sold.</summary>
    public Price? Around(string market, DateTimeOffset hour)
    {
        for (var away = 0; away <= Near; away++)
        {
            if (prices.TryGetValue((market, hour.AddHours(away)), out var later)) return later;
            if (prices.TryGetValue((market, hour.AddHours(-away)), out var earlier)) return earlier;
        }
        return null;
    }
}

/// <summary>What buyers know when they decide.</summary>
/// <param name="Bids">The cast's open bids.</param>
/// <param name="Free">Money that each of them may bid with.</param>
/// <param name="Prices">What the last runs cleared at.</param>
public sealed record BuyersView(IReadOnlyList<OpenBid> Bids, IReadOnlyDictionary<Guid, Money> Free, LastPrices Prices);

/// <summary>What a provider knows when it decides.</summary>
/// <param name="Gpus">GPUs of its nodes as the exchange has them.</param>
/// <param name="Offers">Its open offers.</param>
/// <param name="Sold">Its leases that are not over.</param>
/// <param name="Prices">What the last runs cleared at.</param>
public sealed record ProviderView(IReadOnlyDictionary<Guid, int> Gpus, IReadOnlyList<OpenOffer> Offers, IReadOnlyList<SoldGpus> Sold, LastPrices Prices);
