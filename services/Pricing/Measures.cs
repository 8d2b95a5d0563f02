using System.Diagnostics.Metrics;
using ComputeExchange.Facts;

namespace ComputeExchange.Pricing;

/// <summary>What is measured of the indexes.</summary>
internal static class Measures
{
    private static readonly Meter Meter = new(Tracing.Prefix + "Pricing");

    private static readonly Counter<long> Values = Meter.CreateCounter<long>(
        "cx.pricing.index_values", "{value}", "Index values published, by grade.");

    public static void Published(string grade) => Values.Add(1, new KeyValuePair<string, object?>("grade", grade));
}
