namespace ComputeExchange.ProviderRegistry.Domain;

/// <summary>Counts what failed from each place, so that nobody keeps the exchange busy with guessing.</summary>
public sealed class FailedTries
{
    /// <summary>How often a place may fail in a minute.</summary>
    public const int MinuteMost = 10;

    private const int PlacesMost = 10_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, (long Minute, int Count)> _places = new(StringComparer.Ordinal);

    /// <summary>Whether a place has failed too often in this minute.</summary>
    public bool TooMany(string place, DateTimeOffset now)
    {
        lock (_gate) return _places.TryGetValue(place, out var failed) && failed.Minute == MinuteOf(now) && failed.Count >= MinuteMost;
    }

    /// <summary>Notes that a place has failed.</summary>
    public void Note(string place, DateTimeOffset now)
    {
        var minute = MinuteOf(now);
        lock (_gate)
        {
            if (_places.Count >= PlacesMost) _places.Clear();
            _places[place] = _places.TryGetValue(place, out var failed) && failed.Minute == minute ? (minute, failed.Count + 1) : (minute, 1);
        }
    }

    private static long MinuteOf(DateTimeOffset now) => now.UtcTicks / TimeSpan.TicksPerMinute;
}
