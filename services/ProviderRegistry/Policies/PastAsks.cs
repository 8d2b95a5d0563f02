namespace ComputeExchange.ProviderRegistry.Policies;

/// <summary>What was asked of the engine for each node last: the same again only after a while, longer each time, so that what it refuses is not asked for ever.</summary>
public sealed class PastAsks(TimeProvider real)
{
    private static readonly TimeSpan First = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);

    private readonly Dictionary<Guid, (string What, long At, TimeSpan Wait)> _asked = [];

    /// <summary>Whether it may be asked now; then it counts as asked.</summary>
    public bool MayAsk(Guid nodeId, string what)
    {
        var now = real.GetTimestamp();
        var wait = First;
        if (_asked.TryGetValue(nodeId, out var last) && last.What == what)
        {
            if (real.GetElapsedTime(last.At, now) < last.Wait) return false;
            wait = last.Wait * 2 < Longest ? last.Wait * 2 : Longest;
        }
        _asked[nodeId] = (what, now, wait);
        return true;
    }
}
