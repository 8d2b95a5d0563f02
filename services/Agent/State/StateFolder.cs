using ComputeExchange.Agent.Identity;

namespace ComputeExchange.Agent.State;

/// <summary>The folder in which the agent keeps all that must outlive it. Others may pass through it to the rooms of workloads, and read nothing.</summary>
public sealed class StateFolder
{
    /// <summary>Where it is unless said otherwise.</summary>
    public const string Usual = "/var/lib/cx-agent";

    private const UnixFileMode Mine = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode MyFolder = Mine | UnixFileMode.UserExecute;
    private const UnixFileMode Passage = MyFolder | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    private StateFolder(string path) => Location = path;

    /// <summary>Its full path.</summary>
    public string Location { get; }

    public string KeyFile => Path.Combine(Location, "node.key");

    public string NodeFile => Path.Combine(Location, "node.json");

    public string RecordsFile => Path.Combine(Location, "records");

    public string ClockFile => Path.Combine(Location, "clock");

    public string LinkFile => Path.Combine(Location, "link");

    public string TestFile => Path.Combine(Location, "last-test");

    public string LockFile => Path.Combine(Location, "lock");

    public string Deliveries => Path.Combine(Location, "deliveries");

    public string Rooms => Path.Combine(Location, "rooms");

    public string Scripts => Path.Combine(Location, "scripts");

    /// <summary>A state folder, made if it is not there.</summary>
    /// <exception cref="AgentTroubleException">It cannot be made or written.</exception>
    public static StateFolder Open(string path)
    {
        var state = new StateFolder(Path.GetFullPath(path));
        try
        {
            foreach (var (folder, mode) in new[] { (state.Location, Passage), (state.Deliveries, MyFolder), (state.Rooms, Passage), (state.Scripts, MyFolder) })
            {
                Directory.CreateDirectory(folder);
                File.SetUnixFileMode(folder, mode);
            }
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw new AgentTroubleException($"The state folder {state.Location} cannot be used: {refused.Message} Run as root, or name another with --state.", refused);
        }
        return state;
    }

    /// <summary>Takes the folder for one agent, as long as what comes back is kept.</summary>
    /// <exception cref="AgentTroubleException">Another agent has it.</exception>
    public IDisposable Take()
    {
        try
        {
            return new FileStream(LockFile, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException taken)
        {
            throw new AgentTroubleException($"Another agent runs with the state folder {Location}: only one can be this node.", taken);
        }
    }

    /// <summary>Whether an agent has the folder now.</summary>
    public bool IsTaken()
    {
        try
        {
            if (!File.Exists(LockFile)) return false;
            using var _ = new FileStream(LockFile, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            return false;
        }
        catch (IOException)
        {
            return true;
        }
    }

    /// <summary>Writes a file whole or not at all; only its owner can read it.</summary>
    public static void Write(string path, ReadOnlySpan<byte> bytes)
    {
        var part = path + ".part";
        using (var file = new FileStream(part, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = Mine }))
        {
            file.Write(bytes);
            file.Flush(flushToDisk: true);
        }
        File.Move(part, path, overwrite: true);
    }
}
