using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using ComputeExchange.ProviderRegistry.V1;
using ComputeExchange.Values.Delivery;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Grpc.Net.Client;
using Shouldly;
using Xunit;
using GpuTestFigures = ComputeExchange.ProviderRegistry.V1.GpuTestFigures;
using SelfTestReport = ComputeExchange.ProviderRegistry.V1.SelfTestReport;

namespace ComputeExchange.ProviderRegistry.Tests.Agents;

/// <summary>An agent as the registry meets it: over TLS, with a key of its own.</summary>
public sealed class TestAgent(LiveRegistry registry, NodeInventory inventory) : IAsyncDisposable
{
    private readonly string _boot = Guid.NewGuid().ToString();
    private readonly List<GrpcChannel> _channels = [];
    private GrpcChannel? _channel;
    private AsyncDuplexStreamingCall<ConnectRequest, ConnectResponse>? _call;
    private long _beats;

    public ECDsa Key { get; } = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public Guid NodeId { get; private set; }

    public NodeInventory Inventory { get; set; } = inventory;

    /// <summary>The records it has numbered.</summary>
    public long Records { get; set; }

    public RegistryWelcome Welcome { get; private set; } = new();

    public DesiredState Desired { get; private set; } = new();

    /// <summary>The end of the stream: how the registry ended it.</summary>
    public Task<RpcException?> End { get; private set; } = Task.FromResult<RpcException?>(null);

    private Channel<ConnectResponse> Heard { get; set; } = Channel.CreateUnbounded<ConnectResponse>();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async Task<EnrolResponse> Enrol(string token, Action<EnrolRequest>? change = null)
    {
        var request = new EnrolRequest
        {
            Token = token,
            PublicKey = ByteString.CopyFrom(Key.ExportSubjectPublicKeyInfo()),
            Inventory = Inventory,
            AgentVersion = "1.0.0",
            Proof = ByteString.CopyFrom(Key.SignData(Encoding.UTF8.GetBytes(token), HashAlgorithmName.SHA256)),
        };
        change?.Invoke(request);
        var answer = await Client().EnrolAsync(request, cancellationToken: Cancel);
        NodeId = Guid.Parse(answer.NodeId);
        return answer;
    }

    /// <summary>Opens a stream, and waits until it is answered.</summary>
    public async Task Connect(string? token = null, AgentHello? hello = null)
    {
        Begin(token);
        await Say(new ConnectRequest { Hello = hello ?? Hello() });
        Welcome = (await Next(message => message.Welcome)).ShouldNotBeNull();
        Desired = (await Next(message => message.Desired)).ShouldNotBeNull();
    }

    /// <summary>Opens a stream and says nothing yet.</summary>
    public void Begin(string? token = null)
    {
        _call = Client().Connect(new Metadata { { "authorization", $"Bearer {token ?? Token()}" } }, cancellationToken: Cancel);
        var (call, heard) = (_call, Channel.CreateUnbounded<ConnectResponse>());
        Heard = heard;
        End = Listen();

        async Task<RpcException?> Listen()
        {
            try
            {
                while (await call.ResponseStream.MoveNext(Cancel)) heard.Writer.TryWrite(call.ResponseStream.Current);
                return null;
            }
            catch (RpcException ended)
            {
                return ended;
            }
            finally
            {
                heard.Writer.TryComplete();
            }
        }
    }

    public AgentHello Hello() => new() { AgentVersion = "1.0.0", Inventory = Inventory, BootId = _boot, NextRecordNumber = Records + 1 };

    public Task Say(ConnectRequest message) => _call!.RequestStream.WriteAsync(message, Cancel);

    /// <summary>A heartbeat, and its answer.</summary>
    public async Task<HeartbeatAnswer> Beat(params GpuSample[] gpus)
    {
        var sequence = ++_beats;
        await Say(new ConnectRequest { Heartbeat = new AgentHeartbeat { Sequence = sequence, Gpus = { gpus } } });
        return await Next(message => message.Heartbeat?.Sequence == sequence ? message.Heartbeat : null);
    }

    /// <summary>The next message of a kind; others are passed over.</summary>
    public async Task<T> Next<T>(Func<ConnectResponse, T?> which)
        where T : class
    {
        await foreach (var message in Heard.Reader.ReadAllAsync(Cancel))
        {
            if (message.Desired is { } desired) Desired = desired;
            if (which(message) is { } found) return found;
        }
        throw new InvalidOperationException($"The stream ended: {(await End)?.Status.Detail}");
    }

