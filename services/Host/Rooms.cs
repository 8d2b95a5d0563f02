using ComputeExchange.Client;
using ComputeExchange.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace ComputeExchange.Host;

/// <summary>Every service in one process: each in its own container behind its own inner door, one listener in front.</summary>
internal sealed class Rooms(ServiceOptions options)
{
    private readonly List<(string Name, InnerDoor Door, WebApplication App)> _rooms = [];
    private WebApplication? _front;

    /// <summary>Makes a service's room.</summary>
    public Rooms Add(string name, Func<ServiceOptions, WebApplication> build)
    {
        var door = new InnerDoor();
        var app = build(options with { Door = door });
        door.Services = app.Services;
        _rooms.Add((name, door, app));
        return this;
    }

    /// <summary>Opens the listener, then starts every service, in the order they were added; returns when all of them are healthy.</summary>
    public async Task Start(StartOptions host, CancellationToken cancel)
    {
        _front = Front(host);
        await _front.StartAsync(cancel);
        foreach (var (_, _, app) in _rooms) await app.StartAsync(cancel);

        using var exchange = new ExchangeClient(options.Addresses, new Hosting.Access.ServiceTokens(options.ServiceKey, "host").For);
        await Patience.Ask(
            () => exchange.Engine.GetEngineStatusAsync(new MatchingEngine.V1.GetEngineStatusRequest(), cancellationToken: cancel).ResponseAsync,
            TimeSpan.FromMinutes(5), cancel);
    }

    /// <summary>Stops every service, the last one started first, then the listener.</summary>
    public async Task Stop()
    {
        using var atMost = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        foreach (var (_, _, app) in Enumerable.Reverse(_rooms))
        {
            await Quietly(() => app.StopAsync(atMost.Token));
            await Quietly(() => app.DisposeAsync().AsTask());
        }
        if (_front is null) return;
        await Quietly(() => _front.StopAsync(atMost.Token));
        await Quietly(() => _front.DisposeAsync().AsTask());
    }

    private WebApplication Front(StartOptions host)
    {
        var builder = WebApplication.CreateSlimBuilder();
        ExchangeService.Logging(builder.Logging, "host");
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            ExchangeService.Kestrel(kestrel, options.Listen);
            kestrel.ListenLocalhost(host.HttpPort, plain => plain.Protocols = HttpProtocols.Http1);
            AgentDoor.Open(kestrel, options);
        });
        var front = builder.Build();
        front.Use(AgentDoor.AgentsOnly);
        front.Run(context => context.Request.Path == "/health" ? Health(context) : RoomOf(context, host) is { } door ? door.Serve(context) : NotFound(context));
        return front;
    }

    private InnerDoor? RoomOf(HttpContext context, StartOptions host)
    {
        // Plain HTTP is for people.
        if (context.Connection.LocalPort == host.HttpPort) return _rooms.Find(room => room.Name == ServiceNames.Web).Door;

        // "/computeexchange.settlement.v1.SettlementService/Deposit": the package without its version says whose it is.
        // What every service answers (facts, health) says in a header or in the path which is meant.
        var path = context.Request.Path.Value ?? "";
        var name = path.StartsWith("/health/", StringComparison.Ordinal) ? path["/health/".Length..]
            : path.StartsWith("/computeexchange.facts.", StringComparison.Ordinal) ? context.Request.Headers["cx-service"].ToString()
            : ServiceNames.OfPackage(PackageOf(path));
        return _rooms.Find(room => room.Name == name).Door;
    }

    private static string PackageOf(string path)
    {
        var service = path.Split('/', 3)[1..] is [var first, ..] ? first : "";
        var end = service.LastIndexOf('.');
        return end < 0 ? "" : service[..end];
    }

    private async Task Health(HttpContext context)
    {
        await context.Response.WriteAsync($"healthy: {string.Join(' ', _rooms.Select(room => room.Name))}\n");
    }

    private static Task NotFound(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status404NotFound;
        return context.Response.WriteAsync("There is nothing here. The exchange speaks gRPC; /health answers plain HTTP.\n");
    }

    private static async Task Quietly(Func<Task> stopping)
    {
        try
        {
            await stopping();
        }
        catch (Exception late) when (late is OperationCanceledException or ObjectDisposedException or AggregateException)
        {
            // It is being stopped: what is late is left behind, and nothing is lost by it.
        }
    }
}
