using System.Text.Json;
using ComputeExchange.Access.V1;
using ComputeExchange.Client;
using ComputeExchange.Facts.Hearing;
using ComputeExchange.Facts.Settlement.V1;
using ComputeExchange.Facts.Storage;
using ComputeExchange.Facts.Transport;
using ComputeExchange.Hosting;
using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.ProviderRegistry.Agents;
using ComputeExchange.ProviderRegistry.Deliveries;
using ComputeExchange.ProviderRegistry.Domain;
using ComputeExchange.ProviderRegistry.Leases;
using ComputeExchange.ProviderRegistry.Meters;
using ComputeExchange.ProviderRegistry.Storage;
using ComputeExchange.ProviderRegistry.V1;
using ComputeExchange.ProviderRegistry.Webhooks;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Xunit;

namespace ComputeExchange.ProviderRegistry.Tests;

/// <summary>A registry with one verified node of eight GPUs, whose agent is played by hand: what it reports and measures is put in as if it came over its stream.</summary>
public sealed class DeliveryWorld : IAsyncDisposable
{
    public const string Market = "H100-SXM-80GB.sim-lab";

    public static readonly DateTimeOffset Noon = Registry.Noon;

    private const string Empty = """
        TRUNCATE provider_registry.lease_slots, provider_registry.leases, provider_registry.node_requests, provider_registry.nodes, provider_registry.markets,
            provider_registry.facts, provider_registry.engine_commands, provider_registry.cursors, provider_registry.agents, provider_registry.gpus,
            provider_registry.node_events, provider_registry.outages, provider_registry.self_tests, provider_registry.policies, provider_registry.sold_leases,
            provider_registry.deliveries, provider_registry.delivery_events, provider_registry.workloads, provider_registry.delivery_logs,
            provider_registry.meter_readings, provider_registry.bid_notes, provider_registry.disputes, provider_registry.webhooks, provider_registry.webhook_calls;
        UPDATE provider_registry.fact_head SET last_number = 0
        """;

    private readonly ServiceProvider _services;
    private readonly Hearers _hearers = new();
    private long _heard;
    private long _records;

