using System.Diagnostics;
using ComputeExchange.Auctioneer;
using ComputeExchange.Client;
using ComputeExchange.Facts.Transport;
using ComputeExchange.Host;
using ComputeExchange.Hosting;
using ComputeExchange.Hosting.Postgres;
using ComputeExchange.MatchingEngine;
using ComputeExchange.OrderBook;
using ComputeExchange.Participants;
using ComputeExchange.Pricing;
using ComputeExchange.ProviderRegistry;
using ComputeExchange.Settlement;

StartOptions options;
try
{
    if (args is ["--help"] or ["-h"])
    {
        Console.WriteLine(StartOptions.Usage);
        return 0;
    }
    options = StartOptions.From(args);
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
        postgres = await PrivatePostgres.Start(Path.Combine(options.DataFolder, "postgres"), stop.Token);
        await postgres.CreateDatabase("exchange", stop.Token);
    }
    catch (PostgresUnavailableException unavailable)
    {
        await Console.Error.WriteLineAsync(unavailable.Message);
        return 1;
    }

    using var logs = LoggerFactory.Create(logging => ExchangeService.Logging(logging, "host"));
    await using (var bus = await MassTransitBus.InMemory(logs, stop.Token))
    {
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
        };
        var rooms = new Rooms(service)
            .Add(ServiceNames.MatchingEngine, MatchingEngineModule.Build)
            .Add(ServiceNames.Participants, ParticipantsModule.Build)
            .Add(ServiceNames.Settlement, SettlementModule.Build)
            .Add(ServiceNames.ProviderRegistry, ProviderRegistryModule.Build)
            .Add(ServiceNames.OrderBook, OrderBookModule.Build)
            .Add(ServiceNames.Pricing, PricingModule.Build)
            .Add(ServiceNames.Auctioneer, AuctioneerModule.Build);
        try
        {
            await rooms.Start(options, stop.Token);
            folder.WriteAddress(address);
            Console.WriteLine(
                $"Compute Exchange listens on {address} ({(options.Simulated ? "simulated" : "live")} clock), healthy after {Stopwatch.GetElapsedTime(started).TotalSeconds:0.0} s.");
            await Task.Delay(Timeout.Infinite, stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Told to stop while starting.
        }
        Console.WriteLine("Stopping.");
        await rooms.Stop();
    }
    await postgres.Stop();
    Console.WriteLine("Stopped. Everything is kept.");
}
return 0;

void Stop(System.Runtime.InteropServices.PosixSignalContext signal)
{
    signal.Cancel = true;
    stop.Cancel();
}
