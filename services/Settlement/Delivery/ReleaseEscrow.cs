using System.Diagnostics;
using ComputeExchange.Facts;
using ComputeExchange.Facts.Hearing;
using ComputeExchange.Facts.ProviderRegistry.V1;
using ComputeExchange.Settlement.Domain;
using ComputeExchange.Settlement.Domain.Fees;
using ComputeExchange.Settlement.Fees;
using ComputeExchange.Settlement.Storage;
using ComputeExchange.Values;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.Settlement.Delivery;

/// <summary>Settles metered slots: pays the provider for what was delivered, gives the buyer the rest back, and has the bond settled.</summary>
public sealed class ReleaseEscrow(SettlementDb db) : IHear<LeaseMetered>       // ProviderRegistry
{
    private readonly List<(LeaseMetered Meter, DateTimeOffset At, string Trace)> _heard = [];

    /// <inheritdoc />
    public Task Hear(LeaseMetered happened, DateTimeOffset at, CancellationToken cancel)
    {
        // All slots of an hour are metered at once: they are looked up together when the batch is saved.
        if (_heard.Count == 0) db.BeforeSaving(Release);
        _heard.Add((happened, at, Tracing.Current));
        return Task.CompletedTask;
    }

    private async Task Release(CancellationToken cancel)
    {
        var slots = await Load(cancel);
        var taxes = await db.TaxesOf(slots.Values.SelectMany(slot => new[] { slot.Lease.BuyerId, slot.Lease.ProviderId }), cancel);
        foreach (var (meter, at, trace) in _heard)
        {
            // It cannot come before its lease: ProviderRegistry meters what CapacityPaid told it, and that was told in
            // the transaction that kept the lease here.
            if (!slots.TryGetValue((meter.LeaseId, meter.SlotIndex), out var slot))
                throw new UnreachableException($"{Postings.CauseOf(meter.LeaseId, meter.SlotIndex)} was metered and never sold.");
            if (slot.MeteredTime is not null) continue;

            using var span = Measures.Spans.Continue("release escrow", ActivityKind.Internal, trace);
            span?.SetTag("cx.lease.id", meter.LeaseId).SetTag("cx.slot.index", meter.SlotIndex);
            await Settle(slot, meter, taxes, at, cancel);
        }
        _heard.Clear();
    }

    private async Task<Dictionary<(long, int), LeaseSlotRow>> Load(CancellationToken cancel)
    {
        var leases = _heard.Select(heard => heard.Meter.LeaseId).ToArray();
        var indices = _heard.Select(heard => heard.Meter.SlotIndex).ToArray();
        return await db.LeaseSlots
            .FromSql(
                $"""
                SELECT * FROM settlement.lease_slots
                WHERE (lease_id, slot_index) IN (SELECT * FROM unnest({leases}, {indices}))
                """)
            .Include(slot => slot.Lease)
            .ToDictionaryAsync(slot => (slot.LeaseId, slot.SlotIndex), cancel);
    }

    private async Task Settle(LeaseSlotRow slot, LeaseMetered meter, TaxBook taxes, DateTimeOffset at, CancellationToken cancel)
    {
        var sold = slot.Sold();
        var reference = meter.DeliveredGpuSeconds < meter.SoldGpuSeconds ? await Reference(slot, cancel) : sold.Price;
        var settlement = SlotSettlement.Of(sold, meter.SoldGpuSeconds, meter.DeliveredGpuSeconds, reference);

        slot.MeteredTime = at;
        slot.SoldGpuSeconds = meter.SoldGpuSeconds;
        slot.DeliveredGpuSeconds = meter.DeliveredGpuSeconds;
        slot.CompensationMicros = settlement.Compensation.Micros;
        var (lease, index) = (slot.Lease, slot.SlotIndex);
        var day = DateOnly.FromDateTime(slot.FromTime.UtcDateTime);
        var owed = new FeeTaxes(taxes.Of(lease.BuyerId, day), taxes.Of(lease.ProviderId, day));
        db.Post(Postings.Metered(lease.LeaseId, index, lease.BuyerId, lease.ProviderId, settlement, at, owed));
        if (settlement.Refund > Money.Zero) db.Command(Asks.CreditRefund(lease.LeaseId, index, lease.BuyerId, settlement.Refund));
        db.Command(Asks.SettleBond(lease.LeaseId, index, settlement.Compensation));
    }

    /// <summary>What the slot cost in the last later run that sold some of it, as far as it is known here now; else what this lease paid.</summary>
    private async Task<Price> Reference(LeaseSlotRow slot, CancellationToken cancel)
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
