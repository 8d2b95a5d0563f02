using System.Data.Common;
using ComputeExchange.Access.V1;
using ComputeExchange.Client;
using ComputeExchange.Facts.Hearing;
using ComputeExchange.Facts.Storage;
using ComputeExchange.Hosting.Access;
using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.OrderBook.Entry;
using ComputeExchange.OrderBook.Feed;
using ComputeExchange.OrderBook.Futures.Entry;
using ComputeExchange.OrderBook.Storage;
using ComputeExchange.Testing;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

[assembly: AssemblyFixture(typeof(PostgresServer))]

namespace ComputeExchange.OrderBook.Tests;

/// <summary>The edge on a real database, fed by the test; the engine's answers are given by the test.</summary>
public abstract class Book(BookDatabase database) : IClassFixture<BookDatabase>, IAsyncLifetime
{
    protected const string Market = "H100-SXM-80GB.us-east";

    /// <summary>A quarter past eight: the slot of 08:00 is in progress, that of 09:00 is open.</summary>
    protected static readonly DateTimeOffset Now = new(2026, 3, 2, 8, 15, 0, TimeSpan.Zero);

    private readonly LookUpCounter _lookUps = new();
    private ServiceProvider? _services;
    private long _lastNumber;

    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    protected ExchangeClock Clock { get; } = new(simulated: true);

    /// <summary>What the engine answers.</summary>
    protected Func<SubmitRequest, SubmitResponse> Engine { get; set; } = _ => throw new InvalidOperationException("The engine is not asked here.");

    /// <summary>A line for orders to the engine.</summary>
    protected virtual IOrderLine OpenLine() => throw new InvalidOperationException("No orders are entered here.");

    /// <summary>What the engine was asked, in order.</summary>
    protected List<SubmitRequest> Asked { get; } = [];

    /// <summary>How often the database was asked for rows.</summary>
    protected int LookUps => _lookUps.Count;

    private ServiceProvider Services => _services ?? throw new InvalidOperationException("Not initialised.");

    public async ValueTask InitializeAsync()
    {
        Clock.MoveTo(Now);
        await database.Clean();
        var services = new ServiceCollection();
        services.AddSingleton<TimeProvider>(Clock);
        services.AddDbContext<OrderBookDb>(db => Hosting.Storage.Configure(db, database.Source, ServiceNames.OrderBook).AddInterceptors(_lookUps));
        services.AddScoped<ServiceDb>(provider => provider.GetRequiredService<OrderBookDb>());
        services.AddScoped<IReadFeed, KeepBook>();
        services.AddSlices();
        services.AddSingleton<OpenOrderLine>(_ => OpenLine());
        services.AddSingleton<Submit>((request, _) =>
        {
            Asked.Add(request.Clone());
            return Task.FromResult(Engine(request));
        });
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

    protected Task<T> Db<T>(Func<OrderBookDb, Task<T>> look) => Slice(look);

    /// <summary>What the engine decided, at the clock's time, as one batch of the feed.</summary>
    protected Task<long> Feed(params IEnumerable<EngineEvent> events) => Apply(Entries(events));

    /// <summary>The same, not applied yet.</summary>
    protected IReadOnlyList<FeedEntry> Entries(IEnumerable<EngineEvent> events) => [.. events.Select(happened => new FeedEntry
    {
        Number = ++_lastNumber,
        Sequence = _lastNumber,
        HappenedTime = Clock.GetUtcNow().ToTimestamp(),
        Event = happened,
    })];

    /// <summary>Applies a batch as the feed reader does.</summary>
    protected Task<long> Apply(IReadOnlyList<FeedEntry> entries) => Inbox.Apply(
        Services.GetRequiredService<IServiceScopeFactory>(), ServiceNames.Feed, entries, entry => entry.Number,
        (services, _, entry, cancel) => services.GetRequiredService<IReadFeed>().Apply(entry, cancel), Cancel);

    protected static Caller Participant(Guid id, params Role[] roles) => new(id, roles.ToHashSet(), "key", null);

    protected static Caller Buyer(Guid id) => Participant(id, Role.Buyer);

    protected static Caller Provider(Guid id) => Participant(id, Role.Provider);

    protected static Caller Trader(Guid id) => Participant(id, Role.Trader);

    protected static Caller Operator() => Participant(Ids.Of(999), Role.Operator);

    /// <summary>The refusal that a call must meet.</summary>
    protected static async Task<RpcFailure> Refused(Func<Task> call) =>
        RpcFailure.From(await Should.ThrowAsync<RpcException>(call));

    private sealed class LookUpCounter : DbCommandInterceptor
    {
        public int Count { get; private set; }

        public override ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
            DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result, CancellationToken cancellationToken = default)
        {
            if (command.CommandText.StartsWith("SELECT", StringComparison.Ordinal)) Count++;
            return ValueTask.FromResult(result);
        }
    }
}

/// <summary>Ids that tests can count on.</summary>
public static class Ids
{
    public static Guid Of(int number) => new(number, 0, 0, [0, 0, 0, 0, 0, 0, 0, 1]);
}
