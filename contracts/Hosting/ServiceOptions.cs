using System.Security.Cryptography.X509Certificates;
using ComputeExchange.Client;
using ComputeExchange.Facts.Transport;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.Extensions.Configuration;

namespace ComputeExchange.Hosting;

/// <summary>What a service is told when it starts: where things are, and which clock counts.</summary>
public sealed record ServiceOptions
{
    /// <summary>The connection string of the exchange's database; each service keeps to its own schema.</summary>
    public required string Database { get; init; }

    /// <summary>Where to listen, for example <c>http://127.0.0.1:5081</c>.</summary>
    public required Uri Listen { get; init; }

    /// <summary>Where the services are.</summary>
    public required ExchangeAddresses Addresses { get; init; }

    /// <summary>The key by which the services know each other's tokens; at least 32 bytes.</summary>
    public required byte[] ServiceKey { get; init; }

    /// <summary>Whether the exchange's clock is simulated.</summary>
    public bool Simulated { get; init; }

    /// <summary>RabbitMQ's address; null where <see cref="Bus"/> is given.</summary>
    public Uri? RabbitMq { get; init; }

    /// <summary>A bus shared with the other services of this process.</summary>
    public IBus? Bus { get; init; }

    /// <summary>A door shared with the other services of this process, in place of a listener of its own.</summary>
    public IServer? Door { get; init; }

    /// <summary>A key for the first operator, admitted when there is none yet; for Participants only.</summary>
    public string? FirstOperatorKey { get; init; }

    /// <summary>The folder of a demo's keys, whose owners anyone on this machine may act as; for Web only. Null: no demo.</summary>
    public string? DemoKeys { get; init; }

    /// <summary>Where traces and metrics go, by OTLP; null: nowhere.</summary>
    public Uri? Telemetry { get; init; }

    /// <summary>The share of traces that is kept, from 0 to 1; null: all in simulated time, every tenth where it is real.</summary>
    public double? TelemetryRatio { get; init; } = ComputeExchange.Hosting.Telemetry.Export.RatioFrom(Environment.GetEnvironmentVariable("Exchange__TelemetryRatio"));

    /// <summary>How long orders that are to be cancelled on a lost connection stand after it; for the engine only.</summary>
    public TimeSpan DisconnectGrace { get; init; } = SecondsFrom("DisconnectGraceSeconds", Environment.GetEnvironmentVariable("Exchange__DisconnectGraceSeconds"), standard: 10);

    /// <summary>How often indicative prices are computed while a run is open, in whole seconds; zero for never; for Auctioneer only.</summary>
    public TimeSpan IndicateEvery { get; init; } = SecondsFrom("IndicativeSeconds", Environment.GetEnvironmentVariable("Exchange__IndicativeSeconds"), standard: 10);

    /// <summary>The payment rail that money leaves by: <c>manual</c>, <c>csv</c> or, on a simulated clock, <c>test</c>; for Settlement only.</summary>
    public string Rail { get; init; } = "manual";

    /// <summary>The secret that the rail signs its messages with; for Settlement only. Null: the rail does not call, or the test rail makes its own.</summary>
    public byte[]? RailSecret { get; init; }

    /// <summary>From which the test rail's misbehaviour follows; for Settlement only.</summary>
    public long RailSeed { get; init; } = 1;

    /// <summary>Where agents of nodes are listened to, over TLS, for example <c>https://127.0.0.1:5100</c>; for ProviderRegistry, and for what stands in front of it. Null: nowhere.</summary>
    public Uri? AgentListen { get; init; }

    /// <summary>What agents know the exchange by, with its private key; needed beside <see cref="AgentListen"/>.</summary>
    public X509Certificate2? AgentCertificate { get; init; }

    /// <summary>Where agents reach the exchange, as it is told to providers; null: where it listens.</summary>
    public Uri? AgentAddress { get; init; }

    /// <summary>Whether providers may declare nodes that no agent has looked at; null: only where the clock is simulated. For ProviderRegistry only.</summary>
    public bool? DeclaredNodes { get; init; } = FlagFrom("DeclaredNodes", Environment.GetEnvironmentVariable("Exchange__DeclaredNodes"));

    /// <summary>Whether to stop when standard input ends, as it does when the program that started this one is gone.</summary>
    public bool EndsWithInput { get; init; }

