using ComputeExchange.Hosting.Rabbit;
using Xunit;
#if CONTAINERS
using ComputeExchange.Testing.Containers;
#endif

namespace ComputeExchange.Testing;

/// <summary>
/// A real RabbitMQ of a test class's own: in a container where that can be had, otherwise from the machine's binaries, on
/// the loopback, in a temporary folder. It can be killed and started again, empty if wished, at the same address.
/// </summary>
/// <remarks>Use it as a class fixture, or begin it by hand with <see cref="Begin"/> to see a broker come late.</remarks>
public sealed class RabbitServer : IAsyncLifetime
{
    private readonly IBroker _broker = Make();

    /// <summary>Where it listens, or will.</summary>
    public Uri Address => _broker.Address;

    /// <inheritdoc />
    public async ValueTask InitializeAsync() => await Start();

    /// <summary>Starts it and returns when it answers.</summary>
    public Task Start()
    {
        Begin();
        return Ready();
    }

    /// <summary>Begins to start it, and returns at once.</summary>
    public void Begin() => _broker.Begin();

    /// <summary>Returns when it answers, after <see cref="Begin"/>.</summary>
    public Task Ready() => _broker.Ready(TestContext.Current.CancellationToken);

    /// <summary>Kills it as kill -9 does: what it had not written down is lost.</summary>
    public Task Kill() => _broker.Kill();

    /// <summary>Makes it forget everything: queues, exchanges, messages. It must not be running.</summary>
    public Task Forget() => _broker.Forget();

    /// <inheritdoc />
    public ValueTask DisposeAsync() => _broker.DisposeAsync();

    private static IBroker Make()
    {
#if CONTAINERS
        if (RabbitContainer.CanBeHad) return new RabbitContainer();
#endif
        return new OwnBroker();
    }

    /// <summary>A private one from the machine's binaries.</summary>
    private sealed class OwnBroker : IBroker
    {
        private static int _brokers;

        private readonly string _folder;
        private readonly PrivateRabbit _server;

        public OwnBroker()
        {
            _folder = Path.Combine(Path.GetTempPath(), $"cx-rabbit-{Environment.ProcessId}-{Interlocked.Increment(ref _brokers)}");
            _server = new PrivateRabbit(_folder);
        }

        public Uri Address => _server.Address;

        public void Begin() => _server.Begin();

        public Task Ready(CancellationToken cancel) => _server.Ready(cancel);

        public Task Kill()
        {
            _server.Kill();
            return Task.CompletedTask;
        }

        public Task Forget()
        {
            _server.Forget();
            return Task.CompletedTask;
        }

        public async ValueTask DisposeAsync()
        {
            _server.Kill();
            await _server.DisposeAsync();
            if (Directory.Exists(_folder)) Directory.Delete(_folder, recursive: true);
        }
    }
}

/// <summary>A RabbitMQ that a test can kill, wherever it runs.</summary>
internal interface IBroker : IAsyncDisposable
{
    /// <summary>Where it listens, or will.</summary>
    Uri Address { get; }

    /// <summary>Begins to start it, and returns at once.</summary>
    void Begin();

    /// <summary>Returns when it answers.</summary>
    Task Ready(CancellationToken cancel);

    /// <summary>Kills it as kill -9 does.</summary>
    Task Kill();

    /// <summary>Makes it forget everything.</summary>
    Task Forget();
}
