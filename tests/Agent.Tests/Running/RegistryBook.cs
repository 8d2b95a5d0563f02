using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Threading.Channels;
using ComputeExchange.ProviderRegistry.V1;
using Google.Protobuf.WellKnownTypes;

namespace ComputeExchange.Agent.Tests.Running;

/// <summary>What the registry of a test knows and was told; it outlives the server that it is told through.</summary>
public sealed class RegistryBook
{
    private readonly Lock _lock = new();
    private readonly List<AgentRecord> _records = [];
    private readonly Dictionary<long, MemoryStream> _logs = [];
    private Channel<ConnectResponse>? _out;

    public RegistryBook()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=exchange of a test", key, HashAlgorithmName.SHA256);
        Certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        Pin = SHA256.HashData(Certificate.PublicKey.ExportSubjectPublicKeyInfo());
    }

    public X509Certificate2 Certificate { get; }

    public byte[] Pin { get; }

    public string Secret { get; } = "cxn_the-secret-part-of-a-token";

    public string Token => $"{Secret}.{System.Buffers.Text.Base64Url.EncodeToString(Pin)}";

    public byte[] NodeKey { get; set; } = [];

    public DateTimeOffset Now { get; private set; } = new(2031, 3, 1, 9, 50, 0, TimeSpan.Zero);

    /// <summary>Whether records and logs are acknowledged; they are kept either way.</summary>
    public int Heartbeat { get; set; } = 1;

    public bool Acknowledges { get; set; } = true;

    public DesiredState Desired { get; private set; } = new() { Revision = 1 };

    public ConcurrentQueue<AgentHello> Hellos { get; } = new();

    public ConcurrentQueue<AgentHeartbeat> Heartbeats { get; } = new();

    /// <summary>How often a record came that was there already.</summary>
    public int Repeats { get; private set; }

    /// <summary>Records that came with a number too far, or signed wrong.</summary>
    public ConcurrentQueue<string> Faults { get; } = new();

    public IReadOnlyList<AgentRecord> Records
    {
        get { lock (_lock) return [.. _records]; }
    }

    public IEnumerable<DeliveryReport> ReportsOf(long delivery) => Records.Where(record => record.Delivery?.DeliveryId == delivery).Select(record => record.Delivery);

    public IReadOnlyList<MeterReading> ReadingsOf(long delivery) => [.. Records.Where(record => record.Meter?.DeliveryId == delivery).Select(record => record.Meter)];

    public string LogOf(long delivery)
    {
        lock (_lock) return _logs.TryGetValue(delivery, out var log) ? Encoding.UTF8.GetString(log.ToArray()) : "";
    }

    public void Want(params DesiredDelivery[] deliveries) => Want(null, deliveries);

    public void Want(SelfTestAsk? test, params DesiredDelivery[] deliveries)
    {
        var desired = new DesiredState { Revision = Desired.Revision + 1, SelfTest = test };
        desired.Deliveries.AddRange(deliveries);
        Desired = desired;
        Send(new ConnectResponse { Desired = desired });
    }

    /// <summary>Moves the exchange's simulated clock.</summary>
    public void MoveTo(DateTimeOffset now)
    {
        Now = now;
        Send(new ConnectResponse { Heartbeat = new HeartbeatAnswer { ClockTime = now.ToTimestamp() } });
    }

    public void Send(ConnectResponse message)
    {
        lock (_lock) _out?.Writer.TryWrite(message);
    }

    public Channel<ConnectResponse> Open()
    {
        lock (_lock)
        {
            _out?.Writer.TryComplete();
            _out = Channel.CreateUnbounded<ConnectResponse>();
            _out.Writer.TryWrite(new ConnectResponse
            {
                Welcome = new RegistryWelcome
                {
                    NodeId = TestRegistry.NodeId, HeartbeatSeconds = Heartbeat, MeterSeconds = 60, LastRecordNumber = Acknowledges ? _records.Count : 0, ClockTime = Now.ToTimestamp(), ClockSimulated = true,
                },
            });
            _out.Writer.TryWrite(new ConnectResponse { Desired = Desired });
            return _out;
        }
    }

    public void Take(AgentRecord record)
    {
        lock (_lock)
        {
            if (record.Number <= _records.Count)
            {
                if (!_records[(int)record.Number - 1].Equals(record)) Faults.Enqueue($"Record {record.Number} came again and was another.");
                Repeats++;
            }
            else if (record.Number > _records.Count + 1) Faults.Enqueue($"Record {record.Number} came after {_records.Count}.");
            else _records.Add(record);
            if (!Signed(record)) Faults.Enqueue($"Record {record.Number} is signed wrong.");
            if (Acknowledges) Send(new ConnectResponse { RecordsKept = new RecordsKept { ThroughNumber = _records.Count } });
        }
    }

    public void Take(AgentLog log)
    {
        lock (_lock)
        {
            if (!_logs.TryGetValue(log.DeliveryId, out var all)) _logs[log.DeliveryId] = all = new MemoryStream();
            if (log.Offset > all.Length) Faults.Enqueue($"Log at {log.Offset} came after {all.Length}.");
            all.Position = log.Offset;
            all.Write(log.Text.Span);
            if (Acknowledges) Send(new ConnectResponse { LogKept = new LogKept { DeliveryId = log.DeliveryId, ThroughOffset = all.Length } });
        }
    }

    private bool Signed(AgentRecord record)
    {
        byte[] body = record.RecordCase switch
        {
            AgentRecord.RecordOneofCase.Meter => Google.Protobuf.MessageExtensions.ToByteArray(record.Meter),
            AgentRecord.RecordOneofCase.Delivery => Google.Protobuf.MessageExtensions.ToByteArray(record.Delivery),
            _ => Google.Protobuf.MessageExtensions.ToByteArray(record.SelfTest),
        };
        using var key = ECDsa.Create();
        key.ImportSubjectPublicKeyInfo(NodeKey, out _);
        return key.VerifyData([.. Encoding.ASCII.GetBytes($"{record.Number}|"), .. body], record.Signature.Span, HashAlgorithmName.SHA256);
    }
}
