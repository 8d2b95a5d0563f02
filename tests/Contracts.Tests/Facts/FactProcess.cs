using ComputeExchange.Facts.Hearing;
using ComputeExchange.Facts.ProviderRegistry.V1;
using ComputeExchange.Facts.Settlement.V1;
using ComputeExchange.Facts.Storage;
using ComputeExchange.Facts.Transport;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace ComputeExchange.Contracts.Tests.Facts;

/// <summary>A process of a service as far as facts go: its container, its publisher and its listener.</summary>
public sealed class FactProcess : IAsyncDisposable
{
    private readonly ServiceProvider _services;
    private readonly IHostedService[] _loops;

    private FactProcess(ServiceProvider services, IHostedService[] loops)
    {
        _services = services;
        _loops = loops;
    }

    public IServiceProvider Services => _services;

    /// <summary>A process of the teller: it publishes what the tests write into its tables.</summary>
    public static Task<FactProcess> Teller(World world, IBus bus, Mishaps? mishaps = null) =>
        Start<TellerDb>(world, "teller", bus, world.Doors(), mishaps ?? Mishaps.None, (_, _) => { });

    /// <summary>A process of alpha, which hears the teller and the relay.</summary>
    public static Task<FactProcess> Alpha(
        World world, IBus bus, IFactSource? source = null, Mishaps? mishaps = null, Action<IServiceCollection>? change = null, TimeSpan? quiet = null) =>
        Start<AlphaDb>(world, "alpha", bus, source ?? world.Doors(), mishaps ?? Mishaps.None, (services, hearers) =>
        {
            services.AddScoped<HearerDb>(provider => provider.GetRequiredService<AlphaDb>());
            services.AddScoped<Effect>().AddScoped<NoteMetered>().AddScoped<NoteEnded>().AddScoped<NoteRelayed>();
            hearers.Add<LeaseMetered, NoteMetered>("teller");
            hearers.Add<LeaseEnded, NoteEnded>("teller");
            hearers.Add<DepositBooked, NoteRelayed>("relay");
            change?.Invoke(services);
        }, quiet);

    /// <summary>A process of the relay, which hears the teller and tells a fact of its own for each.</summary>
    public static Task<FactProcess> Relay(World world, IBus bus, IFactSource? source = null, Mishaps? mishaps = null, TimeSpan? quiet = null) =>
        Start<RelayDb>(world, "relay", bus, source ?? world.Doors(), mishaps ?? Mishaps.None, (services, hearers) =>
        {
            services.AddScoped<HearerDb>(provider => provider.GetRequiredService<RelayDb>());
            services.AddScoped<Effect>().AddScoped<PassOn>();
            hearers.Add<LeaseMetered, PassOn>("teller");
            hearers.Add<LeaseEnded, PassOn>("teller");
        }, quiet);

    /// <summary>Has it stop, and does not wait: what it was doing goes on for a moment beside its successor.</summary>
    public Task Abandon() => Task.WhenAll(_loops.Select(loop => loop.StopAsync(new CancellationToken(canceled: true))));

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_loops.Select(loop => loop.StopAsync(CancellationToken.None)));
        await _services.DisposeAsync();
    }

    private static async Task<FactProcess> Start<TDb>(
        World world, string name, IBus bus, IFactSource source, Mishaps mishaps, Action<IServiceCollection, Hearers> hear, TimeSpan? quiet = null)
        where TDb : ServiceDb
    {
        var hearers = new Hearers();
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddSingleton(new ServiceName(name));
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton<Signals>();
        services.AddSingleton<WakeOnCommit>();
        services.AddSingleton(mishaps);
        services.AddDbContext<TDb>((provider, db) => db
            .UseNpgsql(world.Processes)
            .AddInterceptors(provider.GetRequiredService<WakeOnCommit>(), mishaps));
        services.AddScoped<ServiceDb>(provider => provider.GetRequiredService<TDb>());
        hear(services, hearers);

        var container = services.BuildServiceProvider();
        var process = new FactProcess(container,
        [
            ActivatorUtilities.CreateInstance<FactPublisher>(container, bus),
            new FactListener(
                new ServiceName(name), hearers, bus, source, container.GetRequiredService<IServiceScopeFactory>(),
                container.GetRequiredService<Microsoft.Extensions.Logging.ILogger<FactListener>>())
            {
                Quiet = quiet ?? TimeSpan.FromSeconds(1),
            },
        ]);
        foreach (var loop in process._loops) await loop.StartAsync(CancellationToken.None);
        return process;
    }
}
