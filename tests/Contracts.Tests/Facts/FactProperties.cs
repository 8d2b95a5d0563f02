using ComputeExchange.Testing;
using FsCheck;
using FsCheck.Fluent;
using Shouldly;
using Xunit;

namespace ComputeExchange.Contracts.Tests.Facts;

/// <summary>What the library of facts promises, in storms: their seed is printed when one breaks it.</summary>
public sealed class FactProperties(PostgresServer postgres) : IAsyncLifetime
{
    private World _world = null!;

    public async ValueTask InitializeAsync() => _world = await World.Create(postgres);

    public async ValueTask DisposeAsync() => await _world.DisposeAsync();

    [Fact]
    public void Whatever_fails_every_fact_is_told_without_a_gap_and_applied_once_and_in_order() =>
        Prop.ForAll(Storm.Any, storm => Task.Run(() => Weather(storm)).GetAwaiter().GetResult())
            .Check(Config.QuickThrowOnFailure.WithMaxTest(6));

    private async Task Weather(Storm storm)
    {
        var sw = System.Diagnostics.Stopwatch.StartNew();
        void Say(string x) => File.AppendAllText("/tmp/walls/phase.log", $"{sw.Elapsed.TotalSeconds:0.00} {x}\n");
        Say($"--- {storm}");
        await _world.Clear();
        await using var bus = new WildBus(storm.Seed, storm.Mood);
        var mishaps = new Mishaps(storm.Seed, storm.MishapPermille);
        var dice = new Random(storm.Seed);
        var away = new Random(storm.Seed);
        bool Fails()
        {
            lock (away) return away.Next(100) < storm.AwayPercent;
        }
        var source = _world.Doors(Fails);
        var quiet = TimeSpan.FromMilliseconds(60);
        Func<Task<FactProcess>>[] kinds =
        [
            () => FactProcess.Teller(_world, bus, mishaps),
            () => FactProcess.Alpha(_world, bus, source, mishaps, quiet: quiet),
            () => FactProcess.Alpha(_world, bus, source, mishaps, quiet: quiet),
            () => FactProcess.Relay(_world, bus, source, mishaps, quiet),
        ];
        var running = new List<FactProcess>();
        foreach (var start in kinds) running.Add(await start());
        var gone = new List<FactProcess>();
        try
        {
            Say("started");
            var order = new OrderWatch(_world);
            var writing = new Writers(_world, storm).Work();
            do
            {
                await Task.Delay(dice.Next(10, 120));
                if (dice.Next(4) == 0)
                {
                    await _world.CutConnections("process");
                    continue;
                }
                var which = dice.Next(kinds.Length);
                await running[which].Abandon();
                gone.Add(running[which]);
                running[which] = await kinds[which]();
            }
            while (!writing.IsCompleted);
            await writing;
            Say($"written, {gone.Count} restarts, mishaps {mishaps.Count}");
            mishaps.End();

            await _world.ShouldHold(TimeSpan.FromSeconds(30));
            Say("held, delivered " + bus.Delivered + " facts " + await _world.Ask<long>("select count(*) from teller.facts"));
            (await order.Stop()).ShouldBeEmpty();
        }
        finally
        {
            foreach (var process in running.Concat(gone)) await process.DisposeAsync();
            Say("disposed");
        }
    }
}
