using ComputeExchange.Settlement.Documents;
using ComputeExchange.Settlement.Domain;
using ComputeExchange.Settlement.Domain.Documents;
using ComputeExchange.Values.Ledger;

namespace ComputeExchange.Settlement.Tests;

/// <summary>A month of one buyer and one provider, as the ledger holds it: two leases, one slot cut short, one payout.</summary>
internal sealed class Paper
{
    public static readonly Guid Buyer = Guid.Parse("01920000-0000-7000-8000-00000000000b");
    public static readonly Guid Provider = Guid.Parse("01920000-0000-7000-8000-00000000000a");
    public static readonly DateTimeOffset From = new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);
    public static readonly DateTimeOffset To = new(2026, 4, 1, 0, 0, 0, TimeSpan.Zero);

    public static readonly Party Party = new(["Łukasz Żółw & Μαρία GmbH", "Straße des 17. Juni 135", "10623 Berlin", "DE", "Tax number DE123456789"]);

    private ReadOnlyMemory<byte> _hash = LedgerChain.Beginning;

    public List<Movement> Movements { get; } = [];

    public Dictionary<(long, int), SlotTerms> Slots { get; } = [];

    /// <summary>The story.</summary>
    public static Paper Month()
    {
        var paper = new Paper();
        paper.Move(1, Account.Bank, Account.Transit(Buyer), 1_000_000_000, TransferKinds.Deposit, "deposit 1");
        paper.Move(1, Account.Transit(Buyer), Account.Collateral(Buyer), 1_000_000_000, TransferKinds.MadeTradable, "feed 1");
        paper.Move(2, Account.Collateral(Buyer), Account.Escrow(7, Buyer), 323_200_000, TransferKinds.LeasePaid, "feed 2");
        paper.Metered(2, 7, 0, 28_800, 28_800, 160_000_000, 1_344_538, 255_462, 800_000, 152_000, 0);
        paper.Metered(3, 7, 1, 28_800, 14_400, 80_000_000, 672_269, 127_731, 400_000, 76_000, 80_800_000);
        paper.Move(3, Account.Collateral(Provider), Account.Transit(Buyer), 12_500_001, TransferKinds.Compensation, "feed 3");
        paper.Move(4, Account.Collateral(Buyer), Account.Escrow(8, Buyer), 2_020_000, TransferKinds.LeasePaid, "feed 4");
        paper.Metered(4, 8, 0, 3_600, 3_600, 2_000_000, 20_000, 0, 5_000, 0, 0);
        paper.Move(5, Account.Earnings(Provider), Account.Bank, 238_000_000, TransferKinds.Payout, "payout 2026-03-05");
        return paper;
    }

    public Invoice Invoice(string number = "INV-2026-000012") => Domain.Documents.Invoice.Of(
        Head(number, Buyer), Of(Buyer), Slots);

    public PayoutStatement Payouts(long opening = 0) => PayoutStatement.Of(Head("PAY-2026-000003", Provider), opening, Movements, Slots);

    public Statement Statement(Guid whose, IReadOnlyDictionary<string, long>? opening = null) => Domain.Documents.Statement.Of(
        Head("STM-2026-000001", whose), opening ?? new Dictionary<string, long>(), Of(whose));

    public DocumentHead Head(string number, Guid whose) => new(
        number, whose, From, To, To.AddHours(2), Movements.Count, Convert.ToHexStringLower(_hash.Span));

    public void Move(
        int day, Account debit, Account credit, long micros, string kind, string cause, TransferPhase phase = TransferPhase.Direct, long? pending = null)
    {
        if (micros == 0) return;
        var at = From.AddDays(day - 1).AddHours(10);
        var record = LedgerChain.Next(_hash.Span, new TransferRecord(
            Movements.Count + 1, phase, pending, debit.Name, credit.Name, micros, kind, cause, at, at.AddSeconds(1), null, null, default));
        _hash = record.Hash;
        Movements.Add(new Movement(record, debit.OwnerId, credit.OwnerId));
    }

    private List<Movement> Of(Guid whose) => [.. Movements.Where(movement => movement.DebitOwner == whose || movement.CreditOwner == whose)];

    private void Metered(int day, long lease, int slot, long sold, long delivered, long cost, long fee, long tax, long sellerFee, long sellerTax, long refund)
    {
        var from = From.AddDays(day - 1).AddHours(slot);
        Slots[(lease, slot)] = new SlotTerms(lease, slot, "H100-SXM-80GB.us-east", from, from.AddHours(1), 2_500_000, sold, delivered);
        var (escrow, cause) = (Account.Escrow(lease, Buyer), $"lease {lease} slot {slot}");
        Move(day, escrow, Account.Earnings(Provider), cost - sellerFee - sellerTax, TransferKinds.Earned, cause);
        Move(day, escrow, Account.Fees, fee, TransferKinds.BuyerFee, cause);
        Move(day, escrow, Account.Tax("DE"), tax, TransferKinds.BuyerFeeTax, cause);
        Move(day, escrow, Account.Fees, sellerFee, TransferKinds.SellerFee, cause);
        Move(day, escrow, Account.Tax("DE"), sellerTax, TransferKinds.SellerFeeTax, cause);
        Move(day, escrow, Account.Transit(Buyer), refund, TransferKinds.Refund, cause);
    }
}
