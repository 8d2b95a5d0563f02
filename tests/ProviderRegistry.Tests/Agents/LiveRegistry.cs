using System.Security.Cryptography.X509Certificates;
using ComputeExchange.Access.V1;
using ComputeExchange.Client;
using ComputeExchange.Facts.Hearing;
using ComputeExchange.Facts.Transport;
using ComputeExchange.Hosting;
using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.ProviderRegistry.Agents;
using ComputeExchange.ProviderRegistry.Nodes;
using ComputeExchange.ProviderRegistry.Storage;
using ComputeExchange.ProviderRegistry.V1;
using ComputeExchange.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace ComputeExchange.ProviderRegistry.Tests.Agents;

/// <summary>The whole registry with its door for agents, on a database of its own; nobody is around it.</summary>
public sealed class LiveRegistry : IAsyncDisposable
{
    public const string Market = "H100-SXM-80GB.us-east";

    private static readonly X509Certificate2 Certificate = NewCertificate();

    /// <summary>What agents know the exchange by.</summary>
    public static byte[] Pin => AgentDoor.PinOf(Certificate);

    private readonly string _database;
    private readonly bool _simulated;
    private readonly MassTransitBus _bus;
    private WebApplication _app;

    private LiveRegistry(string database, bool simulated, MassTransitBus bus)
    {
        (_database, _simulated, _bus) = (database, simulated, bus);
        _app = Build();
    }

    public RealTime Real { get; } = new();

    public Guid Provider { get; } = Guid.Parse("11111111-0000-0000-0000-000000000001");

    public Guid Operator { get; } = Guid.Parse("99999999-0000-0000-0000-000000000001");

    /// <summary>Where agents are listened to.</summary>
    public Uri AgentAddress => new(_app.Urls.Single(url => url.StartsWith("https", StringComparison.Ordinal)));

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>A registry that knows one market; its clock is simulated and shows noon, unless it is to be for real.</summary>
    public static async Task<LiveRegistry> Open(PostgresServer server, bool simulated = true, params string[] markets)
    {
        var registry = new LiveRegistry(await server.CreateDatabase(), simulated, await MassTransitBus.InMemory(null, Cancel));
        await registry._app.StartAsync(Cancel);
        registry.MoveClock(Registry.Noon);
        await registry.InDb(async db =>
        {
            db.Markets.AddRange(((string[])[Market, .. markets]).Select(market => new MarketRow { Market = market }));
            await db.SaveChangesAsync(Cancel);
        });
        return registry;
    }

    /// <summary>The process ends and another begins.</summary>
    public async Task Restart()
    {
        var clock = Clock.GetUtcNow();
        await Stop();
        _app = Build();
        await _app.StartAsync(Cancel);
        MoveClock(clock);
    }

    public ExchangeClock Clock => _app.Services.GetRequiredService<ExchangeClock>();

    public void MoveClock(DateTimeOffset to) => Clock.MoveTo(to);

    public async Task InDb(Func<ProviderRegistryDb, Task> work)
    {
        await using var scope = _app.Services.CreateAsyncScope();
        await work(scope.ServiceProvider.GetRequiredService<ProviderRegistryDb>());
    }

    public async Task<T> InDb<T>(Func<ProviderRegistryDb, Task<T>> work)
    {
        await using var scope = _app.Services.CreateAsyncScope();
        return await work(scope.ServiceProvider.GetRequiredService<ProviderRegistryDb>());
    }

    public async Task<T> Door<T>(Func<NodesGrpc, Task<T>> call)
    {
        await using var scope = _app.Services.CreateAsyncScope();
        return await call(ActivatorUtilities.CreateInstance<NodesGrpc>(scope.ServiceProvider));
    }

    public T Service<T>()
        where T : notnull => _app.Services.GetRequiredService<T>();

    public async Task<T> OldDoor<T>(Func<ProviderRegistryGrpc, Task<T>> call)
    {
        await using var scope = _app.Services.CreateAsyncScope();
        return await call(ActivatorUtilities.CreateInstance<ProviderRegistryGrpc>(scope.ServiceProvider));
    }

    public DoorCall AsProvider(Guid? provider = null) => DoorCall.Of(provider ?? Provider, Role.Provider);

