using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Xunit;

namespace ComputeExchange.Testing;

/// <summary>
/// A real RabbitMQ of a test class's own, from the machine's binaries, on the loopback, in a temporary folder, with its
/// own ports. It can be killed and started again, empty if wished, at the same address.
/// </summary>
/// <remarks>
/// Use it as a class fixture, or begin it by hand with <see cref="Begin"/> to see a broker come late. It dies with the
/// process that started it, however that ends.
/// </remarks>
public sealed class RabbitServer : IAsyncLifetime
{
    /// <summary>How long a start may take; 7 to 11 seconds on an idle machine with two cores.</summary>
    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(3);

    private static int _servers;

    private readonly string _folder = Path.Combine(
        Path.GetTempPath(), $"cx-rabbit-{Environment.ProcessId}-{Interlocked.Increment(ref _servers)}");

    private readonly int _port = FreePort();
    private readonly int _innerPort = FreePort();
    private readonly int _mapperPort = FreePort();
    private Process? _mapper;
    private Process? _server;

    /// <summary>Where it listens, or will: <c>rabbitmq://guest:guest@127.0.0.1:port/</c>.</summary>
    public Uri Address => new($"rabbitmq://guest:guest@127.0.0.1:{_port}/");

    /// <inheritdoc />
    public async ValueTask InitializeAsync() => await Start();

    /// <summary>Starts it and returns when it answers.</summary>
    /// <exception cref="InvalidOperationException">One sentence that says what is missing or wrong.</exception>
    public async Task Start()
    {
        Begin();
        await Ready();
    }

    /// <summary>Returns when it answers, after <see cref="Begin"/>.</summary>
    /// <exception cref="InvalidOperationException">One sentence that says what is wrong.</exception>
    public async Task Ready()
    {
        var started = Stopwatch.GetTimestamp();
        while (!await Answers())
        {
            if (_server!.HasExited || Stopwatch.GetElapsedTime(started) > StartLimit)
                throw new InvalidOperationException($"RabbitMQ did not start in {_folder}: {LastWords()}");
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Begins to start it, and returns at once.</summary>
    /// <exception cref="InvalidOperationException">One sentence that says what is missing.</exception>
    public void Begin()
    {
        var program = FindServer();
        Directory.CreateDirectory(_folder);
        File.WriteAllText(Path.Combine(_folder, "plugins"), "[].");

        // Both read their standard input, which ends with this process: so they never outlive it.
        _mapper ??= Launch("/bin/sh", ["-c", "epmd & read line; kill $!"]);
        _server = Launch(program, []);
    }

    /// <summary>Kills it as kill -9 does: what it had not written down is lost.</summary>
    public async Task Kill()
    {
        if (_server is null) return;
        _server.Kill(entireProcessTree: true);
        await _server.WaitForExitAsync(CancellationToken.None);
        _server.Dispose();
        _server = null;
    }

    /// <summary>Makes it forget everything: queues, exchanges, messages. It must not be running.</summary>
    public void Forget()
    {
        var memory = Path.Combine(_folder, "mnesia");
        if (Directory.Exists(memory)) Directory.Delete(memory, recursive: true);
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await Kill();
        if (_mapper is not null)
        {
            _mapper.Kill(entireProcessTree: true);
            await _mapper.WaitForExitAsync(CancellationToken.None);
            _mapper.Dispose();
        }
        if (Directory.Exists(_folder)) Directory.Delete(_folder, recursive: true);
    }

    private Process Launch(string program, string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = _folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
        var environment = start.Environment;
        foreach (var inherited in environment.Keys.Where(name => name.StartsWith("RABBITMQ_", StringComparison.Ordinal)).ToList())
            environment.Remove(inherited);
        environment["HOME"] = _folder;
        environment["ERL_EPMD_ADDRESS"] = "127.0.0.1";
        environment["ERL_EPMD_PORT"] = Text(_mapperPort);
        environment["RABBITMQ_NODENAME"] = "cx@localhost";
        environment["RABBITMQ_NODE_IP_ADDRESS"] = "127.0.0.1";
        environment["RABBITMQ_NODE_PORT"] = Text(_port);
        environment["RABBITMQ_DIST_PORT"] = Text(_innerPort);
        environment["RABBITMQ_MNESIA_BASE"] = Path.Combine(_folder, "mnesia");
        environment["RABBITMQ_LOG_BASE"] = Path.Combine(_folder, "log");
        environment["RABBITMQ_ENABLED_PLUGINS_FILE"] = Path.Combine(_folder, "plugins");
        environment["RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS"] = "-kernel inet_dist_use_interface {127,0,0,1}";
        environment["RABBITMQ_ALLOW_INPUT"] = "1";

        var process = Process.Start(start) ?? throw new InvalidOperationException($"{program} cannot be started.");
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    /// <summary>Whether it greets a client that speaks its protocol.</summary>
    private async Task<bool> Answers()
    {
        try
        {
            using var client = new TcpClient();
            using var atMost = new CancellationTokenSource(TimeSpan.FromSeconds(2));
            await client.ConnectAsync(IPAddress.Loopback, _port, atMost.Token);
            await client.GetStream().WriteAsync("AMQP\0\0\u0009\u0001"u8.ToArray(), atMost.Token);
            return await client.GetStream().ReadAsync(new byte[7], atMost.Token) > 0;
        }
        catch (Exception notYet) when (notYet is SocketException or IOException or OperationCanceledException)
        {
            return false;
        }
    }

    private string LastWords()
    {
        var log = Path.Combine(_folder, "log", "cx@localhost.log");
        return File.Exists(log) ? string.Join(' ', File.ReadLines(log).TakeLast(5)) : "it wrote no log";
    }

    private static string FindServer()
    {
        // Debian's program in sbin would change the user; the one in lib is the server itself.
        string[] known =
        [
            "/usr/lib/rabbitmq/bin/rabbitmq-server", "/opt/homebrew/opt/rabbitmq/sbin/rabbitmq-server", "/usr/local/opt/rabbitmq/sbin/rabbitmq-server",
        ];
        var paths = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Select(folder => Path.Combine(folder, "rabbitmq-server"));
        return known.Concat(paths).FirstOrDefault(File.Exists) ?? throw new InvalidOperationException(
            "RabbitMQ's server (rabbitmq-server) is not on this machine: install it, on Debian or Ubuntu with: apt-get install rabbitmq-server");
    }

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
