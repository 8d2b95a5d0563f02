using System.Diagnostics.Metrics;
using ComputeExchange.Facts;

namespace ComputeExchange.Hosting.Telemetry;

/// <summary>What is measured the same way in every service: calls and their answers, denials, and the jobs of the clock.</summary>
internal static class DoorMeasures
{
    private static readonly Meter Meter = new(Tracing.Prefix + "Hosting");

    private static readonly InstrumentAdvice<double> Seconds = new()
    {
        HistogramBucketBoundaries = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    };

    private static readonly InstrumentAdvice<double> Lateness = new() { HistogramBucketBoundaries = [1, 5, 15, 60, 300, 900, 3_600, 21_600, 86_400] };

    private static readonly Counter<long> Answers = Meter.CreateCounter<long>(
        "cx.doors.answered", "{call}", "Calls answered, by method and status.");

    private static readonly Histogram<double> Durations = Meter.CreateHistogram(
        "cx.doors.duration", "s", "How long an answered call took; streams apart.", advice: Seconds);

    private static readonly Counter<long> Denials = Meter.CreateCounter<long>(
        "cx.access.denied", "{call}", "Calls turned away at the door, by method and reason.");

    private static readonly Counter<long> JobRuns = Meter.CreateCounter<long>(
        "cx.jobs.runs", "{run}", "Jobs of the clock that were done.");

    private static readonly Counter<long> JobFailures = Meter.CreateCounter<long>(
        "cx.jobs.failures", "{run}", "Attempts at jobs that failed; they run again.");

    private static readonly Histogram<double> JobLateness = Meter.CreateHistogram(
        "cx.jobs.lateness", "s", "How long after its moment a job ran, by the exchange's clock.", advice: Lateness);

    /// <summary>Whether anyone measures calls.</summary>
    public static bool Enabled => Answers.Enabled;

    public static void Answered(string service, string method, string status, TimeSpan took)
    {
        if (!Enabled) return;
        Answers.Add(1, new("service", service), new("method", method), new("status", status));

        // A stream lasts as long as its reader likes: that is no figure.
        if (took < TimeSpan.FromMinutes(2)) Durations.Record(took.TotalSeconds, new("service", service), new("method", method));
    }

    public static void Denied(string method, string reason) => Denials.Add(1, new("method", method), new("reason", reason));

    public static void Ran(string service, string job, TimeSpan late)
    {
        JobRuns.Add(1, new("service", service), new("job", job));
        JobLateness.Record(late.TotalSeconds, new("service", service), new("job", job));
    }

    public static void JobFailed(string service) => JobFailures.Add(1, new KeyValuePair<string, object?>("service", service));
}
