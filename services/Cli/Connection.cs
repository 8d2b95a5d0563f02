using System.CommandLine;
using ComputeExchange.Cli.Words;
using ComputeExchange.Client;

namespace ComputeExchange.Cli;

/// <summary>Which exchange is meant, and who asks: options, then environment, then files in the data folder.</summary>
/// <remarks>
/// The address: <c>--address</c>, <c>CX_ADDRESS</c>, the file <c>address</c>, else <see cref="DefaultAddress"/>. Where nobody named one,
/// the file <c>addresses</c> beside it may give services addresses of their own, a line each: <c>order_book=http://127.0.0.1:5082</c>, with a comma before each
/// further one. The key:
/// <c>--as NAME</c> takes the file <c>keys/NAME</c>; else <c>--key</c>, <c>CX_KEY</c>, the file <c>keys/operator</c>.
/// The data folder: <c>--data</c>, <c>CX_DATA</c>, else <c>.data</c> in the checkout that the program was built in.
/// </remarks>
public sealed class Connection
{
    /// <summary>Where the exchange of one machine listens.</summary>
    public const string DefaultAddress = "http://127.0.0.1:5080";

    static readonly Option<string> AddressOption = new("--address") { Description = $"The exchange, for example {DefaultAddress}. Environment: CX_ADDRESS.", Recursive = true, HelpName = "URL" };
    static readonly Option<string> KeyOption = new("--key") { Description = "The API key. Environment: CX_KEY.", Recursive = true, HelpName = "KEY" };
    static readonly Option<string> AsOption = new("--as") { Description = "Whose key to take from the data folder: operator, buyer-01, …", Recursive = true, HelpName = "NAME" };
    static readonly Option<string> DataOption = new("--data") { Description = "The exchange's data folder. Environment: CX_DATA.", Recursive = true, HelpName = "FOLDER" };

    static readonly string[] Services =
    [
        ServiceNames.MatchingEngine, ServiceNames.Auctioneer, ServiceNames.OrderBook, ServiceNames.ProviderRegistry,
        ServiceNames.Settlement, ServiceNames.Pricing, ServiceNames.Participants, ServiceNames.Web,
    ];

    Connection(ExchangeAddresses addresses, string? key, string data) => (Addresses, Key, Data) = (addresses, key, data);

    /// <summary>The options that every command takes.</summary>
    public static IEnumerable<Option> Options => [AddressOption, KeyOption, AsOption, DataOption];

    /// <summary>Where each service is.</summary>
    public ExchangeAddresses Addresses { get; }

    /// <summary>The exchange: the address of every service without its own.</summary>
    public Uri Address => Addresses.Default;

    /// <summary>Where the console is; null where none has said so.</summary>
    public string? ConsoleAddress => FirstLine(Path.Combine(Data, "console")) is { Length: > 0 } address ? address.TrimEnd('/') : null;

    /// <summary>The caller's key; null where there is none.</summary>
    public string? Key { get; }

    /// <summary>The data folder.</summary>
    public string Data { get; }

    /// <summary>Where the key of a name is kept.</summary>
    public string KeyFile(string name) => Path.Combine(Data, "keys", name);

    /// <summary>What a command line means.</summary>
    public static Connection Of(ParseResult line)
    {
        var data = line.GetValue(DataOption) ?? Environment.GetEnvironmentVariable("CX_DATA") ?? DefaultData();
        var named = line.GetValue(AddressOption) ?? Environment.GetEnvironmentVariable("CX_ADDRESS");
        var address = ParseAddress("--address", named ?? FirstLine(Path.Combine(data, "address")) ?? DefaultAddress);
        var addresses = named is null ? ByService(address, Path.Combine(data, "addresses")) : new ExchangeAddresses(address);

        var name = line.GetValue(AsOption);
        if (name is not null && (name.Length == 0 || name.Any(letter => !char.IsAsciiLetterOrDigit(letter) && letter is not ('-' or '_' or '.'))))
            throw new InputException($"--as: \"{name}\" is not a name of a key file.");
        var file = Path.Combine(data, "keys", name ?? "operator");
        var key = name is not null
            ? FirstLine(file) ?? throw new InputException($"--as: there is no key file {file}.")
            : line.GetValue(KeyOption) ?? Environment.GetEnvironmentVariable("CX_KEY") ?? FirstLine(file);
        return new Connection(addresses, key, data);
    }

    /// <summary>What the file of addresses says, a line a service: one address, or several with commas between them.</summary>
    static ExchangeAddresses ByService(Uri orElse, string path)
    {
        if (Lines(path) is not { } lines) return new ExchangeAddresses(orElse);
        var addresses = new Dictionary<string, string>();
        for (var i = 0; i < lines.Count; i++)
        {
            if (lines[i].Trim() is not { Length: > 0 } line) continue;
            var place = FormattableString.Invariant($"{path}, line {i + 1}");
            var cut = line.IndexOf('=', StringComparison.Ordinal);
            if (cut < 0) throw new InputException($"{place}: \"{line}\" is not service=address, for example {ServiceNames.OrderBook}={DefaultAddress}.");
            var service = line[..cut].Trim();
            if (!Services.Contains(service)) throw new InputException($"{place}: \"{service}\" is no service: they are {string.Join(", ", Services)}.");
            foreach (var address in line[(cut + 1)..].Split(',')) ParseAddress(place, address.Trim());
            addresses[service] = line[(cut + 1)..];
        }
        return ExchangeAddresses.Parse(orElse, addresses);
    }

    static Uri ParseAddress(string place, string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is "http" or "https"
            ? address
            : throw new InputException($"{place}: \"{text}\" is not an address: it looks like {DefaultAddress}.");

    static string? FirstLine(string path) => Lines(path)?.FirstOrDefault()?.Trim();

    static List<string>? Lines(string path)
    {
        try
        {
            return File.Exists(path) ? [.. File.ReadLines(path)] : null;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{path}: cannot be read: {fault.Message}");
        }
    }

    static string DefaultData() => Path.Combine(Checkout.Folder ?? Path.GetFullPath("."), ".data");
}
