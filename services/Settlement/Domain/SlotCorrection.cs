using ComputeExchange.Settlement.Domain.Fees;
using ComputeExchange.Values;

namespace ComputeExchange.Settlement.Domain;

/// <summary>A metered slot of which another figure counts since a dispute was decided, and whose money it is.</summary>
/// <param name="Taxes">The taxes in its fees, as they were split off when it was metered.</param>
public sealed record CorrectedSlot(Guid DisputeId, long LeaseId, int SlotIndex, Guid Buyer, Guid Provider, FeeTaxes Taxes)
{
    /// <summary>The cause that the correction is.</summary>
    public string Cause => $"dispute {DisputeId} {Postings.CauseOf(LeaseId, SlotIndex)}";
}

/// <summary>What the correction of a slot moves, and what of it becomes tradable for the buyer.</summary>
/// <param name="Transfers">In the order in which they can be taken.</param>
/// <param name="FromEarnings">Taken from whose earnings, and how much.</param>
/// <param name="ToBuyer">What the buyer gets, or, below zero, gives.</param>
public sealed record SlotCorrection(IReadOnlyList<Transfer> Transfers, IReadOnlyList<(Guid Whose, Money Amount)> FromEarnings, Money ToBuyer)
{
    /// <summary>What others gave the buyer, or, below zero, got: all of it, but where the buyer bought of itself.</summary>
    public Money FromOthers => Transfers.Where(transfer => TransferKinds.DeliveryCorrections.Contains(transfer.Kind))
        .Aggregate(Money.Zero, (sum, transfer) => transfer.Credit.Kind == AccountKinds.Transit ? sum + transfer.Amount : sum - transfer.Amount);

    /// <summary>The differences between two settlements of a slot, by way of the buyer's transit.</summary>
    /// <remarks>
    /// Whoever has to give gives from earnings as far as there are any, and owes the rest. The escrow is empty since the slot was
    /// metered, and the bond is settled: neither takes part.
    /// </remarks>
    /// <param name="slot">Which.</param>
    /// <param name="before">As it counted until now.</param>
    /// <param name="after">As it counts from now on.</param>
    /// <param name="freeEarnings">What a participant's earnings can give.</param>
    /// <param name="at">When it is done.</param>
    public static SlotCorrection Of(CorrectedSlot slot, SlotSettlement before, SlotSettlement after, Func<Guid, Money> freeEarnings, DateTimeOffset at)
    {
        var (buyer, provider) = (Account.Transit(slot.Buyer), Account.Transit(slot.Provider));
        var earnings = Account.Earnings(slot.Provider);
        var (buyerTax, sellerTax) = (Account.Tax(slot.Taxes.Buyer?.Code ?? ""), Account.Tax(slot.Taxes.Seller?.Code ?? ""));
        var (buyerFee, sellerFee) = (Split.Of(before.BuyerFee, after.BuyerFee, slot.Taxes.Buyer), Split.Of(before.SellerFee, after.SellerFee, slot.Taxes.Seller));

        // What each gets more than before, or, below zero, less; where it is taken from and where it goes.
        (string Kind, Account From, Account To, Money More)[] shares =
        [
            (TransferKinds.EarnedCorrected, provider, earnings, after.Earned - before.Earned),
            (TransferKinds.CompensationCorrected, provider, earnings, before.Compensation - after.Compensation),
            (TransferKinds.BuyerFeeCorrected, Account.Fees, Account.Fees, buyerFee.Net),
            (TransferKinds.BuyerFeeTaxCorrected, buyerTax, buyerTax, buyerFee.Tax),
            (TransferKinds.SellerFeeCorrected, Account.Fees, Account.Fees, sellerFee.Net),
            (TransferKinds.SellerFeeTaxCorrected, sellerTax, sellerTax, sellerFee.Tax),
        ];
        var toBuyer = shares.Aggregate(Money.Zero, (sum, share) => sum - share.More);
        var fromProvider = shares.Where(share => share.From == provider && share.More < Money.Zero).Aggregate(Money.Zero, (sum, share) => sum - share.More);

        var (transfers, taken) = (new List<Transfer>(), new List<(Guid, Money)>());
        void Fund(Guid whose, Money amount, Account to, string fromEarnings, string owed)
        {
            // Who bought of itself may have to give twice: what went the first time is gone.
            var gone = taken.Where(earlier => earlier.Item1 == whose).Aggregate(Money.Zero, (sum, earlier) => sum + earlier.Item2);
            var part = Money.Min(amount, Money.Max(Money.Zero, freeEarnings(whose) - gone));
            Add(Account.Earnings(whose), to, part, fromEarnings);
            Add(Account.Receivable(whose), to, amount - part, owed);
            if (part > Money.Zero) taken.Add((whose, part));
        }

        void Add(Account from, Account to, Money amount, string kind)
        {
            // Who bought of itself has one transit: there is nothing to move between.
            if (amount > Money.Zero && from != to) transfers.Add(new Transfer(from, to, amount, kind, slot.Cause, at));
        }

        if (fromProvider > Money.Zero) Fund(slot.Provider, fromProvider, provider, TransferKinds.CorrectionEarnings, TransferKinds.CorrectionOwed);
        foreach (var share in shares.Where(share => share.More < Money.Zero)) Add(share.From, buyer, -share.More, share.Kind);
        if (toBuyer < Money.Zero) Fund(slot.Buyer, -toBuyer, buyer, TransferKinds.BuyerCorrectionEarnings, TransferKinds.BuyerCorrectionOwed);
        foreach (var share in shares.Where(share => share.More > Money.Zero)) Add(buyer, share.To, share.More, share.Kind);
        return new SlotCorrection(transfers, taken, toBuyer);
    }

    /// <summary>By how much a fee and the tax in it grow.</summary>
    private readonly record struct Split(Money Net, Money Tax)
    {
        public static Split Of(Money before, Money after, FeeTax? tax)
        {
            var taxes = (tax?.In(after) ?? Money.Zero) - (tax?.In(before) ?? Money.Zero);
            return new Split(after - before - taxes, taxes);
        }
    }
}
