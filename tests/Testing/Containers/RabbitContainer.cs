using System.Globalization;
using System.Net;
using System.Net.Sockets;
using DotNet.Testcontainers.Builders;
using DotNet.Testcontainers.Volumes;
using Testcontainers.RabbitMq;

namespace ComputeExchange.Testing.Containers;

/// <summary>A RabbitMQ for tests in containers: one at a time, at one address, with the data in a volume.</summary>
internal sealed class RabbitContainer : IBroker
{
    private const string Image = "rabbitmq:4-management";
    private const string User = "exchange";

    private readonly int _port = FreePort();
    private IVolume _memory = new VolumeBuilder().Build();
    private RabbitMqContainer? _container;
    private Task _starting = Task.CompletedTask;

    /// <summary>Whether there can be one on this machine.</summary>
    public static bool CanBeHad => Engine.Has(Image);

    /// <inheritdoc />
    public Uri Address => new($"rabbitmq://{User}:{User}@127.0.0.1:{_port.ToString(CultureInfo.InvariantCulture)}/");

    /// <inheritdoc />
    public void Begin() => _starting = Start();

    /// <inheritdoc />
    public Task Ready(CancellationToken cancel) => _starting.WaitAsync(cancel);

    /// <summary>Removes the container as it runs, which kills it; the volume stays.</summary>
    public async Task Kill()
    {
        await _starting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_container is not null) await _container.DisposeAsync();
        _container = null;
    }

    /// <inheritdoc />
    public async Task Forget()
    {
        await _memory.DeleteAsync();
        _memory = new VolumeBuilder().Build();
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await Kill();
        await _memory.DisposeAsync();
    }

    private async Task Start()
    {
        await _memory.CreateAsync();

        // It keeps its data under the name of its host: that must stay, as the port must.
        _container = new RabbitMqBuilder(Image)
            .WithUsername(User).WithPassword(User)
            .WithHostname("broker")
            .WithPortBinding(_port, RabbitMqBuilder.RabbitMqPort)
            .WithVolumeMount(_memory, "/var/lib/rabbitmq")
            .Build();
        await _container.StartAsync();
    }

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
