using System.Globalization;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;

namespace ComputeExchange.Agent.Hardware;

/// <summary>Reads what a Linux host says of itself; what it does not say stays empty.</summary>
static class HostReader
{
    private static readonly string Version =
        typeof(HostReader).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "";

    public static HostFacts Read(HardwareSettings settings)
    {
        var root = settings.SystemRoot;
        var (disk, free) = Disk(settings.WorkFolder);
        var cpu = Lines(Path.Combine(root, "proc/cpuinfo"));
        return new HostFacts
        {
            System = string.Join(", ", new[] { Kernel(root), Distribution(root) }.Where(text => text.Length > 0)),
            MachineHash = Hash(Text(Path.Combine(root, "etc/machine-id"))),
            BootId = Text(Path.Combine(root, "proc/sys/kernel/random/boot_id")),
            CpuModel = Value(cpu, "model name"),
            CpuCount = cpu.Count(line => line.StartsWith("processor", StringComparison.Ordinal)),
            MemoryBytes = Number(Value(Lines(Path.Combine(root, "proc/meminfo")), "MemTotal").Split(' ')[0]) * 1024,
            DiskBytes = disk,
            DiskFreeBytes = free,
            Links = Links(Path.Combine(root, "sys/class/net")),
            AgentVersion = Version.Split('+')[0],
        };
    }

    private static string Kernel(string root)
    {
        var release = Text(Path.Combine(root, "proc/sys/kernel/osrelease"));
        return release.Length == 0 ? "" : $"Linux {release}";
    }

    private static string Distribution(string root) =>
        Lines(Path.Combine(root, "etc/os-release")).Where(line => line.StartsWith("PRETTY_NAME=", StringComparison.Ordinal))
            .Select(line => line["PRETTY_NAME=".Length..].Trim('"')).FirstOrDefault("");

    // The machine's id itself is not told to anybody: systemd asks for that.
    private static string Hash(string machine) =>
        machine.Length == 0 ? "" : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"cx-agent|{machine}")));

    private static (long Total, long Free) Disk(string folder)
    {
        // The folder may not be made yet: then its nearest one that is.
        var there = new DirectoryInfo(Path.GetFullPath(folder));
        while (there is { Exists: false, Parent: not null }) there = there.Parent;
        try
        {
            var drive = new DriveInfo(there.FullName);
            return (drive.TotalSize, drive.AvailableFreeSpace);
        }
        catch (IOException)
        {
            return (0, 0);
        }
    }

    private static List<NetworkLink> Links(string folder)
    {
        if (!Directory.Exists(folder)) return [];
        // Only interfaces of a device: bridges, tunnels and the loopback have none.
        return [.. Directory.EnumerateFileSystemEntries(folder).Order(StringComparer.Ordinal)
            .Where(link => Path.Exists(Path.Combine(link, "device")) && Text(Path.Combine(link, "operstate")) == "up")
            .Select(link => new NetworkLink(Path.GetFileName(link), Math.Max(0, Number(Text(Path.Combine(link, "speed"))))))];
    }

    private static string Value(string[] lines, string name) =>
        lines.Where(line => line.StartsWith(name, StringComparison.Ordinal)).Select(line => line[(line.IndexOf(':') + 1)..].Trim()).FirstOrDefault("");

    private static long Number(string text) => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : 0;

    private static string Text(string path) => string.Join('\n', Lines(path)).Trim();

    private static string[] Lines(string path)
    {
        try
        {
            return File.ReadAllLines(path);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
