using System.Security.Cryptography;
using ComputeExchange.Client;
using ComputeExchange.Hosting;
using ComputeExchange.Participants;

namespace ComputeExchange.Host;

/// <summary>The files beside the database: keys, the address, and the lock that keeps a second Host out.</summary>
internal sealed class DataFolder : IDisposable
{
    private readonly string _folder;
    private readonly FileStream _lock;

    private DataFolder(string folder, FileStream held)
    {
        _folder = folder;
        _lock = held;
    }

    /// <exception cref="IOException">Another Host holds the folder, or it cannot be written.</exception>
    public static DataFolder Take(string folder)
    {
        Directory.CreateDirectory(Path.Combine(folder, "keys"));
        return new DataFolder(folder, new FileStream(Path.Combine(folder, "host.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
    }

    /// <summary>The folder of the API keys that this exchange knows by name.</summary>
    public string Keys => Path.Combine(_folder, "keys");

    /// <summary>The key of the service tokens; made once.</summary>
    public byte[] ServiceKey() => Convert.FromBase64String(File.ReadAllText(ServiceKeyFile()).Trim());

    /// <summary>The file that holds the key of the service tokens.</summary>
    public string ServiceKeyFile() => Once("service-token.key", () => Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)));

    /// <summary>The first operator's API key; made once, for <c>cx</c> to find.</summary>
    public string OperatorKey(bool simulated) => File.ReadAllText(OperatorKeyFile(simulated)).Trim();

    /// <summary>The file that holds the first operator's API key.</summary>
    public string OperatorKeyFile(bool simulated) => Once(Path.Combine("keys", "operator"), () => ParticipantsModule.NewKey(simulated));

    /// <summary>The file with what agents know the exchange by, and its key; made once.</summary>
    public string AgentCertificateFile() => Once("agents.pem", AgentDoor.NewCertificate);

    /// <summary>Writes what only the services may read; returns the file.</summary>
    public string Secret(string name, string value)
    {
        Directory.CreateDirectory(Path.Combine(_folder, "secrets"));
        return Write(Path.Combine("secrets", name), value);
    }

    /// <summary>Tells <c>cx</c> and people where the exchange is: its address, each service's, and the console's.</summary>
    public void WriteAddresses(ExchangeAddresses addresses, Uri console)
    {
        string[] services = [ServiceNames.MatchingEngine, .. ServiceNames.Keepers, ServiceNames.Auctioneer];
        File.WriteAllText(Path.Combine(_folder, "addresses"), string.Concat(services.Select(service => $"{service}={addresses.Written(service)}\n")));
        File.WriteAllText(Path.Combine(_folder, "address"), $"{addresses.Default}\n");
        File.WriteAllText(Path.Combine(_folder, "console"), $"{console}\n");
    }

    /// <inheritdoc />
    public void Dispose() => _lock.Dispose();

    /// <summary>The file of that name, made if it is not there.</summary>
    private string Once(string name, Func<string> make)
    {
        var path = Path.Combine(_folder, name);
        return File.Exists(path) ? path : Write(name, make());
    }

    /// <summary>Written aside and moved, so that a half-written secret never counts; readable by the owner alone from the start.</summary>
    private string Write(string name, string value)
    {
        var path = Path.Combine(_folder, name);
        var aside = path + ".new";
        File.Delete(aside);
        using (var file = new StreamWriter(aside, new FileStreamOptions
        {
            Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        }))
            file.Write(value + "\n");
        File.Move(aside, path, overwrite: true);
        return path;
    }
}
