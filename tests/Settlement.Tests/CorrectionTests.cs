using System.Diagnostics;
using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.Settlement.Storage;
using ComputeExchange.Testing;
using Microsoft.EntityFrameworkCore;
using Shouldly;
using Xunit;

namespace ComputeExchange.Settlement.Tests;

/// <summary>Metered slots that are settled again because a dispute was decided.</summary>
public sealed class CorrectionTests(PostgresServer server) : IAsyncLifetime
{
    private const long Hour = 3_600;

    private readonly Guid _buyer = Guid.NewGuid();
    private readonly Guid _provider = Guid.NewGuid();
    private Books _books = null!;

    public async ValueTask InitializeAsync()
    {
        _books = await Books.Open(server);
        await _books.Fund(_buyer, 10_000_000);
        await _books.Fund(_provider, 10_000_000);
    }

    public ValueTask DisposeAsync() => _books.DisposeAsync();

    [Fact]
    public async Task What_was_not_delivered_after_all_goes_back_with_its_fees_and_a_compensation()
    {
        await Deliver(7, Hour);
        await _books.Correct(Happened.Corrected(7, 0, Hour, Hour / 2));

        // Half of 1.00 and of the fees, and for half an hour a quarter of 1.00.
        (await _books.Balance($"earnings:{_provider}")).ShouldBe(500_000 - 1_250 - 125_000);
        (await _books.Balance("fees")).ShouldBe(2_000);
        (await _books.Balance($"transit:{_buyer}")).ShouldBe(500_000 + 750 + 125_000);
        var asked = (await Asked()).Single(command => command.CreditCollateral is not null).CreditCollateral;
        (asked.ParticipantId, asked.AmountMicros, asked.Reference).ShouldSatisfyAllConditions(
            credit => credit.ParticipantId.ShouldBe(_buyer.ToString()), credit => credit.AmountMicros.ShouldBe(625_750), credit => credit.Reference.ShouldStartWith("dispute "));
        await _books.AnswerCommands();
        (await _books.Balance($"transit:{_buyer}")).ShouldBe(0);
        await _books.ShouldBalance();
    }

    [Fact]
    public async Task A_correction_that_is_heard_twice_counts_once()
    {
        await Deliver(7, Hour);
        var correction = Happened.Corrected(7, 0, Hour, Hour / 2);
        await _books.Correct(correction, correction);
        var once = await Standing();
        await _books.Correct(Happened.Corrected(7, 0, Hour, Hour));
        await _books.Correct(correction);
        await _books.Correct(Happened.Corrected(7, 0, Hour, Hour / 2));
        (await Standing()).ShouldBe(once);
        (await _books.Ask(db => db.DeliveryCorrections.CountAsync())).ShouldBe(3);
        await _books.ShouldBalance();
    }

