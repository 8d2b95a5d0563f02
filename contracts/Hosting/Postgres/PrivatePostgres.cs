using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Npgsql;

namespace ComputeExchange.Hosting.Postgres;

/// <summary>A PostgreSQL server of our own, from the machine's binaries, in a folder of its own, on the loopback only.</summary>
/// <remarks>
/// PostgreSQL refuses to run as root: then its processes run as the user <c>postgres</c> (or <c>nobody</c>). The server
/// outlives a killed owner, unless it is told not to; whoever starts in the same folder finds it running and uses it.
/// </remarks>
public sealed class PrivatePostgres
{
    private const string User = "exchange";

    private readonly string _folder;
    private readonly string _binaries;
    private readonly string? _runAs;
    private readonly string[] _settings;
    private Process? _watch;

    private PrivatePostgres(string folder, string binaries, string? runAs, string[] settings)
    {
        _folder = folder;
        _binaries = binaries;
        _runAs = runAs;
        _settings = settings;
    }

    /// <summary>The port it listens on, on 127.0.0.1.</summary>
    public int Port { get; private set; }

    /// <summary>Whether it was running already when it was asked to start.</summary>
    public bool WasRunning { get; private set; }

    private string Data => Path.Combine(_folder, "data");

    private string PasswordFile => Path.Combine(_folder, "password");

    /// <summary>There while a watch would stop the server.</summary>
    private string WatchFile => Path.Combine(_folder, "watched");

    /// <summary>Finds the binaries, makes the cluster if there is none, and starts it if it does not run.</summary>
    /// <param name="folder">A folder of its own; it is made.</param>
    /// <param name="settings">Further server settings, for example <c>fsync=off</c> where data need not survive.</param>
    /// <exception cref="PostgresUnavailableException">One sentence that says what is missing or wrong.</exception>
    public static async Task<PrivatePostgres> Start(string folder, CancellationToken cancel, params string[] settings)
    {
        var server = new PrivatePostgres(Path.GetFullPath(folder), FindBinaries(), FindUnprivilegedUser(), settings);
        await server.Begin(cancel);
        return server;
    }

    /// <summary>Starts it again, on the port it had, after it died.</summary>
    /// <exception cref="PostgresUnavailableException">One sentence that says what is wrong.</exception>
    public Task StartAgain(CancellationToken cancel) => Begin(cancel);

