using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using ComputeExchange.Client;
using ComputeExchange.Hosting.Access;
using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.Testing;
using ComputeExchange.Values;
using Grpc.Core;
using Npgsql;
using Xunit;

namespace ComputeExchange.EndToEnd.Tests;

/// <summary>Two engine processes over one PostgreSQL: the first owns the shard and can be cut off from the database, the second follows.</summary>
internal sealed class EnginePair : IAsyncDisposable
{
    private static readonly byte[] ServiceKey = new byte[32];

    private readonly NpgsqlDataSource _source;
    private readonly List<ExchangeClient> _clients = [];

    private EnginePair(string database)
    {
        _source = NpgsqlDataSource.Create(database);
        var postgres = new NpgsqlConnectionStringBuilder(database);
        Wire = new CutWire(postgres.Host!, postgres.Port);
        Addresses = ExchangeAddresses.Parse(At(0), [KeyValuePair.Create(ServiceNames.MatchingEngine, $"{At(0)},{At(1)}")]);
    }

    public RunningProgram First { get; private set; } = null!;

    public RunningProgram Second { get; private set; } = null!;

    /// <summary>Between the first engine and the database.</summary>
    public CutWire Wire { get; }

    public ExchangeAddresses Addresses { get; }

    private int Port { get; } = Checkout.FreePorts(2);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static async Task<EnginePair> Start(PostgresServer postgres)
    {
        var database = await postgres.CreateDatabase();
        var pair = new EnginePair(database);
        pair.First = pair.Launch(0, new NpgsqlConnectionStringBuilder(database) { Host = "127.0.0.1", Port = pair.Wire.Port }.ConnectionString);
        await pair.Until(0, "owner", TimeSpan.FromSeconds(60));
        pair.Second = pair.Launch(1, database);
        await pair.Until(1, "standby", TimeSpan.FromSeconds(60));
        return pair;
    }

    /// <summary>What an engine says of itself; empty where it says nothing.</summary>
    public Task<string> Standing(int engine) => StandingOf(At(engine));

    /// <summary>What the engine at an address says of itself; empty where it says nothing.</summary>
    public static async Task<string> StandingOf(Uri engine)
    {
        try
        {
            using var late = new CancellationTokenSource(TimeSpan.FromSeconds(1));
            using var http = new HttpClient();
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(engine, "/standing")) { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
            using var response = await http.SendAsync(request, late.Token);
            return response.IsSuccessStatusCode ? (await response.Content.ReadAsStringAsync(late.Token)).Trim() : "";
        }
        catch (Exception silent) when (silent is HttpRequestException or OperationCanceledException)
        {
            return "";
        }
    }

    /// <summary>Waits until an engine says that it is the owner, or a standby.</summary>
    public async Task<string> Until(int engine, string role, TimeSpan atMost)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var standing = await Standing(engine);
            if (standing.StartsWith(role, StringComparison.Ordinal)) return standing;
            if (TimeProvider.System.GetElapsedTime(started) > atMost)
                throw new TimeoutException($"Engine {engine} is not {role} after {atMost}: '{standing}'. It printed:\n{(engine == 0 ? First : Second).Printed}");
            await Task.Delay(20, Cancel);
        }
    }

    /// <summary>A caller of the engine, as Settlement.</summary>
    public ExchangeClient Caller()
    {
        var client = new ExchangeClient(Addresses, new ServiceTokens(ServiceKey, ServiceNames.Settlement).For);
        _clients.Add(client);
        return client;
    }

    public static void Signal(RunningProgram program, string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", program.Id.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    public async Task<T> Scalar<T>(string sql)
    {
        await using var command = _source.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync(Cancel))!;
    }

    /// <summary>Where in the journal each of these commands is.</summary>
    public async Task<Dictionary<Guid, long>> Journaled()
    {
        var journaled = new Dictionary<Guid, long>();
        await using var command = _source.CreateCommand("SELECT command_id, sequence FROM matching_engine.commands");
        await using var reader = await command.ExecuteReaderAsync(Cancel);
        while (await reader.ReadAsync(Cancel)) journaled.Add(reader.GetGuid(0), reader.GetInt64(1));
        return journaled;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients) client.Dispose();
        First?.Dispose();
        Second?.Dispose();
        Wire.Dispose();
        await _source.DisposeAsync();
    }

    private Uri At(int engine) => new($"http://127.0.0.1:{Port + engine}");

    private RunningProgram Launch(int engine, string database) => Checkout.Start(
        Checkout.Program("MatchingEngine", "ComputeExchange.MatchingEngine"), [], new Dictionary<string, string>
        {
            ["Exchange__Database"] = database,
            ["Exchange__Listen"] = At(engine).ToString(),
            ["Exchange__Addresses__matching_engine"] = Addresses.Written(ServiceNames.MatchingEngine),
            ["Exchange__ServiceKey"] = Convert.ToBase64String(ServiceKey),
            ["Exchange__RabbitMq"] = "rabbitmq://nobody:nothing@127.0.0.1:1/",
            ["Exchange__SnapshotEvery"] = "500",
        });
}

/// <summary>Callers that put money in without a pause, each repeating a command until it is acknowledged.</summary>
internal sealed class Deposits(EnginePair engines, int callers)
{
    private readonly ConcurrentQueue<(Guid Id, long Sequence, long Micros, TimeSpan At)> _acknowledged = new();
    private readonly long _began = TimeProvider.System.GetTimestamp();
    private Task _running = Task.CompletedTask;
    private volatile bool _enough;

    public IReadOnlyCollection<(Guid Id, long Sequence, long Micros, TimeSpan At)> Acknowledged => _acknowledged;

    public static string Participant { get; } = DerivedId.From("depositor").ToString();

    /// <summary>The time since the deposits began.</summary>
    public TimeSpan Now => TimeProvider.System.GetElapsedTime(_began);

    public void Begin(CancellationToken cancel) => _running = Task.WhenAll(Enumerable.Range(0, callers).Select(caller => Task.Run(() => Deposit(caller, cancel), cancel)));

    public Task End()
    {
        _enough = true;
        return _running;
    }

    /// <summary>The longest time in which nothing was acknowledged: from when to when.</summary>
    public (TimeSpan From, TimeSpan To) Outage()
    {
        var times = _acknowledged.Select(one => one.At).Order().ToList();
        return times.Zip(times.Skip(1)).MaxBy(pair => pair.Second - pair.First);
    }

    private async Task Deposit(int caller, CancellationToken cancel)
    {
        var client = engines.Caller();
        for (var i = 0; !_enough; i++)
        {
            var id = DerivedId.From("deposit", caller, i);
            var micros = 1_000 + i;
            var request = new SubmitRequest
            {
                CommandId = id.ToString(),
                Command = new EngineCommand { CreditCollateral = new CreditCollateral { ParticipantId = Participant, AmountMicros = micros, Reference = "test" } },
            };
            var answer = await Patience.Ask(() => client.Engine.SubmitAsync(request, cancellationToken: cancel).ResponseAsync, TimeSpan.FromSeconds(30), cancel);
            _acknowledged.Enqueue((id, answer.Sequence, micros, Now));
        }
    }
}
