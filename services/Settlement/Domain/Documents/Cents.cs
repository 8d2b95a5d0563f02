using System.Globalization;

namespace ComputeExchange.Settlement.Domain.Documents;

/// <summary>Amounts as people read them on paper. The micro-dollars count; cents are shown beside them.</summary>
public static class Cents
{
    /// <summary>The rule, as documents print it.</summary>
    public const string Rule = "Amounts are exact to the millionth of a dollar, and those count. Totals in cents are the nearest cent; half a cent goes away from zero.";

    /// <summary>The nearest whole cent, half away from zero.</summary>
    public static long Of(long micros) => (Math.Abs(micros) + 5_000) / 10_000 * Math.Sign(micros);

    /// <summary>In dollars and cents, for example <c>-1,234.57</c>.</summary>
    public static string Text(long micros) => (Of(micros) / 100m).ToString("N2", CultureInfo.InvariantCulture);

    /// <summary>In dollars, with cents at least and millionths where there are any.</summary>
    public static string Exact(long micros) => (micros / 1_000_000m).ToString("#,0.00####", CultureInfo.InvariantCulture);

    /// <summary>GPU-hours from GPU-seconds, to the thousandth.</summary>
    public static string GpuHours(long seconds) => (seconds / 3_600m).ToString("#,0.0##", CultureInfo.InvariantCulture);
}