    /// <summary>
    /// Reads the options of a service process: command line, then environment (<c>Exchange__Database</c> and so on).
    /// </summary>
    /// <param name="args">The command line.</param>
    /// <param name="keepsData">Whether the service needs a database and a bus.</param>
    /// <exception cref="ArgumentException">Something is missing or malformed; the message names it.</exception>
    public static ServiceOptions From(string[] args, bool keepsData = true)
    {
        var all = new ConfigurationBuilder().AddEnvironmentVariables().AddCommandLine(args).Build();
        var settings = all.GetSection("Exchange");

        // A secret stands in a file of its own: Exchange:DatabaseFile in place of Exchange:Database.
        string? Setting(string name) => settings[name] is { Length: > 0 } value ? value
            : settings[name + "File"] is not { Length: > 0 } file ? null
            : File.Exists(file) ? File.ReadAllText(file).Trim()
            : throw new ArgumentException($"Exchange:{name}File: there is no file {file}.");

        string Required(string name) => Setting(name)
            ?? throw new ArgumentException($"Exchange:{name} is missing: give --Exchange:{name}=… or set Exchange__{name}, or Exchange__{name}File.");

        Uri Address(string name, string value) => Uri.TryCreate(value, UriKind.Absolute, out var address)
            ? address
            : throw new ArgumentException($"Exchange:{name} is '{value}', which is not an address such as http://127.0.0.1:5080.");

        ExchangeAddresses Addresses()
        {
            try
            {
                return ExchangeAddresses.Parse(
                    Address("Address", settings["Address"] ?? Required("Listen")),
                    settings.GetSection("Addresses").GetChildren().Select(a => KeyValuePair.Create(a.Key, a.Value ?? "")));
            }
            catch (FormatException wrong)
            {
                throw new ArgumentException($"Exchange:Addresses: {wrong.Message}", wrong);
            }
        }

        var keyText = Required("ServiceKey");
        var key = new byte[keyText.Length];
        if (!Convert.TryFromBase64String(keyText, key, out var length) || length < 32)
            throw new ArgumentException("Exchange:ServiceKey must be at least 32 bytes in base64, for example from: openssl rand -base64 32");

        return new ServiceOptions
        {
            Database = keepsData ? Required("Database") : "",
            Listen = Address("Listen", Required("Listen")),
            Addresses = Addresses(),
            ServiceKey = key[..length],
            Simulated = settings["Clock"] switch
            {
                null or "" or "live" => false,
                "simulated" => true,
                var other => throw new ArgumentException($"Exchange:Clock is '{other}'; it can be live or simulated."),
            },
            RabbitMq = keepsData ? Address("RabbitMq", Required("RabbitMq")) : null,
            FirstOperatorKey = Setting("FirstOperatorKey"),
            DemoKeys = settings["DemoKeys"],
            Telemetry = settings["Telemetry"] is { Length: > 0 } collector ? Address("Telemetry", collector) : null,
            TelemetryRatio = ComputeExchange.Hosting.Telemetry.Export.RatioFrom(settings["TelemetryRatio"]),
            DisconnectGrace = SecondsFrom("DisconnectGraceSeconds", settings["DisconnectGraceSeconds"], standard: 10),
            IndicateEvery = SecondsFrom("IndicativeSeconds", settings["IndicativeSeconds"], standard: 10),
            Rail = settings["Rail"] is { Length: > 0 } rail ? rail : "manual",
            RailSecret = Setting("RailSecret") is { } secret ? System.Text.Encoding.UTF8.GetBytes(secret) : null,
            RailSeed = settings["RailSeed"] is not { Length: > 0 } seed ? 1
                : long.TryParse(seed, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var number) ? number
                : throw new ArgumentException($"Exchange:RailSeed is '{seed}'; it can be a whole number from 0 on."),
            AgentListen = settings["AgentListen"] is { Length: > 0 } agents ? Address("AgentListen", agents) : null,
            AgentCertificate = CertificateFrom(settings["AgentCertificateFile"]),
            AgentAddress = settings["AgentAddress"] is { Length: > 0 } reached ? Address("AgentAddress", reached) : null,
            DeclaredNodes = FlagFrom("DeclaredNodes", settings["DeclaredNodes"]),
            EndsWithInput = settings["EndsWithInput"] == "true",
        };
    }

    /// <summary>A certificate with its key from a PEM file.</summary>
    /// <exception cref="ArgumentException">There is no such file, or it holds none.</exception>
    public static X509Certificate2? CertificateFrom(string? file)
    {
        if (string.IsNullOrEmpty(file)) return null;
        try
        {
            return X509Certificate2.CreateFromPemFile(file);
        }
        catch (Exception unusable) when (unusable is IOException or System.Security.Cryptography.CryptographicException or UnauthorizedAccessException)
        {
            throw new ArgumentException($"Exchange:AgentCertificateFile: {file} holds no certificate with its private key in PEM: {unusable.Message}", unusable);
        }
    }

    private static bool? FlagFrom(string name, string? text) => text switch
    {
        null or "" => null,
        "true" => true,
        "false" => false,
        _ => throw new ArgumentException($"Exchange:{name} is '{text}'; it can be true or false."),
    };

    /// <summary>A time in whole seconds as it is written.</summary>
    private static TimeSpan SecondsFrom(string name, string? seconds, int standard) =>
        string.IsNullOrEmpty(seconds) ? TimeSpan.FromSeconds(standard)
        : int.TryParse(seconds, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var whole) && whole <= 3_600 ? TimeSpan.FromSeconds(whole)
        : throw new ArgumentException($"Exchange:{name} is '{seconds}'; it can be a whole number of seconds from 0 to 3600.");
}