    /// <summary>A record, signed by the node, with the next number unless another is given.</summary>
    public AgentRecord Record(IMessage body, long? number = null)
    {
        var record = new AgentRecord { Number = number ?? ++Records, AtTime = registry.Clock.GetUtcNow().ToTimestamp() };
        switch (body)
        {
            case MeterReading meter: record.Meter = meter; break;
            case DeliveryReport delivery: record.Delivery = delivery; break;
            case SelfTestReport test: record.SelfTest = test; break;
        }
        var signed = Encoding.ASCII.GetBytes(record.Number.ToString(CultureInfo.InvariantCulture) + "|").Concat(body.ToByteArray()).ToArray();
        record.Signature = ByteString.CopyFrom(Key.SignData(signed, HashAlgorithmName.SHA256));
        return record;
    }

    /// <summary>Tells a record, and waits until it is kept.</summary>
    public async Task Tell(AgentRecord record)
    {
        await Say(new ConnectRequest { Record = record });
        await Next(message => message.RecordsKept?.ThroughNumber >= record.Number ? message.RecordsKept : null);
    }

    /// <summary>Makes the test that is asked for, as honest hardware would, unless something is changed.</summary>
    public Task PassTest(Action<SelfTestReport>? change = null) => Tell(Record(Report(Desired.SelfTest.ShouldNotBeNull(), change)));

    public SelfTestReport Report(SelfTestAsk ask, Action<SelfTestReport>? change = null)
    {
        var known = ProductClasses.Find("H100-SXM-80GB")!;
        var memory = 80_000L << 20;
        var report = new SelfTestReport
        {
            TestId = ask.TestId,
            DiskWriteBytesPerSecond = 2_000_000_000,
            DiskReadBytesPerSecond = 4_000_000_000,
            Gpus =
            {
                Inventory.Gpus.Select(gpu => new GpuTestFigures
                {
                    GpuIndex = gpu.GpuIndex,
                    Uuid = gpu.Uuid,
                    MemoryBytes = memory,
                    MemoryBytesPerSecond = known.MemoryBytesPerSecond * 9 / 10,
                    HostBytesPerSecond = 50_000_000_000,
                    OperationsPerSecond = known.Fp32OperationsPerSecond * 9 / 10,
                    Digest = ComputeCheck.Digest(unchecked((ulong)ask.Seed), memory),
                }),
            },
        };
        change?.Invoke(report);
        return report;
    }

    /// <summary>The line goes dead, as when a host loses its power or its network.</summary>
    public void Cut()
    {
        _call?.Dispose();
        _channel?.Dispose();
        _channel = null;
    }

    public string Token(ECDsa? key = null, string audience = "compute-exchange-agents", int seconds = 60, Guid? nodeId = null, string algorithm = "ES256")
    {
        var head = JsonSerializer.SerializeToUtf8Bytes(new { alg = algorithm, typ = "JWT", kid = (nodeId ?? NodeId).ToString() });
        var body = JsonSerializer.SerializeToUtf8Bytes(new { aud = audience, exp = registry.Real.GetUtcNow().AddSeconds(seconds).ToUnixTimeSeconds() });
        var text = $"{Base64(head)}.{Base64(body)}";
        return $"{text}.{Base64((key ?? Key).SignData(Encoding.ASCII.GetBytes(text), HashAlgorithmName.SHA256))}";
    }

    public async ValueTask DisposeAsync()
    {
        Cut();
        await ((Task)End).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (var channel in _channels) channel.Dispose();
        Key.Dispose();
    }

    // As the real one does: the exchange is whoever has the key that the token names.
    private static bool IsExchange(X509Certificate? shown) =>
        shown is X509Certificate2 certificate && SHA256.HashData(certificate.PublicKey.ExportSubjectPublicKeyInfo()).AsSpan().SequenceEqual(LiveRegistry.Pin);

    private static string Base64(byte[] bytes) => System.Buffers.Text.Base64Url.EncodeToString(bytes);

    private AgentService.AgentServiceClient Client()
    {
        if (_channel is null)
        {
            _channel = GrpcChannel.ForAddress(registry.AgentAddress, new GrpcChannelOptions
            {
                HttpHandler = new SocketsHttpHandler { SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = (_, shown, _, _) => IsExchange(shown) } },
                DisposeHttpClient = true,
            });
            _channels.Add(_channel);
        }
        return new AgentService.AgentServiceClient(_channel);
    }
}
