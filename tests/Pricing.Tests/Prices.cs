using ComputeExchange.Client;
using ComputeExchange.Facts.Hearing;
using ComputeExchange.Facts.Storage;
using ComputeExchange.Hosting.Jobs;
using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.Pricing.Feed;
using ComputeExchange.Pricing.Indexes;
using ComputeExchange.Pricing.Storage;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace ComputeExchange.Pricing.Tests;

/// <summary>Pricing on a real database, fed by the test.</summary>
public abstract class Prices(PricesDatabase database) : IClassFixture<PricesDatabase>, IAsyncLifetime
{
    protected const string H100 = "H100-SXM-80GB.us-east";

    /// <summary>The start of the day that trades.</summary>
    protected static readonly DateTimeOffset Day = new(2026, 3, 2, 0, 0, 0, TimeSpan.Zero);

    private ServiceProvider? _services;
    private long _lastNumber;

    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    protected ExchangeClock Clock { get; } = new(simulated: true);

    /// <summary>How far the engine says its feed goes; by default no further than it was applied.</summary>
    protected long FeedGoesTo { get; set; }

    private ServiceProvider Services => _services ?? throw new InvalidOperationException("Not initialised.");

    public async ValueTask InitializeAsync()
    {
        Clock.MoveTo(Day);
        await database.Clean();
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddSingleton<TimeProvider>(Clock);
        services.AddDbContext<PricingDb>(db => Hosting.Storage.Configure(db, database.Source, ServiceNames.Pricing));
        services.AddScoped<ServiceDb>(provider => provider.GetRequiredService<PricingDb>());
        services.AddScoped<IReadFeed, KeepPrices>();
        services.AddSingleton<FeedEnd>(_ => Task.FromResult(FeedGoesTo));
        services.AddSlices();
        _services = services.BuildServiceProvider(new ServiceProviderOptions { ValidateOnBuild = true, ValidateScopes = true });
    }

    public async ValueTask DisposeAsync()
    {
        if (_services is not null) await _services.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>Does something with a slice, in a scope of its own like a call.</summary>
    protected async Task<T> Slice<TSlice, T>(Func<TSlice, Task<T>> call)
        where TSlice : notnull
    {
        await using var scope = Services.CreateAsyncScope();
        return await call(scope.ServiceProvider.GetRequiredService<TSlice>());
    }

    protected Task<T> Db<T>(Func<PricingDb, Task<T>> look) => Slice(look);

    /// <summary>Runs a job as the runner does: in a transaction that is committed, or not.</summary>
    protected async Task Run<TJob>(DateTimeOffset due, bool dies = false)
        where TJob : IClockJob
    {
        await using var scope = Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<PricingDb>();
        await using var transaction = await db.Database.BeginTransactionAsync(Cancel);
        await scope.ServiceProvider.GetRequiredService<TJob>().Run(due, Cancel);
        await db.SaveChangesAsync(Cancel);
        if (!dies) await transaction.CommitAsync(Cancel);
    }

    /// <summary>What the engine decided at a time, as one batch of the feed.</summary>
    protected Task<long> Feed(DateTimeOffset at, params IEnumerable<EngineEvent> events) => Apply(Entries(at, events));

    protected IReadOnlyList<FeedEntry> Entries(DateTimeOffset at, params IEnumerable<EngineEvent> events) => [.. events.Select(happened => new FeedEntry
    {
        Number = ++_lastNumber,
        HappenedTime = at.ToTimestamp(),
        Event = happened,
    })];

    /// <summary>Applies a batch as the feed reader does.</summary>
    protected async Task<long> Apply(IReadOnlyList<FeedEntry> entries) => FeedGoesTo = await Inbox.Apply(
        Services.GetRequiredService<IServiceScopeFactory>(), ServiceNames.Feed, entries, entry => entry.Number,
        (services, _, entry, cancel) => services.GetRequiredService<IReadFeed>().Apply(entry, cancel), Cancel);

    /// <summary>The refusal that a call must meet.</summary>
    protected static async Task<RpcFailure> Refused(Func<Task> call) =>
        RpcFailure.From(await Should.ThrowAsync<RpcException>(call));

    protected static Guid Id(int number) => new(number, 0, 0, [0, 0, 0, 0, 0, 0, 0, 1]);

    protected static EngineEvent MarketIs(string market) =>
        new() { MarketDefined = new DefineMarket { Market = market, State = MarketState.Open } };

    protected static EngineEvent BidIs(long bid, BidKind kind) =>
        new() { BidPlaced = new BidPlaced { BidId = bid, Bid = new PlaceBid { Kind = kind } } };

    protected static EngineEvent Cleared(long run, params SpotPrice[] prices) =>
        new() { RunCleared = new RunCleared { RunId = run, Prices = { prices } } };

    protected static SpotPrice Price(DateTimeOffset slot, long price, int gpus, int minutes = 60, string market = H100) =>
        new() { Market = market, SlotTime = slot.ToTimestamp(), PriceMicrosPerGpuHour = price, GpuCount = gpus, MinuteCount = minutes };

    /// <summary>A lease of whole hours from a time on, one for each price.</summary>
    protected static EngineEvent Sold(long lease, long bid, int buyer, int provider, int gpus, DateTimeOffset from, params long[] prices) => new()
    {
        LeaseSold = new LeaseSold
        {
            LeaseId = lease,
            BidId = bid,
            BuyerId = Id(buyer).ToString(),
            ProviderId = Id(provider).ToString(),
            Market = H100,
            GpuCount = gpus,
            Slots =
            {
                prices.Select((price, hour) => new LeaseSlot
                {
                    FromTime = from.AddHours(hour).ToTimestamp(),
                    ToTime = from.AddHours(hour + 1).ToTimestamp(),
                    PriceMicrosPerGpuHour = price,
                }),
            },
        },
    };
}
