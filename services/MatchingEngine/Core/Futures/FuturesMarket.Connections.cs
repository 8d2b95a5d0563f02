namespace ComputeExchange.MatchingEngine.Core.Futures;

/// <summary>Orders that stand as long as their owner is connected.</summary>
public sealed partial class FuturesMarket
{
    /// <summary>The accounts with such orders, stop orders included.</summary>
    public IReadOnlySet<int> AccountsWithDisconnectOrders()
    {
        var accounts = new SortedSet<int>();
        foreach (var instrument in _instruments)
        foreach (var position in Orders(instrument, null))
            if ((_pool.At(position).Flags & (byte)OrderFlags.CancelOnDisconnect) != 0) accounts.Add((int)_pool.At(position).Owner);
        foreach (var stop in _stops.Values)
            if (stop.Request.Flags.HasFlag(OrderFlags.CancelOnDisconnect)) accounts.Add((int)stop.Request.Account);
        return accounts;
    }
}
