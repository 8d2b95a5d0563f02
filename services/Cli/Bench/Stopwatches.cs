using System.Runtime.InteropServices;

namespace ComputeExchange.Cli.Bench;

/// <summary>The processor time of the calling thread: what work costs, whatever else the machine does meanwhile.</summary>
internal static unsafe partial class ThreadClock
{
    private static readonly int Clock = OperatingSystem.IsMacOS() ? 16 : 3;

    /// <summary>Seconds of processor time that this thread has used.</summary>
    public static double Seconds()
    {
        var time = stackalloc long[2];
        return GetTime(Clock, time) == 0 ? time[0] + (time[1] * 1e-9) : throw new PlatformNotSupportedException("The system has no clock for a thread's processor time.");
    }

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int GetTime(int clock, long* time);
}

/// <summary>What one pass over the records took.</summary>
/// <param name="Wall">Seconds.</param>
/// <param name="Processor">Seconds of the thread's processor time.</param>
/// <param name="Allocated">Bytes allocated on the heap.</param>
/// <param name="Pauses">Pieces of work, of 512 records each, that took over a millisecond.</param>
/// <param name="LongestPause">The longest of them in milliseconds.</param>
internal sealed record Pass(double Wall, double Processor, long Allocated, int Pauses, double LongestPause)
{
    private const int Piece = 512;

    /// <summary>Runs a pass in pieces, and takes its time.</summary>
    public static Pass Of(int records, Action<int, int> work)
    {
        var (pauses, longest) = (0, 0.0);
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        var (wall, processor) = (TimeProvider.System.GetTimestamp(), ThreadClock.Seconds());
        var last = wall;
        for (var from = 0; from < records; from += Piece)
        {
            work(from, Math.Min(records, from + Piece));
            var now = TimeProvider.System.GetTimestamp();
            var took = TimeProvider.System.GetElapsedTime(last, now).TotalMilliseconds;
            last = now;
            longest = Math.Max(longest, took);
            if (took > 1) pauses++;
        }
        return new Pass(
            TimeProvider.System.GetElapsedTime(wall).TotalSeconds, ThreadClock.Seconds() - processor, GC.GetAllocatedBytesForCurrentThread() - allocated, pauses, longest);
    }
}

/// <summary>The passes of one bench, and the middle of them.</summary>
internal sealed class Passes(int records)
{
    private readonly List<Pass> _passes = [];

    public void Add(Pass pass) => _passes.Add(pass);

    /// <summary>Operations a second of wall time, the median of the passes.</summary>
    public long OperationsPerSecond => (long)(records / Median(pass => pass.Wall));

    /// <summary>Nanoseconds of processor time an operation, the median of the passes.</summary>
    public decimal NanosecondsEach => decimal.Round((decimal)(Median(pass => pass.Processor) * 1e9 / records), 1);

    /// <summary>Bytes allocated in the pass that allocated least.</summary>
    public long Allocated => _passes.Min(pass => pass.Allocated);

    /// <summary>Pieces of work over a millisecond, in all passes.</summary>
    public int Pauses => _passes.Sum(pass => pass.Pauses);

    /// <summary>The longest piece of work, in milliseconds.</summary>
    public decimal LongestPause => decimal.Round((decimal)_passes.Max(pass => pass.LongestPause), 2);

    private double Median(Func<Pass, double> figure) => _passes.Select(figure).Order().ElementAt(_passes.Count / 2);
}
