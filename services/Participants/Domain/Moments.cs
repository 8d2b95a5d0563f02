namespace ComputeExchange.Participants.Domain;

/// <summary>Times as they are stored.</summary>
public static class Moments
{
    /// <summary>The time in UTC to the microsecond, rounded down: what is answered at first is what is read later.</summary>
    public static DateTimeOffset ToMicrosecond(this DateTimeOffset time)
    {
        var utc = time.ToUniversalTime();
        return utc.AddTicks(-(utc.Ticks % TimeSpan.TicksPerMicrosecond));
    }
}
