using ComputeExchange.Facts.Participants.V1;
using ComputeExchange.Settlement.Domain;
using ComputeExchange.Settlement.Domain.Fees;
using ComputeExchange.Settlement.Fees;
using ComputeExchange.Settlement.V1;
using ComputeExchange.Testing;
using ComputeExchange.Values;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.EntityFrameworkCore;
using Shouldly;
using Xunit;

namespace ComputeExchange.Settlement.Tests;

/// <summary>The exchange's fees include tax, which is owed where the payer's tax code says.</summary>
public sealed class FeeTaxTests(PostgresServer server) : IAsyncLifetime
{
    private const long Hour = 3_600;

    private readonly Guid _buyer = Guid.NewGuid();
    private readonly Guid _provider = Guid.NewGuid();
    private Books _books = null!;
    private long _lease;

    public async ValueTask InitializeAsync()
    {
        _books = await Books.Open(server);
        await _books.Fund(_buyer, 1_000_000_000);
    }

    public ValueTask DisposeAsync() => _books.DisposeAsync();

    [Theory]
    [InlineData(119, 190_000, 19)]
    [InlineData(119_000_000, 190_000, 19_000_000)]
    [InlineData(1, 190_000, 0)]
    [InlineData(3, 200_000, 1)]         // a half goes up
    [InlineData(100, 0, 0)]
    [InlineData(0, 190_000, 0)]
    public void The_tax_is_in_the_fee_and_rounded_to_the_nearest_micro_dollar(long fee, int ppm, long tax) =>
        new FeeTax("DE", ppm).In(new Money(fee)).Micros.ShouldBe(tax);

    [Fact]
    public void For_any_fee_the_tax_is_its_rate_of_the_net_fee_to_half_a_micro_dollar() => Prop.ForAll(
        (from fee in Gen.Choose(0, int.MaxValue) from large in Gen.Choose(1, 1_000) from ppm in Gen.Choose(0, FeeTax.HighestPpm) select (Fee: (long)fee * large, Ppm: ppm)).ToArbitrary(),
        given =>
        {
            var tax = new FeeTax("DE", given.Ppm).In(new Money(given.Fee)).Micros;
            tax.ShouldBeInRange(0, given.Fee);
            Int128 exact = (Int128)given.Fee * given.Ppm;
            Int128.Abs((tax * (Int128)(1_000_000 + given.Ppm)) - exact).ShouldBeLessThanOrEqualTo((1_000_000 + given.Ppm) / 2);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2_000));

    [Fact]
    public void The_rate_is_that_of_the_day_of_delivery()
    {
        var payer = Guid.NewGuid();
        var book = new TaxBook(new Dictionary<Guid, string> { [payer] = "DE" }, [("DE", new(2027, 1, 1), 200_000), ("DE", new(2026, 1, 1), 190_000), ("FR", new(2020, 1, 1), 1)]);
        book.Of(payer, new(2025, 12, 31)).ShouldBeNull();
        book.Of(payer, new(2026, 12, 31)).ShouldBe(new FeeTax("DE", 190_000));
        book.Of(payer, new(2027, 1, 1)).ShouldBe(new FeeTax("DE", 200_000));
        book.Of(Guid.NewGuid(), new(2027, 1, 1)).ShouldBeNull();
    }

    [Fact]
    public async Task At_metering_each_fee_is_split_by_the_code_of_who_pays_it()
    {
        await Code(_buyer, "DE");
        await Code(_provider, "US-CA");
        await Rate("DE", 190_000);
        await Rate("US-CA", 72_500);
        await Deliver(cost: 100_000, buyerFee: 1_190, sellerFee: 2_000);

        (await _books.Balance("tax:DE")).ShouldBe(190);
        (await _books.Balance("tax:US-CA")).ShouldBe(135);
        (await _books.Balance("fees")).ShouldBe(1_000 + 1_865);
        (await _books.Balance($"earnings:{_provider}")).ShouldBe(98_000);
        (await Moved()).ShouldBe(
        [
            (TransferKinds.Earned, 98_000), (TransferKinds.BuyerFee, 1_000), (TransferKinds.BuyerFeeTax, 190),
            (TransferKinds.SellerFee, 1_865), (TransferKinds.SellerFeeTax, 135),
        ]);
        await _books.ShouldBalance();
    }

    [Fact]
    public async Task Both_may_owe_the_same_authority_and_nobody_owes_what_has_no_rate()
    {
        await Code(_buyer, "DE");
        await Code(_provider, "DE");
        await Deliver(cost: 100_000, buyerFee: 1_190, sellerFee: 1_190);
        (await _books.Balance("fees")).ShouldBe(2_380);
        (await _books.Balance("tax:DE")).ShouldBe(0);

        await Rate("DE", 190_000);
        await Deliver(cost: 100_000, buyerFee: 1_190, sellerFee: 1_190);
        (await _books.Balance("fees")).ShouldBe(2_380 + 2_000);
        (await _books.Balance("tax:DE")).ShouldBe(380);
        await _books.ShouldBalance();
    }

    [Fact]
    public async Task A_code_that_was_taken_back_taxes_nothing_more()
    {
        await Rate("DE", 190_000);
        await Code(_buyer, "DE");
        await Code(_buyer, "");
        await Deliver(cost: 100_000, buyerFee: 1_190, sellerFee: 0);
        (await _books.Balance("fees")).ShouldBe(1_190);
    }

    [Fact]
    public async Task A_rate_approved_again_for_the_same_day_takes_the_place_of_the_first()
    {
        await Code(_buyer, "DE");
        await Rate("DE", 160_000);
        await Rate("DE", 190_000);
        await Deliver(cost: 100_000, buyerFee: 1_190, sellerFee: 0);
        (await _books.Balance("tax:DE")).ShouldBe(190);
    }

    private Task Code(Guid participant, string code) => _books.Do(async db =>
    {
        await new KeepTaxCode(db).Hear(new TaxCodeChanged { ParticipantId = participant, TaxCode = code }, Books.Start, default);
        await db.SaveChangesAsync();
    });

    private Task Rate(string code, int ppm) => _books.Do(async db =>
    {
        await new FeeRules(db, new MoveTiers(db)).Set(new TaxRate { TaxCode = code, FromDay = "2026-03-01", RatePpm = ppm }, default);
        await db.SaveChangesAsync();
    });

    private async Task Deliver(long cost, long buyerFee, long sellerFee)
    {
        _lease++;
        await _books.Feed(Happened.Sold(_lease, _buyer, _provider, Books.Start, 1, Happened.Slot(cost, cost, buyerFee, sellerFee)));
        await _books.Meter(Happened.Metered(_lease, 0, Hour, Hour));
    }

    private async Task<List<(string, long)>> Moved() => [.. (await _books.Ask(db => db.Transfers
        .Where(transfer => transfer.Cause == $"lease {_lease} slot 0").OrderBy(transfer => transfer.Number).ToListAsync())).Select(transfer => (transfer.Kind, transfer.AmountMicros))];
}
