using System.Collections.Concurrent;

namespace ComputeExchange.ProviderRegistry.Deliveries;

/// <summary>Waits in real time besides: a simulated clock passes minutes in a moment, in which no node can have answered.</summary>
/// <param name="real">The real time.</param>
public sealed class RealWait(TimeProvider real)
{
    private const int Most = 100_000;

    private readonly ConcurrentDictionary<string, long> _since = new();

    /// <summary>Whether it has been waited for this long enough since it was first asked.</summary>
    public bool Passed(string what, TimeSpan wait)
    {
        // What is forgotten is waited for anew.
        if (_since.Count > Most) _since.Clear();
        return real.GetElapsedTime(_since.GetOrAdd(what, static (_, clock) => clock.GetTimestamp(), real)) >= wait;
    }

    /// <summary>It is not waited for any more.</summary>
    public void Forget(string what) => _since.TryRemove(what, out _);
}
