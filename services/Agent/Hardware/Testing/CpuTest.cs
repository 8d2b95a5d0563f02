using System.Diagnostics;
using ComputeExchange.Values.Delivery;

namespace ComputeExchange.Agent.Hardware.Testing;

/// <summary>How fast the CPU computes: rounds of the compute check on all cores together.</summary>
static class CpuTest
{
    public static long Run(int milliseconds)
    {
        if (milliseconds <= 0) return 0;
        var begin = Stopwatch.GetTimestamp();
        var rounds = 0L;
        Parallel.For(0, Environment.ProcessorCount, core =>
        {
            var done = 0L;
            for (var thread = 0; Stopwatch.GetElapsedTime(begin).TotalMilliseconds < milliseconds; thread++, done += ComputeCheck.Rounds)
                _ = ComputeCheck.Result((ulong)core, thread % ComputeCheck.Threads);
            Interlocked.Add(ref rounds, done);
        });
        return (long)(rounds / Stopwatch.GetElapsedTime(begin).TotalSeconds);
    }
}
