using System.Diagnostics;
using System.Globalization;

namespace ComputeExchange.EndToEnd.Tests;

/// <summary>A process as the operating system lists it.</summary>
internal sealed record RunningProcess(int Id, int ParentId, string Command)
{
    /// <summary>Whether it still runs; one that waits to be buried does not.</summary>
    public bool Lives => All().Any(process => process.Id == Id && process.Command == Command);

    /// <summary>These processes and all that they brought up.</summary>
    public static IReadOnlyList<RunningProcess> TreeOf(params int[] roots)
    {
        var all = All();
        var found = all.Where(process => roots.Contains(process.Id)).ToList();
        for (var i = 0; i < found.Count; i++) found.AddRange(all.Where(process => process.ParentId == found[i].Id && !found.Contains(process)));
        return found;
    }

    /// <summary>Kills it as a power cut would.</summary>
    public void Kill()
    {
        using var kill = Process.Start("kill", ["-9", Id.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    private static List<RunningProcess> All()
    {
        using var list = Process.Start(new ProcessStartInfo("ps", ["-A", "-o", "pid=,ppid=,stat=,args="]) { RedirectStandardOutput = true })
            ?? throw new InvalidOperationException("ps cannot be started.");
        return
        [
            .. from line in list.StandardOutput.ReadToEnd().Split('\n')
               let parts = line.Split(' ', 4, StringSplitOptions.RemoveEmptyEntries)
               where parts.Length == 4 && parts[2][0] != 'Z'
               select new RunningProcess(int.Parse(parts[0], CultureInfo.InvariantCulture), int.Parse(parts[1], CultureInfo.InvariantCulture), parts[3]),
        ];
    }
}
