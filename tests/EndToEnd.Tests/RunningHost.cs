using System.Globalization;
using ComputeExchange.Client;
using ComputeExchange.Hosting.Postgres;

namespace ComputeExchange.EndToEnd.Tests;

/// <summary>A Host in a data folder of its own, in one process or with a process for each service, started, killed and started again.</summary>
internal sealed class RunningHost : IAsyncDisposable
{
    private RunningProgram? _program;

    private RunningHost(string folder, int port)
    {
        Folder = folder;
        Port = port;
    }

    public string Folder { get; }

    public int Port { get; }

    /// <summary>Where the services are, as Host itself has written down.</summary>
    public ExchangeAddresses Addresses => ExchangeAddresses.Parse(
        new Uri($"http://127.0.0.1:{Port}"),
        File.ReadLines(Path.Combine(Folder, "addresses")).Select(line => line.Split('=', 2)).Select(parts => KeyValuePair.Create(parts[0], parts[1])));

    public string OperatorKey => File.ReadAllText(Path.Combine(Folder, "keys", "operator")).Trim();

    public string Printed => _program!.Printed;

    /// <summary>Host and every process that it has brought up, PostgreSQL included.</summary>
    public IReadOnlyList<RunningProcess> Processes => RunningProcess.TreeOf([_program!.Id, .. Postmaster()]);

    /// <summary>Whether a second engine runs beside the first.</summary>
    private bool Standby { get; init; }

    /// <summary>How many auctioneers share the runs.</summary>
    private int Auctioneers { get; init; } = 1;

    public static async Task<RunningHost> Start(string clock = "simulated", bool processes = false, bool standby = false, int auctioneers = 1)
    {
        var host = new RunningHost(Directory.CreateTempSubdirectory("cx-host-").FullName, Checkout.FreePorts(processes ? 9 + auctioneers : 2)) { Standby = standby, Auctioneers = auctioneers };

        // PostgreSQL runs as another user there, and must be able to reach its folder.
        File.SetUnixFileMode(host.Folder, (UnixFileMode)0b111_101_101);
        try
        {
            await host.StartAgain(clock, processes);
        }
        catch (Exception)
        {
            await host.DisposeAsync();
            throw;
        }
        return host;
    }

    public RunningProgram Launch(string clock, int? port = null, bool processes = false) => Checkout.Start(
        Checkout.Program("Host", "ComputeExchange.Host"),
        ["--data", Folder, "--port", (port ?? Port).ToString(CultureInfo.InvariantCulture), "--clock", clock, .. processes ? (string[])["--processes"] : [], .. Standby ? (string[])["--standby"] : [], .. Auctioneers > 1 ? (string[])["--auctioneers", Auctioneers.ToString(CultureInfo.InvariantCulture)] : []]);

    public async Task StartAgain(string clock = "simulated", bool processes = false)
    {
        _program?.Dispose();
        _program = Launch(clock, processes: processes);
        var started = TimeProvider.System.GetTimestamp();
        while (!_program.Printed.Contains("listens on", StringComparison.Ordinal))
        {
            if (_program.HasExited || TimeProvider.System.GetElapsedTime(started) > (processes ? TimeSpan.FromMinutes(6) : TimeSpan.FromSeconds(90)))
                throw new InvalidOperationException($"The exchange did not start. It printed:\n{_program.Printed}");
            await Task.Delay(50);
        }
    }

    public Task KillHard() => _program!.KillHard();

    public async Task<(int ExitCode, string Printed)> Stop()
    {
        var code = await _program!.Interrupt(TimeSpan.FromSeconds(40));
        return (code, _program.Printed);
    }

    public ExchangeClient Client(string key) => new(Addresses, key);

    /// <summary>What the services have printed, where each is a process of its own.</summary>
    public string Logs()
    {
        var folder = Path.Combine(Folder, "logs");
        return !Directory.Exists(folder) ? "" : string.Concat(Directory.GetFiles(folder).Order().Select(file => $"== {file}\n{File.ReadAllText(file)}"));
    }

    public async ValueTask DisposeAsync()
    {
        if (_program is { HasExited: false })
        {
            var all = Processes;
            await _program.KillHard();

            // In one process PostgreSQL lives on, as it should; the test does not let it.
            for (var i = 0; i < 300 && all.Any(process => !process.Command.Contains("postgres", StringComparison.Ordinal) && process.Lives); i++) await Task.Delay(50);
        }
        _program?.Dispose();
        var postgres = await PrivatePostgres.Start(Path.Combine(Folder, "postgres"), CancellationToken.None);
        await postgres.Stop("immediate");
        Directory.Delete(Folder, recursive: true);
    }

    /// <summary>PostgreSQL is nobody's child; its first process says in a file which it is.</summary>
    private int[] Postmaster()
    {
        var file = Path.Combine(Folder, "postgres", "data", "postmaster.pid");
        return File.Exists(file) && int.TryParse(File.ReadLines(file).FirstOrDefault(), NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? [id] : [];
    }
}
