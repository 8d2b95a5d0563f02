using System.Buffers.Text;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using ComputeExchange.ProviderRegistry.V1;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ComputeExchange.Agent.Tests.Running;

/// <summary>A registry that an agent can connect to, with TLS and the real protocol; it can be stopped and started again at the same address.</summary>
public sealed class TestRegistry : IAsyncDisposable
{
    public const string NodeId = "0195f2d4-0000-7000-8000-000000000001";

    private readonly int _port = FreePort();
    private WebApplication? _server;

    public RegistryBook Book { get; } = new();

    public Uri Address => new($"https://127.0.0.1:{_port}");

    public async Task Start()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddGrpc();
        builder.Services.AddSingleton(Book);
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, _port, door =>
        {
            door.Protocols = HttpProtocols.Http2;
            door.UseHttps(Book.Certificate);
        }));
        _server = builder.Build();
        _server.MapGrpcService<Door>();
        await _server.StartAsync();
    }

    public async Task Stop()
    {
        if (_server is null) return;
        using var now = new CancellationTokenSource(TimeSpan.Zero);
        await _server.StopAsync(now.Token);
        await _server.DisposeAsync();
        _server = null;
    }

    public async ValueTask DisposeAsync() => await Stop();

    public static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    private sealed class Door(RegistryBook book) : AgentService.AgentServiceBase
    {
        public override Task<EnrolResponse> Enrol(EnrolRequest request, ServerCallContext context)
        {
            using var key = ECDsa.Create();
            key.ImportSubjectPublicKeyInfo(request.PublicKey.Span, out _);
            if (request.Token != book.Token || !key.VerifyData(Encoding.UTF8.GetBytes(request.Token), request.Proof.Span, HashAlgorithmName.SHA256))
                throw new RpcException(new Status(StatusCode.PermissionDenied, "The enrolment token is unknown, used, or past its time: ask for a new one."));
            book.NodeKey = request.PublicKey.ToByteArray();
            return Task.FromResult(new EnrolResponse { NodeId = NodeId, Market = "H100-SXM-80GB.sim-lab", Name = "test-1" });
        }

        public override async Task Connect(IAsyncStreamReader<ConnectRequest> requests, IServerStreamWriter<ConnectResponse> responses, ServerCallContext context)
        {
            if (!IsNodes(context.RequestHeaders.GetValue("authorization"))) throw new RpcException(new Status(StatusCode.Unauthenticated, "no such node"));
            if (!await requests.MoveNext()) return;
            book.Hellos.Enqueue(requests.Current.Hello);
            var messages = book.Open();
            var writing = Task.Run(async () =>
            {
                await foreach (var message in messages.Reader.ReadAllAsync(context.CancellationToken)) await responses.WriteAsync(message, context.CancellationToken);
            });
            while (await requests.MoveNext(context.CancellationToken))
            {
                switch (requests.Current)
                {
                    case { Record: { } record }: book.Take(record); break;
                    case { Log: { } log }: book.Take(log); break;
                    case { Heartbeat: { } heartbeat }:
                        book.Heartbeats.Enqueue(heartbeat);
                        book.Send(new ConnectResponse { Heartbeat = new HeartbeatAnswer { Sequence = heartbeat.Sequence, ClockTime = Google.Protobuf.WellKnownTypes.Timestamp.FromDateTimeOffset(book.Now) } });
                        break;
                }
            }
            messages.Writer.TryComplete();
            await writing;
        }

        private bool IsNodes(string? authorization)
        {
            if (authorization?.Split(' ') is not ["Bearer", var token] || token.Split('.') is not [var head, var claims, var signature]) return false;
            using var key = ECDsa.Create();
            key.ImportSubjectPublicKeyInfo(book.NodeKey, out _);
            using var said = JsonDocument.Parse(Base64Url.DecodeFromChars(claims));
            using var header = JsonDocument.Parse(Base64Url.DecodeFromChars(head));
            var left = said.RootElement.GetProperty("exp").GetInt64() - DateTimeOffset.UtcNow.ToUnixTimeSeconds();
            return key.VerifyData(Encoding.ASCII.GetBytes($"{head}.{claims}"), Base64Url.DecodeFromChars(signature), HashAlgorithmName.SHA256)
                && header.RootElement.GetProperty("kid").GetString() == NodeId && said.RootElement.GetProperty("aud").GetString() == "compute-exchange-agents" && left is > 0 and <= 60;
        }
    }
}
