using System.Diagnostics;
using ComputeExchange.Facts.Hearing;
using ComputeExchange.Facts.Pricing.V1;
using ComputeExchange.Facts.ProviderRegistry.V1;
using ComputeExchange.Facts.Transport;
using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.Values;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace ComputeExchange.Contracts.Tests.Facts;

public sealed class FactTests(World world) : IClassFixture<World>, IAsyncLifetime
{
    private static readonly Storm Calm = new(Seed: 3, Writers: 3, Transactions: 10, Mood.Good, MishapPermille: 0, AwayPercent: 0);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await world.Clear();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task A_bus_that_forgets_everything_costs_seconds_and_no_fact()
    {
        await using var bus = new WildBus(1, Mood.Silent);
        await using var teller = await FactProcess.Teller(world, bus);
        await using var relay = await FactProcess.Relay(world, bus);
        await using var alpha = await FactProcess.Alpha(world, bus);
        await new Writers(world, Calm).Work();

        await world.ShouldHold(TimeSpan.FromSeconds(20));
        bus.Delivered.ShouldBe(0);
    }

    [Fact]
    public async Task A_bus_that_works_is_enough_and_the_producers_are_left_alone()
    {
        await using var bus = new WildBus(1, Mood.Good);
        var doors = new CountingSource(world.Doors());
        await using var relay = await FactProcess.Relay(world, bus, doors, quiet: TimeSpan.FromMinutes(10));
        await using var alpha = await FactProcess.Alpha(world, bus, doors, quiet: TimeSpan.FromMinutes(10));
        await doors.Answered(3);
        await using var teller = await FactProcess.Teller(world, bus);
        await new Writers(world, Calm).Work();

        await world.ShouldHold(TimeSpan.FromSeconds(20));
        doors.Requests.ShouldBeLessThan(6);
    }

    [Fact]
    public async Task While_a_producer_is_away_what_the_bus_brings_is_applied()
    {
        await using var bus = new WildBus(1, Mood.Good);
        var away = world.Doors(() => true);
        await using var relay = await FactProcess.Relay(world, bus, away);
        await using var alpha = await FactProcess.Alpha(world, bus, away);
        await using var teller = await FactProcess.Teller(world, bus);
        await new Writers(world, Calm).Work();

        await world.ShouldHold(TimeSpan.FromSeconds(20));
    }

    [Fact]
    public async Task A_service_that_cannot_reach_the_bus_at_all_still_hears()
    {
        await using var teller = await FactProcess.Teller(world, new NoBus());
        await using var relay = await FactProcess.Relay(world, new NoBus());
        await using var alpha = await FactProcess.Alpha(world, new NoBus());
        await new Writers(world, Calm).Work();

        await world.ShouldHold(TimeSpan.FromSeconds(20));
    }

    [Fact]
    public async Task A_producer_that_has_lost_facts_is_asked_calmly_and_nothing_is_skipped()
    {
        await using (var db = world.Teller())
        {
            for (var i = 0; i < 5; i++) db.Tell(new LeaseEnded { LeaseId = i, Whole = true });
            await db.SaveChangesAsync(Cancel);
        }
        await world.Execute("DELETE FROM teller.facts WHERE number = 1");
        var doors = new CountingSource(world.Doors());
        await using (await FactProcess.Alpha(world, new WildBus(1, Mood.Good), doors)) await Task.Delay(1_000, Cancel);

        doors.Requests.ShouldBeLessThan(30);
        await using var alpha = world.Alpha();
        (await alpha.Applied.CountAsync(Cancel)).ShouldBe(0);
        (await alpha.Cursors.AsNoTracking().SumAsync(cursor => cursor.AppliedNumber, Cancel)).ShouldBe(0);
    }

