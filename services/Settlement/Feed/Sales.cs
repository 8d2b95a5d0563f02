using ComputeExchange.Facts.Settlement.V1;
using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.Settlement.Storage;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.Settlement.Feed;

/// <summary>What a cleared run leaves here: the leases it sold and what every slot cost.</summary>
internal static class Sales
{
    /// <summary>What ProviderRegistry is told of a lease.</summary>
    public static CapacityPaid Paid(LeaseSold lease) => new()
    {
        LeaseId = lease.LeaseId,
        BuyerId = Guid.Parse(lease.BuyerId),
        ProviderId = Guid.Parse(lease.ProviderId),
        NodeId = Guid.Parse(lease.NodeId),
        Market = lease.Market,
        Gpus = lease.GpuCount,
        ResoldFrom = lease.ResoldFromLeaseId,
        Slots = [.. lease.Slots.Select(slot => new PaidSlot(slot.FromTime.ToDateTimeOffset(), slot.ToTime.ToDateTimeOffset()))],
    };

    /// <summary>Keeps leases and their slots until they are metered: one statement for any number of them.</summary>
    public static async Task KeepLeases(this SettlementDb db, IReadOnlyList<(LeaseSold Lease, string? TraceParent)> kept, CancellationToken cancel)
    {
        var sold = kept.Select(one => one.Lease).ToList();
        var ids = sold.Select(lease => lease.LeaseId).ToArray();
        var runs = sold.Select(lease => lease.RunId).ToArray();
        var buyers = sold.Select(lease => Guid.Parse(lease.BuyerId)).ToArray();
        var providers = sold.Select(lease => Guid.Parse(lease.ProviderId)).ToArray();
        var markets = sold.Select(lease => lease.Market).ToArray();
        var traces = kept.Select(one => one.TraceParent).ToArray();
        await db.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO settlement.leases (lease_id, run_id, buyer_id, provider_id, market, trace_parent)
            SELECT * FROM unnest({ids}, {runs}, {buyers}, {providers}, {markets}, {traces})
            """,
            cancel);

        var slots = sold.SelectMany(lease => lease.Slots.Select((slot, index) => (lease.LeaseId, Index: index, Slot: slot))).ToList();
        var leases = slots.Select(s => s.LeaseId).ToArray();
        var indices = slots.Select(s => s.Index).ToArray();
        var froms = slots.Select(s => s.Slot.FromTime.ToDateTimeOffset()).ToArray();
        var tos = slots.Select(s => s.Slot.ToTime.ToDateTimeOffset()).ToArray();
        var prices = slots.Select(s => s.Slot.PriceMicrosPerGpuHour).ToArray();
        var costs = slots.Select(s => s.Slot.CostMicros).ToArray();
        var buyerFees = slots.Select(s => s.Slot.BuyerFeeMicros).ToArray();
        var sellerFees = slots.Select(s => s.Slot.SellerFeeMicros).ToArray();
        var bonds = slots.Select(s => s.Slot.BondMicros).ToArray();
        await db.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO settlement.lease_slots (
                lease_id, slot_index, from_time, to_time, price_micros_per_gpu_hour, cost_micros, buyer_fee_micros, seller_fee_micros, bond_micros)
            SELECT * FROM unnest({leases}, {indices}, {froms}, {tos}, {prices}, {costs}, {buyerFees}, {sellerFees}, {bonds})
            """,
            cancel);
    }

    /// <summary>Keeps the run's prices: of the runs that sold a slot, the last one's counts.</summary>
    /// <remarks>One statement for a run, as it has a price for every market and slot; only the feed writes this table.</remarks>
    public static async Task KeepPrices(this SettlementDb db, RunCleared run, CancellationToken cancel)
    {
        if (run.Prices.Count == 0) return;
        var markets = run.Prices.Select(price => price.Market).ToArray();
        var slots = run.Prices.Select(price => price.SlotTime.ToDateTimeOffset()).ToArray();
        var micros = run.Prices.Select(price => price.PriceMicrosPerGpuHour).ToArray();
        await db.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO settlement.reference_prices (market, slot_time, price_micros_per_gpu_hour, run_id)
            SELECT market, slot_time, micros, {run.RunId} FROM unnest({markets}, {slots}, {micros}) AS cleared (market, slot_time, micros)
            ON CONFLICT (market, slot_time) DO UPDATE
                SET price_micros_per_gpu_hour = excluded.price_micros_per_gpu_hour, run_id = excluded.run_id
            """,
            cancel);
    }
}
