using ComputeExchange.Access.V1;
using ComputeExchange.Client;
using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.Settlement.Fees;
using ComputeExchange.Settlement.Storage;
using ComputeExchange.Settlement.V1;
using ComputeExchange.Testing;
using Microsoft.EntityFrameworkCore;
using Shouldly;
using Xunit;

namespace ComputeExchange.Settlement.Tests;

/// <summary>Who trades more pays less: every day everyone has the rates that the 30 days before earn.</summary>
public sealed class FeeTierTests(PostgresServer server) : IAsyncLifetime
{
    private const long Hour = 3_600;
    private static readonly DateTimeOffset Due = new(2026, 3, 3, 0, 5, 0, TimeSpan.Zero);

    private readonly Guid _buyer = Guid.NewGuid();
    private readonly Guid _provider = Guid.NewGuid();
    private Books _books = null!;
    private long _lease;

    public async ValueTask InitializeAsync()
    {
        _books = await Books.Open(server);
        await _books.Fund(_buyer, 1_000_000_000);
        await _books.Fund(_provider, 1_000_000_000);
    }

    public ValueTask DisposeAsync() => _books.DisposeAsync();

    [Fact]
    public async Task Before_the_first_schedule_nobody_is_moved()
    {
        await Deliver(9_000_000);
        await Tiers(Due);
        (await Asked()).ShouldBeEmpty();
    }

    [Fact]
    public async Task Both_sides_have_the_tier_of_what_was_delivered_and_everyone_else_the_first()
    {
        var idle = Guid.NewGuid();
        await _books.Fund(idle, 1);
        await Schedule("2026-03-03");

        // $6 and half of $5: what was not delivered does not count.
        await Deliver(6_000_000);
        await Deliver(5_000_000, delivered: Hour / 2);
        await Tiers(Due);
        (await Asked()).ShouldBe([Rates(_buyer, 1_000, 900), Rates(_provider, 1_000, 900), Rates(idle, 1_500, 1_400)], ignoreOrder: true);
        (await _books.Ask(db => db.ParticipantFees.SingleAsync(fees => fees.ParticipantId == _buyer))).VolumeMicros.ShouldBe(8_500_000);
    }

    [Fact]
    public async Task The_engine_is_asked_only_when_a_rate_changes()
    {
        await Schedule("2026-03-03");
        await Tiers(Due);
        (await Asked()).Count.ShouldBe(2);
        await Tiers(Due.AddDays(1));
        (await Asked()).ShouldBeEmpty();

        await Deliver(9_000_000, at: Due.AddDays(1).AddHours(3));
        await Tiers(Due.AddDays(2));
        (await Asked()).ShouldBe([Rates(_buyer, 1_000, 900), Rates(_provider, 1_000, 900)], ignoreOrder: true);
    }

    [Fact]
    public async Task What_is_older_than_thirty_days_counts_no_more_and_what_comes_after_midnight_not_yet()
    {
        await Schedule("2026-03-03");
        await Deliver(9_000_000, at: new(2026, 3, 2, 23, 59, 59, TimeSpan.Zero));
        await Deliver(90_000_000, at: new(2026, 3, 3, 0, 0, 0, TimeSpan.Zero));
        await Tiers(Due);
        (await Volume()).ShouldBe(9_000_000);
        await Tiers(Due.AddDays(29));
        (await Volume()).ShouldBe(99_000_000);
        await Tiers(Due.AddDays(30));
        (await Volume()).ShouldBe(90_000_000);
        await Tiers(Due.AddDays(31));
        (await Volume()).ShouldBe(0);
        (await Asked()).Where(asked => asked.ParticipantId == _buyer.ToString()).Select(asked => asked.AuctionBuyerPpm).ShouldBe([1_000, 500, 1_500]);
    }

    [Fact]
    public async Task A_day_that_is_done_late_comes_to_the_same()
    {
        await Schedule("2026-03-03");
        await Deliver(9_000_000);
        await Deliver(90_000_000, at: Due.AddDays(3));
        await Tiers(Due);
        (await Volume()).ShouldBe(9_000_000);
    }

    [Fact]
    public async Task A_schedule_that_begins_today_holds_at_once_and_a_later_one_from_its_day()
    {
        await Schedule("2026-03-02");
        (await Asked()).ShouldBe([Rates(_buyer, 1_500, 1_400), Rates(_provider, 1_500, 1_400)], ignoreOrder: true);
        await Schedule("2026-03-05", new FeeTier { BuyerPpm = 7, SellerPpm = 8 });
        await Tiers(Due);
        (await Asked()).ShouldBeEmpty();
        await Tiers(Due.AddDays(2));
        (await Asked()).ShouldBe([Rates(_buyer, 7, 8), Rates(_provider, 7, 8)], ignoreOrder: true);
    }