    public DoorCall AsOperator() => DoorCall.Of(Operator, Role.Operator);

    /// <summary>A token for a node of the provider.</summary>
    public async Task<string> Token(string region = "us-east", string name = "", string country = "DE", int minutes = 0, Guid? provider = null) =>
        (await Door(door => door.CreateEnrolmentToken(
            new CreateEnrolmentTokenRequest { Region = region, Name = name, Country = country, Location = "Berlin", Minutes = minutes }, AsProvider(provider)))).Token;

    /// <summary>An agent that is enrolled.</summary>
    public async Task<TestAgent> Enrolled(NodeInventory? inventory = null, Guid? provider = null)
    {
        var agent = new TestAgent(this, inventory ?? Hosts.H100());
        await agent.Enrol(await Token(provider: provider));
        return agent;
    }

    /// <summary>An agent that is enrolled, on its stream, and verified by its first self-test.</summary>
    public async Task<TestAgent> Verified(NodeInventory? inventory = null, Guid? provider = null)
    {
        var agent = await Enrolled(inventory, provider);
        await agent.Connect();
        await agent.PassTest();
        await Eventually(async () => (await Node(agent.NodeId)).State.ShouldBe(NodeState.Verified));
        await Eventually(async () => (await Told(agent.NodeId)).GpuCount.ShouldBe(agent.Inventory.Gpus.Count));
        return agent;
    }

    /// <summary>The line of the only agent there is goes dead, and the registry has noticed that.</summary>
    public async Task Cut(TestAgent agent)
    {
        agent.Cut();
        await Eventually(() =>
        {
            Service<Pulses>().StreamCount.ShouldBe(0);
            return Task.CompletedTask;
        });
    }

    public async Task<NodeDetail> Node(Guid nodeId) =>
        (await Door(door => door.GetNode(new GetNodeRequest { NodeId = nodeId.ToString() }, AsOperator()))).Node;

    /// <summary>What the engine is asked to know of a node, as of the last command.</summary>
    public async Task<SetNode> Told(Guid nodeId) => (await AllTold(nodeId)).LastOrDefault() ?? throw new ShouldAssertException("Nothing was told yet.");

    /// <summary>All that the engine is asked to know of a node, in order.</summary>
    public async Task<List<SetNode>> AllTold(Guid nodeId) =>
        (await InDb(async db => await db.EngineCommands.AsNoTracking().OrderBy(command => command.Id).ToListAsync(Cancel)))
        .Select(row => EngineCommand.Parser.ParseFrom(row.Body).SetNode).Where(node => node?.NodeId == nodeId.ToString()).ToList();

    public async Task<List<string>> Events(Guid nodeId) =>
        [.. (await Door(door => door.ListNodeEvents(new ListNodeEventsRequest { NodeId = nodeId.ToString() }, AsOperator()))).Events.Reverse().Select(happened => happened.Kind)];

    /// <summary>Waits until something holds that comes by itself.</summary>
    public static async Task Eventually(Func<Task> holds)
    {
        for (var left = 400; ; left--)
        {
            try
            {
                await holds();
                return;
            }
            catch (Exception notYet) when (left > 0 && notYet is ShouldAssertException or InvalidOperationException)
            {
                await Task.Delay(25, Cancel);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Stop();
        await _bus.DisposeAsync();
    }

    private static X509Certificate2 NewCertificate()
    {
        var pem = AgentDoor.NewCertificate();
        return X509Certificate2.CreateFromPem(pem, pem);
    }

    private async Task Stop()
    {
        await _app.StopAsync(CancellationToken.None);
        await _app.DisposeAsync();
    }

    private WebApplication Build() => ProviderRegistryModule.Build(
        new ServiceOptions
        {
            Database = _database,
            Listen = new Uri("http://127.0.0.1:0"),
            Addresses = new ExchangeAddresses(new Uri("http://127.0.0.1:1")),
            ServiceKey = new byte[32],
            Bus = _bus,
            Simulated = _simulated,
            AgentListen = new Uri("https://127.0.0.1:0"),
            AgentCertificate = Certificate,
        },
        new AgentTimes { Real = Real, LookEvery = TimeSpan.FromMilliseconds(50), WriteEvery = TimeSpan.FromMilliseconds(50) });
}
