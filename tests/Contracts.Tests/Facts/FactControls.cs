using ComputeExchange.Facts.Hearing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace ComputeExchange.Contracts.Tests.Facts;

/// <summary>Services that do it wrongly: were one of them not caught, the properties would prove nothing.</summary>
public sealed class FactControls(World world) : IClassFixture<World>, IAsyncLifetime
{
    private static readonly Storm Weather = new(Seed: 7, Writers: 3, Transactions: 12, new Mood(30, 30, 0, 20), MishapPermille: 0, AwayPercent: 0);

    private CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await world.Clear();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task A_service_that_does_it_right_is_not_complained_of()
    {
        await using var bus = new WildBus(Weather.Seed, Weather.Mood);
        await using var teller = await FactProcess.Teller(world, bus);
        await using var relay = await FactProcess.Relay(world, bus);
        await using var alpha = await FactProcess.Alpha(world, bus);
        await new Writers(world, Weather).Work();

        await world.ShouldHold(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task An_effect_outside_of_the_cursors_transaction_is_caught()
    {
        var mishaps = new Mishaps(Weather.Seed, permille: 60);
        await using var bus = new WildBus(Weather.Seed, Weather.Mood);
        await using var teller = await FactProcess.Teller(world, bus);
        await using var relay = await FactProcess.Relay(world, bus);
        await using var alpha = await FactProcess.Alpha(world, bus, mishaps: mishaps, change: services =>
            services.AddScoped<Effect>(_ => new EffectOutside(world, mishaps)));
        await new Writers(world, Weather).Work();
        mishaps.End();
        await Reached(alpha);

        mishaps.Count.ShouldBeGreaterThan(0);
        (await ExactlyOnce.Complaints(world)).ShouldContain(complaint => complaint.StartsWith("alpha applied"));
    }

    [Fact]
    public async Task A_service_that_trusts_the_bus_is_caught()
    {
        await using var bus = new WildBus(Weather.Seed, Weather.Mood);
        await using var teller = await FactProcess.Teller(world, bus);
        await using var relay = await FactProcess.Relay(world, bus);
        using var oneAtATime = new SemaphoreSlim(1);
        await bus.Listen("alpha", async fact =>
        {
            if (Effect.Of(new() { Type = fact.Type, Body = fact.Body }) is not { } effect) return;
            await oneAtATime.WaitAsync(Cancel);
            await using var db = world.Alpha();
            await new Effect(db, Mishaps.None).Note(fact.Producer, effect, Cancel);
            await db.SaveChangesAsync(Cancel);
            oneAtATime.Release();
        }, Cancel);
        await new Writers(world, Weather).Work();
        await Task.Delay(1_000, Cancel);

        (await ExactlyOnce.Complaints(world)).ShouldContain(complaint => complaint.StartsWith("alpha applied"));
    }

    [Fact]
    public async Task Numbers_that_are_drawn_before_the_commit_are_caught()
    {
        await world.Execute("CREATE SEQUENCE drawn");
        var order = new OrderWatch(world);
        await Task.WhenAll(Enumerable.Range(0, 3).Select(writer => Task.Run(async () =>
        {
            var dice = new Random(writer);
            for (var i = 0; i < 20; i++)
            {
                await using var db = world.Teller();
                await using var transaction = await db.Database.BeginTransactionAsync(Cancel);
                await db.Database.ExecuteSqlRawAsync(
                    "INSERT INTO teller.facts (number, type, body, happened_time, trace_parent) VALUES (nextval('drawn'), 'x', '{{}}', now(), '')", Cancel);
                await Task.Delay(dice.Next(15), Cancel);
                if (dice.Next(4) > 0) await transaction.CommitAsync(Cancel);
            }
        })));

        (await order.Stop()).ShouldNotBeEmpty();
        (await ExactlyOnce.Complaints(world)).ShouldContain(complaint => complaint.Contains("are not numbered"));
    }

    /// <summary>Waits until the broken service believes to be done.</summary>
    private async Task Reached(FactProcess process)
    {
        await using var teller = world.Teller();
        var told = (await teller.FactHead.AsNoTracking().SingleAsync(Cancel)).LastNumber;
        var scopes = process.Services.GetRequiredService<IServiceScopeFactory>();
        for (var tries = 0; (await Inbox.Where(scopes, "teller", Cancel))?.AppliedNumber != told; tries++)
        {
            tries.ShouldBeLessThan(600);
            await Task.Delay(50, Cancel);
        }
    }

    /// <summary>Writes the effect by a connection of its own.</summary>
    private sealed class EffectOutside(World tables, Mishaps mishaps) : Effect(tables.Alpha(), mishaps)
    {
        private readonly Mishaps _mishaps = mishaps;

        public override async Task Note(string producer, string fact, CancellationToken cancel)
        {
            await using var db = tables.Alpha();
            await new Effect(db, Mishaps.None).Note(producer, fact, cancel);
            await db.SaveChangesAsync(cancel);
            _mishaps.Perhaps("after an effect of its own");
        }
    }
}
