using ComputeExchange.Client;
using ComputeExchange.Facts.Hearing;
using ComputeExchange.Facts.Storage;
using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.ProviderRegistry.Domain;
using ComputeExchange.ProviderRegistry.Feed;
using ComputeExchange.ProviderRegistry.Maintenance;
using ComputeExchange.ProviderRegistry.Nodes;
using ComputeExchange.ProviderRegistry.Packing;
using ComputeExchange.ProviderRegistry.Policies;
using ComputeExchange.ProviderRegistry.Search;
using ComputeExchange.ProviderRegistry.Storage;
using ComputeExchange.ProviderRegistry.V1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Xunit;
using LeaseState = ComputeExchange.ProviderRegistry.Domain.LeaseState;

namespace ComputeExchange.ProviderRegistry.Tests.Selling;

/// <summary>A registry with verified nodes, their policies, and an engine played by hand: it takes what is asked, and the feed tells what came of it.</summary>
public sealed class SellingWorld : IAsyncDisposable
{
    public const string Market = "H100-SXM-80GB.sim-lab";

    private const string Empty = """
        TRUNCATE provider_registry.nodes, provider_registry.markets, provider_registry.engine_commands, provider_registry.cursors, provider_registry.agents,
            provider_registry.gpus, provider_registry.node_events, provider_registry.outages, provider_registry.policies, provider_registry.maintenance,
            provider_registry.node_offers, provider_registry.slot_prices, provider_registry.feed_state, provider_registry.sold_leases, provider_registry.leases,
            provider_registry.lease_slots, provider_registry.deliveries, provider_registry.delivery_events, provider_registry.webhooks, provider_registry.webhook_calls,
            provider_registry.bid_notes
        """;

    private readonly ServiceProvider _services;
    private readonly Dictionary<long, PlaceOffer> _open = [];
    private long _fed;
    private long _sequence;
    private long _lastOffer;
    private long _lastLease;

    private SellingWorld(NpgsqlDataSource database)
    {
        var services = new ServiceCollection();
        services.AddSingleton<TimeProvider>(Clock);
        services.AddDbContext<ProviderRegistryDb>(db => Hosting.Storage.Configure(db, database, ServiceNames.ProviderRegistry));
        services.AddScoped<ServiceDb>(provider => provider.GetRequiredService<ProviderRegistryDb>());
        services.AddScoped<IReadFeed, FollowEngine>().AddSingleton<NodeKinds>().AddSingleton(new DeclaredNodes(Allowed: true));
        services.AddScoped<SellNodes>().AddScoped<PackLeases>().AddScoped<SetNodePolicyHandler>().AddScoped<ScheduleMaintenanceHandler>().AddScoped<CancelMaintenanceHandler>();
        services.AddSingleton<FreeNow>().AddScoped<SearchCapacityHandler>();
        _services = services.BuildServiceProvider();
    }

    public SetClock Clock { get; } = new(Registry.Noon);

    public Guid Provider { get; } = Guid.Parse("11111111-0000-0000-0000-000000000001");

    public Guid Buyer { get; } = Guid.Parse("22222222-0000-0000-0000-000000000001");

    /// <summary>Offers that are open at the engine, by number.</summary>
    public IReadOnlyDictionary<long, PlaceOffer> Open => _open;

    public PastAsks Asked { get; private set; } = new(TimeProvider.System);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>An empty registry with one market.</summary>
    public static async Task<SellingWorld> Begin(MigratedDatabase database)
    {
        var world = new SellingWorld(await database.Clean());
        await world.InDb(db => db.Database.ExecuteSqlRawAsync(Empty, Cancel));
        await world.Feed(new EngineEvent { MarketDefined = new DefineMarket { Market = Market, State = MarketState.Open } });
        return world;
    }

    public ValueTask DisposeAsync() => _services.DisposeAsync();

    public async Task<T> In<TService, T>(Func<TService, Task<T>> work)
        where TService : notnull
    {
        await using var scope = _services.CreateAsyncScope();
        return await work(scope.ServiceProvider.GetRequiredService<TService>());
    }

    public Task<T> InDb<T>(Func<ProviderRegistryDb, Task<T>> work) => In(work);

    public Task Change(Func<ProviderRegistryDb, Task> work) => InDb(async db =>
    {
        await work(db);
        return await db.SaveChangesAsync(Cancel);
    });

