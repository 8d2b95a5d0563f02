using System.Diagnostics;
using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.Testing;
using Microsoft.EntityFrameworkCore;
using Shouldly;
using Xunit;

namespace ComputeExchange.Settlement.Tests;

public sealed class DeliveryTests(PostgresServer server) : IAsyncLifetime
{
    private const long Hour = 3_600;

    private readonly Guid _buyer = Guid.NewGuid();
    private readonly Guid _provider = Guid.NewGuid();
    private Books _books = null!;

    public async ValueTask InitializeAsync()
    {
        _books = await Books.Open(server);
        await _books.Fund(_buyer, 1_000_000_000);
        await _books.Fund(_provider, 1_000_000_000);
    }

    public ValueTask DisposeAsync() => _books.DisposeAsync();

    [Fact]
    public async Task The_rulebooks_lease_goes_its_whole_way_and_the_buyer_has_paid_387_dollars()
    {
        var hours = Enumerable.Range(0, 4).Select(hour => Books.Start.AddHours(hour)).ToArray();
        await _books.Feed(
            Happened.Cleared(1, [.. hours.Select(hour => (hour, 2_500_000L))]),
            Happened.Sold(7, _buyer, _provider, Books.Start, 64, [.. hours.Select(_ => Happened.Slot(2_500_000, 160_000_000, bond: 100_000_000))]),
            Happened.Cleared(2, (hours[0], 2_400_000), (hours[1], 2_600_000), (hours[2], 3_100_000), (hours[3], 3_400_000)));

        await _books.Meter(
            Happened.Metered(7, 0, 64 * Hour, 64 * Hour), Happened.Metered(7, 1, 64 * Hour, 64 * Hour),
            Happened.Metered(7, 2, 64 * Hour, 60 * Hour), Happened.Metered(7, 3, 64 * Hour, 0));
        (await _books.Balance("escrow:7")).ShouldBe(0);
        (await _books.Balance($"earnings:{_provider}")).ShouldBe(470_000_000);

        (await Commands(c => c.SettleBond is not null)).Select(c => c.SettleBond.TakenMicros).ShouldBe([0, 0, 3_640_000, 79_360_000]);
        await AnswerBonds();
        (await _books.Balance($"collateral:{_buyer}")).ShouldBe(1_000_000_000 - 387_000_000);
        (await _books.Balance($"collateral:{_provider}")).ShouldBe(1_000_000_000 - 83_000_000);
        (await _books.Balance($"transit:{_buyer}")).ShouldBe(0);
        await _books.ShouldBalance();
    }

    [Fact]
    public async Task A_lease_sold_on_pays_its_seller_out_of_the_new_escrow_and_the_provider_out_of_the_old_one()
    {
        var second = Guid.NewGuid();
        await _books.Fund(second, 100_000_000);
        var resold = Happened.Sold(8, second, _buyer, Books.Start, 4, Happened.Slot(3_000_000, 12_000_000, 18_000, 18_000, 1_000_000));
        resold.LeaseSold.ResoldFromLeaseId = 7;
        await _books.Feed(Happened.Sold(7, _buyer, _provider, Books.Start, 8, Happened.Slot(2_000_000, 16_000_000, 24_000, 24_000, 3_200_000)), resold);
        (await _books.Said<Facts.Settlement.V1.CapacityPaid>()).Select(said => System.Text.Json.JsonDocument.Parse(said).RootElement.GetProperty("resoldFrom").GetInt64())
            .ShouldBe([0, 7]);

        // A quarter was not delivered: one report, and each lease settles its own part.
        await _books.Meter(Happened.Metered(7, 0, 8 * Hour, 6 * Hour), Happened.Metered(8, 0, 4 * Hour, 3 * Hour));
        (await _books.Balance($"earnings:{_provider}")).ShouldBe(12_000_000 - 18_000);
        (await _books.Balance($"earnings:{_buyer}")).ShouldBe(9_000_000 - 13_500);
        (await _books.Balance("escrow:7")).ShouldBe(0);
        (await _books.Balance("escrow:8")).ShouldBe(0);

        // Two GPU-hours at a tenth of $2 out of the provider's bond; one at a tenth of $3 out of the first buyer's.
        (await Commands(c => c.SettleBond is not null)).Select(c => (c.SettleBond.LeaseId, c.SettleBond.TakenMicros)).ShouldBe([(7, 400_000), (8, 300_000)]);
        await _books.ShouldBalance();
    }

    [Fact]
    public async Task A_delivered_slot_pays_the_provider_and_the_fees()
    {
        await Sell(Happened.Slot(1_000_000, 1_000_000, 1_500, 2_500, 300_000));
        await _books.Meter(Happened.Metered(7, 0, Hour, Hour));

        (await _books.Balance($"earnings:{_provider}")).ShouldBe(997_500);
        (await _books.Balance("fees")).ShouldBe(4_000);
        (await _books.Balance("escrow:7")).ShouldBe(0);
        var asked = (await _books.Pending()).Select(row => EngineCommand.Parser.ParseFrom(row.Body)).ShouldHaveSingleItem();
        asked.SettleBond.ShouldBe(new SettleBond { LeaseId = 7, SlotIndex = 0, TakenMicros = 0 });
        (await _books.Ask(db => db.Transfers.Where(t => t.Cause == "lease 7 slot 0").Select(t => t.Kind).ToListAsync()))
            .ShouldBe(["delivery earned", "buyer's fee", "seller's fee"], ignoreOrder: true);
    }