    [Theory]
    [InlineData(Hour, 0)]
    [InlineData(Hour, 1_234)]
    [InlineData(1_000, 0)]
    [InlineData(1_000, 999)]
    [InlineData(0, 2_000)]
    [InlineData(1_000, Hour)]
    public async Task What_is_taken_back_ends_where_it_began(long metered, long other)
    {
        await Tax("DE", 190_000);
        await Deliver(6, Hour, Hour);
        await Deliver(7, metered);
        var before = await Standing();
        await _books.Correct(Happened.Corrected(7, 0, Hour, other));
        (await Standing()).ShouldNotBe(before);
        await _books.ShouldBalance();
        await _books.Correct(Happened.Corrected(7, 0, Hour, metered));
        (await Standing()).ShouldBe(before);
        await _books.ShouldBalance();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task However_often_it_is_corrected_the_last_figure_alone_counts(int seed)
    {
        var random = new Random(seed);
        await Tax("DE", 190_000);
        await Deliver(7, Hour, slots: 2);
        for (var i = 0; i < 6; i++)
        {
            await _books.Correct(Happened.Corrected(7, 0, Hour, random.NextInt64(0, Hour + 1)));
            await _books.ShouldBalance();
        }
        await _books.Correct(Happened.Corrected(7, 0, Hour, 1_111));
        await _books.Correct(Happened.Corrected(7, 1, Hour, 1_111));
        var moved = await _books.Ask(db => db.DeliveryCorrections.GroupBy(row => row.SlotIndex).Select(slot => slot.Sum(row => row.ToBuyerMicros)).ToListAsync());
        moved[0].ShouldBe(moved[1]);
    }

    [Fact]
    public async Task What_was_paid_out_already_is_owed_and_kept_back_from_what_is_earned_next()
    {
        await Deliver(7, Hour);
        await _books.PayOut(Books.Start.Date.AddDays(1).AddHours(1));
        (await _books.Balance($"earnings:{_provider}")).ShouldBe(0);
        await _books.Correct(Happened.Corrected(7, 0, Hour, 0));
        (await _books.Balance($"receivable:{_provider}")).ShouldBe(-(997_500 + 250_000));
        (await _books.Balance($"transit:{_buyer}")).ShouldBe(1_001_500 + 250_000);
        await _books.ShouldBalance();

        _books.Clock.Now = Books.Start.AddDays(2);
        await Deliver(8, Hour);
        await _books.PayOut(Books.Start.Date.AddDays(4).AddHours(1));
        (await _books.Balance($"receivable:{_provider}")).ShouldBe(-250_000);
        await _books.ShouldBalance();
    }

    [Fact]
    public async Task What_was_delivered_after_all_is_earned_and_owed_by_the_buyer_who_had_it_back()
    {
        await Deliver(7, 0);
        await _books.Correct(Happened.Corrected(7, 0, Hour, Hour));
        (await _books.Balance($"earnings:{_provider}")).ShouldBe(997_500 + 100_000);
        (await _books.Balance("fees")).ShouldBe(4_000);
        (await _books.Balance($"receivable:{_buyer}")).ShouldBe(-(1_001_500 + 100_000));
        (await _books.Balance($"transit:{_buyer}")).ShouldBe(1_001_500);
        await _books.ShouldBalance();
    }

    [Fact]
    public async Task A_slot_can_be_metered_and_corrected_in_one_batch_whichever_was_asked_for_first()
    {
        await Sell(7, 1);
        await Sell(8, 1);
        await Deliver(9, Hour);
        await _books.Say([
            Happened.Corrected(9, 0, Hour, 0), Happened.Metered(7, 0, Hour, Hour), Happened.Corrected(7, 0, Hour, 0), Happened.Metered(8, 0, Hour, Hour), Happened.Corrected(8, 0, Hour, 0)]);
        (await _books.Balance($"earnings:{_provider}") + await _books.Balance($"receivable:{_provider}")).ShouldBe(3 * -250_000);
        await _books.ShouldBalance();
    }

    [Fact]
    public async Task A_correction_that_crashed_at_its_commit_left_nothing_and_counts_the_next_time()
    {
        await Deliver(7, Hour);
        var before = await _books.Balances();
        var correction = Happened.Corrected(7, 0, Hour, 0);
        _books.CrashAtCommit = true;
        await Should.ThrowAsync<CrashedException>(() => _books.Correct(correction));
        (await _books.Balances()).ShouldBe(before);
        await _books.Correct(correction);
        (await _books.Balance($"transit:{_buyer}")).ShouldBe(1_251_500);
    }

    [Fact]
    public async Task A_correction_of_what_was_never_metered_is_a_mistake_of_ours()
    {
        await Sell(7, 1);
        await Should.ThrowAsync<UnreachableException>(() => _books.Correct(Happened.Corrected(7, 0, Hour, 0)));
        await Should.ThrowAsync<UnreachableException>(() => _books.Correct(Happened.Corrected(8, 0, Hour, 0)));
    }

    [Fact]
    public async Task Shortfalls_that_nobody_was_told_of_cost_the_provider_a_quarter_from_the_bond()
    {
        await Sell(7, 1);
        await _books.Meter(Happened.Metered(7, 0, Hour, Hour / 2) with { UnnotifiedGpuSeconds = Hour / 4 });
        (await Asked()).Single(command => command.SettleBond is not null).SettleBond.TakenMicros.ShouldBe(25_000 + 62_500);
    }

    private Task Sell(long lease, int slots) => _books.Feed(Happened.Sold(
        lease, _buyer, _provider, _books.Clock.Now, 1, [.. Enumerable.Range(0, slots).Select(_ => Happened.Slot(1_000_000, 1_000_000, 1_500, 2_500, 300_000))]));

    private async Task Deliver(long lease, long delivered, long? also = null, int slots = 1)
    {
        await Sell(lease, slots);
        await _books.Meter([.. Enumerable.Range(0, slots).Select(slot => Happened.Metered(lease, slot, Hour, slot == 0 ? delivered : also ?? delivered))]);
    }

    private Task Tax(string code, int ppm) => _books.Do(async db =>
    {
        db.TaxRates.Add(new TaxRateRow { TaxCode = code, FromDay = new(2026, 1, 1), RatePpm = ppm });
        foreach (var one in (Guid[])[_buyer, _provider]) db.TaxCodes.Add(new TaxCodeRow { ParticipantId = one, TaxCode = code });
        await db.SaveChangesAsync();
    });

    /// <summary>What everyone has, what is owed taken off.</summary>
    private async Task<string> Standing()
    {
        var accounts = await _books.Ask(db => db.Accounts.ToListAsync());
        return string.Join("; ", accounts.GroupBy(account => account.OwnerId?.ToString() ?? account.Name).OrderBy(whose => whose.Key, StringComparer.Ordinal)
            .Select(whose => $"{whose.Key} {whose.Sum(account => account.BalanceMicros)}"));
    }

    private async Task<List<EngineCommand>> Asked() => [.. (await _books.Pending()).Select(row => EngineCommand.Parser.ParseFrom(row.Body))];
}
