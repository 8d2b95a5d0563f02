using System.Security.Cryptography;

namespace ComputeExchange.Agent.Link;

/// <summary>How long is waited before the next attempt: twice as long each time up to a limit, and never the same for all hosts at once.</summary>
public sealed class BackOff(TimeSpan first, TimeSpan most)
{
    private readonly TimeSpan _first = first;
    private TimeSpan _next = first;

    /// <summary>The next wait: between a half and the whole of what it has grown to.</summary>
    public TimeSpan Next()
    {
        var wait = _next;
        _next = wait * 2 < most ? wait * 2 : most;
        return wait / 2 + TimeSpan.FromMilliseconds(RandomNumberGenerator.GetInt32(1 + (int)(wait.TotalMilliseconds / 2)));
    }

    /// <summary>It went well: the next wait is short again.</summary>
    public void Reset() => _next = _first;
}
