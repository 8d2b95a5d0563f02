using System.Globalization;

namespace ComputeExchange.ProviderRegistry.Scores;

/// <summary>GPU-seconds sold and delivered, weighted by their age, as of a time.</summary>
public readonly record struct WeightedRecord(double Sold, double Delivered, DateTimeOffset Time);

/// <summary>A node's score: what bids can ask for, and what it is made of. The formula is public.</summary>
/// <param name="DeliveryPpm">Delivered of sold, weighted by age, with what every node begins with.</param>
/// <param name="UptimePpm">Share of the last 30 days in which it was heard of.</param>
/// <param name="FailureCount">Deliveries that failed in the last 90 days.</param>
/// <param name="VerificationAgeDays">Days since the last passed self-test; -1 before the first.</param>
public sealed record NodeScore(long DeliveryPpm, long UptimePpm, int FailureCount, int VerificationAgeDays)
{
    /// <summary>Below it a node sells nothing new, in parts per million (rulebook section 6).</summary>
    public const long SellsFromPpm = 900_000;

    /// <summary>The time in which the weight of what was sold and delivered halves.</summary>
    public static readonly TimeSpan HalfLife = TimeSpan.FromDays(30);

    /// <summary>How far back outages count.</summary>
    public static readonly TimeSpan UptimeSpan = TimeSpan.FromDays(30);

    /// <summary>How far back failed deliveries count.</summary>
    public static readonly TimeSpan FailureSpan = TimeSpan.FromDays(90);

    // What every node begins with, so that one bad hour does not end a new one and a suspended one finds its way back as the bad hours age:
    // 168 GPU-hours sold, of which 95% were delivered.
    private const double FirstSold = 168 * 3_600;
    private const double FirstDelivered = 0.95 * FirstSold;

    /// <summary>The score, in parts per million.</summary>
    public long ScorePpm => Math.Clamp((DeliveryPpm * (900_000 + (UptimePpm / 10)) / 1_000_000) - FailurePpm - AgePpm, 0, 1_000_000);

    /// <summary>How it is made, with the figures put in.</summary>
    public string Formula =>
        "score = delivery × (0.9 + 0.1 × uptime) − 0.01 × failures (at most 0.05) − 0.001 × days since the last self-test above 14 (at most 0.02) = "
        + $"{Share(DeliveryPpm)} × (0.9 + 0.1 × {Share(UptimePpm)}) − {Share(FailurePpm)} − {Share(AgePpm)} = {Share(ScorePpm)}; "
        + "delivery = (delivered + 0.95 × 168) ÷ (sold + 168) GPU-hours, weighted by age with a half-life of 30 days";

    private long FailurePpm => Math.Min(FailureCount, 5) * 10_000L;

    private long AgePpm => VerificationAgeDays < 0 ? 20_000 : Math.Clamp(VerificationAgeDays - 14, 0, 20) * 1_000L;

    /// <summary>The record with what was metered at a time.</summary>
    public static WeightedRecord Add(WeightedRecord before, long soldGpuSeconds, long deliveredGpuSeconds, DateTimeOffset at)
    {
        // What is metered late counts as of now: the record's time never goes back.
        var now = at > before.Time ? at : before.Time;
        var weight = Weight(now - before.Time);
        return new WeightedRecord((before.Sold * weight) + soldGpuSeconds, (before.Delivered * weight) + deliveredGpuSeconds, now);
    }

    /// <summary>Delivered of sold at a time, in parts per million, rounded down.</summary>
    public static long DeliveryPpmOf(WeightedRecord record, DateTimeOffset now)
    {
        var weight = now > record.Time ? Weight(now - record.Time) : 1;
        var share = ((record.Delivered * weight) + FirstDelivered) / ((record.Sold * weight) + FirstSold);
        return (long)Math.Clamp(share * 1_000_000, 0, 1_000_000);
    }

    /// <summary>Share of the time up to now in which it was heard of, in parts per million.</summary>
    /// <param name="outages">From the last sign of life to the first after it; null: it goes on.</param>
    public static long UptimePpmOf(IEnumerable<(DateTimeOffset From, DateTimeOffset? To)> outages, DateTimeOffset now)
    {
        var since = now - UptimeSpan;
        var lost = outages.Sum(outage => Math.Max(0, (Earlier(outage.To ?? now, now) - Later(outage.From, since)).Ticks));
        return Math.Clamp(1_000_000 - (long)((Int128)lost * 1_000_000 / UptimeSpan.Ticks), 0, 1_000_000);
    }

    private static double Weight(TimeSpan age) => age <= TimeSpan.Zero ? 1 : Math.Pow(2, -(age / HalfLife));

    private static DateTimeOffset Earlier(DateTimeOffset one, DateTimeOffset other) => one < other ? one : other;

    private static DateTimeOffset Later(DateTimeOffset one, DateTimeOffset other) => one > other ? one : other;

    private static string Share(long ppm) => (ppm / 1_000_000m).ToString("0.####", CultureInfo.InvariantCulture);
}
