using ComputeExchange.Values;

namespace ComputeExchange.OrderBook.Domain;

/// <summary>Limits that look like a slip of the finger (rulebook section 8.1).</summary>
public static class FatFinger
{
    /// <summary>How far above the last price a limit may be without being confirmed, in percent.</summary>
    public const int Percent = 25;

    /// <summary>Whether a limit must be confirmed.</summary>
    public static bool NeedsConfirm(long limitMicros, long? referenceMicros) =>
        referenceMicros is { } reference && (Int128)limitMicros * 100 > (Int128)reference * (100 + Percent);

    /// <summary>Why, and what to do.</summary>
    public static string Reason(long limitMicros, long referenceMicros) =>
        $"The limit of {new Price(limitMicros)} is more than {Percent}% above the last price there, {new Price(referenceMicros)}: "
        + "send it again with confirm, or with a lower limit.";
}