    [Fact]
    public async Task An_inbox_applies_what_follows_drops_what_was_and_stops_at_a_gap()
    {
        await using var process = await FactProcess.Alpha(world, new WildBus(1, Mood.Silent));
        var scopes = process.Services.GetRequiredService<IServiceScopeFactory>();
        var applied = new List<long>();
        Task<long> Apply(params long[] numbers) => Inbox.Apply(scopes, "somebody", numbers, number => number, (_, _, number, _) =>
        {
            applied.Add(number);
            return Task.CompletedTask;
        }, Cancel);

        (await Apply(2, 3)).ShouldBe(0);
        (await Apply(1, 2, 2, 1, 4, 3)).ShouldBe(2);
        (await Apply(1, 2)).ShouldBe(2);
        (await Apply(2, 3, 4)).ShouldBe(4);

        applied.ShouldBe([1, 2, 3, 4]);
        (await Inbox.Where(scopes, "somebody", Cancel)).ShouldNotBeNull().AppliedNumber.ShouldBe(4);
    }

    [Fact]
    public async Task A_save_that_failed_and_was_cleared_tells_and_commands_nothing()
    {
        await using var db = world.Teller();
        db.Deeds.Add(new DeedRow { Id = 1 });
        await db.SaveChangesAsync(Cancel);
        db.ChangeTracker.Clear();

        db.Deeds.Add(new DeedRow { Id = 1 });
        db.Tell(new LeaseEnded { LeaseId = 1, Whole = true });
        db.Command(DerivedId.From("undone"), new EngineCommand());
        await Should.ThrowAsync<DbUpdateException>(() => db.SaveChangesAsync(Cancel));
        db.ChangeTracker.Clear();
        db.Deeds.Add(new DeedRow { Id = 2 });
        db.Tell(new LeaseEnded { LeaseId = 2, Whole = true });
        await db.SaveChangesAsync(Cancel);

        await using var after = world.Teller();
        var fact = await after.Facts.AsNoTracking().SingleAsync(Cancel);
        (fact.Number, Effect.Of(fact)).ShouldBe((1, "ended 2"));
        (await after.EngineCommands.CountAsync(Cancel)).ShouldBe(0);
    }

    [Fact]
    public async Task A_save_that_failed_and_is_repeated_tells_and_commands_once()
    {
        await using var db = world.Teller();
        await world.Execute("INSERT INTO teller.deeds (\"Id\", \"Facts\") VALUES (1, 0)");
        db.Deeds.Add(new DeedRow { Id = 1 });
        db.Tell(new LeaseEnded { LeaseId = 1, Whole = true });
        db.Command(DerivedId.From("done"), new EngineCommand());
        await Should.ThrowAsync<DbUpdateException>(() => db.SaveChangesAsync(Cancel));
        await world.Execute("DELETE FROM teller.deeds");
        await db.SaveChangesAsync(Cancel);
        await db.SaveChangesAsync(Cancel);

        await using var after = world.Teller();
        (await after.Facts.AsNoTracking().SingleAsync(Cancel)).Number.ShouldBe(1);
        (await after.EngineCommands.CountAsync(Cancel)).ShouldBe(1);
    }

    [Fact]
    public async Task The_same_cause_commands_the_engine_once()
    {
        await using var db = world.Teller();
        db.Command(DerivedId.From("cause"), new EngineCommand());
        await db.SaveChangesAsync(Cancel);
        await using var again = world.Teller();
        again.Command(DerivedId.From("cause"), new EngineCommand());
        again.Tell(new LeaseEnded { LeaseId = 1, Whole = true });

        await Should.ThrowAsync<DbUpdateException>(() => again.SaveChangesAsync(Cancel));
        (await world.Ask<long>("SELECT count(*) FROM teller.facts")).ShouldBe(0);
        (await world.Ask<long>("SELECT last_number FROM teller.fact_head")).ShouldBe(0);
    }

