using ComputeExchange.Client;
using ComputeExchange.Hosting;
using ComputeExchange.OrderBook.Entry;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace ComputeExchange.OrderBook.Tests;

public sealed class OrderBookModuleTests
{
    [Fact]
    public async Task Everything_that_the_doors_need_is_there()
    {
        var here = new Uri("http://127.0.0.1:1");
        await using var app = OrderBookModule.Build(new ServiceOptions
        {
            Database = "Host=none",
            Listen = here,
            Addresses = new ExchangeAddresses(here),
            ServiceKey = new byte[32],
            RabbitMq = new Uri("amqp://none"),
        });
        await using var scope = app.Services.CreateAsyncScope();
        ActivatorUtilities.CreateInstance<OrderBookGrpc>(scope.ServiceProvider).ShouldNotBeNull();
        ActivatorUtilities.CreateInstance<MarketGrpc>(scope.ServiceProvider).ShouldNotBeNull();
        ActivatorUtilities.CreateInstance<FuturesGrpc>(scope.ServiceProvider).ShouldNotBeNull();
        scope.ServiceProvider.GetRequiredService<Submit>().ShouldNotBeNull();
    }
}
