using System.Globalization;
using ComputeExchange.Agent.Logs;

namespace ComputeExchange.Agent.Runners;

/// <summary>Runs a command in namespaces of its own, as a user that nobody else is, within limits: it needs no container engine.</summary>
/// <remarks>
/// The workload has its own processes, mounts, shared memory, home and temporary folder, no capabilities, and cannot gain any; the network is the host's.
/// Where systemd runs the host it makes the limits, else control groups, else limits of the process.
/// </remarks>
public sealed class ProcessRunner(Shim shim, ControlGroups groups, bool systemd) : IRunner
{
    private const int Term = 15;

    private static readonly Dictionary<string, int> Signals = new() { ["HUP"] = 1, ["INT"] = 2, ["USR1"] = 10, ["USR2"] = 12, ["TERM"] = Term };

    public string Name => "process";

    /// <summary>Whether this host lets the agent make the namespaces; the sentence says what is missing, empty where nothing is.</summary>
    public static async Task<string> Missing(CancellationToken cancel)
    {
        foreach (var program in new[] { "unshare", "setpriv", "prlimit", "setsid", "taskset", "mount" })
            if (HostCommand.Find(program) is null) return $"the process runner needs `{program}` (package util-linux)";
        var tried = await HostCommand.Run("unshare", [.. Unshare, "--pid", "--mount", "--ipc", "--fork", "--kill-child=KILL", "--mount-proc", "mount", "-t", "tmpfs", "cx", "/home"], TimeSpan.FromSeconds(10), cancel);
        return tried.IsGood ? "" : $"this host does not let the agent make namespaces: {tried.Error}";
    }

    public Task<Prepared> Prepare(Room room, CancellationToken cancel)
    {
        if (room.Workload.Image.Length > 0)
            return Task.FromResult<Prepared>(new Prepared.BuyersFault($"This node runs commands, and no container images such as '{room.Workload.Image}'."));
        if (room.Workload.Command.Count == 0) return Task.FromResult<Prepared>(new Prepared.BuyersFault("The workload names neither an image nor a command."));
        if (room.Workload.Environment.Keys.FirstOrDefault(name => !IsName(name)) is { } bad)
            return Task.FromResult<Prepared>(new Prepared.BuyersFault($"'{bad}' is not a name for an environment variable: letters, digits and _ are, a digit not first."));
        room.MakeFolders(Disk.IsRoot);
        return Task.FromResult<Prepared>(new Prepared.Done());
    }

    public Task<Started> Start(Room room, CancellationToken cancel)
    {
        var within = systemd ? [] : groups.Make(room);
        var memory = room.MemoryBytes > 0 && !systemd && !ControlGroups.LimitsMemory(within) ? $" --data={room.MemoryBytes}" : "";
        var size = room.DiskBytes > 0 ? $" --fsize={room.DiskBytes}" : "";
        var settings = new Dictionary<string, string>
        {
            ["CX_UNSHARE"] = string.Join(' ', Unshare),
            ["CX_IDENTITY"] = Disk.IsRoot ? $"--reuid {room.User} --regid {room.User} --clear-groups" : "",
            ["CX_GROUPS"] = string.Join(' ', within),
            ["CX_HIDE"] = string.Join(' ', room.HiddenDevices),
            ["CX_SHARED"] = room.MemoryBytes > 0 ? room.MemoryBytes.ToString(CultureInfo.InvariantCulture) : "50%",
            ["CX_LIMITS"] = $"--core=0 --nproc=4096{memory}{size}",
            ["CX_AFFINITY"] = systemd || within.Count > 0 ? "" : $"taskset -c 0-{Math.Min(room.CpuCount, Environment.ProcessorCount) - 1}",
        };
        var given = WorkloadEnvironment.Of(room, "/home/workload", "/home/cx/metadata.sock");
        settings["CXENV_COUNT"] = given.Count.ToString(CultureInfo.InvariantCulture);
        foreach (var (index, (name, value)) in given.Index()) settings[$"CXENV_{index}"] = $"{name}={value}";
        shim.Start(room, "shim.sh", systemd ? Scope(room) : [], room.Workload.Command, settings);
        return Task.FromResult(new Started(Remark: room.Workload.SshPublicKeys.Count > 0 ? "SSH keys were given; this node runs commands without SSH." : ""));
    }

    public RunLook Look(Room room) => shim.Look(room);

    public Task Signal(Room room, string signal, CancellationToken cancel)
    {
        if (Signals.TryGetValue(signal, out var number)) Send(room, number);
        return Task.CompletedTask;
    }

    public async Task Stop(Room room, TimeSpan grace, CancellationToken cancel)
    {
        if (grace > TimeSpan.Zero && Send(room, Term))
        {
            var until = TimeProvider.System.GetTimestamp();
            while (TimeProvider.System.GetElapsedTime(until) < grace && ProcessTree.OfRoom(room.Folder).Count > 0)
                await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System, cancel);
        }
        await ProcessTree.KillRoom(room.Folder, cancel);
    }

    public async Task Remove(Room room, CancellationToken cancel)
    {
        await ProcessTree.KillRoom(room.Folder, cancel);
        groups.Remove(room.DeliveryId);
        RoomFolder.Remove(room.Folder);
    }

    public string? Namespace(Room room)
    {
        var path = Path.Combine(room.Folder, $"ns.{room.Run}");
        return File.Exists(path) ? File.ReadAllText(path).Trim() : null;
    }

    private static string[] Unshare => Disk.IsRoot ? [] : ["--user", "--map-root-user"];

    /// <summary>Sends a signal to every process of the workload, but not to those that stand beside it.</summary>
    private static bool Send(Room room, int signal)
    {
        var mine = ProcessTree.NamespaceOf(Environment.ProcessId);
        var workload = ProcessTree.OfRoom(room.Folder).Where(pid => ProcessTree.NamespaceOf(pid) != mine && ProcessTree.InnerId(pid) != 1).ToList();
        foreach (var pid in workload) _ = ProcessTree.Send(pid, signal);
        return workload.Count > 0;
    }

    private static string[] Scope(Room room) =>
    [
        "systemd-run", "--scope", "--quiet", "--collect", $"--unit=cx-delivery-{room.DeliveryId}-{room.Run}",
        $"--property=CPUQuota={room.CpuCount * 100}%", "--property=TasksMax=4096",
        .. room.MemoryBytes > 0 ? new[] { $"--property=MemoryMax={room.MemoryBytes}", "--property=MemorySwapMax=0" } : [],
        "--",
    ];

    private static bool IsName(string name) => name.Length > 0 && !char.IsAsciiDigit(name[0]) && name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter == '_');
}
