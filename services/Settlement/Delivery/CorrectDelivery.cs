using System.Diagnostics;
using ComputeExchange.Facts.Hearing;
using ComputeExchange.Facts.ProviderRegistry.V1;
using ComputeExchange.Settlement.Domain;
using ComputeExchange.Settlement.Domain.Fees;
using ComputeExchange.Settlement.Fees;
using ComputeExchange.Settlement.Storage;
using ComputeExchange.Values;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.Settlement.Delivery;

/// <summary>Settles metered slots again when a dispute was decided, and moves the differences.</summary>
/// <remarks>
/// What is missing beyond what was metered counts as short that nobody was told of. The price and the taxes are those of
/// the first settlement, so that a figure that is taken back ends where it began.
/// </remarks>
public sealed class CorrectDelivery(SettlementDb db, ReleaseEscrow escrow) : IHear<DeliveryCorrected>       // ProviderRegistry
{
    private readonly List<(DeliveryCorrected Correction, DateTimeOffset At)> _heard = [];

    /// <summary>What this batch takes from earnings; it is saved at its end.</summary>
    private readonly Dictionary<Guid, Money> _taken = [];

    /// <inheritdoc />
    public Task Hear(DeliveryCorrected happened, DateTimeOffset at, CancellationToken cancel)
    {
        if (_heard.Count == 0) db.BeforeSaving(Correct);
        _heard.Add((happened, at));
        return Task.CompletedTask;
    }

    private async Task Correct(CancellationToken cancel)
    {
        // Where a slot's meter is in the same batch, it comes first.
        await escrow.Release(cancel);
        foreach (var (correction, at) in _heard) await Correct(correction, at, cancel);
        _heard.Clear();
        _taken.Clear();
    }

    private async Task Correct(DeliveryCorrected correction, DateTimeOffset at, CancellationToken cancel)
    {
        if (await db.DeliveryCorrections.FindAsync([correction.DisputeId, correction.LeaseId, correction.SlotIndex], cancel) is not null) return;
        var slot = await db.LeaseSlots.FindAsync([correction.LeaseId, correction.SlotIndex], cancel);
        if (slot is not { MeteredTime: not null, SoldGpuSeconds: { } sold, DeliveredGpuSeconds: { } metered })
            throw new UnreachableException($"{Postings.CauseOf(correction.LeaseId, correction.SlotIndex)} was corrected and never metered.");
        await db.Entry(slot).Reference(row => row.Lease).LoadAsync(cancel);

        slot.ReferenceMicrosPerGpuHour ??= (await db.ReferenceOf(slot, cancel)).MicrosPerGpuHour;
        var notified = sold - metered - (slot.UnnotifiedGpuSeconds ?? 0);
        SlotSettlement Settled(long delivered) => SlotSettlement.Of(
            slot.Sold(), sold, delivered, new Price(slot.ReferenceMicrosPerGpuHour.Value), Math.Max(0, sold - delivered - notified));

        var delivered = slot.CorrectedGpuSeconds ?? metered;
        var before = Settled(delivered) with { Compensation = new Money(slot.CorrectedCompensationMicros ?? slot.CompensationMicros ?? 0) };
        var after = Settled(correction.DeliveredGpuSeconds);
        if (correction.DeliveredGpuSeconds == metered) after = after with { Compensation = new Money(slot.CompensationMicros ?? 0) };

        var corrected = new CorrectedSlot(
            correction.DisputeId, slot.LeaseId, slot.SlotIndex, slot.Lease.BuyerId, slot.Lease.ProviderId, await TaxesOf(slot, cancel));
        var free = await FreeEarnings([corrected.Buyer, corrected.Provider], cancel);
        var moved = SlotCorrection.Of(corrected, before, after, whose => free.GetValueOrDefault(whose) - _taken.GetValueOrDefault(whose), at);
        db.Post(moved.Transfers);
        foreach (var (whose, amount) in moved.FromEarnings) _taken[whose] = _taken.GetValueOrDefault(whose) + amount;
        if (moved.ToBuyer > Money.Zero) db.Command(Asks.CreditCorrection(corrected, moved.ToBuyer));

        slot.CorrectedGpuSeconds = correction.DeliveredGpuSeconds;
        slot.CorrectedCompensationMicros = after.Compensation.Micros;
        db.DeliveryCorrections.Add(new DeliveryCorrectionRow
        {
            DisputeId = correction.DisputeId,
            LeaseId = correction.LeaseId,
            SlotIndex = correction.SlotIndex,
            CorrectedTime = at,
            DeliveredBeforeGpuSeconds = delivered,
            DeliveredGpuSeconds = correction.DeliveredGpuSeconds,
            ToBuyerMicros = moved.FromOthers.Micros,
            Reason = correction.Reason,
        });
    }

    /// <summary>The taxes that the slot's fees were split by, as its transfers say; those of today where nothing of a fee has moved.</summary>
    private async Task<FeeTaxes> TaxesOf(LeaseSlotRow slot, CancellationToken cancel)
    {
        var cause = Postings.CauseOf(slot.LeaseId, slot.SlotIndex);
        var earlier = await db.DeliveryCorrections.Where(row => row.LeaseId == slot.LeaseId && row.SlotIndex == slot.SlotIndex)
            .Select(row => row.DisputeId).ToListAsync(cancel);
        List<string> causes = [cause, .. earlier.Select(dispute => $"dispute {dispute} {cause}")];
        var moved = await db.Transfers.AsNoTracking().Where(transfer => causes.Contains(transfer.Cause))
            .Select(transfer => new { transfer.Kind, transfer.DebitAccount, transfer.CreditAccount }).ToListAsync(cancel);
        var day = DateOnly.FromDateTime(slot.FromTime.UtcDateTime);
        var today = await db.TaxesOf([slot.Lease.BuyerId, slot.Lease.ProviderId], cancel);

        async Task<FeeTax?> Of(Guid payer, string fee, string feeCorrected, string tax, string taxCorrected)
        {
            var code = moved.Where(one => one.Kind == tax || one.Kind == taxCorrected)
                .SelectMany(one => new[] { one.DebitAccount, one.CreditAccount })
                .FirstOrDefault(account => account.StartsWith(AccountKinds.Tax + ':', StringComparison.Ordinal))?[(AccountKinds.Tax.Length + 1)..];
            if (code is not null) return await db.TaxOf(code, day, cancel);
            return moved.Exists(one => one.Kind == fee || one.Kind == feeCorrected) ? null : today.Of(payer, day);
        }

        return new FeeTaxes(
            await Of(slot.Lease.BuyerId, TransferKinds.BuyerFee, TransferKinds.BuyerFeeCorrected, TransferKinds.BuyerFeeTax, TransferKinds.BuyerFeeTaxCorrected),
            await Of(slot.Lease.ProviderId, TransferKinds.SellerFee, TransferKinds.SellerFeeCorrected, TransferKinds.SellerFeeTax, TransferKinds.SellerFeeTaxCorrected));
    }

    /// <summary>What earnings hold and is not set aside. If a payout comes between, the ledger refuses, and the fact is heard again.</summary>
    private async Task<Dictionary<Guid, Money>> FreeEarnings(IReadOnlyList<Guid> whose, CancellationToken cancel)
    {
        var names = whose.Select(one => Account.Earnings(one).Name).ToList();
        return await db.Accounts.AsNoTracking().Where(account => names.Contains(account.Name))
            .ToDictionaryAsync(account => account.OwnerId!.Value, account => new Money(account.BalanceMicros - account.PendingOutMicros), cancel);
    }
}
