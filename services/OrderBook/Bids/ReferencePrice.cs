using ComputeExchange.OrderBook.Storage;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.OrderBook.Bids;

/// <summary>The last price that was paid for hours like those that a bid wants.</summary>
public static class ReferencePrice
{
    /// <summary>The last price in the window, of the cheapest of the markets, in micro-dollars per GPU-hour; null where nothing was sold in it yet.</summary>
    public static async Task<long?> LastPrice(this OrderBookDb db, IReadOnlyList<string> markets, DateTimeOffset from, DateTimeOffset? to, CancellationToken cancel)
    {
        long? cheapest = null;
        foreach (var market in markets)
        {
            var last = await db.Leases.AsNoTracking()
                .Where(lease => lease.Market == market && lease.ToTime > from && (to == null || lease.FromTime < to) && lease.GpuMinutes > 0)
                .OrderByDescending(lease => lease.LeaseId)
                .Select(lease => new { lease.CostMicros, lease.GpuMinutes })
                .FirstOrDefaultAsync(cancel);
            if (last is null) continue;
            var price = (long)((Int128)last.CostMicros * 60 / last.GpuMinutes);
            cheapest = cheapest is { } found ? Math.Min(found, price) : price;
        }
        return cheapest;
    }
}