    /// <summary>A verified node with an agent.</summary>
    public async Task<Guid> AddNode(int number = 1, int gpus = 8, string market = Market, string country = "DE", bool nvlink = true)
    {
        var id = NodeId(number);
        var inventory = new NodeInventory
        {
            Origin = "inventory", CpuCount = 64, MemoryBytes = 512_000_000_000, DiskFreeBytes = 2_000_000_000_000, NetworkMbps = 10_000, Runners = { "process" },
            Gpus = { Enumerable.Range(0, gpus).Select(index => new GpuFacts { GpuIndex = index, Uuid = $"GPU-{number}-{index}", MemoryBytes = 85_520_809_984 }) },
        };
        await Change(db =>
        {
            db.Nodes.Add(new NodeRow { NodeId = id, ProviderId = Provider, Market = market, Name = $"node {number}", GpuCount = gpus, Location = "" });
            db.Agents.Add(new AgentRow
            {
                NodeId = id, PublicKey = [], Simulated = true, Region = "sim-lab", Country = country, Zone = Zones.Of(country), ProductClass = "H100-SXM-80GB",
                Standing = NodeStanding.Verified, StandingReason = "", StandingBy = "exchange", StandingTime = Clock.Now, Inventory = inventory.ToByteArray(),
                Nvlink = nvlink, LastSeenTime = Clock.Now, VerifiedTime = Clock.Now,
            });
            db.Gpus.AddRange(Enumerable.Range(0, gpus).Select(index => new GpuRow
            {
                NodeId = id, Uuid = $"GPU-{number}-{index}", GpuIndex = index, Name = "NVIDIA H100 80GB HBM3", MemoryBytes = 85_520_809_984,
                PciBusId = $"00000000:{index:X2}:00.0", PciDeviceId = "233010DE", Present = true, Healthy = true,
            }));
            return Task.CompletedTask;
        });
        return id;
    }

    public static Guid NodeId(int number) => Guid.Parse($"33333333-0000-0000-0000-{number:D12}");

    public static NodePolicy Policy(Action<NodePolicy>? with = null)
    {
        var policy = new NodePolicy { Enabled = true, FirmFloorMicrosPerGpuHour = 2_000_000, InterruptibleFloorMicrosPerGpuHour = 500_000 };
        with?.Invoke(policy);
        return policy;
    }

    public Task<NodePolicy> SetPolicy(Guid node, NodePolicy policy, Guid? provider = null) =>
        In((SetNodePolicyHandler handler) => handler.Handle(provider ?? Provider, node, policy, Cancel));

    /// <summary>Follows the policies once, and has the engine take what they asked.</summary>
    public async Task Sell()
    {
        await Follow();
        await TakeAll();
    }

    public Task<Guid?> Follow()
    {
        Asked = new PastAsks(TimeProvider.System);
        return In((SellNodes selling) => selling.Page(Guid.Empty, Asked, Cancel));
    }

    public Task<int> Pack() => In((PackLeases packing) => packing.Run(Cancel));

    /// <summary>What is asked of the engine and not taken yet, in order.</summary>
    public Task<List<EngineCommand>> Waiting() => InDb(async db =>
        (await db.EngineCommands.AsNoTracking().Where(row => row.Sequence == null).OrderBy(row => row.Id).ToListAsync(Cancel))
        .Select(row => EngineCommand.Parser.ParseFrom(row.Body)).ToList());

    /// <summary>The engine takes all that waits, but tells nothing of it yet: what it will tell.</summary>
    public async Task<List<EngineEvent>> Take()
    {
        var happened = new List<EngineEvent>();
        await Change(async db =>
        {
            foreach (var row in await db.EngineCommands.Where(row => row.Sequence == null).OrderBy(row => row.Id).ToListAsync(Cancel))
            {
                row.Sequence = ++_sequence;
                happened.AddRange(Outcome(EngineCommand.Parser.ParseFrom(row.Body)));
            }
        });
        return happened;
    }

    public async Task TakeAll() => await Feed([.. await Take()]);

    /// <summary>The feed, applied as the reader does; all of one command.</summary>
    public Task<long> Feed(params EngineEvent[] happened)
    {
        var entries = happened.Select(one => new FeedEntry { Number = ++_fed, Sequence = _sequence, HappenedTime = Clock.Now.ToTimestamp(), Event = one }).ToArray();
        return Inbox.Apply(
            _services.GetRequiredService<IServiceScopeFactory>(), ServiceNames.Feed, entries, entry => entry.Number,
            (services, _, entry, cancel) => services.GetRequiredService<IReadFeed>().Apply(entry, cancel), Cancel);
    }