    [Fact]
    public async Task The_same_meter_twice_pays_once()
    {
        await Sell(Happened.Slot(1_000_000, 1_000_000, 1_500, 2_500, 300_000), Happened.Slot(1_000_000, 1_000_000, 1_500, 2_500, 300_000));
        await _books.Meter(Happened.Metered(7, 0, Hour, Hour / 2), Happened.Metered(7, 0, Hour, Hour / 2));
        await _books.Meter(Happened.Metered(7, 0, Hour, Hour));

        (await _books.Balance($"earnings:{_provider}")).ShouldBe(500_000 - 1_250);
        (await _books.Balance("escrow:7")).ShouldBe(1_001_500);
        (await Commands(c => c.SettleBond is not null)).Count.ShouldBe(1);
        (await Commands(c => c.CreditCollateral?.Reference == "lease 7 slot 0 refund")).ShouldHaveSingleItem();
        await _books.ShouldBalance();
    }

    [Fact]
    public async Task A_meter_that_crashed_at_its_commit_left_nothing_and_pays_the_next_time()
    {
        await Sell(Happened.Slot(1_000_000, 1_000_000, bond: 300_000));
        _books.CrashAtCommit = true;
        await Should.ThrowAsync<CrashedException>(() => _books.Meter(Happened.Metered(7, 0, Hour, 0)));
        (await _books.Balance("escrow:7")).ShouldBe(1_000_000);
        (await _books.Pending()).ShouldBeEmpty();

        await _books.Meter(Happened.Metered(7, 0, Hour, 0));
        (await _books.Balance("escrow:7")).ShouldBe(0);
        (await _books.Balance($"transit:{_buyer}")).ShouldBe(1_000_000);
    }

    [Fact]
    public async Task A_taken_bond_reaches_the_buyers_collateral()
    {
        await Sell(Happened.Slot(1_000_000, 1_000_000, bond: 60_000));
        await _books.Feed(Happened.BondSettled(7, 0, _provider, taken: 60_000, released: 40_000));
        (await _books.Balance($"collateral:{_provider}")).ShouldBe(1_000_000_000 - 60_000);
        (await _books.Balance($"transit:{_buyer}")).ShouldBe(60_000);

        await _books.AnswerCommands();
        (await _books.Balance($"collateral:{_buyer}")).ShouldBe(1_000_000_000 - 1_000_000 + 60_000);
    }

    [Fact]
    public async Task A_released_bond_moves_nothing_in_the_ledger()
    {
        await Sell(Happened.Slot(1_000_000, 1_000_000, bond: 60_000));
        var before = await _books.Balances();
        await _books.Feed(Happened.BondSettled(7, 0, _provider, taken: 0, released: 60_000));
        (await _books.Balances()).ShouldBe(before);
    }

    [Fact]
    public async Task The_price_of_a_later_run_counts_for_a_lease_that_began_within_its_slot()
    {
        // Bought at ten past ten for what was left of the slot, missed, and sold dearer to somebody else at half past.
        await _books.Feed(
            Happened.Cleared(1, (Books.Start.AddHours(-1), 9_000_000), (Books.Start, 1_000_000)),
            Happened.Sold(7, _buyer, _provider, Books.Start.AddMinutes(10), 1, Happened.Slot(1_000_000, 833_333, bond: 800_000)),
            Happened.Cleared(2, (Books.Start, 1_200_000)));
        await _books.Meter(Happened.Metered(7, 0, 3_000, 0));
        (await Commands(c => c.SettleBond is not null)).Single().SettleBond.TakenMicros.ShouldBe(320_000 * 3_000 / 3_600);
    }

    [Fact]
    public async Task Where_no_later_run_sold_the_slot_its_own_price_is_the_reference()
    {
        await _books.Feed(
            Happened.Cleared(1, (Books.Start, 1_000_000)),
            Happened.Sold(7, _buyer, _provider, Books.Start, 1, Happened.Slot(1_000_000, 1_000_000, bond: 800_000)),
            Happened.Cleared(2, (Books.Start.AddHours(1), 5_000_000)));
        await _books.Meter(Happened.Metered(7, 0, Hour, 0));
        (await Commands(c => c.SettleBond is not null)).Single().SettleBond.TakenMicros.ShouldBe(100_000);
    }

    [Fact]
    public async Task A_meter_of_what_was_never_sold_is_a_mistake_of_ours()
    {
        await Sell(Happened.Slot(1_000_000, 1_000_000));
        await Should.ThrowAsync<UnreachableException>(() => _books.Meter(Happened.Metered(8, 0, Hour, Hour)));
        await Should.ThrowAsync<UnreachableException>(() => _books.Meter(Happened.Metered(7, 1, Hour, Hour)));
        await Should.ThrowAsync<UnreachableException>(() => _books.Feed(Happened.BondSettled(8, 0, _provider, 5)));
    }

    private Task Sell(params LeaseSlot[] slots) => _books.Feed(Happened.Sold(7, _buyer, _provider, Books.Start, 1, slots));

    private async Task<List<EngineCommand>> Commands(Func<EngineCommand, bool> which) =>
        [.. (await _books.Ask(db => db.EngineCommands.OrderBy(row => row.Id).ToListAsync())).Select(row => EngineCommand.Parser.ParseFrom(row.Body)).Where(which)];

    /// <summary>The engine settles the bonds it was asked to settle, and then everything else.</summary>
    private async Task AnswerBonds()
    {
        var bonds = (await _books.Pending()).Where(row => EngineCommand.Parser.ParseFrom(row.Body).SettleBond is not null).ToList();
        foreach (var bond in bonds.Select(row => EngineCommand.Parser.ParseFrom(row.Body).SettleBond))
            await _books.Feed(Happened.BondSettled(bond.LeaseId, bond.SlotIndex, _provider, bond.TakenMicros));
        await _books.Answered(bonds);
        await _books.AnswerCommands();
    }
}
