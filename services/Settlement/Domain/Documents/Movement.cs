using System.Globalization;
using ComputeExchange.Values.Ledger;

namespace ComputeExchange.Settlement.Domain.Documents;

/// <summary>A transfer beside the participants whose accounts it is between.</summary>
/// <param name="Transfer">The transfer.</param>
/// <param name="DebitOwner">Whose money it takes; null: the exchange's or the outside world's.</param>
/// <param name="CreditOwner">Whom it gives it to; null likewise.</param>
public sealed record Movement(TransferRecord Transfer, Guid? DebitOwner, Guid? CreditOwner)
{
    /// <summary>What it moves: nothing while it is set aside, nothing when it is freed again.</summary>
    public long MovedMicros => Transfer.Phase is TransferPhase.Direct or TransferPhase.Post ? Transfer.AmountMicros : 0;

    public string DebitKind => KindOf(Transfer.Debit);

    public string CreditKind => KindOf(Transfer.Credit);

    /// <summary>The slot of a lease that caused it; null where something else did.</summary>
    public (long Lease, int Slot)? Slot
    {
        get
        {
            var words = Transfer.Cause.Split(' ');
            return words is ["lease", var lease, "slot", var slot]
                && long.TryParse(lease, NumberStyles.None, CultureInfo.InvariantCulture, out var id)
                && int.TryParse(slot, NumberStyles.None, CultureInfo.InvariantCulture, out var index) ? (id, index) : null;
        }
    }

    /// <summary>Whether a dispute that changed what was delivered moved it between the buyer and the others.</summary>
    public bool IsDeliveryCorrection => TransferKinds.DeliveryCorrections.Contains(Transfer.Kind);

    /// <summary>Of such a movement, the buyer of the lease: by way of its transit it goes.</summary>
    public Guid? CorrectedBuyer => CreditKind == AccountKinds.Transit ? CreditOwner : DebitOwner;

    /// <summary>By how much the participant's accounts together change.</summary>
    public long ChangeFor(Guid participant) =>
        (CreditOwner == participant ? MovedMicros : 0) - (DebitOwner == participant ? MovedMicros : 0);

    /// <summary>By how much the participant's accounts of a kind change.</summary>
    public long ChangeFor(Guid participant, string accountKind) =>
        (CreditOwner == participant && CreditKind == accountKind ? MovedMicros : 0) - (DebitOwner == participant && DebitKind == accountKind ? MovedMicros : 0);

    /// <summary>The kind of an account is what its name begins with.</summary>
    public static string KindOf(string account) => account.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon ? account[..colon] : account;
}

/// <summary>A slot of a lease as documents show it.</summary>
public sealed record SlotTerms(
    long LeaseId, int SlotIndex, string Market, DateTimeOffset FromTime, DateTimeOffset ToTime,
    long PriceMicrosPerGpuHour, long SoldGpuSeconds, long DeliveredGpuSeconds);

/// <summary>What a metered slot moved, by the ledger.</summary>
internal sealed record SlotMoney(long EarnedMicros, long BuyerFeeMicros, long BuyerTaxMicros, long SellerFeeMicros, long SellerTaxMicros, long RefundMicros)
{
    /// <summary>What was delivered cost that much, fees apart.</summary>
    public long CostMicros => EarnedMicros + SellerFeeMicros + SellerTaxMicros;

    /// <summary>The slots that these transfers settled, in the order of leases and slots.</summary>
    public static IReadOnlyList<(SlotTerms Terms, SlotMoney Money)> Of(IEnumerable<Movement> movements, IReadOnlyDictionary<(long, int), SlotTerms> slots) =>
        [.. movements
            .Where(movement => movement.DebitKind == AccountKinds.Escrow && movement.Slot is not null)
            .GroupBy(movement => movement.Slot!.Value)
            .OrderBy(slot => slot.Key)
            .Select(slot => (slots[slot.Key], Of(slot)))];

    private static SlotMoney Of(IEnumerable<Movement> movements)
    {
        var byKind = movements.ToLookup(movement => movement.Transfer.Kind, movement => movement.MovedMicros);
        return new SlotMoney(
            byKind[TransferKinds.Earned].Sum(),
            byKind[TransferKinds.BuyerFee].Sum(),
            byKind[TransferKinds.BuyerFeeTax].Sum(),
            byKind[TransferKinds.SellerFee].Sum(),
            byKind[TransferKinds.SellerFeeTax].Sum(),
            byKind[TransferKinds.Refund].Sum());
    }

    /// <summary>The tax in fees by its code, as far as it is of this kind.</summary>
    public static IReadOnlyList<TaxLine> Taxes(IEnumerable<Movement> movements, string kind) =>
        [.. movements
            .Where(movement => movement.Transfer.Kind == kind)
            .GroupBy(movement => movement.Transfer.Credit[(AccountKinds.Tax.Length + 1)..], StringComparer.Ordinal)
            .OrderBy(tax => tax.Key, StringComparer.Ordinal)
            .Select(tax => new TaxLine(tax.Key, tax.Sum(movement => movement.MovedMicros)))];
}
