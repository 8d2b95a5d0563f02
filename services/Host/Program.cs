using System.Diagnostics;
using ComputeExchange.Auctioneer;
using ComputeExchange.Client;
using ComputeExchange.Facts.Transport;
using ComputeExchange.Host;
using ComputeExchange.Host.Processes;
using ComputeExchange.Hosting;
using ComputeExchange.Hosting.Postgres;
using ComputeExchange.Hosting.Rabbit;
using ComputeExchange.Hosting.Telemetry;
using ComputeExchange.MatchingEngine;
using ComputeExchange.OrderBook;
using ComputeExchange.Participants;
using ComputeExchange.Pricing;
using ComputeExchange.ProviderRegistry;
using ComputeExchange.Settlement;
using ComputeExchange.Web;

StartOptions options;
try
{
    if (args is ["--help"] or ["-h"])
    {
        Console.WriteLine(StartOptions.Usage);
        return 0;
    }
    options = StartOptions.From(args);
    _ = Export.RatioFrom(Environment.GetEnvironmentVariable("Exchange__TelemetryRatio"));
}
catch (ArgumentException wrong)
{
    await Console.Error.WriteLineAsync(wrong.Message);
    return 2;
}
if (options.Obstacle() is { } obstacle)
{
    await Console.Error.WriteLineAsync(obstacle);
    return 1;
}

var started = Stopwatch.GetTimestamp();
using var stop = new CancellationTokenSource();
using var interrupt = System.Runtime.InteropServices.PosixSignalRegistration.Create(System.Runtime.InteropServices.PosixSignal.SIGINT, Stop);
using var terminate = System.Runtime.InteropServices.PosixSignalRegistration.Create(System.Runtime.InteropServices.PosixSignal.SIGTERM, Stop);

string? failure = null;
DataFolder folder;
try
{
    folder = DataFolder.Take(options.DataFolder);
}
catch (IOException)
{
    await Console.Error.WriteLineAsync($"Another exchange runs on {options.DataFolder}: stop it, or start with --data and another folder.");
    return 1;
}
using (folder)
{
    PrivatePostgres postgres;
    try
    {
        postgres = await PrivatePostgres.Start(Path.Combine(options.DataFolder, "postgres"), stop.Token, StartOptions.PostgresSettings);
        await postgres.CreateDatabase("exchange", stop.Token);
    }
    catch (PostgresUnavailableException unavailable)
    {
        await Console.Error.WriteLineAsync(unavailable.Message);
        return 1;
    }

    using var logs = LoggerFactory.Create(logging => ExchangeService.Logging(logging, "host"));
    using var stopping = new CancellationTokenSource();
    var keeping = Keep.Running("PostgreSQL", postgres.Answers, postgres.StartAgain, logs.CreateLogger<PrivatePostgres>(), stopping.Token);
    try
    {
        if (options.Processes)
        {
            var supervisor = new Supervisor(options, folder, postgres, logs);
            await Live(supervisor.Start, () => supervisor.DisposeAsync().AsTask(), Supervisor.AddressesOf(options));
        }
        else
        {
            await InOneProcess(postgres, logs);
        }
    }
    catch (Exception trouble) when (trouble is ProcessesException or RabbitUnavailableException)
    {
        failure = trouble.Message;
    }
    await stopping.CancelAsync();
    await keeping;
    await postgres.Stop();
    if (failure is not null)
    {
        await Console.Error.WriteLineAsync(failure);
        return 1;
    }
    Console.WriteLine("Stopped. Everything is kept.");
}
return 0;

async Task InOneProcess(PrivatePostgres postgres, ILoggerFactory logs)
{
    await using var bus = await MassTransitBus.InMemory(logs, stop.Token);
    var address = new Uri($"http://127.0.0.1:{options.Port}");
    var service = new ServiceOptions
    {
        Database = postgres.ConnectionString("exchange"),
        Listen = address,
        Addresses = new ExchangeAddresses(address),
        ServiceKey = folder.ServiceKey(),
        Simulated = options.Simulated,
        Bus = bus,
        FirstOperatorKey = folder.OperatorKey(options.Simulated),
        Telemetry = options.Telemetry,
        Rail = options.Rail,
        AgentListen = options.AgentListen,
        AgentCertificate = ServiceOptions.CertificateFrom(folder.AgentCertificateFile()),
        AgentAddress = options.AgentAddress,
        DemoKeys = options.Simulated ? folder.Keys : null,
    };
    var rooms = new Rooms(service)
        .Add(ServiceNames.MatchingEngine, MatchingEngineModule.Build)
        .Add(ServiceNames.Participants, ParticipantsModule.Build)
        .Add(ServiceNames.Settlement, SettlementModule.Build)
        .Add(ServiceNames.ProviderRegistry, ProviderRegistryModule.Build)
        .Add(ServiceNames.OrderBook, OrderBookModule.Build)
        .Add(ServiceNames.Pricing, PricingModule.Build)
        .Add(ServiceNames.Auctioneer, AuctioneerModule.Build)
        .Add(ServiceNames.Web, WebModule.Build);
    await Live(cancel => rooms.Start(options, cancel), rooms.Stop, service.Addresses);
}

async Task Live(Func<CancellationToken, Task> start, Func<Task> end, ExchangeAddresses addresses)
{
    try
    {
        await start(stop.Token);
        folder.WriteAddresses(addresses, new Uri($"http://127.0.0.1:{options.HttpPort}"));
        Console.WriteLine(
            $"Compute Exchange listens on {addresses.Default} ({(options.Simulated ? "simulated" : "live")} clock), healthy after {Stopwatch.GetElapsedTime(started).TotalSeconds:0.0} s.");
        await Task.Delay(Timeout.Infinite, stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
    catch (OperationCanceledException) when (stop.IsCancellationRequested)
    {
        // Told to stop while starting.
    }
    finally
    {
        Console.WriteLine("Stopping.");
        await end();
    }
}

void Stop(System.Runtime.InteropServices.PosixSignalContext signal)
{
    signal.Cancel = true;
    stop.Cancel();
}
