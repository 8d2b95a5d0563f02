using ComputeExchange.Settlement.Storage;
using ComputeExchange.Values;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.Settlement.Delivery;

/// <summary>What missed slots cost elsewhere.</summary>
internal static class References
{
    /// <summary>What the slot cost in the last later run that sold some of it, as far as it is known here now; else what this lease paid.</summary>
    public static async Task<Price> ReferenceOf(this SettlementDb db, LeaseSlotRow slot, CancellationToken cancel)
    {
        // A lease that was bought with the slot in progress begins after the slot did.
        var last = await db.ReferencePrices.AsNoTracking()
            .Where(price => price.Market == slot.Lease.Market && price.SlotTime <= slot.FromTime)
            .OrderByDescending(price => price.SlotTime)
            .FirstOrDefaultAsync(cancel);
        return last is not null && last.RunId > slot.Lease.RunId
            ? new Price(last.PriceMicrosPerGpuHour)
            : new Price(slot.PriceMicrosPerGpuHour);
    }
}
