using ComputeExchange.Facts.Hearing;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace ComputeExchange.Hosting;

/// <summary>Traces and metrics by OTLP, where a collector's address is given.</summary>
public static class Telemetry
{
    /// <summary>Adds the exporters; nothing where there is no collector.</summary>
    public static void Add(IServiceCollection services, string service, Uri? collector)
    {
        if (collector is null) return;
        var resource = ResourceBuilder.CreateDefault().AddService(service, serviceNamespace: "compute-exchange");
        void Otlp(OtlpExporterOptions options) => options.Endpoint = collector;

        services.AddSingleton(Sdk.CreateTracerProviderBuilder()
            .SetResourceBuilder(resource)
            .AddSource(Inbox.Source.Name, "Microsoft.AspNetCore", "System.Net.Http", "Npgsql", "MassTransit")
            .AddOtlpExporter(Otlp)
            .Build());
        services.AddSingleton(Sdk.CreateMeterProviderBuilder()
            .SetResourceBuilder(resource)
            .AddMeter(Inbox.Source.Name, "Microsoft.AspNetCore.Hosting", "System.Net.Http", "Npgsql", "System.Runtime", "MassTransit")
            .AddOtlpExporter(Otlp)
            .Build());
    }
}