    /// <summary>Whether somebody listens at its port.</summary>
    public async Task<bool> Answers(CancellationToken cancel)
    {
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync(IPAddress.Loopback, Port, cancel);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <summary>From now on it does not outlive this process: a watch, whose input ends with this process, stops it then.</summary>
    public void EndWithOwner()
    {
        File.WriteAllText(WatchFile, "");
        var stop = $"cat >/dev/null; '{Path.Combine(_binaries, "pg_ctl")}' -D '{Data}' -m fast -w -t 30 stop >/dev/null 2>&1; rm -f '{WatchFile}'";
        var (program, arguments) = AsUser("/bin/sh", ["-c", stop]);
        _watch = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, WorkingDirectory = _folder });
    }

    /// <summary>How to connect to one of its databases.</summary>
    public string ConnectionString(string database) => new NpgsqlConnectionStringBuilder
    {
        Host = "127.0.0.1",
        Port = Port,
        Username = User,
        Password = File.ReadAllText(PasswordFile).Trim(),
        Database = database,
        IncludeErrorDetail = false,
        KeepAlive = 15,
    }.ConnectionString;

    /// <summary>Makes a database if it is not there.</summary>
    public async Task CreateDatabase(string name, CancellationToken cancel)
    {
        await using var source = NpgsqlDataSource.Create(ConnectionString("postgres"));
        await using var exists = source.CreateCommand("SELECT 1 FROM pg_database WHERE datname = $1");
        exists.Parameters.Add(new NpgsqlParameter { Value = name });
        if (await exists.ExecuteScalarAsync(cancel) is not null) return;
        await using var create = source.CreateCommand($"CREATE DATABASE \"{name}\"");
        await create.ExecuteNonQueryAsync(cancel);
    }

    /// <summary>Stops it: <c>fast</c> ends connections and writes everything down, <c>immediate</c> is a crash.</summary>
    public async Task Stop(string mode = "fast")
    {
        if (_watch is not null)
        {
            _watch.Kill(entireProcessTree: true);
            _watch.Dispose();
            _watch = null;
            File.Delete(WatchFile);
        }
        await Run("pg_ctl", ["-D", Data, "-m", mode, "-w", "-t", "30", "stop"], CancellationToken.None);
    }

    private async Task Begin(CancellationToken cancel)
    {
        Directory.CreateDirectory(_folder);
        if (_runAs is not null) await Chown();
        if (!File.Exists(Path.Combine(Data, "PG_VERSION"))) await Initialise(cancel);

        // The watch of an owner that was killed is stopping it: what goes down is not taken over.
        for (var i = 0; _watch is null && File.Exists(WatchFile) && i < 100 && await Runs(cancel); i++) await Task.Delay(100, cancel);
        if (await Runs(cancel))
        {
            var lines = await File.ReadAllLinesAsync(Path.Combine(Data, "postmaster.pid"), cancel);
            Port = int.Parse(lines[3], System.Globalization.CultureInfo.InvariantCulture);
            WasRunning = true;
            return;
        }

        if (Port == 0) Port = FreePorts.Find();
        var options = string.Join(' ', ((string[])
        [
            $"port={Port}", "listen_addresses=127.0.0.1", $"unix_socket_directories={_folder}", "max_connections=300",
            "shared_buffers=64MB", "max_wal_size=512MB", "log_min_messages=warning", "wal_compression=on", .. _settings,
        ]).Select(setting => $"-c {setting}"));
        var log = Path.Combine(_folder, "postgres.log");
        var started = await Run("pg_ctl", ["-D", Data, "-l", log, "-o", options, "-w", "-t", "60", "start"], cancel);
        if (started.ExitCode == 0) return;

        var tail = File.Exists(log) ? string.Join(' ', (await File.ReadAllLinesAsync(log, cancel)).TakeLast(3)) : started.Output;
        throw new PostgresUnavailableException(
            tail.Contains("No space left", StringComparison.Ordinal)
                ? $"The disk that holds {_folder} is full: free some space and start again."
                : $"PostgreSQL did not start in {_folder}: {tail}");
    }

    private async Task Initialise(CancellationToken cancel)
    {
        if (!File.Exists(PasswordFile))
        {
            await File.WriteAllTextAsync(PasswordFile, Convert.ToHexString(RandomNumberGenerator.GetBytes(24)) + "\n", cancel);
            File.SetUnixFileMode(PasswordFile, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            if (_runAs is not null) await Chown();
        }
        var made = await Run("initdb",
            ["-D", Data, "-U", User, "--auth=scram-sha-256", $"--pwfile={PasswordFile}", "-E", "UTF8", "--locale=C"], cancel);
        if (made.ExitCode == 0) return;
        throw new PostgresUnavailableException(
            made.Output.Contains("No space left", StringComparison.Ordinal)
                ? $"The disk that holds {_folder} is full: free some space and start again."
                : $"initdb failed in {_folder}: {made.Output.Trim().Split('\n')[^1]}");
    }

    private async Task<bool> Runs(CancellationToken cancel) => (await Run("pg_ctl", ["-D", Data, "status"], cancel)).ExitCode == 0;

    private async Task Chown() => await Execute("chown", ["-R", $"{_runAs}:", _folder], CancellationToken.None);

    private Task<(int ExitCode, string Output)> Run(string binary, string[] arguments, CancellationToken cancel)
    {
        var (program, given) = AsUser(Path.Combine(_binaries, binary), arguments);
        return Execute(program, given, cancel);
    }

    private (string Program, string[] Arguments) AsUser(string program, string[] arguments) => _runAs is null
        ? (program, arguments)
        : ("setpriv", ["--reuid", _runAs, "--regid", _runAs, "--clear-groups", program, .. arguments]);

    private async Task<(int ExitCode, string Output)> Execute(string program, string[] arguments, CancellationToken cancel)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = _folder,
        };
        using var process = Process.Start(start) ?? throw new PostgresUnavailableException($"{program} cannot be started.");

        // pg_ctl start leaves the server holding our pipes: what it prints is read only until it exits.
        var output = new System.Text.StringBuilder();
        process.OutputDataReceived += (_, line) => { lock (output) output.AppendLine(line.Data); };
        process.ErrorDataReceived += (_, line) => { lock (output) output.AppendLine(line.Data); };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        while (!process.HasExited) await Task.Delay(20, cancel);
        lock (output) return (process.ExitCode, output.ToString());
    }

    private static string FindBinaries()
    {
        string[] roots = ["/usr/lib/postgresql", "/opt/homebrew/opt", "/usr/local/opt", "/usr/pgsql"];
        var found = roots.Where(Directory.Exists)
            .SelectMany(Directory.GetDirectories)
            .Select(folder => Path.Combine(folder, "bin"))
            .Where(bin => File.Exists(Path.Combine(bin, "initdb")) && File.Exists(Path.Combine(bin, "pg_ctl")))
            .OrderByDescending(bin => bin, StringComparer.Ordinal)
            .FirstOrDefault();
        found ??= (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')
            .FirstOrDefault(folder => File.Exists(Path.Combine(folder, "initdb")) && File.Exists(Path.Combine(folder, "pg_ctl")));
        return found ?? throw new PostgresUnavailableException(
            "PostgreSQL's server binaries (initdb, pg_ctl) are not on this machine: install them, on Debian or Ubuntu with: apt-get install postgresql");
    }

    private static string? FindUnprivilegedUser()
    {
        if (Environment.UserName != "root") return null;
        var users = File.ReadLines("/etc/passwd").Select(line => line.Split(':')[0]).ToHashSet();
        return users.Contains("postgres") ? "postgres"
            : users.Contains("nobody") ? "nobody"
            : throw new PostgresUnavailableException("PostgreSQL refuses to run as root and there is no user postgres or nobody to run it as.");
    }
}

/// <summary>PostgreSQL cannot be had; the message is one sentence for the operator.</summary>
public sealed class PostgresUnavailableException(string message) : Exception(message);
