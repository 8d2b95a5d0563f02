using System.Globalization;
using System.Runtime;
using System.Runtime.InteropServices;

namespace ComputeExchange.Agent.State;

/// <summary>Gives the host back what the agent needed only to start: its heap's free parts, and the pages of its program that are not used now.</summary>
/// <remarks>Nothing is lost by it: a page of a file that is needed again is read again.</remarks>
public static partial class Memory
{
    private const int PageOut = 21;

    /// <summary>Gives it back.</summary>
    public static void GiveBack()
    {
        GCSettings.LargeObjectHeapCompactionMode = GCLargeObjectHeapCompactionMode.CompactOnce;
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        foreach (var line in File.ReadLines("/proc/self/maps"))
        {
            // 7f0c1c000000-7f0c1c021000 r-xp 00000000 08:01 1234 /usr/bin/cx-agent
            var words = line.Split(' ', 6, StringSplitOptions.RemoveEmptyEntries);
            if (words.Length < 6 || !words[5].StartsWith('/') || words[5].StartsWith("/memfd", StringComparison.Ordinal) || words[1].Contains('w')) continue;
            var range = words[0].Split('-');
            var from = nuint.Parse(range[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            var to = nuint.Parse(range[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            // A kernel before 5.4 does not know it, and keeps the pages.
            _ = Advise(from, to - from, PageOut);
        }
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(nuint from, nuint length, int advice);
}
