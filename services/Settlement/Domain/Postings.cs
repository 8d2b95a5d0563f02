using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.Settlement.Domain.Fees;
using ComputeExchange.Values;

namespace ComputeExchange.Settlement.Domain;

/// <summary>Every movement of money there is: which accounts, how much, and the cause that makes it happen once.</summary>
public static class Postings
{
    /// <summary>What an entry of the feed moves by itself. Collateral is moved by the feed alone, so that it equals the engine's at every number.</summary>
    public static IReadOnlyList<Transfer> Of(FeedEntry entry) => entry.Event.EventCase switch
    {
        EngineEvent.EventOneofCase.CollateralCredited => Credited(entry, entry.Event.CollateralCredited),
        EngineEvent.EventOneofCase.CollateralDebited => Debited(entry, entry.Event.CollateralDebited),
        EngineEvent.EventOneofCase.LeaseSold => Sold(entry, entry.Event.LeaseSold),
        _ => [],
    };

    /// <summary>The bond that a provider lost goes to the buyer of the lease.</summary>
    /// <param name="entry">A <c>BondSettled</c>.</param>
    /// <param name="buyer">The lease's buyer.</param>
    public static IReadOnlyList<Transfer> Compensated(FeedEntry entry, Guid buyer)
    {
        var bond = entry.Event.BondSettled;
        return Some(new Transfer(
            Account.Collateral(Guid.Parse(bond.ProviderId)), Account.Transit(buyer), new Money(bond.TakenMicros),
            TransferKinds.Compensation, CauseOf(entry), HappenedTime(entry), entry.Number));
    }

    /// <summary>The bank reported a deposit.</summary>
    public static IReadOnlyList<Transfer> Deposited(Guid deposit, Guid participant, Money amount, DateTimeOffset at) =>
        Some(new Transfer(Account.Bank, Account.Transit(participant), amount, TransferKinds.Deposit, $"deposit {deposit}", at));

    /// <summary>The engine would not take a deposit: it goes back where it came from.</summary>
    public static IReadOnlyList<Transfer> Returned(Guid deposit, Guid participant, Money amount, DateTimeOffset at) =>
        Some(new Transfer(Account.Transit(participant), Account.Bank, amount, TransferKinds.DepositReturned, $"deposit {deposit}", at));

    /// <summary>A metered slot empties its part of the escrow; of the fees, which include it, the tax goes where it is owed.</summary>
    public static IReadOnlyList<Transfer> Metered(
        long leaseId, int slotIndex, Guid buyer, Guid provider, SlotSettlement settlement, DateTimeOffset at, FeeTaxes taxes = default)
    {
        var (buyerTax, sellerTax) = (TaxIn(settlement.BuyerFee, taxes.Buyer), TaxIn(settlement.SellerFee, taxes.Seller));
        var escrow = Account.Escrow(leaseId, buyer);
        var cause = CauseOf(leaseId, slotIndex);
        return Some(
            new Transfer(escrow, Account.Earnings(provider), settlement.Earned, TransferKinds.Earned, cause, at),
            new Transfer(escrow, Account.Fees, settlement.BuyerFee - buyerTax, TransferKinds.BuyerFee, cause, at),
            new Transfer(escrow, Account.Tax(taxes.Buyer?.Code ?? ""), buyerTax, TransferKinds.BuyerFeeTax, cause, at),
            new Transfer(escrow, Account.Fees, settlement.SellerFee - sellerTax, TransferKinds.SellerFee, cause, at),
            new Transfer(escrow, Account.Tax(taxes.Seller?.Code ?? ""), sellerTax, TransferKinds.SellerFeeTax, cause, at),
            new Transfer(escrow, Account.Transit(buyer), settlement.Refund, TransferKinds.Refund, cause, at));
    }

    /// <summary>The cause that a slot of a lease is.</summary>
    public static string CauseOf(long leaseId, int slotIndex) => $"lease {leaseId} slot {slotIndex}";

    private static IReadOnlyList<Transfer> Credited(FeedEntry entry, CollateralMoved moved)
    {
        var participant = Guid.Parse(moved.ParticipantId);
        return Some(new Transfer(
            Account.Transit(participant), Account.Collateral(participant), new Money(moved.AmountMicros),
            TransferKinds.MadeTradable, CauseOf(entry), HappenedTime(entry), entry.Number));
    }

    private static IReadOnlyList<Transfer> Debited(FeedEntry entry, CollateralMoved moved)
    {
        var participant = Guid.Parse(moved.ParticipantId);
        return Some(new Transfer(
            Account.Collateral(participant), Account.Transit(participant), new Money(moved.AmountMicros),
            TransferKinds.TakenFromTrading, CauseOf(entry), HappenedTime(entry), entry.Number));
    }

    private static IReadOnlyList<Transfer> Sold(FeedEntry entry, LeaseSold lease)
    {
        var buyer = Guid.Parse(lease.BuyerId);
        var paid = new Money(lease.Slots.Sum(slot => slot.CostMicros + slot.BuyerFeeMicros));
        return Some(new Transfer(
            Account.Collateral(buyer), Account.Escrow(lease.LeaseId, buyer), paid,
            TransferKinds.LeasePaid, CauseOf(entry), HappenedTime(entry), entry.Number));
    }

    private static string CauseOf(FeedEntry entry) => $"feed {entry.Number}";

    private static DateTimeOffset HappenedTime(FeedEntry entry) => entry.HappenedTime.ToDateTimeOffset();

    private static Money TaxIn(Money fee, FeeTax? tax) => tax?.In(fee) ?? Money.Zero;

    /// <summary>Nothing moves where there is nothing to move: a slot sold at 0, a slot delivered whole.</summary>
    private static IReadOnlyList<Transfer> Some(params ReadOnlySpan<Transfer> transfers)
    {
        var some = new List<Transfer>(transfers.Length);
        foreach (var transfer in transfers)
        {
            if (transfer.Amount != Money.Zero) some.Add(transfer);
        }
        return some;
    }
}
