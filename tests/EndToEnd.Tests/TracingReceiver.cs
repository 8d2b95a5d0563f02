using System.Buffers.Binary;
using System.Collections.Concurrent;
using Google.Protobuf;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace ComputeExchange.EndToEnd.Tests;

/// <summary>A span as a collector receives it.</summary>
internal sealed record ReceivedSpan(
    string Service, string TraceId, string SpanId, string ParentId, string Name, IReadOnlyList<(string TraceId, string SpanId)> Links)
{
    public override string ToString() => $"{Service}: {Name} ({SpanId} below {ParentId})";
}

/// <summary>A metric's newest point: its name, its unit and what it is said of.</summary>
internal sealed record ReceivedPoint(string Metric, string Unit, string Kind, string Attributes);

/// <summary>As much of an OpenTelemetry collector as a test needs: takes OTLP over gRPC and keeps it.</summary>
internal sealed class TracingReceiver : IAsyncDisposable
{
    private readonly ConcurrentQueue<ReceivedSpan> _spans = new();
    private readonly ConcurrentDictionary<ReceivedPoint, long> _points = new();
    private WebApplication? _app;

    public int Port { get; } = Checkout.FreePorts();

    public IReadOnlyList<ReceivedSpan> Spans => [.. _spans];

    /// <summary>The last whole number that each point showed; the count for a histogram.</summary>
    public IReadOnlyDictionary<ReceivedPoint, long> Points => _points;

    public static async Task<TracingReceiver> Start()
    {
        var receiver = new TracingReceiver();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenLocalhost(receiver.Port, door => door.Protocols = HttpProtocols.Http2));
        receiver._app = builder.Build();
        receiver._app.Run(receiver.Take);
        await receiver._app.StartAsync();
        return receiver;
    }

    public async ValueTask DisposeAsync()
    {
        if (_app is not null) await _app.DisposeAsync();
    }

    private async Task Take(HttpContext call)
    {
        using var body = new MemoryStream();
        await call.Request.Body.CopyToAsync(body);
        var framed = body.ToArray();
        var message = ByteString.CopyFrom(framed, 5, BinaryPrimitives.ReadInt32BigEndian(framed.AsSpan(1)));
        if (call.Request.Path == "/opentelemetry.proto.collector.trace.v1.TraceService/Export") TakeSpans(message);
        else TakeMetrics(message);

        call.Response.ContentType = "application/grpc";
        await call.Response.Body.WriteAsync(new byte[5]);
        call.Response.AppendTrailer("grpc-status", "0");
    }

    private void TakeSpans(ByteString request)
    {
        foreach (var resource in Parts(request, 1))
        {
            var service = Parts(Parts(resource, 1).First(), 1).Select(Attribute).Single(pair => pair.Key == "service.name").Value;
            foreach (var span in Parts(resource, 2).SelectMany(scope => Parts(scope, 2)))
                _spans.Enqueue(new ReceivedSpan(
                    service, Hex(span, 1), Hex(span, 2), Hex(span, 4), Text(span, 5),
                    [.. Parts(span, 13).Select(link => (Hex(link, 1), Hex(link, 2)))]));
        }
    }

    private void TakeMetrics(ByteString request)
    {
        foreach (var metric in Parts(request, 1).SelectMany(resource => Parts(resource, 2)).SelectMany(scope => Parts(scope, 2)))
        foreach (var (field, kind, attributes) in ((int, string, int)[])[(5, "gauge", 7), (7, "sum", 7), (9, "histogram", 9)])
        foreach (var point in Parts(metric, field).SelectMany(data => Parts(data, 1)))
        {
            var said = string.Join(' ', Parts(point, attributes).Select(Attribute).Select(pair => $"{pair.Key}={pair.Value}").Order(StringComparer.Ordinal));
            _points[new ReceivedPoint(Text(metric, 1), Text(metric, 3), kind, said)] =
                Fields(point).Where(f => f.Number == (kind == "histogram" ? 4 : 6)).Select(f => (long)f.Fixed).FirstOrDefault();
        }
    }

    private static (string Key, string Value) Attribute(ByteString pair) =>
        (Text(pair, 1), Parts(pair, 2).Select(value => Text(value, 1)).FirstOrDefault(""));

    private static string Text(ByteString message, int number) => Parts(message, number).Select(part => part.ToStringUtf8()).FirstOrDefault("");

    private static string Hex(ByteString message, int number) =>
        Parts(message, number).Select(part => Convert.ToHexStringLower(part.Span)).FirstOrDefault("");

    private static IEnumerable<ByteString> Parts(ByteString message, int number) =>
        Fields(message).Where(field => field.Number == number && field.Bytes is not null).Select(field => field.Bytes!);

    /// <summary>The fields of a protobuf message, without knowing their types.</summary>
    private static List<(int Number, ByteString? Bytes, ulong Fixed)> Fields(ByteString message)
    {
        var fields = new List<(int, ByteString?, ulong)>();
        var input = message.CreateCodedInput();
        while (input.ReadTag() is var tag and not 0)
        {
            var number = WireFormat.GetTagFieldNumber(tag);
            switch (WireFormat.GetTagWireType(tag))
            {
                case WireFormat.WireType.LengthDelimited: fields.Add((number, input.ReadBytes(), 0)); break;
                case WireFormat.WireType.Fixed64: fields.Add((number, null, input.ReadFixed64())); break;
                case WireFormat.WireType.Varint: fields.Add((number, null, input.ReadUInt64())); break;
                default: input.SkipLastField(); break;
            }
        }
        return fields;
    }
}
