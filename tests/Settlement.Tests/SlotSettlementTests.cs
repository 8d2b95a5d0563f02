using ComputeExchange.Settlement.Domain;
using ComputeExchange.Values;
using FsCheck;
using FsCheck.Fluent;
using Shouldly;
using Xunit;

namespace ComputeExchange.Settlement.Tests;

public class SlotSettlementTests
{
    private const long Hour = 3_600;

    [Fact]
    public void The_rulebooks_buyer_of_64_gpus_pays_387_dollars_net()
    {
        var slot = Slot(price: 2_500_000, cost: 160_000_000, bond: 480_000_000);
        long[] delivered = [64, 64, 60, 0];
        long[] reference = [2_400_000, 2_600_000, 3_100_000, 3_400_000];
        var hours = delivered.Zip(reference, (d, r) => SlotSettlement.Of(slot, 64 * Hour, d * Hour, new Price(r))).ToList();

        hours.Select(h => h.Earned.Micros).ShouldBe([160_000_000, 160_000_000, 150_000_000, 0]);
        hours.Select(h => h.Refund.Micros).ShouldBe([0, 0, 10_000_000, 160_000_000]);
        hours.Select(h => h.Compensation.Micros).ShouldBe([0, 0, 3_640_000, 79_360_000]);
        hours.Sum(h => (slot.Escrow - h.Refund - h.Compensation).Micros).ShouldBe(387_000_000);
    }

    [Fact]
    public void Fees_follow_what_was_delivered_and_the_sellers_comes_out_of_the_proceeds()
    {
        var half = SlotSettlement.Of(Slot(2_000_000, 2_000_000, buyerFee: 3_000, sellerFee: 5_000, bond: 0), 2 * Hour, Hour, new Price(0));
        half.ShouldBe(new SlotSettlement(new(997_500), new(1_500), new(2_500), new(1_001_500), new(0)));
    }

    [Fact]
    public void What_does_not_divide_goes_to_the_buyer()
    {
        var third = SlotSettlement.Of(Slot(100, 100, buyerFee: 10, sellerFee: 10), 3, 1, new Price(0));
        third.ShouldBe(new SlotSettlement(new(30), new(3), new(3), new(74), new(0)));
    }

    [Theory]
    [InlineData(1_000_000, 500_000, 100_000)]      // a cheaper replacement: alpha of the price still
    [InlineData(1_000_000, 2_000_000, 1_200_000)]  // (2.00 × 1.1 − 1.00)
    [InlineData(1_000_000, 9_000_000, 3_000_000)]  // at most three times the price
    [InlineData(0, 9_000_000, 0)]                  // which is nothing for what was free
    public void Compensation_is_the_imbalance_price_less_the_price_up_to_three_times_it(long price, long reference, long compensation) =>
        SlotSettlement.Of(Slot(price, price, bond: 50_000_000), Hour, 0, new Price(reference)).Compensation.Micros.ShouldBe(compensation);

    [Theory]
    [InlineData(3_600, 0, 100_000)]        // told of in time: a tenth
    [InlineData(3_600, 3_600, 250_000)]    // told nobody: a quarter
    [InlineData(3_600, 1_800, 175_000)]    // half and half
    [InlineData(1_800, 1_800, 125_000)]
    public void What_nobody_was_told_of_two_hours_ahead_is_compensated_at_a_quarter(long missing, long unnotified, long compensation) =>
        SlotSettlement.Of(Slot(1_000_000, 1_000_000, bond: 50_000_000), Hour, Hour - missing, new Price(1_000_000), unnotified).Compensation.Micros.ShouldBe(compensation);

    [Fact]
    public void No_more_than_is_short_can_be_without_notice() =>
        Should.Throw<ArgumentOutOfRangeException>(() => SlotSettlement.Of(Slot(1, 1), 10, 9, new Price(1), 2));

    [Fact]
    public void Compensation_is_never_more_than_the_bond() =>
        SlotSettlement.Of(Slot(1_000_000, 1_000_000, bond: 77), Hour, 0, new Price(2_000_000)).Compensation.Micros.ShouldBe(77);

