using System.Collections.Concurrent;

namespace ComputeExchange.Contracts.Tests.Facts;

/// <summary>
/// Looks at the teller's facts all the time. Whoever reads numbers may rely on it that below the last one he sees none is
/// still to come: then their order is the order of the commits.
/// </summary>
public sealed class OrderWatch
{
    private volatile bool _stopped;
    private readonly ConcurrentQueue<string> _seen = new();
    private readonly Task _watching;

    public OrderWatch(World world) => _watching = Watch(world);

    /// <summary>What was seen that should not be.</summary>
    public async Task<IReadOnlyCollection<string>> Stop()
    {
        _stopped = true;
        await _watching;
        return _seen;
    }

    private async Task Watch(World world)
    {
        while (!_stopped)
        {
            var missing = await world.Ask<long>("SELECT coalesce(max(number), 0) - count(*) FROM teller.facts");
            if (missing != 0) _seen.Enqueue($"Below the last number {missing} were still to come.");
            await Task.Delay(3);
        }
    }
}
