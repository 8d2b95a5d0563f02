using System.Globalization;
using System.Net;
using System.Net.Sockets;
using ComputeExchange.Host.Processes;

namespace ComputeExchange.Host;

/// <summary>How the whole exchange is started on one machine.</summary>
internal sealed record StartOptions(string DataFolder, int Port, bool Simulated, int Speed, Uri? Telemetry, bool Processes, bool Standby, int Auctioneers, string Rail, string AgentHost, Uri? AgentAddress)
{
    private const int MostAuctioneers = 8;
    private const long LeastFreeBytes = 300L * 1024 * 1024;

    public const string Usage = """
        The whole exchange on this machine, with a private PostgreSQL: in one process, or each service in its own.
          --data FOLDER       where its data live            (default .data)
          --port N            where it listens, gRPC         (default 5080; N+1 is the console over HTTP/1.1)
          --processes         each service a process of its own, at N to N+7, and a private RabbitMQ between them
          --standby           with --processes: a second matching engine at N+8 that takes over when the first one dies
          --auctioneers N     with --processes: so many auctioneers share the runs, the further ones at N+9 and up (default 1, at most 8)
          --clock live|simulated                             (default live)
          --speed N           simulated seconds in a second  (default 0: the clock stands until it is moved)
          --rail manual|csv|test                             how money leaves: by hand, by bank files, or, on a simulated clock, by a bank that misbehaves (default manual)
          --agents ADDRESS    the address to listen on for agents of providers' hosts, over TLS at N+20 (default 127.0.0.1; 0.0.0.0 for all)
          --agents-at URL     where agents reach it, as it is told to providers (default where it listens)
          --telemetry ADDRESS an OTLP collector              (default none)
        """;

    /// <summary>The port of plain HTTP.</summary>
    public int HttpPort => Port + 1;

    /// <summary>Further settings of the private PostgreSQL, from <c>Exchange__PostgresSettings</c>: <c>fsync=off</c> for an exchange whose data need not survive the machine's own crash.</summary>
    public static string[] PostgresSettings =>
        (Environment.GetEnvironmentVariable("Exchange__PostgresSettings") ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    /// <summary>Where agents are listened to.</summary>
    public Uri AgentListen => new($"https://{AgentHost}:{Port + 20}");

    /// <summary>What runs where each service is a process of its own.</summary>
    public IReadOnlyList<ServiceProgram> Programs => 
        [.. ServiceProgram.All, .. Standby ? [ServiceProgram.Standby] : (ServiceProgram[])[], .. ServiceProgram.MoreAuctioneers(Auctioneers - 1)];

    /// <exception cref="ArgumentException">One sentence: which option is wrong and what would be right.</exception>
    public static StartOptions From(string[] args)
    {
        var given = new Dictionary<string, string>();
        var processes = args.Contains("--processes");
        var standby = args.Contains("--standby");
        if (standby && !processes) throw new ArgumentException($"--standby needs --processes: in one process there is one engine.\n{Usage}");
        args = [.. args.Where(arg => arg is not ("--processes" or "--standby"))];
        for (var i = 0; i < args.Length; i += 2)
        {
            if (args[i] is not ("--data" or "--port" or "--clock" or "--speed" or "--telemetry" or "--auctioneers" or "--rail" or "--agents" or "--agents-at"))
                throw new ArgumentException($"'{args[i]}' is not an option.\n{Usage}");
            if (i + 1 == args.Length) throw new ArgumentException($"{args[i]} needs a value.");
            given[args[i]] = args[i + 1];
        }
        var auctioneers = Number("--auctioneers", 1, 1, MostAuctioneers);
        if (auctioneers > 1 && !processes) throw new ArgumentException($"--auctioneers needs --processes: in one process there is one auctioneer.\n{Usage}");
        return new StartOptions(
            Path.GetFullPath(given.GetValueOrDefault("--data", ".data")),
            Number("--port", 5080, 1, 65_535 - 20),
            given.GetValueOrDefault("--clock", "live") switch
            {
                "live" => false,
                "simulated" => true,
                var other => throw new ArgumentException($"--clock is '{other}'; it can be live or simulated."),
            },
            Number("--speed", 0, 0, 3_600),
            given.TryGetValue("--telemetry", out var collector)
                ? Uri.TryCreate(collector, UriKind.Absolute, out var address) ? address : throw new ArgumentException($"--telemetry is '{collector}', which is not an address.")
                : null,
            processes,
            standby,
            auctioneers,
            given.GetValueOrDefault("--rail", "manual") switch
            {
                "test" when given.GetValueOrDefault("--clock", "live") == "live" => throw new ArgumentException("--rail test pays nobody: give --clock simulated with it."),
                var rail and ("manual" or "csv" or "test") => rail,
                var other => throw new ArgumentException($"--rail is '{other}'; it can be manual, csv or test."),
            },
            given.GetValueOrDefault("--agents", "127.0.0.1") is var host && IPAddress.TryParse(host, out _) ? host : throw new ArgumentException($"--agents is '{host}'; it can be an IP address of this machine, or 0.0.0.0."),
            given.TryGetValue("--agents-at", out var reached)
                ? Uri.TryCreate(reached, UriKind.Absolute, out var at) && at.Scheme == "https" ? at : throw new ArgumentException($"--agents-at is '{reached}', which is no https:// address.")
                : null);

        int Number(string name, int standard, int least, int most) =>
            !given.TryGetValue(name, out var text) ? standard
            : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most ? value
            : throw new ArgumentException($"{name} is '{text}'; it can be {least} to {most}.");
    }

    /// <summary>What keeps the exchange from starting here; null when nothing does.</summary>
    public string? Obstacle()
    {
        foreach (var port in Processes ? [.. Programs.Select(program => program.Address(Port).Port).Order(), AgentListen.Port] : (int[])[Port, HttpPort, AgentListen.Port])
        {
            try
            {
                using var probe = new TcpListener(IPAddress.Loopback, port);
                probe.Start();
            }
            catch (SocketException)
            {
                return $"Port {port} is taken by another program: stop it, or start with --port and another number.";
            }
        }
        try
        {
            Directory.CreateDirectory(DataFolder);
            if (new DriveInfo(DataFolder).AvailableFreeSpace < LeastFreeBytes)
                return $"The disk that holds {DataFolder} is full: less than 300 MB are free.";
        }
        catch (Exception denied) when (denied is IOException or UnauthorizedAccessException)
        {
            return $"{DataFolder} cannot be used for data: {denied.Message}";
        }
        return null;
    }
}
