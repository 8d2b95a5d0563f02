using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ComputeExchange.Facts.Transport;

/// <summary>Facts and work over MassTransit: in memory within one process, RabbitMQ between processes.</summary>
public sealed class MassTransitBus : IBus
{
    private readonly ServiceProvider _services;
    private readonly IBusControl _bus;

    private MassTransitBus(Action<IBusRegistrationConfigurator> transport, ILoggerFactory? logs)
    {
        var services = new ServiceCollection();
        if (logs is not null) services.AddSingleton(logs);
        services.AddLogging();
        services.AddMassTransit(configure =>
        {
            configure.DisableUsageTelemetry();
            transport(configure);
        });
        _services = services.BuildServiceProvider();
        _bus = _services.GetRequiredService<IBusControl>();
    }

    /// <summary>A bus inside this process; to be shared by all services in it.</summary>
    public static async Task<MassTransitBus> InMemory(ILoggerFactory? logs, CancellationToken cancel)
    {
        var bus = new MassTransitBus(configure => configure.UsingInMemory(), logs);
        await bus._bus.StartAsync(cancel);
        return bus;
    }

    /// <summary>A bus over RabbitMQ. Starting waits for the broker for as long as it is away.</summary>
    /// <param name="address">For example <c>rabbitmq://user:password@127.0.0.1:5672/</c>.</param>
    public static MassTransitBus RabbitMq(Uri address, ILoggerFactory? logs)
    {
        var bus = new MassTransitBus(configure => configure.UsingRabbitMq((_, rabbit) =>
        {
            var user = address.UserInfo.Split(':', 2);
            rabbit.Host(address.Host, (ushort)(address.Port > 0 ? address.Port : 5672), "/", host =>
            {
                if (user.Length == 2)
                {
                    host.Username(Uri.UnescapeDataString(user[0]));
                    host.Password(Uri.UnescapeDataString(user[1]));
                }
                host.PublisherConfirmation = true;
            });
        }), logs);

        // Not awaited: without a broker the exchange still works, facts are then fetched from their producers.
        _ = bus._bus.StartAsync(CancellationToken.None);
        return bus;
    }

    /// <inheritdoc />
    public Task Publish(FactMessage fact, CancellationToken cancel) => _bus.Publish(fact, cancel);

    /// <inheritdoc />
    public Task Listen(string service, Func<FactMessage, Task> arrived, CancellationToken cancel)
    {
        _bus.ConnectReceiveEndpoint($"cx.facts.{service}", endpoint =>
        {
            Durable(endpoint);
            endpoint.PrefetchCount = 256;
            endpoint.Handler<FactMessage>(context => arrived(context.Message));
        });
        return Task.CompletedTask;
    }

    /// <inheritdoc />
    public Task Offer(WorkMessage work, CancellationToken cancel) => _bus.Publish(work, cancel);

    /// <inheritdoc />
    public Task Work(string queue, Func<WorkMessage, CancellationToken, Task> arrived, CancellationToken cancel)
    {
        _bus.ConnectReceiveEndpoint($"cx.work.{queue}", endpoint =>
        {
            Durable(endpoint);
            endpoint.PrefetchCount = 1;
            endpoint.ConcurrentMessageLimit = 1;
            endpoint.Handler<WorkMessage>(context => arrived(context.Message, context.CancellationToken));
        });
        return Task.CompletedTask;
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        using var atMost = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        try
        {
            await _bus.StopAsync(atMost.Token);
        }
        catch (OperationCanceledException)
        {
            // A broker that does not answer must not keep the service from stopping.
        }
        await _services.DisposeAsync();
    }

    private static void Durable(IReceiveEndpointConfigurator endpoint)
    {
        // Nothing here may be redelivered for ever: a fact that fails is fetched from its producer, work is offered again.
        endpoint.DiscardFaultedMessages();
        endpoint.DiscardSkippedMessages();
        if (endpoint is not IRabbitMqReceiveEndpointConfigurator rabbit) return;
        rabbit.SetQuorumQueue();
        rabbit.SetQueueArgument("x-dead-letter-exchange", "cx.dead");
        rabbit.SetQueueArgument("x-max-length", 100_000);
    }
}
