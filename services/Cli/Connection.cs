using System.CommandLine;
using ComputeExchange.Cli.Words;

namespace ComputeExchange.Cli;

/// <summary>Which exchange is meant, and who asks: options, then environment, then files in the data folder.</summary>
/// <remarks>
/// The address: <c>--address</c>, <c>CX_ADDRESS</c>, the file <c>address</c>, else <see cref="DefaultAddress"/>. The key:
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

    Connection(Uri address, string? key, string data) => (Address, Key, Data) = (address, key, data);

    /// <summary>The options that every command takes.</summary>
    public static IEnumerable<Option> Options => [AddressOption, KeyOption, AsOption, DataOption];

    /// <summary>The exchange.</summary>
    public Uri Address { get; }

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
        var address = line.GetValue(AddressOption) ?? Environment.GetEnvironmentVariable("CX_ADDRESS")
            ?? FirstLine(Path.Combine(data, "address")) ?? DefaultAddress;
        if (!Uri.TryCreate(address, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https"))
            throw new InputException($"--address: \"{address}\" is not an address: it looks like {DefaultAddress}.");

        var name = line.GetValue(AsOption);
        if (name is not null && (name.Length == 0 || name.Any(letter => !char.IsAsciiLetterOrDigit(letter) && letter is not ('-' or '_' or '.'))))
            throw new InputException($"--as: \"{name}\" is not a name of a key file.");
        var file = Path.Combine(data, "keys", name ?? "operator");
        var key = name is not null
            ? FirstLine(file) ?? throw new InputException($"--as: there is no key file {file}.")
            : line.GetValue(KeyOption) ?? Environment.GetEnvironmentVariable("CX_KEY") ?? FirstLine(file);
        return new Connection(uri, key, data);
    }

    static string? FirstLine(string path)
    {
        try
        {
            return File.Exists(path) ? File.ReadLines(path).FirstOrDefault()?.Trim() : null;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{path}: cannot be read: {fault.Message}");
        }
    }

    /// <summary>The checkout is the nearest folder above the program that lists the packages of all projects.</summary>
    static string DefaultData()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Directory.Packages.props"))) return Path.Combine(folder.FullName, ".data");
        }
        return Path.GetFullPath(".data");
    }
}