    [Fact]
    public async Task Rates_that_the_engine_refused_are_asked_for_again_the_next_day()
    {
        await Schedule("2026-03-03");
        await Tiers(Due);
        var refused = (await _books.Pending()).Single(row => EngineCommand.Parser.ParseFrom(row.Body).SetFees.ParticipantId == _buyer.ToString());
        await _books.Feed(new EngineEvent
        {
            CommandRefused = new CommandRefused { CommandId = refused.CommandId.ToString(), ParticipantId = _buyer.ToString(), Reason = "PARTICIPANT_UNKNOWN" },
        });
        await _books.Answered(await _books.Pending());
        await Tiers(Due.AddDays(1));
        (await Asked()).ShouldBe([Rates(_buyer, 1_500, 1_400)]);
    }

    [Fact]
    public async Task Everyone_can_read_the_rates_where_they_come_from_and_what_the_next_tier_asks()
    {
        await using var exchange = await FakeExchange.Start(_books.Clock);
        exchange.Holdings = new GetHoldingsResponse { Holdings = { new Holding { ParticipantId = _buyer.ToString(), AuctionBuyerPpm = 1_000, AuctionSellerPpm = 900 } } };
        using var client = new ExchangeClient(new ExchangeAddresses(exchange.Address), FakeExchange.KeyOf(_buyer, Role.Buyer));
        await Deliver(9_000_000);
        _books.Clock.Now = Due.AddHours(1);
        Task<GetFeesResponse> Fees() => _books.Ask(db => new ReadFees(db, client, _books.Clock).Of(_buyer, TestContext.Current.CancellationToken));

        var market = await Fees();
        (market.BuyerPpm, market.SellerPpm, market.VolumeMicros, market.NextTierMicros, market.TaxCode).ShouldBe((1_000, 900, 9_000_000, 0, ""));
        market.Schedule.ShouldBeNull();

        await Schedule("2026-03-03");
        await _books.Do(async db =>
        {
            db.TaxCodes.Add(new TaxCodeRow { ParticipantId = _buyer, TaxCode = "DE" });
            db.TaxRates.Add(new TaxRateRow { TaxCode = "DE", FromDay = new(2026, 1, 1), RatePpm = 190_000 });
            await db.SaveChangesAsync();
        });
        await Tiers(Due);
        var tiered = await Fees();
        (tiered.VolumeMicros, tiered.NextTierMicros, tiered.TaxCode, tiered.TaxPpm).ShouldBe((9_000_000, 41_000_000, "DE", 190_000));
        (tiered.Schedule.FromDay, tiered.Schedule.Tiers.Count, tiered.Schedule.Tiers[1].FromVolumeMicros).ShouldBe(("2026-03-03", 3, 8_000_000));
    }

    private static SetFees Rates(Guid participant, int buyer, int seller) =>
        new() { ParticipantId = participant.ToString(), AuctionBuyerPpm = buyer, AuctionSellerPpm = seller };

    private Task Schedule(string fromDay, params FeeTier[] tiers) => _books.Do(async db =>
    {
        var schedule = new FeeSchedule { FromDay = fromDay };
        if (tiers.Length > 0) schedule.Tiers.AddRange(tiers);
        else
        {
            schedule.Tiers.Add(new FeeTier { FromVolumeMicros = 0, BuyerPpm = 1_500, SellerPpm = 1_400 });
            schedule.Tiers.Add(new FeeTier { FromVolumeMicros = 8_000_000, BuyerPpm = 1_000, SellerPpm = 900 });
            schedule.Tiers.Add(new FeeTier { FromVolumeMicros = 50_000_000, BuyerPpm = 500, SellerPpm = 0 });
        }
        await new FeeRules(db, new MoveTiers(db)).Set(schedule, Books.Start, default);
        await db.SaveChangesAsync();
    });

    private Task Tiers(DateTimeOffset due) => _books.Do(async db =>
    {
        await new MoveTiers(db).Run(due, default);
        await db.SaveChangesAsync();
    });

    private async Task Deliver(long cost, long delivered = Hour, DateTimeOffset? at = null)
    {
        if (at is { } moment) _books.Clock.Now = moment;
        _lease++;
        await _books.Feed(Happened.Sold(_lease, _buyer, _provider, Books.Start, 1, Happened.Slot(cost, cost)));
        await _books.Meter(Happened.Metered(_lease, 0, Hour, delivered));
    }

    private Task<long> Volume() => _books.Ask(db => db.ParticipantFees.Where(fees => fees.ParticipantId == _buyer).Select(fees => fees.VolumeMicros).SingleAsync());

    /// <summary>The rates that the engine is asked to set since this was last asked.</summary>
    private async Task<List<SetFees>> Asked()
    {
        var pending = await _books.Pending();
        await _books.Answered(pending);
        return [.. pending.Select(row => EngineCommand.Parser.ParseFrom(row.Body).SetFees).Where(fees => fees is not null)];
    }
}
