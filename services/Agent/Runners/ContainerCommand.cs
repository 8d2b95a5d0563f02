using System.Globalization;

namespace ComputeExchange.Agent.Runners;

/// <summary>What a container engine is told, word for word. No value of the buyer's environment is among it: those go by a file.</summary>
public static class ContainerCommand
{
    // An SSH server drops its own rights for each caller; nothing else may regain any.
    private static readonly string[] SshRights = ["CHOWN", "DAC_OVERRIDE", "FOWNER", "SETUID", "SETGID", "SYS_CHROOT", "AUDIT_WRITE", "KILL"];

    /// <summary>The name of a run's container.</summary>
    public static string NameOf(Room room) => string.Create(CultureInfo.InvariantCulture, $"cx-delivery-{room.DeliveryId}-{room.Run}");

    /// <summary>The name of a delivery's network.</summary>
    public static string NetworkOf(Room room) => string.Create(CultureInfo.InvariantCulture, $"cx-delivery-{room.DeliveryId}");

    /// <summary>The label of a delivery.</summary>
    public static string LabelOf(Room room) => string.Create(CultureInfo.InvariantCulture, $"{Room.Label}={room.DeliveryId}");

    /// <summary>The command that starts a run.</summary>
    /// <param name="engine">"docker" or "podman".</param>
    /// <param name="room">The room and run.</param>
    /// <param name="environmentFile">The buyer's environment; removed when the container has been started.</param>
    /// <param name="ssh">Whether SSH is let in.</param>
    public static IReadOnlyList<string> Run(string engine, Room room, string environmentFile, bool ssh)
    {
        var words = new List<string>
        {
            engine, "run", "--detach", "--pull", "never", "--name", NameOf(room), "--label", LabelOf(room), "--network", NetworkOf(room), "--restart", "no",
            "--cpus", room.CpuCount.ToString(CultureInfo.InvariantCulture), "--pids-limit", "4096", "--security-opt", "no-new-privileges", "--cap-drop", "ALL",
            "--env-file", environmentFile, "--volume", $"{room.Metadata}:/run/cx:ro", "--volume", $"{room.Home}:/workspace",
        };
        if (room.MemoryBytes > 0)
            words.AddRange(["--memory", $"{room.MemoryBytes}b", "--memory-swap", $"{room.MemoryBytes}b", "--shm-size", $"{room.MemoryBytes / 2}b"]);
        if (engine == "docker") words.AddRange(["--log-opt", "max-size=64m", "--log-opt", "max-file=2"]);
        words.AddRange(Gpus(engine, room.GpuUuids));
        if (ssh)
        {
            foreach (var right in SshRights) words.AddRange(["--cap-add", right]);
            words.AddRange(["--publish", "22", "--volume", $"{Path.Combine(room.Folder, "authorized_keys")}:/root/.ssh/authorized_keys:ro"]);
        }
        return [.. words, room.Workload.Image, .. room.Workload.Command];
    }

    private static IEnumerable<string> Gpus(string engine, IReadOnlyList<string> uuids)
    {
        if (uuids.Count == 0) return [];
        // Docker reads the value as a row of a table, so the list of devices stands in quotes of its own.
        if (engine == "docker") return ["--gpus", $"\"device={string.Join(',', uuids)}\""];
        return uuids.SelectMany(uuid => new[] { "--device", $"nvidia.com/gpu={uuid}" });
    }
}
