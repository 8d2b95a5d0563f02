namespace ComputeExchange.Agent.Link;

/// <summary>How long the exchange took to answer the last heartbeats.</summary>
public sealed class RoundTrips(TimeProvider clock)
{
    private const int Kept = 15;

    private readonly Lock _lock = new();
    private readonly Dictionary<long, long> _sent = [];
    private readonly Queue<long> _micros = new();

    /// <summary>A heartbeat goes.</summary>
    public void Sent(long sequence)
    {
        lock (_lock)
        {
            if (_sent.Count > Kept) _sent.Clear();
            _sent[sequence] = clock.GetTimestamp();
        }
    }

    /// <summary>Its answer came.</summary>
    public void Answered(long sequence)
    {
        lock (_lock)
        {
            if (!_sent.Remove(sequence, out var sent)) return;
            _micros.Enqueue(clock.GetElapsedTime(sent).Ticks / TimeSpan.TicksPerMicrosecond);
            if (_micros.Count > Kept) _micros.Dequeue();
        }
    }

    /// <summary>The median, microseconds; 0 where nothing was heard yet.</summary>
    public long Median()
    {
        lock (_lock) return _micros.Count == 0 ? 0 : _micros.Order().ElementAt(_micros.Count / 2);
    }
}