    [Fact]
    public void A_slot_that_was_delivered_whole_compensates_nothing() =>
        SlotSettlement.Of(Slot(1_000_000, 1_000_000, 7, 8, 9), Hour, Hour, new Price(9_000_000))
            .ShouldBe(new SlotSettlement(new(999_992), new(7), new(8), new(0), new(0)));

    [Fact]
    public void No_more_can_be_delivered_than_was_sold_and_something_was_sold()
    {
        var slot = Slot(1, 1);
        Should.Throw<ArgumentOutOfRangeException>(() => SlotSettlement.Of(slot, 10, 11, slot.Price));
        Should.Throw<ArgumentOutOfRangeException>(() => SlotSettlement.Of(slot, 10, -1, slot.Price));
        Should.Throw<ArgumentOutOfRangeException>(() => SlotSettlement.Of(slot, 0, 0, slot.Price));
        Should.Throw<ArgumentOutOfRangeException>(() => Slot(1, 1, sellerFee: 2));
    }

    [Fact]
    public void For_any_slot_the_parts_add_up_to_its_escrow_and_none_is_negative() => Prop.ForAll(Slots().ToArbitrary(), given =>
    {
        var (slot, sold, delivered, reference) = given;
        var settled = SlotSettlement.Of(slot, sold, delivered, reference);

        (settled.Earned + settled.BuyerFee + settled.SellerFee + settled.Refund).ShouldBe(slot.Escrow);
        Money[] parts = [settled.Earned, settled.BuyerFee, settled.SellerFee, settled.Refund, settled.Compensation];
        parts.ShouldAllBe(part => part >= Money.Zero);
        settled.Compensation.ShouldBeLessThanOrEqualTo(slot.Bond);
        ((Int128)settled.Compensation.Micros * 3_600).ShouldBeLessThanOrEqualTo((Int128)slot.Price.MicrosPerGpuHour * 3 * (sold - delivered));
        if (delivered == sold) (settled.Refund, settled.Compensation).ShouldBe((Money.Zero, Money.Zero));
        if (delivered == 0) settled.Refund.ShouldBe(slot.Escrow);
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(2_000));

    [Fact]
    public void Delivering_more_never_earns_less() => Prop.ForAll(Slots().ToArbitrary(), given =>
    {
        var (slot, sold, delivered, reference) = given;
        if (delivered == sold) return;
        var less = SlotSettlement.Of(slot, sold, delivered, reference);
        var more = SlotSettlement.Of(slot, sold, delivered + 1, reference);
        (more.Earned + more.SellerFee).ShouldBeGreaterThanOrEqualTo(less.Earned + less.SellerFee);
        more.Refund.ShouldBeLessThanOrEqualTo(less.Refund);
        more.Compensation.ShouldBeLessThanOrEqualTo(less.Compensation);
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(2_000));

    private static SoldSlot Slot(long price, long cost, long buyerFee = 0, long sellerFee = 0, long bond = 0) =>
        new(new Price(price), new Money(cost), new Money(buyerFee), new Money(sellerFee), new Money(bond));

    /// <summary>From one micro-dollar to the dearest slot that can be bid for: 4,096 GPUs at a thousand dollars.</summary>
    private static Gen<(SoldSlot Slot, long Sold, long Delivered, Price Reference)> Slots() =>
        from price in Amounts(1_000_000_000)
        from cost in Amounts(4_096_000_000_000)
        from buyerFee in Amounts(409_600_000_000)
        from sellerFee in Amounts(cost)
        from bond in Amounts(4_096_000_000_000)
        from sold in Amounts(4_096 * Hour)
        from delivered in Amounts(sold + 1)
        from reference in Amounts(1_000_000_000)
        select (Slot(price, cost, buyerFee, sellerFee, bond), sold + 1, delivered, new Price(reference));

    /// <summary>0 to <paramref name="most"/>: small, large and the ends themselves.</summary>
    private static Gen<long> Amounts(long most) => Gen.OneOf(
        Gen.Constant(0L), Gen.Constant(most), Gen.Choose(0, 1_000).Select(n => Math.Min(n, most)),
        Gen.Choose(0, int.MaxValue).Select(n => (long)((Int128)n * most / int.MaxValue)));
}
