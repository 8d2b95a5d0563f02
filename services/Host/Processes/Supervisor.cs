using ComputeExchange.Client;
using ComputeExchange.Hosting;
using ComputeExchange.Hosting.Postgres;
using ComputeExchange.Hosting.Rabbit;

namespace ComputeExchange.Host.Processes;

/// <summary>The exchange on one machine with every service a process of its own and RabbitMQ between them.</summary>
/// <remarks>Whatever dies is started again. When this process is gone, all of them end.</remarks>
internal sealed class Supervisor : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(5);

    private readonly StartOptions _options;
    private readonly ILogger _log;
    private readonly PrivateRabbit _rabbit;
    private readonly List<(ServiceProgram Program, Child Child)> _services = [];
    private readonly CancellationTokenSource _stopping = new();
    private readonly List<Task> _keeping = [];

    /// <summary>Nothing is started yet; the secrets that the services read are in place.</summary>
    public Supervisor(StartOptions options, DataFolder folder, PrivatePostgres postgres, ILoggerFactory logs)
    {
        _options = options;
        _log = logs.CreateLogger<Supervisor>();
        _rabbit = new PrivateRabbit(Path.Combine(options.DataFolder, "rabbitmq"));
        postgres.EndWithOwner();

        var addresses = AddressesOf(options);
        var settings = new Dictionary<string, string>
        {
            ["DatabaseFile"] = folder.Secret("database", postgres.ConnectionString("exchange")),
            ["RabbitMqFile"] = folder.Secret("rabbitmq", _rabbit.Address.ToString()),
            ["ServiceKeyFile"] = folder.ServiceKeyFile(),
            ["Address"] = addresses.Default.ToString(),
            ["Clock"] = options.Simulated ? "simulated" : "live",
            ["Telemetry"] = options.Telemetry?.ToString() ?? "",
        };
        foreach (var service in addresses.ByService!.Keys) settings[$"Addresses__{service}"] = addresses.Written(service);
        var logFolder = Directory.CreateDirectory(Path.Combine(options.DataFolder, "logs")).FullName;
        foreach (var program in options.Programs)
        {
            var own = new Dictionary<string, string>(settings) { ["Listen"] = program.Address(options.Port).ToString() };
            if (program.Service == ServiceNames.Participants) own["FirstOperatorKeyFile"] = folder.OperatorKeyFile(options.Simulated);
            if (program.Service == ServiceNames.Settlement) own["Rail"] = options.Rail;
            if (program.Service == ServiceNames.ProviderRegistry)
            {
                own["AgentListen"] = options.AgentListen.ToString();
                own["AgentCertificateFile"] = folder.AgentCertificateFile();
                own["AgentAddress"] = options.AgentAddress?.ToString() ?? "";
                own["DeclaredNodes"] = Environment.GetEnvironmentVariable("Exchange__DeclaredNodes") ?? "";
            }
            if (program.Service == ServiceNames.Web)
            {
                // The console keeps nothing: it is not given what it could keep it with.
                own.Remove("DatabaseFile");
                own.Remove("RabbitMqFile");
                if (options.Simulated) own["DemoKeys"] = folder.Keys;
            }
            _services.Add((program, new Child(program, logFolder, own)));
        }
    }

    /// <summary>Where the services are; whoever asks for none by name means the order book.</summary>
    public static ExchangeAddresses AddressesOf(StartOptions options)
    {
        var first = ServiceProgram.All.ToDictionary(program => program.Service, program => program.Address(options.Port));
        var addresses = new ExchangeAddresses(first[ServiceNames.OrderBook], first);
        return options.Standby
            ? addresses with { Standbys = new Dictionary<string, IReadOnlyList<Uri>> { [ServiceNames.MatchingEngine] = [ServiceProgram.Standby.Address(options.Port)] } }
            : addresses;
    }

    /// <summary>Starts RabbitMQ, then every service; returns when all are healthy.</summary>
    /// <exception cref="ProcessesException">One of them is not after five minutes; the message says which, and where it says why.</exception>
    /// <exception cref="RabbitUnavailableException">RabbitMQ is missing or does not start.</exception>
    public async Task Start(CancellationToken cancel)
    {
        await _rabbit.Start(cancel);
        KeepRunning("RabbitMQ", () => _rabbit.IsRunning, token => _rabbit.Start(token));
        foreach (var (program, child) in _services)
        {
            child.Start();
            KeepRunning(program.Name, () => child.IsRunning, _ =>
            {
                child.Start();
                return Task.CompletedTask;
            });
        }

        using var late = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        late.CancelAfter(StartLimit);
        foreach (var (program, child) in _services)
        {
            try
            {
                while (!await ServiceProcess.IsHealthy(program.Address(_options.Port), late.Token)) await Task.Delay(100, late.Token);
            }
            catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
            {
                throw new ProcessesException($"{program.Name} is not healthy after {StartLimit.TotalMinutes:0} minutes; {child.LogFile} says why.");
            }
        }
    }

    /// <summary>Stops the services, those that others need last, then RabbitMQ.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await Task.WhenAll(_keeping);
        await Task.WhenAll(_services.Where(service => service.Program.Service != ServiceNames.MatchingEngine).Select(service => service.Child.Stop()));

        // The standby before the engine that it would take over from.
        foreach (var engine in _services.Where(service => service.Program.Service == ServiceNames.MatchingEngine).Reverse()) await engine.Child.Stop();
        await _rabbit.DisposeAsync();
        _stopping.Dispose();
    }

    private void KeepRunning(string name, Func<bool> runs, Func<CancellationToken, Task> start) =>
        _keeping.Add(Keep.Running(name, _ => Task.FromResult(runs()), start, _log, _stopping.Token));
}

/// <summary>The processes cannot run; the message is one sentence for the operator.</summary>
internal sealed class ProcessesException(string message) : Exception(message);
