namespace ComputeExchange.Settlement.Domain.Documents;

/// <summary>What a buyer was charged for the slots that were metered in the period, and what it got back.</summary>
public sealed record Invoice(
    DocumentHead Head, IReadOnlyList<InvoiceLease> Leases, IReadOnlyList<AmountLine> Compensations, IReadOnlyList<TaxLine> Taxes, InvoiceTotals Totals)
    : Document(Head)
{
    /// <summary>What disputes that were decided in the period changed: a positive amount was given back.</summary>
    public IReadOnlyList<AmountLine> Corrections { get; init; } = [];

    /// <inheritdoc />
    public override long ComesToMicros => Totals.ChargedMicros;

    /// <param name="head">Whose and when.</param>
    /// <param name="movements">Every transfer of the period that touches the buyer's accounts, in order.</param>
    /// <param name="slots">The slots that their causes name.</param>
    public static Invoice Of(DocumentHead head, IReadOnlyList<Movement> movements, IReadOnlyDictionary<(long, int), SlotTerms> slots)
    {
        var bought = movements.Where(movement => movement.DebitOwner == head.ParticipantId).ToList();
        List<InvoiceLease> leases = [.. SlotMoney.Of(bought, slots)
            .GroupBy(slot => (slot.Terms.LeaseId, slot.Terms.Market))
            .Select(lease => new InvoiceLease(lease.Key.LeaseId, lease.Key.Market, [.. lease.Select(slot => InvoiceSlot.Of(slot.Terms, slot.Money))]))];
        List<AmountLine> compensations = [.. movements
            .Where(movement => movement.CreditOwner == head.ParticipantId && movement.Transfer.Kind == TransferKinds.Compensation)
            .Select(movement => new AmountLine(
                movement.Transfer.Number, movement.Transfer.RecordedTime, "Compensation for hours not delivered", movement.Transfer.Cause, movement.MovedMicros))];
        List<AmountLine> corrections = [.. movements
            .Where(movement => movement.IsDeliveryCorrection && movement.CorrectedBuyer == head.ParticipantId)
            .Select(movement => new AmountLine(
                movement.Transfer.Number, movement.Transfer.RecordedTime, Sentences.Of(movement.Transfer), movement.Transfer.Cause,
                movement.ChangeFor(head.ParticipantId, AccountKinds.Transit)))];
        return new Invoice(
            head, leases, compensations, SlotMoney.Taxes(bought, TransferKinds.BuyerFeeTax), InvoiceTotals.Of(leases, compensations, corrections))
        {
            Corrections = corrections,
        };
    }
}

/// <summary>The slots of one lease that were metered in the period.</summary>
public sealed record InvoiceLease(long LeaseId, string Market, IReadOnlyList<InvoiceSlot> Slots);

/// <summary>One slot: what was bought, delivered, charged and given back. Paid is cost, fee and refund together, exactly.</summary>
/// <param name="FeeMicros">The buyer's fee, tax included.</param>
/// <param name="TaxMicros">The tax in the fee.</param>
public sealed record InvoiceSlot(
    int SlotIndex, DateTimeOffset FromTime, DateTimeOffset ToTime, long PriceMicrosPerGpuHour, long BoughtGpuSeconds, long DeliveredGpuSeconds,
    long PaidMicros, long RefundMicros, long CostMicros, long FeeMicros, long TaxMicros)
{
    internal static InvoiceSlot Of(SlotTerms terms, SlotMoney money)
    {
        var fee = money.BuyerFeeMicros + money.BuyerTaxMicros;
        return new InvoiceSlot(
            terms.SlotIndex, terms.FromTime, terms.ToTime, terms.PriceMicrosPerGpuHour, terms.SoldGpuSeconds, terms.DeliveredGpuSeconds,
            money.CostMicros + fee + money.RefundMicros, money.RefundMicros, money.CostMicros, fee, money.BuyerTaxMicros);
    }
}

/// <summary>The sums of an invoice.</summary>
/// <param name="PaidMicros">Paid in advance, into escrow.</param>
/// <param name="RefundMicros">Of it, given back for what was not delivered.</param>
/// <param name="CostMicros">Of it, for what was delivered.</param>
/// <param name="FeeMicros">Of it, the buyer's fee, tax included.</param>
/// <param name="TaxMicros">The tax in the fee.</param>
/// <param name="CompensationMicros">Received out of providers' bonds.</param>
/// <param name="ChargedMicros">Cost and fee, less compensation and corrections.</param>
public sealed record InvoiceTotals(
    long BoughtGpuSeconds, long DeliveredGpuSeconds, long PaidMicros, long RefundMicros, long CostMicros, long FeeMicros, long TaxMicros,
    long CompensationMicros, long ChargedMicros)
{
    /// <summary>Given back because of disputes that were decided; below zero: charged.</summary>
    public long CorrectionMicros { get; init; }

    internal static InvoiceTotals Of(IReadOnlyList<InvoiceLease> leases, IReadOnlyList<AmountLine> compensations, IReadOnlyList<AmountLine> corrections)
    {
        var slots = leases.SelectMany(lease => lease.Slots).ToList();
        var (cost, fee, compensation) = (slots.Sum(slot => slot.CostMicros), slots.Sum(slot => slot.FeeMicros), compensations.Sum(line => line.AmountMicros));
        var correction = corrections.Sum(line => line.AmountMicros);
        return new InvoiceTotals(
            slots.Sum(slot => slot.BoughtGpuSeconds), slots.Sum(slot => slot.DeliveredGpuSeconds),
            slots.Sum(slot => slot.PaidMicros), slots.Sum(slot => slot.RefundMicros), cost, fee, slots.Sum(slot => slot.TaxMicros),
            compensation, cost + fee - compensation - correction)
        {
            CorrectionMicros = correction,
        };
    }
}
