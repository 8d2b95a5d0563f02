using System.Security.Cryptography;
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

    /// <summary>The key of the service tokens; made once.</summary>
    public byte[] ServiceKey() => Convert.FromBase64String(Once("service-token.key", () => Convert.ToBase64String(RandomNumberGenerator.GetBytes(32))));

    /// <summary>The first operator's API key; made once, for <c>cx</c> to find.</summary>
    public string OperatorKey(bool simulated) => Once(Path.Combine("keys", "operator"), () => ParticipantsModule.NewKey(simulated));

    /// <summary>Tells <c>cx</c> where the exchange is.</summary>
    public void WriteAddress(Uri address) => File.WriteAllText(Path.Combine(_folder, "address"), address.ToString() + "\n");

    /// <inheritdoc />
    public void Dispose() => _lock.Dispose();

    private string Once(string name, Func<string> make)
    {
        var path = Path.Combine(_folder, name);
        if (File.Exists(path)) return File.ReadAllText(path).Trim();

        // Written aside and moved, so that a half-written secret never counts.
        var value = make();
        var aside = path + ".new";
        File.WriteAllText(aside, value + "\n");
        File.SetUnixFileMode(aside, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.Move(aside, path, overwrite: true);
        return value;
    }
}
