using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace ComputeExchange.Hosting.Rabbit;

/// <summary>A RabbitMQ of our own, from the machine's binaries, in a folder of its own, on the loopback only, with a password of its own.</summary>
/// <remarks>
/// It dies with the process that started it, however that ends: it reads its standard input, which ends with its owner.
/// It can be killed and begun again, empty if wished, at the same address. The two ports after its own are its too.
/// </remarks>
public sealed class PrivateRabbit(string folder) : IAsyncDisposable
{
    private const string User = "exchange";

    /// <summary>How long a start may take; 7 to 11 seconds on an idle machine with two cores.</summary>
    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(5);

    private readonly string _folder = Path.GetFullPath(folder);
    private readonly int _port = FreePorts.Find(3);
    private Process? _mapper;
    private Process? _server;

    /// <summary>Where it listens, or will: <c>rabbitmq://exchange:password@127.0.0.1:port/</c>.</summary>
    public Uri Address => new($"rabbitmq://{User}:{Password()}@127.0.0.1:{_port}/");

    /// <summary>Whether its process lives.</summary>
    public bool IsRunning => _server is { HasExited: false };

    /// <summary>Starts it and returns when it answers.</summary>
    /// <exception cref="RabbitUnavailableException">One sentence that says what is missing or wrong.</exception>
    public async Task Start(CancellationToken cancel)
    {
        Begin();
        await Ready(cancel);
    }

    /// <summary>Begins to start it, and returns at once.</summary>
    /// <exception cref="RabbitUnavailableException">One sentence that says what is missing.</exception>
    public void Begin()
    {
        var program = FindServer();
        Directory.CreateDirectory(_folder);
        File.WriteAllText(Path.Combine(_folder, "plugins"), "[].");
        File.WriteAllText(Path.Combine(_folder, "environment"), "");
        WriteSecret("rabbit.config", $"[{{rabbit,[{{default_user,<<\"{User}\">>}},{{default_pass,<<\"{Password()}\">>}}]}}].\n");

        // The mapper of Erlang's ports is its own too, and ends with its owner as the server does.
        End(ref _server);
        End(ref _mapper);
        _mapper = Launch("/bin/sh", ["-c", "epmd & read line; kill $!"]);
        _server = Launch(program, []);
    }

    /// <summary>Returns when it answers, after <see cref="Begin"/>.</summary>
    /// <exception cref="RabbitUnavailableException">One sentence that says what is wrong.</exception>
    public async Task Ready(CancellationToken cancel)
    {
        var started = Stopwatch.GetTimestamp();
        while (!await Answers())
        {
            if (!IsRunning || Stopwatch.GetElapsedTime(started) > StartLimit)
                throw new RabbitUnavailableException($"RabbitMQ did not start in {_folder}: {LastWords()}");
            await Task.Delay(100, cancel);
        }
    }

    /// <summary>Lets it end by itself, and kills it if it does not within ten seconds.</summary>
    public async Task Stop()
    {
        using var atMost = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        try
        {
            _server?.StandardInput.Close();
            if (_server is not null) await _server.WaitForExitAsync(atMost.Token);
        }
        catch (Exception late) when (late is OperationCanceledException or IOException)
        {
            // It has had its time.
        }
        Kill();
        End(ref _mapper);
    }

    /// <summary>Kills it as kill -9 does: what it had not written down is lost.</summary>
    public void Kill() => End(ref _server);

    /// <summary>Makes it forget everything: queues, exchanges, messages. It must not be running.</summary>
    public void Forget()
    {
        var memory = Path.Combine(_folder, "mnesia");
        if (Directory.Exists(memory)) Directory.Delete(memory, recursive: true);
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync() => await Stop();

    private static void End(ref Process? process)
    {
        if (process is null) return;
        process.Kill(entireProcessTree: true);
        process.WaitForExit();
        process.Dispose();
        process = null;
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
        environment["ERL_EPMD_PORT"] = Text(_port + 1);
        environment["RABBITMQ_NODENAME"] = "cx@localhost";
        environment["RABBITMQ_NODE_IP_ADDRESS"] = "127.0.0.1";
        environment["RABBITMQ_NODE_PORT"] = Text(_port);
        environment["RABBITMQ_DIST_PORT"] = Text(_port + 2);
        environment["RABBITMQ_MNESIA_BASE"] = Path.Combine(_folder, "mnesia");
        environment["RABBITMQ_LOG_BASE"] = Path.Combine(_folder, "log");
        environment["RABBITMQ_ENABLED_PLUGINS_FILE"] = Path.Combine(_folder, "plugins");
        environment["RABBITMQ_CONF_ENV_FILE"] = Path.Combine(_folder, "environment");
        environment["RABBITMQ_CONFIG_FILE"] = Path.Combine(_folder, "none");
        environment["RABBITMQ_ADVANCED_CONFIG_FILE"] = Path.Combine(_folder, "rabbit.config");
        environment["RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS"] = "-kernel inet_dist_use_interface {127,0,0,1}";
        environment["RABBITMQ_ALLOW_INPUT"] = "1";

        var process = Process.Start(start) ?? throw new RabbitUnavailableException($"{program} cannot be started.");
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

    /// <summary>Made once and kept beside the data, which know their user by it.</summary>
    private string Password()
    {
        var file = Path.Combine(_folder, "password");
        if (!File.Exists(file))
        {
            Directory.CreateDirectory(_folder);
            WriteSecret("password", Convert.ToHexString(RandomNumberGenerator.GetBytes(24)) + "\n");
        }
        return File.ReadAllText(file).Trim();
    }

    private void WriteSecret(string name, string text)
    {
        var path = Path.Combine(_folder, name);
        var aside = path + ".new";
        using (var file = new FileStream(aside, new FileStreamOptions
        {
            Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        }))
            file.Write(System.Text.Encoding.UTF8.GetBytes(text));
        File.Move(aside, path, overwrite: true);
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
        return known.Concat(paths).FirstOrDefault(File.Exists) ?? throw new RabbitUnavailableException(
            "RabbitMQ's server (rabbitmq-server) is not on this machine: install it, on Debian or Ubuntu with: apt-get install rabbitmq-server");
    }
}

/// <summary>RabbitMQ cannot be had; the message is one sentence for the operator.</summary>
public sealed class RabbitUnavailableException(string message) : Exception(message);
