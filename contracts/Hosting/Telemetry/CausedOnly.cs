using System.Diagnostics;
using OpenTelemetry.Trace;

namespace ComputeExchange.Hosting.Telemetry;

/// <summary>Which spans are kept: those of kept traces, a share of the traces that begin here, and errors at a door.</summary>
/// <remarks>
/// A call or a query that nothing caused, such as a look whether there is work, begins no trace. A call that is answered
/// is noted in any case, so that an error can be kept (<see cref="OwnSpans"/>).
/// </remarks>
internal sealed class CausedOnly(double ratio) : Sampler
{
    private readonly TraceIdRatioBasedSampler _share = new(ratio);

    public override SamplingResult ShouldSample(in SamplingParameters samplingParameters)
    {
        var (cause, kind) = (samplingParameters.ParentContext, samplingParameters.Kind);
        var kept = cause.TraceId != default
            ? cause.TraceFlags.HasFlag(ActivityTraceFlags.Recorded)
            : Begins(samplingParameters) && _share.ShouldSample(samplingParameters).Decision == SamplingDecision.RecordAndSample;
        return new SamplingResult(
            kept ? SamplingDecision.RecordAndSample : kind == ActivityKind.Server ? SamplingDecision.RecordOnly : SamplingDecision.Drop);
    }

    private static bool Begins(in SamplingParameters span) =>
        span.Kind != ActivityKind.Client && !span.Name.StartsWith("Grpc.Net.Client", StringComparison.Ordinal);
}
