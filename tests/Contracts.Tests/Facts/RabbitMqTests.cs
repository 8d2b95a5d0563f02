using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using ComputeExchange.Client;
using ComputeExchange.Facts.ProviderRegistry.V1;
using ComputeExchange.Facts.Settlement.V1;
using ComputeExchange.Facts.Storage;
using ComputeExchange.Facts.Transport;
using ComputeExchange.Hosting;
using ComputeExchange.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Shouldly;
using Xunit;

namespace ComputeExchange.Contracts.Tests.Facts;

/// <summary>Three services as they run in production, each behind its own door, with a RabbitMQ between them.</summary>
public sealed class RabbitMqTests(World world) : IClassFixture<World>, IAsyncLifetime
{
    private static readonly Storm Work = new(Seed: 11, Writers: 2, Transactions: 20, Mood.Good, MishapPermille: 0, AwayPercent: 0);

    private readonly RabbitServer _rabbit = new();
    private readonly byte[] _key = RandomNumberGenerator.GetBytes(32);
    private readonly Dictionary<string, Uri> _doors = ((string[])["teller", "relay", "alpha"]).ToDictionary(name => name, _ => FreeDoor());
    private readonly List<WebApplication> _services = [];
    private readonly ConcurrentQueue<long> _carried = new();
    private MassTransitBus _witness = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        // Nothing waits for the broker: the services and the witness are there before it.
        _rabbit.Begin();
        _witness = MassTransitBus.RabbitMq(_rabbit.Address, null);
        await _witness.Listen("witness", fact =>
        {
            if (fact.Producer == "teller") _carried.Enqueue(fact.Number);
            return Task.CompletedTask;
        }, Cancel);
        await Start<TellerDb>("teller", _ => { });
        await Start<RelayDb>("relay", relay => relay.Hear<LeaseMetered, PassOn>("teller").Hear<LeaseEnded, PassOn>("teller"));
        await Start<AlphaDb>("alpha", alpha =>
            alpha.Hear<LeaseMetered, NoteMetered>("teller").Hear<LeaseEnded, NoteEnded>("teller").Hear<DepositBooked, NoteRelayed>("relay"));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var service in _services)
        {
            await service.StopAsync(CancellationToken.None);
            await service.DisposeAsync();
        }
        await _witness.DisposeAsync();
        await _rabbit.DisposeAsync();
    }

    [Fact]
    public async Task Facts_are_heard_once_though_the_broker_comes_late_is_killed_and_forgets_everything()
    {
        var writers = new Writers(world, Work);
        await writers.Work();
        await world.ShouldHold(TimeSpan.FromSeconds(60));

        await _rabbit.Ready();
        await CarriesWhatIsToldNow();

        // Killed while facts are told; comes back empty while more are told.
        var telling = writers.Work();
        await Task.Delay(100, Cancel);
        await _rabbit.Kill();
        await _rabbit.Forget();
        await writers.Work();
        await telling;
        await world.ShouldHold(TimeSpan.FromSeconds(60));

        _rabbit.Begin();
        await writers.Work();
        await world.ShouldHold(TimeSpan.FromSeconds(60));
        await _rabbit.Ready();
        await CarriesWhatIsToldNow();
        await world.ShouldHold(TimeSpan.FromSeconds(60));
    }

    /// <summary>Tells until one of what was told from now on comes by the bus: queues and all are there again.</summary>
    private async Task CarriesWhatIsToldNow()
    {
        var before = await world.Ask<long>("SELECT last_number FROM teller.fact_head");
        for (var tries = 0; !_carried.Any(number => number > before); tries++)
        {
            tries.ShouldBeLessThan(240, "nothing comes by RabbitMQ");
            await using (var db = world.Teller())
            {
                var deed = 1_000_000 + before + tries;
                db.Deeds.Add(new DeedRow { Id = deed, Facts = 1 });
                db.Tell(new LeaseEnded { LeaseId = deed, Whole = true });
                await db.SaveChangesAsync(Cancel);
            }
            await Task.Delay(500, Cancel);
        }
    }

    private async Task Start<TDb>(string name, Action<ExchangeService> hear)
        where TDb : ServiceDb
    {
        var service = ExchangeService.Create(name, new ServiceOptions
        {
            Database = world.Connection,
            Listen = _doors[name],
            Addresses = new ExchangeAddresses(FreeDoor(), _doors),
            ServiceKey = _key,
            RabbitMq = _rabbit.Address,
        });
        service.Builder.Logging.ClearProviders();
        service.Builder.Services.AddSingleton(Mishaps.None);
        service.Builder.Services.AddScoped<Effect>();
        service.Builder.Services.AddScoped(provider => (HearerDb)provider.GetRequiredService<ServiceDb>());
        service.AddStorage<TDb>();
        hear(service);
        var app = service.Build();
        _services.Add(app);
        await app.StartAsync(Cancel);
    }

    private static Uri FreeDoor()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return new Uri($"http://127.0.0.1:{((IPEndPoint)probe.LocalEndpoint).Port}");
    }
}
