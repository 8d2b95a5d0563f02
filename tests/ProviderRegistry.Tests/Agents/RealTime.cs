namespace ComputeExchange.ProviderRegistry.Tests.Agents;

/// <summary>Real time that goes on by itself, and jumps when a test wants to have waited.</summary>
public sealed class RealTime : TimeProvider
{
    private long _ahead;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public void Wait(TimeSpan time) => Interlocked.Add(ref _ahead, time.Ticks);

    public override long GetTimestamp() => System.GetUtcNow().UtcTicks + Interlocked.Read(ref _ahead);

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow().AddTicks(Interlocked.Read(ref _ahead));
}
