using ComputeExchange.Cli.Demo.Minds;
using ComputeExchange.OrderBook.V1;
using ComputeExchange.Values;

namespace ComputeExchange.Cli.Demo.Play;

/// <summary>What the demo saw of the exchange last.</summary>
/// <param name="Now">The exchange's time.</param>
/// <param name="Speed">How fast its clock runs.</param>
/// <param name="LastRun">The last run; null before the first.</param>
/// <param name="Prices">The last prices.</param>
/// <param name="Bids">The cast's open bids.</param>
/// <param name="Free">Free money of everybody.</param>
/// <param name="NextRun">When the next run is due.</param>
public sealed record Sight(
    DateTimeOffset Now, int Speed, Run? LastRun, LastPrices Prices, IReadOnlyList<OpenBid> Bids, IReadOnlyDictionary<Guid, Money> Free,
    DateTimeOffset NextRun);
