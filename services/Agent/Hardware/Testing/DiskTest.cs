using System.Diagnostics;
using System.Runtime.InteropServices;

namespace ComputeExchange.Agent.Hardware.Testing;

/// <summary>How fast the workloads' disk writes and reads, down to the disk itself.</summary>
static partial class DiskTest
{
    private const int BlockLength = 4 << 20;
    private const int WillNotNeed = 4;

    /// <summary>Writes a file, makes sure that it is on the disk, reads it, and removes it; bytes a second.</summary>
    public static (long Write, long Read) Run(string folder, long bytes, CancellationToken cancel)
    {
        if (bytes <= 0) return (0, 0);
        Directory.CreateDirectory(folder);
        var path = Path.Combine(folder, $".self-test-{Environment.ProcessId}");
        var block = new byte[BlockLength];
        // What cannot be compressed; nothing depends on which bytes these are.
        new Random(1).NextBytes(block);
        try
        {
            using var file = File.OpenHandle(path, FileMode.Create, FileAccess.ReadWrite, FileShare.None);
            var begin = Stopwatch.GetTimestamp();
            for (var at = 0L; at < bytes; at += BlockLength)
            {
                cancel.ThrowIfCancellationRequested();
                RandomAccess.Write(file, block.AsSpan(0, (int)Math.Min(BlockLength, bytes - at)), at);
            }
            RandomAccess.FlushToDisk(file);
            var write = Stopwatch.GetElapsedTime(begin);

            // Otherwise it would be read from memory.
            _ = Advise(file, 0, 0, WillNotNeed);
            begin = Stopwatch.GetTimestamp();
            var position = 0L;
            while (RandomAccess.Read(file, block, position) is > 0 and var count)
            {
                cancel.ThrowIfCancellationRequested();
                position += count;
            }
            return (PerSecond(bytes, write), PerSecond(bytes, Stopwatch.GetElapsedTime(begin)));
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static long PerSecond(long bytes, TimeSpan time) => (long)(bytes / Math.Max(time.TotalSeconds, 1e-6));

    [LibraryImport("libc", EntryPoint = "posix_fadvise")]
    private static partial int Advise(SafeHandle file, long offset, long length, int advice);
}
