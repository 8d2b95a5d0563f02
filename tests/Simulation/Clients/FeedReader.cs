using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.Simulation.Networking;
using ComputeExchange.Simulation.Time;

namespace ComputeExchange.Simulation.Clients;

/// <summary>
/// Follows the feed as the services do: from the number after the last one it applied, and how far it is, is kept
/// together with what it made of it.
/// </summary>
internal sealed class FeedReader(World world, Process process, string name, Notebook notebook, Script script)
{
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(12);

    private long _next = notebook.NextNumber;

    /// <summary>Reads for ever, from whoever serves.</summary>
    public async Task Run()
    {
        while (true)
        {
            await Follow(process.Dice.OneOf(world.Engines).Door);
            await Task.Delay(process.Dice.Skewed(TimeSpan.FromMilliseconds(500)), process.Clock);
        }
    }

    private async Task Follow(Engines.Door door)
    {
        if (door.Process.IsDead || world.Network.IsCut(process.Name, door.Process.Name)) return;
        var pipe = new Pipe(world.Network, world.Scheduler, process, door.Process);
        var lost = new TaskCompletionSource();
        pipe.NearLost = () => lost.TrySetResult();
        var heard = process.Clock.GetTimestamp();
        var from = _next = notebook.NextNumber;
        pipe.Send(() => door.Process.Start(() => door.SendFeed(from, pipe, bytes =>
        {
            heard = process.Clock.GetTimestamp();
            if (!pipe.IsCut) Apply(ReadFeedResponse.Parser.ParseFrom(bytes));
        })));
        while (!lost.Task.IsCompleted && process.Clock.GetElapsedTime(heard) < Silence)
            await Task.Delay(process.Dice.Skewed(TimeSpan.FromSeconds(1)), process.Clock);
        pipe.Cut();
    }

    private void Apply(ReadFeedResponse response)
    {
        foreach (var entry in response.Entries)
        {
            var expected = _next;
            world.Tell(check => check.Read(name, expected, entry));
            script.Read(notebook, entry, world.Dice);
            _next = entry.Number + 1;
            if (world.Bug.ReadersKeepTheirPlace) notebook.NextNumber = _next;
        }
        if (!world.Bug.ReadersKeepTheirPlace) _ = KeepLater(_next);
    }

    private async Task KeepLater(long next)
    {
        await Task.Delay(process.Dice.Skewed(TimeSpan.FromSeconds(1)), process.Clock);
        notebook.NextNumber = Math.Max(notebook.NextNumber, next);
    }
}
