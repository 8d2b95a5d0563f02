using System.Globalization;
using ComputeExchange.Client;
using ComputeExchange.Hosting.Postgres;
using ComputeExchange.Testing;

namespace ComputeExchange.EndToEnd.Tests;

/// <summary>The exchange as it runs on many machines: every service a process of its own, RabbitMQ between them.</summary>
internal sealed class RunningProcesses : IAsyncDisposable
{
    private static readonly (string Service, string Project)[] Services =
    [
        (ServiceNames.MatchingEngine, "MatchingEngine"), (ServiceNames.Participants, "Participants"), (ServiceNames.Settlement, "Settlement"),
        (ServiceNames.ProviderRegistry, "ProviderRegistry"), (ServiceNames.OrderBook, "OrderBook"), (ServiceNames.Pricing, "Pricing"),
        (ServiceNames.Auctioneer, "Auctioneer"),
    ];

    private readonly string _folder = Directory.CreateTempSubdirectory("cx-processes-").FullName;
    private readonly Dictionary<string, int> _ports = Services.ToDictionary(s => s.Service, _ => Checkout.FreePorts());
    private readonly Dictionary<string, RunningProgram> _programs = [];
    private PrivatePostgres? _postgres;

    public RabbitServer Rabbit { get; } = new();

    public string OperatorKey { get; } = "gpx_sim_0123456789abcdef_" + new string('7', 64);

    public ExchangeAddresses Addresses => new(
        Address(ServiceNames.OrderBook), _ports.Keys.ToDictionary(service => service, Address));

    public static IEnumerable<string> Names => Services.Select(s => s.Service);

    public async Task Start()
    {
        File.SetUnixFileMode(_folder, (UnixFileMode)0b111_101_101);
        await Rabbit.Start();
        _postgres = await PrivatePostgres.Start(Path.Combine(_folder, "postgres"), CancellationToken.None);
        await _postgres.CreateDatabase("exchange", CancellationToken.None);
        foreach (var (service, _) in Services) StartService(service);
    }

    public void StartService(string service)
    {
        var project = Services.Single(s => s.Service == service).Project;
        var environment = new Dictionary<string, string>
        {
            ["Exchange__Database"] = _postgres!.ConnectionString("exchange"),
            ["Exchange__Listen"] = Address(service).ToString(),
            ["Exchange__ServiceKey"] = Convert.ToBase64String(new byte[32]),
            ["Exchange__RabbitMq"] = Rabbit.Address.ToString(),
            ["Exchange__Clock"] = "simulated",
            ["Exchange__FirstOperatorKey"] = OperatorKey,
        };
        foreach (var other in _ports.Keys) environment[$"Exchange__Addresses__{other}"] = Address(other).ToString();
        _programs[service] = Checkout.Start(Checkout.Program(project, $"ComputeExchange.{project}"), [], environment);
    }

    public async Task KillHard(string service)
    {
        await _programs[service].KillHard();
        _programs[service].Dispose();
    }

    public string Printed => string.Concat(_programs.Select(program => $"== {program.Key}\n{program.Value.Printed}"));

    public async ValueTask DisposeAsync()
    {
        foreach (var program in _programs.Values)
        {
            if (!program.HasExited) await program.KillHard();
            program.Dispose();
        }
        if (_postgres is not null) await _postgres.Stop("immediate");
        await Rabbit.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private Uri Address(string service) => new($"http://127.0.0.1:{_ports[service].ToString(CultureInfo.InvariantCulture)}");
}
