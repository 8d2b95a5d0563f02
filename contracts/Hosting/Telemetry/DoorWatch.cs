using System.Diagnostics;
using ComputeExchange.Facts;
using Grpc.AspNetCore.Server;
using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;

namespace ComputeExchange.Hosting.Telemetry;

/// <summary>Watches a service's door: a span for each call, below the caller's own if he sends one, and what was answered how fast.</summary>
/// <remarks>
/// The span is the service's own and not the framework's: in one process with a shared listener the framework would make
/// two for each call, and say of neither whose it is.
/// </remarks>
public sealed class DoorWatch(string service)
{
    /// <summary>What services ask each other all the time; traced only for a caller who traces.</summary>
    private static readonly string[] Background =
    [
        "/computeexchange.facts.", "/health", "/computeexchange.matchingengine.v1.EngineService/ReadFeed",
        "/computeexchange.matchingengine.v1.EngineService/SubmitStream",
    ];

    private readonly ActivitySource _spans = Tracing.Of(service);

    /// <summary>Has a call answered.</summary>
    public async Task Answer(HttpContext context, RequestDelegate next)
    {
        if (!_spans.HasListeners() && !DoorMeasures.Enabled)
        {
            await next(context);
            return;
        }
        var started = Stopwatch.GetTimestamp();
        using var span = Begin(context.Request);
        try
        {
            await next(context);
        }
        catch (Exception failure)
        {
            span?.SetStatus(ActivityStatusCode.Error, failure.GetType().Name);
            throw;
        }
        finally
        {
            End(context, span, started);
        }
    }

    private Activity? Begin(HttpRequest request)
    {
        if (!_spans.HasListeners()) return null;
        var path = request.Path.Value ?? "";
        ActivityContext.TryParse(request.Headers.TraceParent, request.Headers.TraceState, isRemote: true, out var caller);
        if (!caller.TraceFlags.HasFlag(ActivityTraceFlags.Recorded) && Background.Any(asked => path.StartsWith(asked, StringComparison.Ordinal)))
            return null;
        var name = IsGrpc(request) ? path.TrimStart('/') : request.Method;
        return caller == default ? _spans.Begin(name, ActivityKind.Server) : _spans.StartActivity(name, ActivityKind.Server, caller);
    }

    private void End(HttpContext context, Activity? span, long started)
    {
        var (method, status, error) = IsGrpc(context.Request) ? Grpc(context) : Http(context);
        if (span is { IsAllDataRequested: true })
        {
            if (IsGrpc(context.Request))
                span.SetTag("rpc.system", "grpc").SetTag("rpc.method", method).SetTag("rpc.grpc.status_code", status);
            else
                span.SetTag("http.request.method", context.Request.Method).SetTag("http.route", method).SetTag("http.response.status_code", status)
                    .DisplayName = $"{context.Request.Method} {method}";
            if (error) span.SetStatus(ActivityStatusCode.Error);
        }
        DoorMeasures.Answered(service, method, status, Stopwatch.GetElapsedTime(started));
    }

    /// <summary>A method that is served, not one that a caller made up.</summary>
    private static (string Method, string Status, bool Error) Grpc(HttpContext context)
    {
        var method = context.GetEndpoint()?.Metadata.GetMetadata<GrpcMethodMetadata>()?.Method.FullName.TrimStart('/') ?? "unknown";
        var said = context.Response.Headers["grpc-status"].ToString() is { Length: > 0 } early
            ? early
            : context.Features.Get<IHttpResponseTrailersFeature>()?.Trailers["grpc-status"].ToString();
        var status = Enum.TryParse<StatusCode>(said, out var code) ? code : StatusCode.Cancelled;

        // The caller's mistakes are not errors of the exchange.
        var error = status is StatusCode.Unknown or StatusCode.DeadlineExceeded or StatusCode.Unimplemented
            or StatusCode.Internal or StatusCode.Unavailable or StatusCode.DataLoss;
        return (method, status.ToString(), error);
    }

    private static (string Route, string Status, bool Error) Http(HttpContext context)
    {
        var route = (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText ?? "unknown";
        var status = context.Response.StatusCode;
        return (route, status.ToString(System.Globalization.CultureInfo.InvariantCulture), status >= 500);
    }

    private static bool IsGrpc(HttpRequest request) => request.ContentType?.StartsWith("application/grpc", StringComparison.Ordinal) == true;
}