    private DeliveryWorld(NpgsqlDataSource database)
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddSingleton<TimeProvider>(Clock);
        services.AddSingleton(new ServiceOptions
        {
            Database = "",
            Listen = new Uri("http://127.0.0.1:0"),
            Addresses = new ExchangeAddresses(new Uri("http://127.0.0.1:1")),
            ServiceKey = new byte[32],
            Simulated = true,
        });
        services.AddDbContext<ProviderRegistryDb>(db => Hosting.Storage.Configure(db, database, ServiceNames.ProviderRegistry));
        services.AddScoped<ServiceDb>(provider => provider.GetRequiredService<ProviderRegistryDb>());
        services.AddScoped<ScheduleLease>().AddScoped<ListLeasesHandler>().AddScoped<ReportMeterHandler>();
        services.AddSingleton(new Secrets(new byte[32]));
        services.AddSingleton<Submit>((request, cancel) => Task.FromResult(Engine(request)));
        services.AddDeliverySlices(Real);
        services.AddScoped<DeliveryGrpc>();
        _hearers.Add<CapacityPaid, ScheduleLease>(ServiceNames.Settlement);
        _services = services.BuildServiceProvider();
    }

    public SetClock Clock { get; } = new(Noon);

    /// <summary>The real time: it stands still until a test lets it pass.</summary>
    public StopWatch Real { get; } = new();

    public Guid Provider { get; } = Guid.Parse("11111111-0000-0000-0000-000000000001");

    public Guid Buyer { get; } = Guid.Parse("22222222-0000-0000-0000-000000000001");

    public Guid Node { get; } = Guid.Parse("33333333-0000-0000-0000-000000000001");

    /// <summary>What the engine answers.</summary>
    public Func<SubmitRequest, SubmitResponse> Engine { get; set; } = _ => throw new InvalidOperationException("Nothing was to be asked of the engine.");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static async Task<DeliveryWorld> Open(MigratedDatabase database)
    {
        var source = await database.Clean();
        await using (var clean = source.CreateCommand(Empty)) await clean.ExecuteNonQueryAsync(Cancel);
        var world = new DeliveryWorld(source);
        await world.AddNode(world.Node);
        return world;
    }

    public ValueTask DisposeAsync() => _services.DisposeAsync();

    /// <summary>A node of eight GPUs with an agent.</summary>
    public Task AddNode(Guid id) => InDb(async db =>
    {
        db.Nodes.Add(new NodeRow { NodeId = id, ProviderId = Provider, Market = Market, Name = "rack 1", GpuCount = 8, Location = "" });
        db.Agents.Add(new AgentRow
        {
            NodeId = id, PublicKey = [], Simulated = true, Region = "sim-lab", Country = "", Zone = "", ProductClass = "H100-SXM-80GB", Standing = NodeStanding.Verified,
            StandingReason = "", StandingBy = "exchange", StandingTime = Noon, Inventory = [], LastSeenTime = Noon,
        });
        for (var i = 0; i < 8; i++)
        {
            db.Gpus.Add(new GpuRow
            {
                NodeId = id, Uuid = Gpu(i), GpuIndex = i, Name = "NVIDIA H100 80GB HBM3", MemoryBytes = 80L << 30, PciBusId = "", PciDeviceId = "", Present = true, Healthy = true,
            });
        }
        await db.SaveChangesAsync(Cancel);
    });

    public static string Gpu(int index) => $"GPU-{index}";

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

    /// <summary>The same in a transaction, saved: as what the feed's reader and the agents' door do.</summary>
    public Task InTransaction(Func<ProviderRegistryDb, Task> work) => InDb(async db =>
    {
        await using var transaction = await db.Database.BeginTransactionAsync(Cancel);
        await work(db);
        await db.SaveChangesAsync(Cancel);
        await transaction.CommitAsync(Cancel);
    });

    /// <summary>Capacity of the node was paid for: whole hours from a time on.</summary>
    public Task Paid(long leaseId, int gpus, DateTimeOffset from, int hours, long bid = 0, long resoldFrom = 0, Guid? buyer = null) => Hear(
        leaseId, gpus, [.. Enumerable.Range(0, hours).Select(hour => new PaidSlot(from.AddHours(hour), from.AddHours(hour + 1)))], bid, resoldFrom, buyer);

    /// <summary>The engine's feed said that a bid bought a lease, before or after it was paid for.</summary>
    public Task Sold(long leaseId, long bid, int gpus, DateTimeOffset from) => InTransaction(async db =>
    {
        db.SoldLeases.Add(new SoldLeaseRow { LeaseId = leaseId, BidId = bid, OfferId = 1, NodeId = Node, GpuCount = gpus, FromTime = from, ToTime = from.AddHours(1) });
        if (await db.Leases.FindAsync([leaseId], Cancel) is not { } lease) return;
        lease.BidId = bid;
        await JoinDelivery.Bought(db, lease, Clock.Now, Cancel);
    });

    /// <summary>Does all that is due now, as the loop does.</summary>
    public async Task Run()
    {
        foreach (var id in await InDb(db => DueDeliveries.Find(db, Clock.Now, Cancel)))
        {
            await using var scope = _services.CreateAsyncScope();
            await scope.ServiceProvider.GetRequiredService<RunDelivery>().Handle(id, Cancel);
        }
    }

    /// <summary>Moves the clock, and does what is due then.</summary>
    public async Task RunAt(DateTimeOffset time)
    {
        Clock.Now = time;
        await Run();
    }

    /// <summary>The agent says where a delivery stands.</summary>
    public Task Reports(long deliveryId, DeliveryReport report, DateTimeOffset? at = null) => InTransaction(async db =>
    {
        await db.LockAgent(Node, Cancel);
        report.DeliveryId = deliveryId;
        await ApplyReport.Apply(db, (await db.LockDelivery(deliveryId, Cancel))!, report, at ?? Clock.Now, Cancel);
    });

    public Task IsActive(long deliveryId, DateTimeOffset? at = null) =>
        Reports(deliveryId, new DeliveryReport { Phase = DeliveryPhase.Active, WorkloadRunning = true }, at);

    /// <summary>The agent measured a delivery, a minute at a time; <paramref name="healthy"/> GPUs were.</summary>
    public Task Measures(long deliveryId, DateTimeOffset from, DateTimeOffset to, int healthy = 8) => InDb(async db =>
    {
        for (var time = from; time < to; time = time.AddMinutes(1))
        {
            var until = time.AddMinutes(1) < to ? time.AddMinutes(1) : to;
            db.MeterReadings.Add(new MeterReadingRow
            {
                NodeId = Node, Number = ++_records, DeliveryId = deliveryId, FromTime = time, ToTime = until,
                HealthyGpuSeconds = healthy * (long)(until - time).TotalSeconds, UtilisationPercent = 90, Signature = [],
            });
        }
        await db.SaveChangesAsync(Cancel);
    });

    /// <summary>The node is not heard of since a time.</summary>
    public Task IsLost(DateTimeOffset since) => InTransaction(async db =>
    {
        (await db.LockAgent(Node, Cancel))!.LostTime = since;
        db.Outages.Add(new OutageRow { NodeId = Node, FromTime = since });
    });

    /// <summary>Runs the clock's job as the runner does.</summary>
    public async Task RunJob(DateTimeOffset due)
    {
        await using var scope = _services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<ProviderRegistryDb>();
        await using var transaction = await db.Database.BeginTransactionAsync(Cancel);
        await new RunLeases(db).Run(due, Cancel);
        await db.SaveChangesAsync(Cancel);
        await transaction.CommitAsync(Cancel);
    }

    /// <summary>A provider reports a slot by hand.</summary>
    public async Task<ReportMeterOutcome> Report(long leaseId, int slotIndex, long delivered)
    {
        await using var scope = _services.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<ReportMeterHandler>().Handle(new ReportMeter(Provider, leaseId, slotIndex, delivered), Cancel);
    }

    /// <summary>The leases as they are listed, newest first.</summary>
    public async Task<IReadOnlyList<V1.Lease>> Leases()
    {
        await using var scope = _services.CreateAsyncScope();
        var listed = await scope.ServiceProvider.GetRequiredService<ListLeasesHandler>().Handle(new ListLeases(Buyer, null, null, 100, 0), Cancel);
        return [.. listed.Select(lease => lease.Lease.ToProto(lease.State, lease.Delivery))];
    }

    /// <summary>One round of the loop itself.</summary>
    public Task Loop() => new DeliveryLoop(
        _services.GetRequiredService<IServiceScopeFactory>(), Clock, NullLogger<DeliveryLoop>.Instance).Run(Cancel);

    public async Task<T> Door<T>(Func<DeliveryGrpc, Task<T>> call)
    {
        await using var scope = _services.CreateAsyncScope();
        return await call(scope.ServiceProvider.GetRequiredService<DeliveryGrpc>());
    }

    public async Task<Delivery> Delivery(long leaseId, Guid? caller = null) =>
        (await Door(door => door.GetDelivery(new GetDeliveryRequest { LeaseId = leaseId }, DoorCall.Of(caller ?? Buyer, Role.Buyer)))).Delivery;

    /// <summary>What the registry told, in order.</summary>
    public Task<List<string>> Told() => InDb(async db => (await db.Facts.AsNoTracking().OrderBy(fact => fact.Number).ToListAsync(Cancel)).Select(fact =>
    {
        var body = JsonDocument.Parse(fact.Body).RootElement;
        return fact.Type switch
        {
            "ProviderRegistry.V1.LeaseMetered" =>
                $"metered {body.GetProperty("leaseId")}.{body.GetProperty("slotIndex")} {body.GetProperty("deliveredGpuSeconds")}/{body.GetProperty("soldGpuSeconds")}"
                + (body.TryGetProperty("unnotifiedGpuSeconds", out var unnotified) ? $" unnotified {unnotified}" : ""),
            "ProviderRegistry.V1.LeaseEnded" => $"ended {body.GetProperty("leaseId")} {(body.GetProperty("whole").GetBoolean() ? "whole" : "short")}",
            "ProviderRegistry.V1.DeliveryCorrected" =>
                $"corrected {body.GetProperty("leaseId")}.{body.GetProperty("slotIndex")} {body.GetProperty("deliveredGpuSeconds")}/{body.GetProperty("soldGpuSeconds")}",
            _ => fact.Type["ProviderRegistry.V1.".Length..],
        };
    }).ToList());

    /// <summary>What it asked of the engine, in order.</summary>
    public Task<List<EngineCommand>> Asked() => InDb(async db =>
        (await db.EngineCommands.AsNoTracking().OrderBy(command => command.Id).ToListAsync(Cancel)).Select(command => EngineCommand.Parser.ParseFrom(command.Body)).ToList());

    /// <summary>Whom it will call by webhook, in order: the events' names.</summary>
    public Task<List<string>> Called() => InDb(async db =>
        (await db.WebhookCalls.AsNoTracking().ToListAsync(Cancel)).OrderBy(call => call.AtTime).ThenBy(call => call.EventId).Select(call => call.Event).ToList());

    internal WebhookLoop Webhooks(WebhookCaller caller) =>
        new(_services.GetRequiredService<IServiceScopeFactory>(), caller, NullLogger<WebhookLoop>.Instance);

    /// <summary>The agent's revision: it goes up when something else is wanted of the node.</summary>
    public Task<long> Revision() => InDb(db => db.Agents.AsNoTracking().Where(agent => agent.NodeId == Node).Select(agent => agent.DesiredRevision).SingleAsync(Cancel));

    private Task Hear(long leaseId, int gpus, IReadOnlyList<PaidSlot> slots, long bid, long resoldFrom, Guid? buyer) => Task.Run(async () =>
    {
        if (bid > 0) await Sold(leaseId, bid, gpus, slots[0].FromTime);
        var fact = new FactMessage
        {
            Producer = ServiceNames.Settlement,
            Number = ++_heard,
            Type = Facts.FactTypes.NameOf(typeof(CapacityPaid)),
            Body = JsonSerializer.Serialize(
                new CapacityPaid
                {
                    LeaseId = leaseId, BuyerId = buyer ?? Buyer, ProviderId = resoldFrom > 0 ? Buyer : Provider, NodeId = Node, ResoldFrom = resoldFrom,
                    Market = Market, Gpus = gpus, Slots = slots,
                },
                JsonSerializerOptions.Web),
            HappenedTime = Clock.Now,
        };
        await Inbox.Apply(
            _services.GetRequiredService<IServiceScopeFactory>(), ServiceNames.Settlement, [fact], one => one.Number,
            (services, _, one, cancel) => _hearers.Hear(services, one, cancel), Cancel);
    }, Cancel);
}

/// <summary>A real time that passes when it is told to.</summary>
public sealed class StopWatch : TimeProvider
{
    private long _ticks = TimeSpan.TicksPerDay;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => _ticks;

    public void Pass(TimeSpan time) => _ticks += time.Ticks;
}
