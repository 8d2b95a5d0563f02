using System.Globalization;
using ComputeExchange.Agent.State;

namespace ComputeExchange.Agent.Link;

/// <summary>The exchange's time as the agent knows it: the host's own, or, where the exchange's clock is simulated, what it was told last.</summary>
public sealed class ExchangeTime
{
    private readonly TimeProvider _host;
    private readonly StateFolder _state;
    private readonly Lock _telling = new();
    private long _toldTicks;

    public ExchangeTime(TimeProvider host, StateFolder state)
    {
        (_host, _state) = (host, state);
        // A restarted agent must not take the host's time for a simulated one before it has heard anything.
        if (File.Exists(state.ClockFile) && long.TryParse(File.ReadAllText(state.ClockFile), CultureInfo.InvariantCulture, out var ticks)) _toldTicks = ticks;
    }

    /// <summary>Raised when a simulated clock has moved.</summary>
    public event Action? Moved;

    /// <summary>Whether the exchange's clock is simulated.</summary>
    public bool IsSimulated => Volatile.Read(ref _toldTicks) != 0;

    /// <summary>Now.</summary>
    public DateTimeOffset Now => Volatile.Read(ref _toldTicks) is var ticks and not 0 ? new DateTimeOffset(ticks, TimeSpan.Zero) : _host.GetUtcNow();

    /// <summary>Takes what a welcome says.</summary>
    public void Begin(DateTimeOffset time, bool simulated)
    {
        if (simulated) Set(time);
        else lock (_telling)
        {
            File.Delete(_state.ClockFile);
            Volatile.Write(ref _toldTicks, 0);
        }
    }

    /// <summary>Takes what was told with a heartbeat.</summary>
    public void Tell(DateTimeOffset time)
    {
        if (IsSimulated) Set(time);
    }

    private void Set(DateTimeOffset time)
    {
        lock (_telling)
        {
            if (time.UtcTicks == _toldTicks) return;
            StateFolder.Write(_state.ClockFile, System.Text.Encoding.ASCII.GetBytes(time.UtcTicks.ToString(CultureInfo.InvariantCulture)));
            Volatile.Write(ref _toldTicks, time.UtcTicks);
        }
        Moved?.Invoke();
    }
}
