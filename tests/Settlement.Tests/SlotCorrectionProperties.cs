using ComputeExchange.Settlement.Domain;
using ComputeExchange.Settlement.Domain.Fees;
using ComputeExchange.Values;
using FsCheck;
using FsCheck.Fluent;
using Shouldly;
using Xunit;

namespace ComputeExchange.Settlement.Tests;

/// <summary>What holds for the correction of any slot, whatever the earnings hold and whoever bought of whom.</summary>
public class SlotCorrectionProperties
{
    private static readonly Guid Buyer = Guid.Parse("bbbbbbbb-0000-7000-8000-000000000001");
    private static readonly Guid Provider = Guid.Parse("aaaaaaaa-0000-7000-8000-000000000001");

    [Fact]
    public void Everyone_ends_with_what_the_new_figure_gives_them_and_nothing_is_left_on_the_way() => ForAll(random =>
    {
        var (slot, before, after) = Any(random);
        var (earnings, books) = (Money(random), new Dictionary<Account, long>());
        var moved = SlotCorrection.Of(slot, before, after, _ => earnings, DateTimeOffset.UnixEpoch);
        foreach (var transfer in moved.Transfers)
        {
            transfer.Amount.ShouldBeGreaterThan(Values.Money.Zero);
            books[transfer.Debit] = books.GetValueOrDefault(transfer.Debit) - transfer.Amount.Micros;
            books[transfer.Credit] = books.GetValueOrDefault(transfer.Credit) + transfer.Amount.Micros;

            // The way is open in this order: nobody's transit is below zero in between, no earnings give more than they have.
            books.Where(account => account.Key.Kind == AccountKinds.Transit).ShouldAllBe(account => account.Value >= 0);
            books.Where(account => account.Key.Kind == AccountKinds.Earnings).ShouldAllBe(account => account.Value >= -earnings.Micros);
        }

        long Of(Guid whose) => books.Where(account => account.Key.OwnerId == whose).Sum(account => account.Value);
        books.Values.Sum().ShouldBe(0);
        var (buyers, providers) = (
            (after.Refund + after.Compensation - before.Refund - before.Compensation).Micros,
            (after.Earned - after.Compensation - before.Earned + before.Compensation).Micros);
        if (slot.Buyer == slot.Provider) Of(slot.Buyer).ShouldBe(buyers + providers);
        else (Of(slot.Buyer), Of(slot.Provider)).ShouldBe((buyers, providers));
        moved.ToBuyer.Micros.ShouldBe(buyers);
        books.GetValueOrDefault(Account.Transit(slot.Buyer)).ShouldBe(Math.Max(0, buyers));
        if (slot.Buyer != slot.Provider) books.GetValueOrDefault(Account.Transit(slot.Provider)).ShouldBe(0);
        moved.Transfers.Select(transfer => transfer.Key).Distinct().Count().ShouldBe(moved.Transfers.Count);
    });

    [Fact]
    public void The_tax_that_is_left_is_that_of_the_fee_that_is_left() => ForAll(random =>
    {
        var (slot, before, after) = Any(random);
        long taxes = 0;
        foreach (var transfer in SlotCorrection.Of(slot, before, after, _ => Values.Money.Zero, DateTimeOffset.UnixEpoch).Transfers)
        {
            if (transfer.Debit.Kind == AccountKinds.Tax) taxes -= transfer.Amount.Micros;
            if (transfer.Credit.Kind == AccountKinds.Tax) taxes += transfer.Amount.Micros;
        }
        long In(SlotSettlement settled) => (slot.Taxes.Buyer?.In(settled.BuyerFee) ?? Values.Money.Zero).Micros + (slot.Taxes.Seller?.In(settled.SellerFee) ?? Values.Money.Zero).Micros;
        taxes.ShouldBe(In(after) - In(before));
    });

    [Fact]
    public void Who_bought_of_itself_gives_no_earnings_twice()
    {
        // Found by the property above: more was delivered after all, so the buyer owes more fee; but nobody had been told of the rest, so the provider owes more compensation.
        var sold = new SoldSlot(new Price(2_000_000), new Money(0), new Money(200_000), new Money(0), new Money(1_000_000));
        var before = SlotSettlement.Of(sold, 3_600, 0, new Price(0));
        var after = SlotSettlement.Of(sold, 3_600, 1_800, new Price(0), unnotifiedGpuSeconds: 1_800);
        var slot = new CorrectedSlot(Guid.Empty, 7, 0, Provider, Provider, default);

        var moved = SlotCorrection.Of(slot, before, after, _ => new Money(60_000), DateTimeOffset.UnixEpoch);

        moved.FromEarnings.Select(taken => taken.Amount.Micros).ShouldBe([50_000, 10_000]);
    }

    private static void ForAll(Action<Random> property) =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(3_000), Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), (int seed) => property(new Random(seed))));

    private static (CorrectedSlot Slot, SlotSettlement Before, SlotSettlement After) Any(Random random)
    {
        var cost = Money(random);
        var sold = new SoldSlot(
            new Price(random.NextInt64(0, 5_000_000)), cost, Money(random), new Money(random.NextInt64(0, cost.Micros + 1)), Money(random));
        var seconds = random.Next(3) == 0 ? random.NextInt64(1, 10) : random.NextInt64(1, 400_000);
        var reference = new Price(random.NextInt64(0, 9_000_000));
        SlotSettlement Settled()
        {
            var delivered = random.Next(4) switch { 0 => 0, 1 => seconds, _ => random.NextInt64(0, seconds + 1) };
            return SlotSettlement.Of(sold, seconds, delivered, reference, random.NextInt64(0, seconds - delivered + 1));
        }
        FeeTax? Tax() => random.Next(2) == 0 ? null : new FeeTax(random.Next(2) == 0 ? "DE" : "FR", random.Next(1, FeeTax.HighestPpm));
        var slot = new CorrectedSlot(Guid.Empty, 7, 0, random.Next(8) == 0 ? Provider : Buyer, Provider, new FeeTaxes(Tax(), Tax()));
        return (slot, Settled(), Settled());
    }

    private static Money Money(Random random) => new(random.Next(4) switch { 0 => 0, 1 => random.NextInt64(0, 20), _ => random.NextInt64(0, 2_000_000_000) });
}
