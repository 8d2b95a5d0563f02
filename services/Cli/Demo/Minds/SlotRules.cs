namespace ComputeExchange.Cli.Demo.Minds;

/// <summary>Which hours can still be traded.</summary>
/// <param name="GateMinutes">How long before its start an hour closes.</param>
/// <param name="LeastPromptMinutes">What must be left of the hour in progress.</param>
public sealed record SlotRules(int GateMinutes, int LeastPromptMinutes)
{
    /// <summary>What holds where nobody changed it.</summary>
    public static SlotRules Default { get; } = new(10, 5);

    /// <summary>The start of the hour that a time lies in.</summary>
    public static DateTimeOffset HourOf(DateTimeOffset time) => time.AddTicks(-(time.UtcTicks % TimeSpan.TicksPerHour));

    /// <summary>Whether an hour can be traded at a time.</summary>
    public bool IsTradable(DateTimeOffset hour, DateTimeOffset now) => hour <= now
        ? hour.AddHours(1) - now >= TimeSpan.FromMinutes(LeastPromptMinutes)
        : now < hour.AddMinutes(-GateMinutes);

    /// <summary>The first hour that can be traded.</summary>
    public DateTimeOffset First(DateTimeOffset now)
    {
        var hour = HourOf(now);
        while (!IsTradable(hour, now)) hour = hour.AddHours(1);
        return hour;
    }
}
