using System.Text.Json;
using ComputeExchange.Access.V1;
using ComputeExchange.Client;
using ComputeExchange.Facts.Hearing;
using ComputeExchange.Facts.Settlement.V1;
using ComputeExchange.Facts.Storage;
using ComputeExchange.Facts.Transport;
using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.ProviderRegistry.Leases;
using ComputeExchange.ProviderRegistry.Meters;
using ComputeExchange.ProviderRegistry.Nodes;
using ComputeExchange.ProviderRegistry.Storage;
using ComputeExchange.ProviderRegistry.V1;
using ComputeExchange.Testing;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Shouldly;
using Xunit;

[assembly: AssemblyFixture(typeof(PostgresServer))]

namespace ComputeExchange.ProviderRegistry.Tests;

/// <summary>The registry on a database of its own, driven by hand: its clock, its feed, what it hears, its jobs, its door.</summary>
public sealed class Registry : IAsyncDisposable
{
    public const string Market = "H100-SXM-80GB.us-east";

    /// <summary>A full hour.</summary>
    public static readonly DateTimeOffset Noon = new(2026, 3, 2, 12, 0, 0, TimeSpan.Zero);

    private readonly ServiceProvider _services;
    private readonly Hearers _hearers = new();

    private Registry(NpgsqlDataSource database)
    {
        var services = new ServiceCollection();
        services.AddSingleton<TimeProvider>(Clock);
        services.AddDbContext<ProviderRegistryDb>(db => Hosting.Storage.Configure(db, database, ServiceNames.ProviderRegistry));
        services.AddScoped<ServiceDb>(provider => provider.GetRequiredService<ProviderRegistryDb>());
        services.AddScoped<IReadFeed, FollowEngine>().AddScoped<ScheduleLease>().AddScoped<RunLeases>();
        services.AddSingleton(new DeclaredNodes(Allowed: true));
        services.AddScoped<RegisterNodeHandler>().AddScoped<ListNodesHandler>();
        services.AddScoped<ListLeasesHandler>().AddScoped<ReportMeterHandler>();
        services.AddScoped<ProviderRegistryGrpc>();
        _hearers.Add<CapacityPaid, ScheduleLease>(ServiceNames.Settlement);
        _services = services.BuildServiceProvider();
    }

    public SetClock Clock { get; } = new(Noon);

    public Guid Provider { get; } = Guid.Parse("11111111-0000-0000-0000-000000000001");

    public Guid Buyer { get; } = Guid.Parse("22222222-0000-0000-0000-000000000001");

    public Guid Node { get; } = Guid.Parse("33333333-0000-0000-0000-000000000001");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Makes the tables.</summary>
    public static async Task Migrate(NpgsqlDataSource database)
    {
        await using var registry = new Registry(database);
        await registry.InDb(db => db.Database.MigrateAsync(Cancel));
    }

    /// <summary>An empty registry that knows one market.</summary>
    public static async Task<Registry> Open(MigratedDatabase database)
    {
        var registry = new Registry(await database.Clean());
        await registry.Feed(MarketDefined(1));
        return registry;
    }

    public ValueTask DisposeAsync() => _services.DisposeAsync();

    public static FeedEntry MarketDefined(long number, string market = Market) =>
        Entry(number, new EngineEvent { MarketDefined = new DefineMarket { Market = market, State = MarketState.Open } });

    public static FeedEntry Entry(long number, EngineEvent happened) =>
        new() { Number = number, Sequence = number, HappenedTime = Noon.ToTimestamp(), Event = happened };

    public async Task<T> InDb<T>(Func<ProviderRegistryDb, Task<T>> work)
    {
        await using var scope = _services.CreateAsyncScope();
        return await work(scope.ServiceProvider.GetRequiredService<ProviderRegistryDb>());
    }

    public Task InDb(Func<ProviderRegistryDb, Task> work) => InDb(async db =>
    {
        await work(db);
        return 0;
    });

    /// <summary>Applies feed entries as the reader does; returns the last number applied.</summary>
    public Task<long> Feed(params FeedEntry[] entries) => Inbox.Apply(
        _services.GetRequiredService<IServiceScopeFactory>(), ServiceNames.Feed, entries, entry => entry.Number,
        (services, _, entry, cancel) => services.GetRequiredService<IReadFeed>().Apply(entry, cancel), Cancel);

    /// <summary>Hears facts of Settlement as the listener does.</summary>
    public Task<long> Hear(params FactMessage[] facts) => Inbox.Apply(
        _services.GetRequiredService<IServiceScopeFactory>(), ServiceNames.Settlement, facts, fact => fact.Number,
        (services, _, fact, cancel) => _hearers.Hear(services, fact, cancel), Cancel);

    /// <summary>Capacity of the node, paid: <paramref name="hours"/> whole hours from a time on.</summary>
    public FactMessage Paid(long number, long leaseId, int gpus, DateTimeOffset from, int hours) =>
        Paid(number, leaseId, gpus, [.. Enumerable.Range(0, hours).Select(hour => new PaidSlot(from.AddHours(hour), from.AddHours(hour + 1)))]);

