using System.Diagnostics;
using System.Globalization;

namespace ComputeExchange.Agent.Runners;

/// <summary>The small script beside each run: started in a session of its own, so that it outlives the agent, and known again by its room.</summary>
public sealed class Shim(string scripts, string statePath)
{
    /// <summary>What the shim and what it starts find programs with.</summary>
    public static string SearchPath => Environment.GetEnvironmentVariable("PATH") is { Length: > 0 } path ? path : "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    private static readonly string[] Names = ["shim.sh", "inner.sh", "main.sh", "container.sh"];

    private readonly Dictionary<string, (int Pid, string? Start)> _known = [];
    private readonly Lock _knowing = new();

    /// <summary>The folder of the scripts.</summary>
    public string Scripts => scripts;

    /// <summary>Writes the scripts into their folder.</summary>
    public static void Unpack(string folder)
    {
        foreach (var name in Names)
        {
            using var source = typeof(Shim).Assembly.GetManifestResourceStream(name) ?? throw new UnreachableException($"{name} is not in the program.");
            using var text = new MemoryStream();
            source.CopyTo(text);
            State.StateFolder.Write(Path.Combine(folder, name), text.ToArray());
        }
    }

    /// <summary>Starts a shim for a room's run; it is on its own from then on.</summary>
    /// <param name="room">The room and run.</param>
    /// <param name="script">Which script.</param>
    /// <param name="before">Programs that start the script, with their arguments.</param>
    /// <param name="arguments">The script's arguments.</param>
    /// <param name="settings">What else it finds in its environment; the agent's own is not passed on.</param>
    public void Start(Room room, string script, IEnumerable<string> before, IEnumerable<string> arguments, IEnumerable<KeyValuePair<string, string>> settings)
    {
        var start = new ProcessStartInfo("setsid", [.. before, "sh", Path.Combine(scripts, script), .. arguments]) { WorkingDirectory = room.Folder };
        start.Environment.Clear();
        start.Environment["PATH"] = SearchPath;
        start.Environment["CX_ROOM"] = room.Folder;
        start.Environment["CX_RUN"] = room.Run.ToString(CultureInfo.InvariantCulture);
        start.Environment["CX_SCRIPTS"] = scripts;
        start.Environment["CX_STATE"] = statePath;
        foreach (var (name, value) in settings) start.Environment[name] = value;
        using var process = Process.Start(start) ?? throw new RunnerException("The shim could not be started.");
        lock (_knowing) _known[room.Folder] = (process.Id, ProcessTree.StartOf(process.Id));
    }

    /// <summary>How a room's run does.</summary>
    public RunLook Look(Room room)
    {
        if (Ended(room) is { } ended) return ended;
        if (IsThere(room)) return new RunLook(RunState.Running);
        // It may have ended between the two looks.
        return Ended(room) ?? new RunLook(RunState.Gone);
    }

    /// <summary>What the room's last run left to say why it could not be made; empty where nothing.</summary>
    public static string Complaint(Room room)
    {
        var path = Path.Combine(room.Folder, $"room.{room.Run}");
        return File.Exists(path) ? File.ReadAllText(path).Trim() : "";
    }

    private static RunLook? Ended(Room room)
    {
        var path = Path.Combine(room.Folder, $"exit.{room.Run}");
        if (!File.Exists(path)) return null;
        var code = int.TryParse(File.ReadAllText(path), NumberStyles.Integer, CultureInfo.InvariantCulture, out var written) ? written : (int?)null;
        return new RunLook(RunState.Ended, code, Complaint(room));
    }

    private bool IsThere(Room room)
    {
        lock (_knowing)
        {
            if (_known.TryGetValue(room.Folder, out var known)) return known.Start is not null && ProcessTree.IsAlive(known.Pid) && ProcessTree.StartOf(known.Pid) == known.Start;
            // Started by an agent before this one: the shim wrote its id down, and its environment proves that it is the one.
            var found = ProcessTree.OfRoom(room.Folder);
            var path = Path.Combine(room.Folder, $"pid.{room.Run}");
            var pid = File.Exists(path) && int.TryParse(File.ReadAllText(path), CultureInfo.InvariantCulture, out var written) && found.Contains(written) ? written : 0;
            if (pid == 0) return found.Count > 0;
            _known[room.Folder] = (pid, ProcessTree.StartOf(pid));
            return true;
        }
    }
}
