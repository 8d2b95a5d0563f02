using ComputeExchange.ProviderRegistry.V1;
using Google.Protobuf.WellKnownTypes;

namespace ComputeExchange.Agent.Deliveries;

/// <summary>Counts the seconds in which a delivery's GPUs were healthy and the buyer's, in whole seconds, and cuts them into readings.</summary>
/// <remarks>
/// Readings end at whole multiples of their length, so none lies in two hours. A stretch that was not looked at, because the clock jumped or the agent was
/// away for a moment, counts as what was found after it.
/// </remarks>
public sealed class Meter(long deliveryId, DateTimeOffset from)
{
    private const int Hour = 3_600;
    private const int MostReadingsAtOnce = 60;

    private DateTimeOffset _counted = Floor(from);
    private long _gpuSeconds;
    private long _utilisationSeconds;

    /// <summary>Until when readings were given out.</summary>
    public DateTimeOffset GivenOut { get; private set; } = Floor(from);

    /// <summary>Counts up to a moment.</summary>
    /// <returns>The readings that are whole.</returns>
    public IReadOnlyList<MeterReading> Count(DateTimeOffset until, int goodGpus, int utilisation, int readingSeconds)
    {
        var end = Floor(until);
        if (end <= _counted) return [];
        var readings = new List<MeterReading>();
        // After a long jump whole hours are enough: nobody looked at the minutes.
        var step = Seconds(end - GivenOut) > (long)readingSeconds * MostReadingsAtOnce ? Hour : Math.Max(1, readingSeconds);
        while (_counted < end)
        {
            var edge = NextEdge(_counted, step);
            var next = edge < end ? edge : end;
            var seconds = Seconds(next - _counted);
            _gpuSeconds += seconds * goodGpus;
            _utilisationSeconds += seconds * utilisation;
            _counted = next;
            if (next == edge) readings.Add(GiveOut());
        }
        return readings;
    }

    /// <summary>What was counted and not given out yet; null: nothing.</summary>
    public MeterReading? Rest() => _counted > GivenOut ? GiveOut() : null;

    /// <summary>A moment without its part of a second.</summary>
    public static DateTimeOffset Floor(DateTimeOffset time) => DateTimeOffset.FromUnixTimeSeconds(time.ToUnixTimeSeconds());

    private MeterReading GiveOut()
    {
        var reading = new MeterReading
        {
            DeliveryId = deliveryId,
            FromTime = GivenOut.ToTimestamp(),
            ToTime = _counted.ToTimestamp(),
            HealthyGpuSeconds = _gpuSeconds,
            UtilisationPercent = (int)(_utilisationSeconds / Seconds(_counted - GivenOut)),
        };
        (GivenOut, _gpuSeconds, _utilisationSeconds) = (_counted, 0, 0);
        return reading;
    }

    private static DateTimeOffset NextEdge(DateTimeOffset after, int step) => DateTimeOffset.FromUnixTimeSeconds((after.ToUnixTimeSeconds() / step + 1) * step);

    private static long Seconds(TimeSpan span) => span.Ticks / TimeSpan.TicksPerSecond;
}
