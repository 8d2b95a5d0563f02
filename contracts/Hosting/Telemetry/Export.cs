using System.Globalization;
using ComputeExchange.Facts;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace ComputeExchange.Hosting.Telemetry;

/// <summary>Sends traces and metrics by OTLP, where a collector's address is given.</summary>
/// <remarks>
/// Spans bear the name of the service whose they are, also where many services share a process: each service has an
/// export of its own that lets only its spans pass. Metrics belong to the process; those of a service say in their name
/// or in a label which it is.
/// </remarks>
public static class Export
{
    /// <summary>The share of traces that is kept where time is real; in simulated time all are.</summary>
    public const double RatioInRealTime = 0.1;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);
    private static readonly Lock Gate = new();
    private static MeterProvider? _metrics;
    private static int _sharers;

    /// <summary>Adds the export; nothing where there is no collector.</summary>
    public static void Add(IServiceCollection services, string service, ServiceOptions options)
    {
        if (options.Telemetry is not null) services.AddSingleton<IHostedService>(new Running(service, options, options.Telemetry));
    }

    /// <summary>The share of traces to keep, as it is written in a setting.</summary>
    /// <exception cref="ArgumentException">It is not from 0 to 1.</exception>
    public static double? RatioFrom(string? text) =>
        string.IsNullOrEmpty(text) ? null
        : double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var ratio) && ratio is >= 0 and <= 1 ? ratio
        : throw new ArgumentException($"Exchange:TelemetryRatio is '{text}'; it can be 0 to 1, for example 0.1 for every tenth trace.");

    private static TracerProvider Traces(string service, ResourceBuilder resource, ServiceOptions options, Uri collector)
    {
        var ratio = options.TelemetryRatio ?? (options.Simulated ? 1 : RatioInRealTime);
        var exporter = new OtlpTraceExporter(Otlp(new OtlpExporterOptions(), collector, "v1/traces"));
        return Sdk.CreateTracerProviderBuilder()
            .SetResourceBuilder(resource)
            .SetSampler(new CausedOnly(ratio))
            .AddSource(Tracing.Prefix + service, "Grpc.Net.Client", "System.Net.Http", "Npgsql")
            .AddProcessor(new OwnSpans(Tracing.Of(service), exporter, new BatchExportActivityProcessorOptions()))
            .Build();
    }

    private static MeterProvider Metrics(ResourceBuilder resource, Uri collector) => Sdk.CreateMeterProviderBuilder()
        .SetResourceBuilder(resource)
        .AddMeter(Tracing.Prefix + "*", "Microsoft.AspNetCore.Server.Kestrel", "Npgsql", "System.Runtime")
        .AddOtlpExporter(options => Otlp(options, collector, "v1/metrics"))
        .Build();

    /// <summary>OTLP over gRPC, or over HTTP where OpenTelemetry's own variable OTEL_EXPORTER_OTLP_PROTOCOL says http/protobuf.</summary>
    private static OtlpExporterOptions Otlp(OtlpExporterOptions options, Uri collector, string path)
    {
        options.Endpoint = options.Protocol == OtlpExportProtocol.HttpProtobuf ? new Uri(collector, path) : collector;
        options.TimeoutMilliseconds = (int)Patience.TotalMilliseconds;
        return options;
    }

    private static ResourceBuilder Resource(string name, ServiceOptions options) => ResourceBuilder.CreateDefault().AddService(
        name, serviceNamespace: "compute-exchange",
        serviceInstanceId: $"{Environment.MachineName}:{options.Listen.Port.ToString(CultureInfo.InvariantCulture)}");

    /// <summary>The export of one service: begun before anything else runs, and ended with what is left sent.</summary>
    private sealed class Running : IHostedService
    {
        private readonly TracerProvider _traces;

        public Running(string service, ServiceOptions options, Uri collector)
        {
            _traces = Traces(service, Resource(service, options), options, collector);
            lock (Gate)
            {
                _sharers++;
                _metrics ??= Metrics(Resource(options.Door is null ? service : "host", options), collector);
            }
        }

        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken)
        {
            _traces.Shutdown((int)Patience.TotalMilliseconds);
            _traces.Dispose();
            lock (Gate)
            {
                if (--_sharers > 0) return Task.CompletedTask;
                _metrics?.Shutdown((int)Patience.TotalMilliseconds);
                _metrics?.Dispose();
                _metrics = null;
            }
            return Task.CompletedTask;
        }
    }
}
