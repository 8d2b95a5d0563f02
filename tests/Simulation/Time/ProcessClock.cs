namespace ComputeExchange.Simulation.Time;

/// <summary>A process's time: its timers keep the world's pace, its date may be wrong and may jump.</summary>
internal sealed class ProcessClock(Process process, Scheduler scheduler) : TimeProvider
{
    /// <summary>The date on which every world begins.</summary>
    public static readonly DateTimeOffset Beginning = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    /// <summary>How wrong the date is.</summary>
    public TimeSpan Error { get; set; }

    /// <inheritdoc />
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <inheritdoc />
    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    /// <inheritdoc />
    public override DateTimeOffset GetUtcNow() => Beginning + scheduler.Now + Error;

    /// <inheritdoc />
    public override long GetTimestamp() => scheduler.Now.Ticks;

    /// <inheritdoc />
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Timer(process, scheduler, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    private sealed class Timer(Process process, Scheduler scheduler, TimerCallback callback, object? state) : ITimer
    {
        private int _setting;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            var setting = ++_setting;
            if (dueTime == Timeout.InfiniteTimeSpan) return true;
            scheduler.After(dueTime, () => process.Post(_ =>
            {
                if (setting != _setting) return;
                if (period > TimeSpan.Zero) Change(period, period);
                callback(state);
            }, null));
            return true;
        }

        public void Dispose() => _setting++;

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
