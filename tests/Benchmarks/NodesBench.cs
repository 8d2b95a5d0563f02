using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using ComputeExchange.Client;
using ComputeExchange.Facts.Transport;
using ComputeExchange.Hosting;
using ComputeExchange.Hosting.Postgres;
using ComputeExchange.ProviderRegistry;
using ComputeExchange.ProviderRegistry.Domain;
using ComputeExchange.ProviderRegistry.Storage;
using ComputeExchange.ProviderRegistry.V1;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace ComputeExchange.Benchmarks;

/// <summary>How a registry carries many nodes: the time from a heartbeat to its answer, what that costs, and how soon a lost node is noticed.</summary>
/// <remarks>
/// The registry is a process of its own beside a private PostgreSQL; the nodes are this process, each with its own key and its own
/// stream over TLS, some hundred streams a connection. All share the machine, so an answer's time holds the nodes' own delays too.
/// </remarks>
internal static class NodesBench
{
    private const int StreamsOfConnection = 500;
    private const int GpuCount = 8;
    private const int KilledCount = 100;

    private static readonly TimeSpan Beat = TimeSpan.FromSeconds(10);
    private static readonly ConcurrentQueue<double> Answered = new();

    /// <summary>So many nodes beat for so many seconds.</summary>
    public static async Task Run(int nodes, int seconds)
    {
        var folder = Directory.CreateTempSubdirectory("cx-nodes-").FullName;
        File.SetUnixFileMode(folder, (UnixFileMode)0b111_101_101);
        var postgres = await PrivatePostgres.Start(Path.Combine(folder, "postgres"), CancellationToken.None);
        Process? registry = null;
        try
        {
            var (connection, port) = (postgres.ConnectionString("postgres"), FreePorts.Find());
            var certificate = Path.Combine(folder, "agents.pem");
            await File.WriteAllTextAsync(certificate, AgentDoor.NewCertificate());
            await using (var db = Open(connection)) await db.Database.MigrateAsync();
            var keys = await Seed(connection, nodes);
            registry = await StartRegistry(connection, port, certificate);

            var pin = AgentDoor.PinOf(ServiceOptions.CertificateFrom(certificate)!);
            var hosts = await Connect(keys, new Uri($"https://127.0.0.1:{port}"), pin);
            await Measure(registry, nodes, seconds);
            await Kill(connection, hosts);
        }
        finally
        {
            registry?.Kill();
            await postgres.Stop("immediate");
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>The registry's process: ends with its input.</summary>
    public static async Task RunRegistry(string connection, int port, string certificate)
    {
        await using var bus = await MassTransitBus.InMemory(null, CancellationToken.None);
        await using var app = ProviderRegistryModule.Build(new ServiceOptions
        {
            Database = connection,
            Listen = new Uri("http://127.0.0.1:0"),
            Addresses = new ExchangeAddresses(new Uri("http://127.0.0.1:1")),
            ServiceKey = new byte[32],
            Bus = bus,
            AgentListen = new Uri($"https://127.0.0.1:{port}"),
            AgentCertificate = ServiceOptions.CertificateFrom(certificate),
        });
        await app.StartAsync();
        Console.WriteLine("ready");
        await Console.In.ReadToEndAsync();
        await app.StopAsync();
    }

    private static ProviderRegistryDb Open(string connection) =>
        new(Hosting.Storage.OptionsFor<ProviderRegistryDb>(connection, ServiceNames.ProviderRegistry), TimeProvider.System);

    private static NodeInventory Inventory(int node)
    {
        var inventory = new NodeInventory
        {
            Origin = "inventory", DriverVersion = "550.54.15", CudaVersion = "12.4", CpuModel = "AMD EPYC 9654", CpuCount = 192,
            MemoryBytes = 1L << 41, DiskBytes = 1L << 43, DiskFreeBytes = 1L << 42, NetworkMbps = 100_000, System = "Linux 6.8", Runners = { "process" },
        };
        for (var gpu = 0; gpu < GpuCount; gpu++)
        {
            inventory.Gpus.Add(new GpuFacts
            {
                GpuIndex = gpu, Uuid = $"GPU-{node:x8}-0000-0000-0000-{gpu:x12}", Name = "NVIDIA H100 80GB HBM3", MemoryBytes = 81_559L << 20,
                PciBusId = $"00000000:{gpu + 16:X2}:00.0", PciDeviceId = "233010DE", NvlinkPeers = { Enumerable.Range(0, GpuCount).Where(other => other != gpu) },
            });
        }
        return inventory;
    }

    /// <summary>Nodes as if each had been enrolled and verified.</summary>
    private static async Task<List<(Guid Id, ECDsa Key, NodeInventory Inventory)>> Seed(string connection, int count)
    {
        var nodes = Enumerable.Range(1, count)
            .Select(node => (Id: new Guid(node, 0, 0x7000, [0x80, 0, 0, 0, 0, 0, 0, 1]), Key: ECDsa.Create(ECCurve.NamedCurves.nistP256), Inventory: Inventory(node))).ToList();
        var now = TimeProvider.System.GetUtcNow();
        var provider = new Guid(1, 0, 0, [0, 0, 0, 0, 0, 0, 0, 1]);
        await using (var first = Open(connection))
        {
            first.Markets.Add(new MarketRow { Market = "H100-SXM-80GB.sim-lab" });
            await first.SaveChangesAsync();
        }
        foreach (var some in nodes.Chunk(1_000))
        {
            await using var db = Open(connection);
            foreach (var (id, key, inventory) in some)
            {
                db.Nodes.Add(new NodeRow { NodeId = id, ProviderId = provider, Market = "H100-SXM-80GB.sim-lab", Name = "bench", GpuCount = 0, Location = "", CommandId = id });
                db.Agents.Add(new AgentRow
                {
                    NodeId = id, PublicKey = key.ExportSubjectPublicKeyInfo(), Simulated = true, Region = "sim-lab", Country = "DE", Zone = "EU",
                    ProductClass = "H100-SXM-80GB", Standing = NodeStanding.Verified, StandingReason = "", StandingBy = "exchange", StandingTime = now,
                    Inventory = inventory.ToByteArray(), Nvlink = true, LastSeenTime = now, VerifiedTime = now, WeightedTime = now,
                });
                db.Gpus.AddRange(inventory.Gpus.Select(gpu => new GpuRow
                {
                    NodeId = id, Uuid = gpu.Uuid, GpuIndex = gpu.GpuIndex, Name = gpu.Name, MemoryBytes = gpu.MemoryBytes, PciBusId = gpu.PciBusId,
                    PciDeviceId = gpu.PciDeviceId, NvlinkPeers = [.. gpu.NvlinkPeers], Present = true, Healthy = true,
                }));
            }
            await db.SaveChangesAsync();
        }
        return nodes;
    }

    private static async Task<Process> StartRegistry(string connection, int port, string certificate)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardInput = true, RedirectStandardOutput = true };
        if (Path.GetFileNameWithoutExtension(start.FileName) == "dotnet") start.ArgumentList.Add(typeof(NodesBench).Assembly.Location);
        foreach (var argument in (string[])["nodes-registry", connection, port.ToString(CultureInfo.InvariantCulture), certificate]) start.ArgumentList.Add(argument);
        var registry = Process.Start(start)!;
        var ready = new TaskCompletionSource();
        registry.OutputDataReceived += (_, said) =>
        {
            if (said.Data is null or "ready") ready.TrySetResult();
            else Console.WriteLine(said.Data.Length > 300 ? said.Data[..300] : said.Data);
        };
        registry.BeginOutputReadLine();
        await ready.Task;
        return registry;
    }

