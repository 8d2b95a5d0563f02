using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace ComputeExchange.Agent.Runners;

/// <summary>The host's processes: which of them are a room's.</summary>
/// <remarks>
/// A room is known by the environment that its shim was started with, which nobody can change from outside, and by the process namespace that the shim
/// made. So nothing need be remembered to find all of it again, and a process id that is used anew misleads nobody.
/// </remarks>
public static partial class ProcessTree
{
    private const int Kill9 = 9;

    /// <summary>All processes of a room.</summary>
    public static HashSet<int> OfRoom(string folder)
    {
        var mark = Encoding.UTF8.GetBytes($"CX_ROOM={folder}\0");
        var all = All().ToList();
        var found = all.Where(pid => Environment(pid).AsSpan().IndexOf(mark) is var at && at >= 0).ToHashSet();
        if (found.Count == 0) return found;

        var mine = NamespaceOf(System.Environment.ProcessId);
        var rooms = found.Select(NamespaceOf).OfType<string>().Where(space => space != mine).ToHashSet();
        var parents = all.ToDictionary(pid => pid, ParentOf);
        foreach (var pid in all)
        {
            for (var at = pid; at > 1 && parents.TryGetValue(at, out var parent); at = parent)
            {
                if (!found.Contains(at) && (NamespaceOf(at) is not { } space || !rooms.Contains(space))) continue;
                found.Add(pid);
                break;
            }
        }
        found.RemoveWhere(pid => !IsAlive(pid));
        return found;
    }

    /// <summary>Ends all processes of a room at once, until none is left.</summary>
    /// <exception cref="RunnerException">Some are left.</exception>
    public static async Task KillRoom(string folder, CancellationToken cancel)
    {
        for (var attempt = 0; ; attempt++)
        {
            var left = OfRoom(folder);
            if (left.Count == 0) return;
            if (attempt == 100) throw new RunnerException($"{left.Count} processes of {folder} do not end ({string.Join(", ", left.Take(5))}).");
            foreach (var pid in left) _ = Send(pid, Kill9);
            await Task.Delay(TimeSpan.FromMilliseconds(attempt < 10 ? 20 : 100), TimeProvider.System, cancel);
        }
    }

    /// <summary>Whether a process is in one of some process namespaces, or below one that is, or below the agent itself.</summary>
    public static bool IsOurs(int pid, IReadOnlySet<string> namespaces)
    {
        for (var at = pid; at > 1; at = ParentOf(at))
        {
            if (at == System.Environment.ProcessId) return true;
            if (NamespaceOf(at) is { } space && namespaces.Contains(space)) return true;
        }
        return false;
    }

    /// <summary>Whether a process is there and not a mere entry that waits to be read by its parent.</summary>
    public static bool IsAlive(int pid) => Stat(pid) is [var state, ..] && state is not ("Z" or "X");

    /// <summary>When a process was started, in the kernel's own count; null where it is not there.</summary>
    public static string? StartOf(int pid) => Stat(pid) is { Length: > 19 } stat ? stat[19] : null;

    /// <summary>A process's namespace of processes; null where it cannot be seen.</summary>
    public static string? NamespaceOf(int pid)
    {
        try
        {
            return new FileInfo($"/proc/{pid}/ns/pid").LinkTarget;
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>The id of a process within its innermost namespace.</summary>
    public static int InnerId(int pid)
    {
        try
        {
            var line = File.ReadLines($"/proc/{pid}/status").FirstOrDefault(line => line.StartsWith("NSpid:", StringComparison.Ordinal));
            return line is null ? pid : int.Parse(line.Split('\t')[^1], CultureInfo.InvariantCulture);
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return pid;
        }
    }

    /// <summary>Sends a signal; 0 if it was sent.</summary>
    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    public static partial int Send(int pid, int signal);

    private static IEnumerable<int> All() =>
        Directory.EnumerateDirectories("/proc").Select(path => Path.GetFileName(path)!).Where(name => char.IsAsciiDigit(name[0])).Select(name => int.Parse(name, CultureInfo.InvariantCulture));

    private static int ParentOf(int pid) => Stat(pid) is { Length: > 1 } stat && int.TryParse(stat[1], CultureInfo.InvariantCulture, out var parent) ? parent : 0;

    private static byte[] Environment(int pid) => Read($"/proc/{pid}/environ");

    // The name of the program, in brackets, may hold anything; what follows it is words.
    private static string[] Stat(int pid)
    {
        var stat = Encoding.UTF8.GetString(Read($"/proc/{pid}/stat"));
        var end = stat.LastIndexOf(')');
        return end < 0 ? [] : stat[(end + 2)..].TrimEnd('\n').Split(' ');
    }

    private static byte[] Read(string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
