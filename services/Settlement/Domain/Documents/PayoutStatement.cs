namespace ComputeExchange.Settlement.Domain.Documents;

/// <summary>What a provider earned in the period, what was taken from its bond, what was paid out, and what is carried over.</summary>
/// <param name="Compensations">Taken from the bond: out of tradable money, not out of earnings.</param>
/// <param name="Payouts">All that came to or went from earnings otherwise: payouts, as negative amounts.</param>
public sealed record PayoutStatement(
    DocumentHead Head, IReadOnlyList<PayoutLease> Leases, IReadOnlyList<AmountLine> Compensations, IReadOnlyList<AmountLine> Payouts,
    IReadOnlyList<TaxLine> Taxes, PayoutTotals Totals)
    : Document(Head)
{
    /// <summary>What disputes that were decided in the period changed; what earnings did not cover and is owed stands beside it with the other sign.</summary>
    public IReadOnlyList<AmountLine> Corrections { get; init; } = [];

    /// <inheritdoc />
    public override long ComesToMicros => Totals.EarnedMicros;

    /// <param name="head">Whose and when.</param>
    /// <param name="openingMicros">What was carried over into the period.</param>
    /// <param name="movements">Every transfer of the period that touches the provider's accounts or settles a slot of its leases, in order.</param>
    /// <param name="slots">The slots that their causes name; a provider's are those it sold.</param>
    public static PayoutStatement Of(
        DocumentHead head, long openingMicros, IReadOnlyList<Movement> movements, IReadOnlyDictionary<(long, int), SlotTerms> slots)
    {
        var provider = head.ParticipantId;
        var sold = movements.Where(movement => movement.Slot is { } slot && slots.ContainsKey(slot)).ToList();
        List<PayoutLease> leases = [.. SlotMoney.Of(sold, slots)
            .GroupBy(slot => (slot.Terms.LeaseId, slot.Terms.Market))
            .Select(lease => new PayoutLease(lease.Key.LeaseId, lease.Key.Market, [.. lease.Select(slot => PayoutSlot.Of(slot.Terms, slot.Money))]))];
        var compensations = Lines(movements.Where(movement =>
            movement.DebitOwner == provider && movement.Transfer.Kind == TransferKinds.Compensation), movement => movement.MovedMicros);
        var payouts = Lines(
            movements.Where(movement => movement.Slot is null && !IsCorrection(movement) && movement.ChangeFor(provider, AccountKinds.Earnings) != 0),
            movement => movement.ChangeFor(provider, AccountKinds.Earnings));
        var corrections = Lines(movements.Where(movement => CorrectionOf(movement, provider) != 0), movement => CorrectionOf(movement, provider));
        return new PayoutStatement(
            head, leases, compensations, payouts, SlotMoney.Taxes(sold, TransferKinds.SellerFeeTax),
            PayoutTotals.Of(openingMicros, leases, compensations, payouts, corrections))
        {
            Corrections = corrections,
        };
    }

    /// <summary>What a correction changed for a provider: in all the change of its earnings.</summary>
    internal static long CorrectionOf(Movement movement, Guid provider) => movement.Transfer.Kind switch
    {
        TransferKinds.EarnedCorrected or TransferKinds.CompensationCorrected =>
            movement.CreditKind == AccountKinds.Earnings ? movement.ChangeFor(provider, AccountKinds.Earnings)
            : movement.DebitOwner == provider ? -movement.MovedMicros : 0,
        TransferKinds.CorrectionOwed when movement.CreditOwner == provider => movement.MovedMicros,
        TransferKinds.BuyerCorrectionEarnings => movement.ChangeFor(provider, AccountKinds.Earnings),
        _ => 0,
    };

    private static bool IsCorrection(Movement movement) =>
        movement.IsDeliveryCorrection || movement.Transfer.Kind is TransferKinds.CorrectionEarnings or TransferKinds.BuyerCorrectionEarnings;

    private static List<AmountLine> Lines(IEnumerable<Movement> movements, Func<Movement, long> amount) => [.. movements.Select(movement => new AmountLine(
        movement.Transfer.Number, movement.Transfer.RecordedTime, Sentences.Of(movement.Transfer), movement.Transfer.Cause, amount(movement)))];
}

/// <summary>The slots of one lease that were metered in the period.</summary>
public sealed record PayoutLease(long LeaseId, string Market, IReadOnlyList<PayoutSlot> Slots);

/// <summary>One slot: what was sold, delivered and earned. Earned and fee together are the proceeds, exactly.</summary>
/// <param name="FeeMicros">The seller's fee, tax included.</param>
/// <param name="TaxMicros">The tax in the fee.</param>
public sealed record PayoutSlot(
    int SlotIndex, DateTimeOffset FromTime, DateTimeOffset ToTime, long PriceMicrosPerGpuHour, long SoldGpuSeconds, long DeliveredGpuSeconds,
    long ProceedsMicros, long FeeMicros, long TaxMicros, long EarnedMicros)
{
    internal static PayoutSlot Of(SlotTerms terms, SlotMoney money) => new(
        terms.SlotIndex, terms.FromTime, terms.ToTime, terms.PriceMicrosPerGpuHour, terms.SoldGpuSeconds, terms.DeliveredGpuSeconds,
        money.CostMicros, money.SellerFeeMicros + money.SellerTaxMicros, money.SellerTaxMicros, money.EarnedMicros);
}

/// <summary>The sums of a payout statement. Opening, earned, corrections and paid out add up to closing.</summary>
/// <param name="CompensationMicros">Taken from the bond.</param>
/// <param name="PaidOutMicros">A negative amount where more went than came.</param>
public sealed record PayoutTotals(
    long SoldGpuSeconds, long DeliveredGpuSeconds, long ProceedsMicros, long FeeMicros, long TaxMicros, long CompensationMicros,
    long OpeningMicros, long EarnedMicros, long PaidOutMicros, long ClosingMicros)
{
    /// <summary>What disputes that were decided changed, as far as earnings gave or got it.</summary>
    public long CorrectionMicros { get; init; }

    internal static PayoutTotals Of(
        long opening, IReadOnlyList<PayoutLease> leases, IReadOnlyList<AmountLine> compensations, IReadOnlyList<AmountLine> payouts, IReadOnlyList<AmountLine> corrections)
    {
        var slots = leases.SelectMany(lease => lease.Slots).ToList();
        var (earned, paidOut) = (slots.Sum(slot => slot.EarnedMicros), payouts.Sum(line => line.AmountMicros));
        var correction = corrections.Sum(line => line.AmountMicros);
        return new PayoutTotals(
            slots.Sum(slot => slot.SoldGpuSeconds), slots.Sum(slot => slot.DeliveredGpuSeconds),
            slots.Sum(slot => slot.ProceedsMicros), slots.Sum(slot => slot.FeeMicros), slots.Sum(slot => slot.TaxMicros),
            compensations.Sum(line => line.AmountMicros), opening, earned, paidOut, opening + earned + correction + paidOut)
        {
            CorrectionMicros = correction,
        };
    }
}
