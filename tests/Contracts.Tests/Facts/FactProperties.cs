using FsCheck;
using FsCheck.Fluent;
using Shouldly;
using Xunit;

namespace ComputeExchange.Contracts.Tests.Facts;

/// <summary>What the library of facts promises, in storms: their seed is printed when one breaks it.</summary>
public sealed class FactProperties(World world) : IClassFixture<World>
{
    [Fact]
    public void Whatever_fails_every_fact_is_told_without_a_gap_and_applied_once_and_in_order() =>
        Prop.ForAll(Storm.Any, storm => Task.Run(() => Weather(storm)).GetAwaiter().GetResult())
            .Check(Config.QuickThrowOnFailure.WithMaxTest(4));

    private async Task Weather(Storm storm)
    {
        await world.Clear();
        await using var bus = new WildBus(storm.Seed, storm.Mood);
        var mishaps = new Mishaps(storm.Seed, storm.MishapPermille);
        var dice = new Random(storm.Seed);
        var away = new Random(storm.Seed);
        bool Fails()
        {
            lock (away) return away.Next(100) < storm.AwayPercent;
        }
        var source = world.Doors(Fails);
        var quiet = TimeSpan.FromMilliseconds(60);
        Func<Task<FactProcess>>[] kinds =
        [
            () => FactProcess.Teller(world, bus, mishaps),
            () => FactProcess.Alpha(world, bus, source, mishaps, quiet: quiet),
            () => FactProcess.Alpha(world, bus, source, mishaps, quiet: quiet),
            () => FactProcess.Relay(world, bus, source, mishaps, quiet),
        ];
        var running = new List<FactProcess>();
        foreach (var start in kinds) running.Add(await start());
        var gone = new List<FactProcess>();
        try
        {
            var order = new OrderWatch(world);
            var writing = new Writers(world, storm).Work();
            do
            {
                await Task.Delay(dice.Next(20, 200));
                if (dice.Next(4) == 0)
                {
                    await world.CutConnections();
                    continue;
                }
                var which = dice.Next(kinds.Length);
                await running[which].Abandon();
                gone.Add(running[which]);
                running[which] = await kinds[which]();
            }
            while (!writing.IsCompleted);
            await writing;
            mishaps.End();

            await world.ShouldHold(TimeSpan.FromSeconds(30));
            (await order.Stop()).ShouldBeEmpty();
        }
        finally
        {
            foreach (var process in running.Concat(gone)) await process.DisposeAsync();
        }
    }
}
