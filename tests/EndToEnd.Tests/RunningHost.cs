using ComputeExchange.Client;
using ComputeExchange.Hosting.Postgres;

namespace ComputeExchange.EndToEnd.Tests;

/// <summary>A Host in a data folder of its own, started, killed and started again as real processes.</summary>
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

    public ExchangeAddresses Addresses => new(new Uri($"http://127.0.0.1:{Port}"));

    public string OperatorKey => File.ReadAllText(Path.Combine(Folder, "keys", "operator")).Trim();

    public static async Task<RunningHost> Start(string clock = "simulated")
    {
        var host = new RunningHost(Directory.CreateTempSubdirectory("cx-host-").FullName, Checkout.FreePorts());

        // PostgreSQL runs as another user there, and must be able to reach its folder.
        File.SetUnixFileMode(host.Folder, (UnixFileMode)0b111_101_101);
        await host.StartAgain(clock);
        return host;
    }

    public RunningProgram Launch(string clock, int? port = null) => Checkout.Start(
        Checkout.Program("Host", "ComputeExchange.Host"),
        ["--data", Folder, "--port", (port ?? Port).ToString(System.Globalization.CultureInfo.InvariantCulture), "--clock", clock]);

    public async Task StartAgain(string clock = "simulated")
    {
        _program = Launch(clock);
        var started = TimeProvider.System.GetTimestamp();
        while (!_program.Printed.Contains("listens on", StringComparison.Ordinal))
        {
            if (_program.HasExited || TimeProvider.System.GetElapsedTime(started) > TimeSpan.FromSeconds(90))
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

    public string Printed => _program!.Printed;

    public ExchangeClient Client(string key) => new(Addresses, key);

    public async ValueTask DisposeAsync()
    {
        if (_program is { HasExited: false }) await _program.KillHard();
        _program?.Dispose();

        // A killed Host leaves its PostgreSQL running, as it should; the test does not.
        var postgres = await PrivatePostgres.Start(Path.Combine(Folder, "postgres"), CancellationToken.None);
        await postgres.Stop("immediate");
        Directory.Delete(Folder, recursive: true);
    }
}