    [Fact]
    public void A_save_that_would_not_tell_is_refused()
    {
        using var db = world.Teller();
        db.SaveChanges().ShouldBe(0);
        db.Tell(new LeaseEnded { LeaseId = 1, Whole = true });

        Should.Throw<NotSupportedException>(() => db.SaveChanges());
    }

    [Fact]
    public async Task What_is_told_has_the_time_of_the_clock_that_was_given()
    {
        var clock = new ExchangeClock(simulated: true);
        clock.MoveTo(new DateTimeOffset(2031, 5, 6, 7, 8, 9, TimeSpan.Zero));
        await using var db = new TellerDb(new DbContextOptionsBuilder<TellerDb>().UseNpgsql(world.Processes).Options, clock);
        db.Tell(new IndexPublished { Index = "CX", Day = new DateOnly(2031, 5, 5), ValueMicros = 1, Grade = "A", Final = false });
        await db.SaveChangesAsync(Cancel);

        (await world.Doors().Read("teller", 1, 10, Cancel)).ShouldHaveSingleItem().HappenedTime.ShouldBe(clock.GetUtcNow());
    }

    [Fact]
    public async Task A_fact_is_heard_in_the_trace_of_what_caused_it_by_the_bus_and_by_the_gap_fetch()
    {
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name is "ComputeExchange.alpha" or "test",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
        };
        ActivitySource.AddActivityListener(listener);
        using var source = new ActivitySource("test");
        foreach (var mood in (Mood[])[Mood.Good, Mood.Silent])
        {
            await world.Clear();
            var heard = new TaskCompletionSource<ActivityTraceId?>();
            await using var bus = new WildBus(1, mood);
            await using var alpha = await FactProcess.Alpha(world, bus, change: services =>
            {
                services.AddSingleton(heard);
                services.AddScoped<Effect, EffectInTrace>();
            }, quiet: mood == Mood.Good ? TimeSpan.FromMinutes(10) : null);
            await using var teller = await FactProcess.Teller(world, bus);

            ActivityTraceId cause;
            using (var activity = source.StartActivity("cause").ShouldNotBeNull())
            {
                cause = activity.TraceId;
                await using var db = world.Teller();
                db.Tell(new LeaseEnded { LeaseId = 1, Whole = true });
                await db.SaveChangesAsync(Cancel);
            }

            (await heard.Task.WaitAsync(TimeSpan.FromSeconds(20), Cancel)).ShouldBe(cause);
        }
    }

    private sealed class EffectInTrace(HearerDb db, Mishaps mishaps, TaskCompletionSource<ActivityTraceId?> heard) : Effect(db, mishaps)
    {
        public override async Task Note(string producer, string fact, CancellationToken cancel)
        {
            heard.TrySetResult(Activity.Current?.TraceId);
            await base.Note(producer, fact, cancel);
        }
    }

    private sealed class CountingSource(IFactSource source) : IFactSource
    {
        private int _requests;
        private int _answers;

        public int Requests => _requests;

        /// <summary>Waits until so many requests were answered.</summary>
        public async Task Answered(int times)
        {
            while (_answers < times) await Task.Delay(20, Cancel);
        }

        public async Task<IReadOnlyList<FactMessage>> Read(string producer, long from, int atMost, CancellationToken cancel)
        {
            Interlocked.Increment(ref _requests);
            var facts = await source.Read(producer, from, atMost, cancel);
            Interlocked.Increment(ref _answers);
            return facts;
        }
    }

    private sealed class NoBus : IBus
    {
        public Task Publish(FactMessage fact, CancellationToken cancel) => throw new IOException("There is no bus.");

        public Task Listen(string service, Func<FactMessage, Task> arrived, CancellationToken cancel) => throw new IOException("There is no bus.");

        public Task Offer(WorkMessage work, CancellationToken cancel) => throw new IOException("There is no bus.");

        public Task Work(string queue, Func<WorkMessage, CancellationToken, Task> arrived, CancellationToken cancel) => throw new IOException("There is no bus.");

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