    private static async Task<List<Host>> Connect(List<(Guid Id, ECDsa Key, NodeInventory Inventory)> nodes, Uri address, byte[] pin)
    {
        var began = TimeProvider.System.GetTimestamp();
        var hosts = new List<Host>(nodes.Count);
        foreach (var some in nodes.Chunk(StreamsOfConnection))
        {
            var channel = GrpcChannel.ForAddress(address, new GrpcChannelOptions
            {
                HttpHandler = new SocketsHttpHandler
                {
                    SslOptions = new SslClientAuthenticationOptions
                    {
                        RemoteCertificateValidationCallback = (_, shown, _, _) =>
                            shown is X509Certificate2 known && SHA256.HashData(known.PublicKey.ExportSubjectPublicKeyInfo()).AsSpan().SequenceEqual(pin),
                    },
                },
            });
            hosts.AddRange(some.Select(node => new Host(node.Id, node.Key, node.Inventory, channel)));
        }
        await Parallel.ForEachAsync(hosts, new ParallelOptions { MaxDegreeOfParallelism = 400 }, async (host, _) =>
        {
            await host.Connect();
            host.Start(Beat * (host.Id.GetHashCode() & 1023) / 1024);
        });
        Console.WriteLine($"{hosts.Count:#,0} nodes connected, greeted and told what is wanted in {TimeProvider.System.GetElapsedTime(began).TotalSeconds:0.0} s, over {(hosts.Count + StreamsOfConnection - 1) / StreamsOfConnection} connections");
        return hosts;
    }

