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

    /// <summary>Settles what was heard until now.</summary>
    public async Task Release(CancellationToken cancel)
    {
        if (_heard.Count == 0) return;
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
        var reference = meter.DeliveredGpuSeconds < meter.SoldGpuSeconds ? await db.ReferenceOf(slot, cancel) : sold.Price;
        var settlement = SlotSettlement.Of(sold, meter.SoldGpuSeconds, meter.DeliveredGpuSeconds, reference, meter.UnnotifiedGpuSeconds);

        slot.MeteredTime = at;
        slot.SoldGpuSeconds = meter.SoldGpuSeconds;
        slot.DeliveredGpuSeconds = meter.DeliveredGpuSeconds;
        if (meter.DeliveredGpuSeconds < meter.SoldGpuSeconds) (slot.UnnotifiedGpuSeconds, slot.ReferenceMicrosPerGpuHour) = (meter.UnnotifiedGpuSeconds, reference.MicrosPerGpuHour);
        slot.CompensationMicros = settlement.Compensation.Micros;
        var (lease, index) = (slot.Lease, slot.SlotIndex);
        var day = DateOnly.FromDateTime(slot.FromTime.UtcDateTime);
        var owed = new FeeTaxes(taxes.Of(lease.BuyerId, day), taxes.Of(lease.ProviderId, day));
        db.Post(Postings.Metered(lease.LeaseId, index, lease.BuyerId, lease.ProviderId, settlement, at, owed));
        if (settlement.Refund > Money.Zero) db.Command(Asks.CreditRefund(lease.LeaseId, index, lease.BuyerId, settlement.Refund));
        db.Command(Asks.SettleBond(lease.LeaseId, index, settlement.Compensation));
    }
}
