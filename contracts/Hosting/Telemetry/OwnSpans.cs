using System.Diagnostics;
using ComputeExchange.Facts;
using OpenTelemetry;
using OpenTelemetry.Trace;

namespace ComputeExchange.Hosting.Telemetry;

/// <summary>Exports the spans of one service, also where others share its process.</summary>
/// <remarks>Calls and queries come from the frameworks, which know no service: they belong to the one whose span they are below.</remarks>
internal sealed class OwnSpans(ActivitySource own, BaseExporter<Activity> exporter, BatchExportActivityProcessorOptions options)
    : BatchActivityExportProcessor(exporter, QueueLength, options.ScheduledDelayMilliseconds, options.ExporterTimeoutMilliseconds, options.MaxExportBatchSize)
{
    /// <summary>A run that sells a thousand leases makes some spans for each at once.</summary>
    private const int QueueLength = 16_384;

    public override void OnEnd(Activity data)
    {
        if (OwnerOf(data) != own.Name) return;

        // An error is kept although its trace is not.
        if (data.Status == ActivityStatusCode.Error) data.ActivityTraceFlags |= ActivityTraceFlags.Recorded;

        // Every call has the same name there, and says only in a tag which it is.
        if (data.Source.Name == "Grpc.Net.Client" && data.GetTagItem("grpc.method") is string method) data.DisplayName = method.TrimStart('/');
        base.OnEnd(data);
    }

    private static string? OwnerOf(Activity span)
    {
        for (var above = span; above is not null; above = above.Parent)
            if (above.Source.Name.StartsWith(Tracing.Prefix, StringComparison.Ordinal)) return above.Source.Name;
        return null;
    }
}