    /// <summary>A lease that the engine sold out of an offer.</summary>
    public LeaseSold Sold(long offer, int gpus, DateTimeOffset from, int hours, long bid = 1, Guid? node = null) => new()
    {
        LeaseId = ++_lastLease, BidId = bid, OfferId = offer, RunId = 1, BuyerId = Buyer.ToString(), ProviderId = Provider.ToString(),
        NodeId = (node ?? Guid.Parse(_open[offer].NodeId)).ToString(), Market = Market, GpuCount = gpus,
        Slots = { Enumerable.Range(0, hours).Select(hour => new LeaseSlot { FromTime = from.AddHours(hour).ToTimestamp(), ToTime = from.AddHours(hour + 1).ToTimestamp() }) },
    };

    public async Task<long> Buy(long offer, int gpus, DateTimeOffset from, int hours)
    {
        var sold = Sold(offer, gpus, from, hours);
        await Feed(new EngineEvent { LeaseSold = sold });
        return sold.LeaseId;
    }

    /// <summary>A sold lease was paid for, and has a delivery.</summary>
    public Task Pay(long leaseId) => Change(async db =>
    {
        var sold = await db.SoldLeases.SingleAsync(lease => lease.LeaseId == leaseId, Cancel);
        db.Leases.Add(new LeaseRow
        {
            LeaseId = leaseId, NodeId = sold.NodeId, ProviderId = Provider, BuyerId = Buyer, Market = Market, GpuCount = sold.GpuCount, FromTime = sold.FromTime, ToTime = sold.ToTime,
            State = LeaseState.Scheduled, UnmeteredSlotCount = 1, DeliveryId = leaseId, BidId = sold.BidId,
        });
        db.Deliveries.Add(new DeliveryRow
        {
            DeliveryId = leaseId, NodeId = sold.NodeId, ProviderId = Provider, BuyerId = Buyer, GpuCount = sold.GpuCount, FromTime = sold.FromTime, ToTime = sold.ToTime,
        });
    });

    public Task<List<string>> Events(Guid node, string kind) => InDb(db => db.NodeEvents.AsNoTracking()
        .Where(happened => happened.NodeId == node && happened.Kind == kind).OrderBy(happened => happened.EventId).Select(happened => happened.Message).ToListAsync(Cancel));

    private IEnumerable<EngineEvent> Outcome(EngineCommand command)
    {
        if (command.PlaceOffer is { } offer)
        {
            _open.Add(++_lastOffer, offer);
            yield return new EngineEvent { OfferPlaced = new OfferPlaced { OfferId = _lastOffer, Offer = offer, Market = Market } };
        }
        else if (command.CancelOffer is { } cancelled)
        {
            _open.Remove(cancelled.OfferId);
            yield return new EngineEvent { OfferClosed = new OfferClosed { OfferId = cancelled.OfferId, ProviderId = cancelled.ProviderId, Reason = CloseReason.Cancelled } };
        }
        else if (command.MoveLease is { } move)
        {
            var from = InDb(db => db.SoldLeases.AsNoTracking().SingleAsync(lease => lease.LeaseId == move.LeaseId)).GetAwaiter().GetResult().NodeId;
            yield return new EngineEvent { LeaseMoved = new LeaseMoved { LeaseId = move.LeaseId, FromNodeId = from.ToString(), ToNodeId = move.NodeId } };
        }
    }

    /// <summary>An offer that its provider placed by hand.</summary>
    public async Task<long> OfferByHand(Guid node, int gpus, DateTimeOffset from, int hours, long reserve = 2_500_000)
    {
        var offer = new PlaceOffer
        {
            ProviderId = Provider.ToString(), NodeId = node.ToString(), GpuCount = gpus, FromTime = from.ToTimestamp(), ToTime = from.AddHours(hours).ToTimestamp(),
            ReserveMicrosPerGpuHour = reserve, PromptReserveMicrosPerGpuHour = reserve, RunSlotCountMin = 1,
        };
        await Feed([.. Outcome(new EngineCommand { PlaceOffer = offer })]);
        return _lastOffer;
    }
}
