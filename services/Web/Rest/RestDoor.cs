using System.Buffers;
using System.Text.Json;
using ComputeExchange.Client;
using ComputeExchange.Web.Session;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.AspNetCore.Http.Features;

namespace ComputeExchange.Web.Rest;

/// <summary>REST for every method that bears a rule: reads the request, calls the service as the caller, writes the answer.</summary>
/// <remarks>It holds no rule and no right of its own: who may do what is decided where the method is served.</remarks>
public sealed class RestDoor(ExchangeClient exchange, Credentials credentials)
{
    private const int LongestBody = 1 << 20;
    private static readonly TimeSpan AnswersWithin = TimeSpan.FromSeconds(90);

    /// <summary>Maps every route.</summary>
    public void Map(IEndpointRouteBuilder routes)
    {
        foreach (var route in RestRoute.All)
            routes.MapMethods(route.Path, [route.Verb], context => Serve(route, context)).ExcludeFromDescription();
    }

    private async Task Serve(RestRoute route, HttpContext context)
    {
        try
        {
            if (credentials.Of(context, route.Service, route.IsPublic, out var refusal) is not { } headers)
            {
                await refusal!.Answer(context);
                return;
            }
            var (request, wrong) = await Read(route, context);
            if (wrong.Count > 0)
            {
                await Problem.Of(wrong).Answer(context);
                return;
            }
            if (route.Method.IsServerStreaming) await Stream(route, request, headers, context);
            else await Answer(route, request, headers, context);
        }
        catch (RpcException refused) when (!context.Response.HasStarted)
        {
            if (!context.RequestAborted.IsCancellationRequested) await Problem.Of(refused).Answer(context);
        }
        catch (RpcException refused)
        {
            await SayGoodbye(Problem.Of(refused), context);
        }
        catch (BadHttpRequestException malformed)
        {
            await Problem.Make(StatusCode.InvalidArgument, malformed.Message).Answer(context);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The reader went away.
        }
    }

    private async Task Answer(RestRoute route, IMessage request, Metadata headers, HttpContext context)
    {
        var options = new CallOptions(headers, TimeProvider.System.GetUtcNow().UtcDateTime + AnswersWithin, context.RequestAborted);
        using var call = exchange.InvokerOf(route.Service).AsyncUnaryCall(route.Call, null, options, request);
        var answer = await call.ResponseAsync;
        context.Response.ContentType = "application/json; charset=utf-8";
        context.Response.Headers.CacheControl = "no-store";
        await using var json = new Utf8JsonWriter(context.Response.BodyWriter);
        ProtoJson.Write(json, answer);
        await json.FlushAsync(context.RequestAborted);
    }

    /// <summary>A stream as server-sent events: one message an event.</summary>
    private async Task Stream(RestRoute route, IMessage request, Metadata headers, HttpContext context)
    {
        using var call = exchange.InvokerOf(route.Service).AsyncServerStreamingCall(route.Call, null, new CallOptions(headers, null, context.RequestAborted), request);
        var written = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(written);
        while (await call.ResponseStream.MoveNext(context.RequestAborted))
        {
            if (!context.Response.HasStarted) Begin(context);
            written.Write("data: "u8);
            ProtoJson.Write(json, call.ResponseStream.Current);
            await json.FlushAsync(context.RequestAborted);
            written.Write("\n\n"u8);
            await context.Response.Body.WriteAsync(written.WrittenMemory, context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
            written.Clear();
            json.Reset();
        }
    }

    private static void Begin(HttpContext context)
    {
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        context.Response.ContentType = "text/event-stream";
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers["X-Accel-Buffering"] = "no";
    }

    private static async Task SayGoodbye(Problem problem, HttpContext context)
    {
        if (context.RequestAborted.IsCancellationRequested) return;
        await context.Response.WriteAsync($"event: problem\ndata: {JsonSerializer.Serialize(problem, Problem.Names)}\n\n");
    }

    private static async Task<(IMessage Request, List<FieldError> Wrong)> Read(RestRoute route, HttpContext context)
    {
        var wrong = new List<FieldError>();
        var request = route.HasBody ? await ReadBody(route, context, wrong) : route.Method.InputType.Parser.ParseFrom(ByteString.Empty);
        foreach (var (name, values) in context.Request.Query)
            if (!route.HasBody) ProtoJson.Put(request, name, values, wrong);
            else wrong.Add(new FieldError(name, "belongs into the JSON body."));
        foreach (var name in route.PathFields)
            ProtoJson.Put(request, name, [(string?)context.Request.RouteValues[name]], wrong);

        // The usual header of repeatable requests says the same as the field.
        var key = context.Request.Headers["Idempotency-Key"].ToString();
        if (key.Length > 0 && route.Method.InputType.FindFieldByName("request_id") is { } id && (string)id.Accessor.GetValue(request) == "")
            id.Accessor.SetValue(request, key);
        return (request, wrong);
    }

    private static async Task<IMessage> ReadBody(RestRoute route, HttpContext context, List<FieldError> wrong)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size) size.MaxRequestBodySize = LongestBody;
        if (context.Request.ContentLength == 0) return route.Method.InputType.Parser.ParseFrom(ByteString.Empty);
        if (!context.Request.HasJsonContentType())
        {
            wrong.Add(new FieldError("content-type", "must be application/json."));
            return route.Method.InputType.Parser.ParseFrom(ByteString.Empty);
        }
        try
        {
            using var document = await JsonDocument.ParseAsync(context.Request.Body, default, context.RequestAborted);
            return ProtoJson.Read(document.RootElement, route.Method.InputType, "", wrong);
        }
        catch (JsonException malformed)
        {
            wrong.Add(new FieldError("body", $"is not JSON: line {malformed.LineNumber + 1}, position {malformed.BytePositionInLine + 1}."));
            return route.Method.InputType.Parser.ParseFrom(ByteString.Empty);
        }
    }
}
