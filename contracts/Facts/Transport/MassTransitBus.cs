using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ComputeExchange.Facts.Transport;

/// <summary>Facts and work over MassTransit: in memory within one process, RabbitMQ between processes.</summary>
public sealed class MassTransitBus : IBus
{
    private readonly ServiceProvider _services;
    private readonly ILogger? _log;
    private readonly IBusControl _bus;
    private readonly CancellationTokenSource _stopping = new();
    private readonly SemaphoreSlim _gate = new(1);
    private readonly Dictionary<string, Desk> _desks = [];
    private Task _starting = Task.CompletedTask;

    private MassTransitBus(Action<IBusRegistrationConfigurator> transport, ILoggerFactory? logs)
    {
        _log = logs?.CreateLogger<MassTransitBus>();
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

    /// <summary>A bus over RabbitMQ. It begins at once and waits for the broker, now and later, for as long as that is away.</summary>
    /// <remarks>
    /// While the broker is away a publication waits until it is cancelled. When it is back, even if it forgot everything,
    /// publishing works again at once; queues are declared again and heard after a pause of MassTransit's, which grows
    /// with every try to a minute. Facts do not wait for that: they are fetched.
    /// </remarks>
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
        bus._starting = bus._bus.StartAsync(bus._stopping.Token);
        return bus;
    }

    /// <inheritdoc />
    public Task Publish(FactMessage fact, CancellationToken cancel) => _bus.Publish(fact, cancel);

    /// <inheritdoc />
    public Task Listen(string service, Func<FactMessage, Task> arrived, CancellationToken cancel) =>
        Join<FactMessage>($"cx.facts.{service}", (fact, _) => arrived(fact), endpoint => endpoint.PrefetchCount = 256, cancel);

    /// <inheritdoc />
    public Task Offer(WorkMessage work, CancellationToken cancel) => _bus.Publish(work, cancel);

    /// <inheritdoc />
    public Task Work(string queue, Func<WorkMessage, CancellationToken, Task> arrived, CancellationToken cancel) =>
        Join($"cx.work.{queue}", arrived, endpoint =>
        {
            endpoint.PrefetchCount = 1;
            endpoint.ConcurrentMessageLimit = 1;
        }, cancel);

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        using var atMost = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        await _stopping.CancelAsync();
        try
        {
            // A queue that still waits for its broker must end too, or it would be heard when nobody is here any more.
            await _starting.WaitAsync(atMost.Token);
        }
        catch (Exception never) when (never is not OutOfMemoryException)
        {
            // It never came up.
        }
        try
        {
            await _bus.StopAsync(atMost.Token);
        }
        catch (OperationCanceledException)
        {
            // A broker that does not answer must not keep the service from stopping.
        }
        _stopping.Dispose();
        await _services.DisposeAsync();
    }

    /// <summary>Takes part in a queue until it is cancelled; those who share this bus share its one endpoint.</summary>
    private async Task Join<T>(
        string queue, Func<T, CancellationToken, Task> arrived, Action<IReceiveEndpointConfigurator> configure, CancellationToken cancel)
        where T : class
    {
        await _gate.WaitAsync(cancel);
        try
        {
            if (!_desks.TryGetValue(queue, out var desk))
            {
                desk = new Desk();
                desk.Endpoint = _bus.ConnectReceiveEndpoint(queue, endpoint =>
                {
                    Durable(endpoint);
                    configure(endpoint);
                    endpoint.Handler<T>(context => desk.Next() is Func<T, CancellationToken, Task> next
                        ? next(context.Message, context.CancellationToken)
                        : Task.CompletedTask);
                });
                _desks[queue] = desk;
            }
            desk.Add(arrived);
        }
        finally
        {
            _gate.Release();
        }
        cancel.UnsafeRegister(_ => _ = Leave(queue, arrived), null);
    }

    private async Task Leave(string queue, Delegate arrived)
    {
        await _gate.WaitAsync();
        try
        {
            if (!_desks.TryGetValue(queue, out var desk) || desk.Remove(arrived) > 0) return;
            _desks.Remove(queue);

            // Not before it has ended can the queue be joined again.
            using var atMost = new CancellationTokenSource(TimeSpan.FromSeconds(5));
            await desk.Endpoint!.StopAsync(atMost.Token);
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            _log?.LogDebug(failure, "The queue {Queue} could not be left in order.", queue);
        }
        finally
        {
            _gate.Release();
        }
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

    /// <summary>Those who take from one queue by turns.</summary>
    private sealed class Desk
    {
        private readonly Lock _gate = new();
        private readonly List<Delegate> _takers = [];
        private int _turn;

        public HostReceiveEndpointHandle? Endpoint { get; set; }

        public void Add(Delegate taker)
        {
            lock (_gate) _takers.Add(taker);
        }

        /// <summary>Returns how many are left.</summary>
        public int Remove(Delegate taker)
        {
            lock (_gate)
            {
                _takers.Remove(taker);
                return _takers.Count;
            }
        }

        /// <summary>Whose turn it is; null when all have left.</summary>
        public Delegate? Next()
        {
            lock (_gate) return _takers.Count == 0 ? null : _takers[_turn = (_turn + 1) % _takers.Count];
        }
    }
}
