using ComputeExchange.Client;
using ComputeExchange.Facts.Hearing;
using ComputeExchange.Facts.Transport;
using ComputeExchange.Hosting;
using ComputeExchange.ProviderRegistry.Leases;
using ComputeExchange.ProviderRegistry.V1;
using ComputeExchange.Testing;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace ComputeExchange.ProviderRegistry.Tests;

/// <summary>The whole service, in real time, with nobody around it.</summary>
public sealed class ServiceTests(PostgresServer server)
{
    [Fact]
    public async Task The_service_starts_alone_and_lets_nobody_in_without_a_key()
    {
        var cancel = TestContext.Current.CancellationToken;
        await using var bus = await MassTransitBus.InMemory(null, cancel);
        await using var service = ProviderRegistryModule.Build(new ServiceOptions
        {
            Database = await server.CreateDatabase(),
            Listen = new Uri("http://127.0.0.1:0"),
            Addresses = new ExchangeAddresses(new Uri("http://127.0.0.1:1")),
            ServiceKey = new byte[32],
            Bus = bus,
        });
        await service.StartAsync(cancel);

        using var nobody = new ExchangeClient(new ExchangeAddresses(new Uri(service.Urls.Single())), apiKey: null);
        await nobody.Registry.ListLeasesAsync(new ListLeasesRequest(), cancellationToken: cancel).ResponseAsync.ShouldBeRefused(StatusCode.Unauthenticated, "");

        await using (var scope = service.Services.CreateAsyncScope())
        {
            ActivatorUtilities.CreateInstance<ProviderRegistryGrpc>(scope.ServiceProvider).ShouldNotBeNull();
            scope.ServiceProvider.GetRequiredService<IReadFeed>().ShouldNotBeNull();
            scope.ServiceProvider.GetRequiredService<ScheduleLease>().ShouldNotBeNull();
            scope.ServiceProvider.GetRequiredService<RunLeases>().ShouldNotBeNull();
        }
        await service.StopAsync(cancel);
    }
}