    public FactMessage Paid(long number, long leaseId, int gpus, IReadOnlyList<PaidSlot> slots, Guid? node = null, long resoldFrom = 0, Guid? seller = null) => new()
    {
        Producer = ServiceNames.Settlement,
        Number = number,
        Type = Facts.FactTypes.NameOf(typeof(CapacityPaid)),
        Body = JsonSerializer.Serialize(
            new CapacityPaid
            {
                LeaseId = leaseId,
                BuyerId = Buyer,
                ProviderId = seller ?? Provider,
                NodeId = node ?? Node,
                ResoldFrom = resoldFrom,
                Market = Market,
                Gpus = gpus,
                Slots = slots,
            },
            JsonSerializerOptions.Web),
        HappenedTime = Clock.Now,
    };

    /// <summary>Runs the clock's job as the runner does: inside a transaction, which is thrown away where the process dies.</summary>
    public Task RunJob(DateTimeOffset due, bool thenCrash = false) => InScope(async services =>
    {
        var db = services.GetRequiredService<ProviderRegistryDb>();
        await using var transaction = await db.Database.BeginTransactionAsync(Cancel);
        await services.GetRequiredService<RunLeases>().Run(due, Cancel);
        await db.SaveChangesAsync(Cancel);
        if (!thenCrash) await transaction.CommitAsync(Cancel);
    });

    /// <summary>Moves the clock, and runs the job at every moment that it makes due.</summary>
    public async Task MoveTo(DateTimeOffset time)
    {
        for (var due = Clock.Now.AddMinutes(10); due <= time; due = due.AddMinutes(10)) await RunJob(due);
        Clock.Now = time;
    }

    public Task<T> Door<T>(Func<ProviderRegistryGrpc, Task<T>> call) => InScope(services => call(services.GetRequiredService<ProviderRegistryGrpc>()));

    public async Task<Node> Register(int gpuCount = 8, Guid? requestId = null, Guid? nodeId = null, string name = "rack 1", string market = Market, Guid? provider = null)
    {
        var request = new RegisterNodeRequest
        {
            RequestId = (requestId ?? Guid.NewGuid()).ToString(),
            NodeId = (nodeId ?? Node).ToString(),
            Name = name,
            Market = market,
            GpuCount = gpuCount,
            Location = "Ashburn",
        };
        return (await Door(door => door.RegisterNode(request, DoorCall.Of(provider ?? Provider, Role.Provider)))).Node;
    }

    public async Task<LeaseMeter> Report(long leaseId, int slotIndex, long delivered, Guid? provider = null)
    {
        var request = new ReportMeterRequest { LeaseId = leaseId, SlotIndex = slotIndex, DeliveredGpuSeconds = delivered };
        return (await Door(door => door.ReportMeter(request, DoorCall.Of(provider ?? Provider, Role.Provider)))).Meter;
    }

    public async Task<IReadOnlyList<Lease>> Leases(ListLeasesRequest? request = null, Guid? caller = null, Role role = Role.Operator) =>
        (await Door(door => door.ListLeases(request ?? new ListLeasesRequest(), DoorCall.Of(caller ?? Guid.NewGuid(), role)))).Leases;

    /// <summary>What the registry told, in order: its facts' names and bodies.</summary>
    public Task<List<string>> Told() => InDb(async db =>
        (await db.Facts.AsNoTracking().OrderBy(fact => fact.Number).ToListAsync(Cancel)).Select(Said).ToList());

    /// <summary>What it asked of the engine, in order.</summary>
    public Task<List<EngineCommand>> Asked() => InDb(async db =>
        (await db.EngineCommands.AsNoTracking().OrderBy(command => command.Id).ToListAsync(Cancel))
        .Select(command => EngineCommand.Parser.ParseFrom(command.Body)).ToList());

    private static string Said(FactRow fact)
    {
        var body = JsonDocument.Parse(fact.Body).RootElement;
        return fact.Type switch
        {
            "ProviderRegistry.V1.LeaseMetered" =>
                $"{fact.Number} metered {body.GetProperty("leaseId")}.{body.GetProperty("slotIndex")} {body.GetProperty("deliveredGpuSeconds")}/{body.GetProperty("soldGpuSeconds")}",
            "ProviderRegistry.V1.LeaseEnded" => $"{fact.Number} ended {body.GetProperty("leaseId")} {(body.GetProperty("whole").GetBoolean() ? "whole" : "short")}",
            _ => $"{fact.Number} {fact.Type}",
        };
    }

    private async Task<T> InScope<T>(Func<IServiceProvider, Task<T>> work)
    {
        await using var scope = _services.CreateAsyncScope();
        return await work(scope.ServiceProvider);
    }

    private Task InScope(Func<IServiceProvider, Task> work) => InScope(async services =>
    {
        await work(services);
        return 0;
    });
}

/// <summary>How refusals are read in tests.</summary>
public static class Refusals
{
    public static async Task ShouldBeRefused<T>(this Task<T> call, StatusCode code, string reasonOrFields)
    {
        var failure = RpcFailure.From(await Should.ThrowAsync<RpcException>(call));
        failure.Code.ShouldBe(code);
        (failure.Fields.Count > 0 ? string.Join(',', failure.Fields.Select(field => field.Field)) : failure.Reason).ShouldBe(reasonOrFields);
    }
}
