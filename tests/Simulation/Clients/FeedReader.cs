using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.Simulation.Time;

namespace ComputeExchange.Simulation.Clients;

/// <summary>
/// Follows the feed as the services do: from the number after the last one it applied, and how far it is, is kept
/// together with what it made of it.
/// </summary>
internal sealed class FeedReader(World world, Process process, string name, Notebook notebook, Script script)
{
    private long _next = notebook.NextNumber;

    /// <summary>Reads for ever, from whoever serves.</summary>
    public async Task Run()
    {
        while (true)
        {
            await Follow();
            await Task.Delay(process.Dice.Skewed(TimeSpan.FromMilliseconds(500)), process.Clock);
        }
    }

    private async Task Follow()
    {
        _next = notebook.NextNumber;
        if (FeedLine.Open(world, process, _next, Apply) is not { } line) return;
        while (line.IsOpen) await Task.Delay(process.Dice.Skewed(TimeSpan.FromSeconds(1)), process.Clock);
        line.Cut();
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
