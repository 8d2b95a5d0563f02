using System.Globalization;

namespace ComputeExchange.Agent.Runners;

/// <summary>The kernel's limits for a room, where the agent may set them: control groups of version 2, or of version 1.</summary>
public sealed class ControlGroups(string root = "/sys/fs/cgroup")
{
    private const string Mine = "cx-agent";
    private const int Processes = 4_096;
    private const long Period = 100_000;

    private static readonly string[] Controllers = ["memory", "cpu", "pids"];

    private bool IsSecond => File.Exists(Path.Combine(root, "cgroup.controllers"));

    /// <summary>Makes the groups of a room.</summary>
    /// <returns>The groups to be joined; none where the agent may not make any.</returns>
    public IReadOnlyList<string> Make(Room room)
    {
        try
        {
            return IsSecond ? MakeSecond(room) : MakeFirst(room);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            Remove(room.DeliveryId);
            return [];
        }
    }

    /// <summary>Whether a group limits memory.</summary>
    public static bool LimitsMemory(IReadOnlyList<string> groups) => groups.Any(group => File.Exists(Path.Combine(group, "memory.max")) || File.Exists(Path.Combine(group, "memory.limit_in_bytes")));

    /// <summary>Removes the groups of a room; nothing may be in them.</summary>
    public void Remove(long deliveryId)
    {
        foreach (var group in Controllers.Select(controller => Path.Combine(root, controller, Mine)).Append(Path.Combine(root, Mine)).Select(parent => Path.Combine(parent, NameOf(deliveryId))))
        {
            try
            {
                if (Directory.Exists(group)) Directory.Delete(group);
            }
            catch (Exception busy) when (busy is IOException or UnauthorizedAccessException)
            {
                // An empty group left behind limits nobody, and the next delivery has another name.
            }
        }
    }

    private List<string> MakeSecond(Room room)
    {
        var parent = Path.Combine(root, Mine);
        Directory.CreateDirectory(parent);
        File.WriteAllText(Path.Combine(root, "cgroup.subtree_control"), "+memory +cpu +pids");
        File.WriteAllText(Path.Combine(parent, "cgroup.subtree_control"), "+memory +cpu +pids");
        var group = Directory.CreateDirectory(Path.Combine(parent, NameOf(room.DeliveryId))).FullName;
        Set(group, "memory.max", room.MemoryBytes);
        if (room.MemoryBytes > 0 && File.Exists(Path.Combine(group, "memory.swap.max"))) File.WriteAllText(Path.Combine(group, "memory.swap.max"), "0");
        File.WriteAllText(Path.Combine(group, "cpu.max"), $"{room.CpuCount * Period} {Period}");
        Set(group, "pids.max", Processes);
        return [group];
    }

    private List<string> MakeFirst(Room room)
    {
        var groups = new List<string>();
        foreach (var controller in Controllers.Where(controller => Directory.Exists(Path.Combine(root, controller))))
        {
            var group = Directory.CreateDirectory(Path.Combine(root, controller, Mine, NameOf(room.DeliveryId))).FullName;
            groups.Add(group);
            if (controller == "memory") Set(group, "memory.limit_in_bytes", room.MemoryBytes);
            if (controller == "pids") Set(group, "pids.max", Processes);
            if (controller != "cpu") continue;
            Set(group, "cpu.cfs_period_us", Period);
            Set(group, "cpu.cfs_quota_us", room.CpuCount * Period);
        }
        return groups;
    }

    private static void Set(string group, string name, long value)
    {
        if (value > 0) File.WriteAllText(Path.Combine(group, name), value.ToString(CultureInfo.InvariantCulture));
    }

    private static string NameOf(long deliveryId) => $"delivery-{deliveryId.ToString(CultureInfo.InvariantCulture)}";
}