    private static async Task Measure(Process registry, int nodes, int seconds)
    {
        // Once round before it counts.
        await Task.Delay(Beat * 1.5);
        Answered.Clear();
        registry.Refresh();
        var (began, cpu) = (TimeProvider.System.GetTimestamp(), registry.TotalProcessorTime);
        await Task.Delay(TimeSpan.FromSeconds(seconds));
        registry.Refresh();
        var took = TimeProvider.System.GetElapsedTime(began);
        var times = Answered.ToArray();
        Array.Sort(times);
        if (times.Length == 0) throw new InvalidOperationException("No heartbeat was answered.");
        Console.WriteLine(
            $"{nodes:#,0} nodes, {times.Length / took.TotalSeconds:#,0} heartbeats/s for {took.TotalSeconds:0} s: heartbeat to answer p50 {At(0.5):0.0} ms, p99 {At(0.99):0.0} ms, most {times[^1]:0.0} ms; "
            + $"registry {(registry.TotalProcessorTime - cpu) / took * 100:0}% of a core, {registry.WorkingSet64 / (1024 * 1024):#,0} MB");

        double At(double share) => times[(int)(share * (times.Length - 1))];
    }

    private static async Task Kill(string connection, List<Host> hosts)
    {
        var cut = hosts.Take(Math.Min(KilledCount, hosts.Count)).ToList();
        foreach (var host in cut.Take(cut.Count / 2)) host.Cut();
        foreach (var host in cut.Skip(cut.Count / 2)) host.Silence();
        var (began, ids, lost) = (TimeProvider.System.GetTimestamp(), cut.Select(host => host.Id).ToArray(), new Dictionary<Guid, TimeSpan>());
        await using var source = NpgsqlDataSource.Create(connection);
        while (lost.Count < cut.Count && TimeProvider.System.GetElapsedTime(began) < TimeSpan.FromMinutes(2))
        {
            await using (var command = source.CreateCommand("SELECT node_id FROM provider_registry.agents WHERE node_id = ANY ($1) AND lost_time IS NOT NULL"))
            {
                command.Parameters.AddWithValue(ids);
                await using var reader = await command.ExecuteReaderAsync();
                while (await reader.ReadAsync()) lost.TryAdd(reader.GetGuid(0), TimeProvider.System.GetElapsedTime(began));
            }
            await Task.Delay(100);
        }
        Console.WriteLine($"{lost.Count} of {cut.Count} nodes that fell silent were noticed, between {lost.Values.Min().TotalSeconds:0.0} and {lost.Values.Max().TotalSeconds:0.0} s after (half of them with their connection's stream, half without)");
        await using (var others = source.CreateCommand("SELECT count(*) FROM provider_registry.agents WHERE lost_time IS NOT NULL AND node_id <> ALL ($1)"))
        {
            others.Parameters.AddWithValue(ids);
            Console.WriteLine($"{await others.ExecuteScalarAsync()} others were counted as lost");
        }
    }

