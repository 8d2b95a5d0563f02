namespace ComputeExchange.Facts.Hearing;

/// <summary>The exchange's time: real, or the one simulated clock as the engine's feed tells it.</summary>
/// <remarks>
/// A simulated clock stands until the engine moves it. Whoever measures how long something takes uses
/// <see cref="TimeProvider.System"/> instead.
/// </remarks>
public sealed class ExchangeClock(bool simulated) : TimeProvider
{
    private long _ticks = Beginning.UtcTicks;

    /// <summary>What a simulated clock shows before it was ever moved.</summary>
    public static readonly DateTimeOffset Beginning = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Whether the time is simulated.</summary>
    public bool Simulated => simulated;

    /// <inheritdoc />
    public override DateTimeOffset GetUtcNow() =>
        simulated ? new DateTimeOffset(Interlocked.Read(ref _ticks), TimeSpan.Zero) : System.GetUtcNow();

    /// <summary>Moves a simulated clock on; it never goes back.</summary>
    public void MoveTo(DateTimeOffset time)
    {
        if (!simulated) return;
        long seen;
        do
        {
            seen = Interlocked.Read(ref _ticks);
            if (time.UtcTicks <= seen) return;
        }
        while (Interlocked.CompareExchange(ref _ticks, time.UtcTicks, seen) != seen);
    }
}
