using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.OrderBook.V1;
using ComputeExchange.Values;

namespace ComputeExchange.OrderBook.Domain;

/// <summary>What a run decided, as far as a bid's owner asks for it.</summary>
/// <param name="RunId">The run.</param>
/// <param name="ClosedTime">When it was closed.</param>
/// <param name="LeftOut">The blocks left out although in the money.</param>
/// <param name="Prices">The price of every market and slot in which something was sold, in micro-dollars per GPU-hour.</param>
public sealed record LastRun(
    long RunId, DateTimeOffset ClosedTime, IReadOnlySet<long> LeftOut, IReadOnlyDictionary<(string Market, DateTimeOffset Slot), long> Prices);

/// <summary>A bid as far as its reason goes.</summary>
/// <param name="BidId">Its number.</param>
/// <param name="Kind">How it may be filled.</param>
/// <param name="Markets">The acceptable markets.</param>
/// <param name="FromTime">The start of its window.</param>
/// <param name="GpuCount">GPUs in each slot.</param>
/// <param name="FilledGpuCounts">GPUs bought so far, by slot of the window.</param>
/// <param name="LimitMicros">The limit.</param>
/// <param name="PlacedTime">When it was accepted.</param>
/// <param name="State">Where it stands.</param>
/// <param name="CloseReason">Why it was closed, if it was.</param>
public sealed record BidStanding(
    long BidId, BidKind Kind, IReadOnlyList<string> Markets, DateTimeOffset FromTime, int GpuCount, IReadOnlyList<int> FilledGpuCounts,
    long LimitMicros, DateTimeOffset PlacedTime, OrderState State, CloseReason CloseReason);

/// <summary>Why a bid stands as it does, in a sentence for its owner.</summary>
public static class BidReason
{
    /// <summary>The reason; empty when all of it was bought.</summary>
    /// <param name="bid">The bid.</param>
    /// <param name="last">The last run that was cleared; null before the first.</param>
    /// <param name="now">The time.</param>
    /// <param name="settings">The settings in force.</param>
    public static string Of(BidStanding bid, LastRun? last, DateTimeOffset now, MarketSettings settings) => bid.State switch
    {
        OrderState.Filled => "",
        OrderState.Cancelled => "Taken back by its owner" + Bought(bid),
        OrderState.Expired => "Its hours can no longer be traded" + Bought(bid),
        OrderState.Closed => (bid.CloseReason == CloseReason.Suspended ? "Closed by the exchange: the participant was suspended" : "Closed by the exchange") + Bought(bid),
        _ when last is null || bid.PlacedTime >= last.ClosedTime => "Waits for the next run.",
        _ when last.LeftOut.Contains(bid.BidId) =>
            $"Left out of run {last.RunId} although in the money: no whole fit for {bid.GpuCount} GPUs at one price. It takes part in the next run again.",
        _ => Priced(bid, last, now, settings),
    };

    private static string Priced(BidStanding bid, LastRun last, DateTimeOffset now, MarketSettings settings)
    {
        var open = Enumerable.Range(0, bid.FilledGpuCounts.Count)
            .Where(i => bid.FilledGpuCounts[i] < bid.GpuCount)
            .Select(i => bid.FromTime + (i * settings.Slots.Length))
            .Where(slot => slot + settings.Slots.Length > now).ToList();
        if (open.Count > 0 && open.All(slot => settings.TradingOf(slot, now).Minutes == 0))
            return $"The slot of {open[0]:HH:mm} UTC is {settings.TradingOf(open[0], now).ClosedBecause}.";

        var prices = open.SelectMany(slot => bid.Markets.Select(market => last.Prices.TryGetValue((market, slot), out var price) ? price : (long?)null)).OfType<long>().ToList();
        var limit = new Price(bid.LimitMicros);
        if (prices.Count == 0) return $"Nothing was sold in its hours in run {last.RunId}: no offer met the limit of {limit}.";
        var (least, most) = (new Price(prices.Min()), new Price(prices.Max()));
        var range = least == most ? $"{least}" : $"{least} to {most}";
        if (bid.Kind == BidKind.Block)
        {
            return prices.Sum() > bid.LimitMicros * prices.Count
                ? $"The price of its hours in run {last.RunId} was {range}, on the average above the limit of {limit}."
                : $"No {bid.GpuCount} GPUs were to be had in all its hours in run {last.RunId}, at a mean price within the limit of {limit}.";
        }
        return least > limit
            ? $"The price of its hours in run {last.RunId} was {range}, above the limit of {limit}."
            : $"In run {last.RunId} its hours cost {range}: at the limit of {limit} what was left went to earlier bids.";
    }

    private static string Bought(BidStanding bid)
    {
        var bought = bid.FilledGpuCounts.Sum(count => (long)count);
        return bought == 0 ? ", nothing bought." : $", {bought} of {(long)bid.GpuCount * bid.FilledGpuCounts.Count} GPU-slots bought.";
    }
}