    private sealed class Host(Guid id, ECDsa key, NodeInventory inventory, GrpcChannel channel)
    {
        private readonly ConcurrentDictionary<long, long> _sent = new();
        private volatile bool _silent;
        private AsyncDuplexStreamingCall<ConnectRequest, ConnectResponse> _call = null!;

        public Guid Id => id;

        public async Task Connect()
        {
            _call = new AgentService.AgentServiceClient(channel).Connect(new Metadata { { "authorization", $"Bearer {Token()}" } });
            await _call.RequestStream.WriteAsync(new ConnectRequest { Hello = new AgentHello { AgentVersion = "bench", Inventory = inventory, BootId = "bench", NextRecordNumber = 1 } });
            while (await _call.ResponseStream.MoveNext(CancellationToken.None))
                if (_call.ResponseStream.Current.MessageCase == ConnectResponse.MessageOneofCase.Desired) return;
            throw new InvalidOperationException("The stream ended before it began.");
        }

        public void Start(TimeSpan first)
        {
            _ = Listen();
            _ = BeatOn(first);
        }

        public void Silence() => _silent = true;

        public void Cut()
        {
            Silence();
            _call.Dispose();
        }

        private async Task Listen()
        {
            try
            {
                while (await _call.ResponseStream.MoveNext(CancellationToken.None))
                    if (_call.ResponseStream.Current.Heartbeat is { } answer && _sent.TryRemove(answer.Sequence, out var at))
                        Answered.Enqueue(TimeProvider.System.GetElapsedTime(at).TotalMilliseconds);
            }
            catch (RpcException)
            {
                // Cut.
            }
        }

        private async Task BeatOn(TimeSpan first)
        {
            await Task.Delay(first);
            for (var sequence = 1L; !_silent; sequence++)
            {
                var beat = new AgentHeartbeat { Sequence = sequence, LoadHundredths = 120, DiskFreeBytes = 1L << 42 };
                for (var gpu = 0; gpu < GpuCount; gpu++)
                    beat.Gpus.Add(new GpuSample { GpuIndex = gpu, Healthy = true, TemperatureCelsius = 40 + (int)(sequence % 9), PowerMilliwatts = 70_000, UtilisationPercent = 0, MemoryUsedBytes = 1 << 20 });
                _sent[sequence] = TimeProvider.System.GetTimestamp();
                try
                {
                    await _call.RequestStream.WriteAsync(new ConnectRequest { Heartbeat = beat });
                    await Task.Delay(Beat);
                }
                catch (Exception over) when (over is OperationCanceledException or RpcException or InvalidOperationException)
                {
                    return;
                }
            }
        }

        private string Token()
        {
            var head = JsonSerializer.SerializeToUtf8Bytes(new { alg = "ES256", typ = "JWT", kid = id.ToString() });
            var body = JsonSerializer.SerializeToUtf8Bytes(new { aud = "compute-exchange-agents", exp = TimeProvider.System.GetUtcNow().AddSeconds(60).ToUnixTimeSeconds() });
            var text = $"{System.Buffers.Text.Base64Url.EncodeToString(head)}.{System.Buffers.Text.Base64Url.EncodeToString(body)}";
            return $"{text}.{System.Buffers.Text.Base64Url.EncodeToString(key.SignData(Encoding.ASCII.GetBytes(text), HashAlgorithmName.SHA256))}";
        }
    }
}
