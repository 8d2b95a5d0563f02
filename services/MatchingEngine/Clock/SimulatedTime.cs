using ComputeExchange.Facts.Hearing;
using ComputeExchange.MatchingEngine.Running;
using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.Values;
using Google.Protobuf.WellKnownTypes;

namespace ComputeExchange.MatchingEngine.Clock;

/// <summary>Moves the one simulated clock: from run to run, and never before everything that was due is done.</summary>
internal sealed class SimulatedTime(Engine engine, RestWatch rest, ILogger<SimulatedTime> log) : BackgroundService
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly SemaphoreSlim _one = new(1, 1);
    private volatile int _speed;

    /// <summary>Simulated seconds in a real second while the clock runs by itself; 0 when it stands.</summary>
    public int Speed
    {
        get => _speed;
        set => _speed = value;
    }

    /// <summary>Moves the clock to a time, if it is not past, and closes every run on the way.</summary>
    /// <exception cref="TimeoutException">The exchange does not come to rest.</exception>
    public async Task<DateTimeOffset> MoveTo(DateTimeOffset to, CancellationToken cancel)
    {
        await _one.WaitAsync(cancel);
        try
        {
            while (true)
            {
                // Everything here has an id that follows from the time, so that a crash on the way and a repetition change nothing.
                await rest.UntilRest(Patience, cancel);
                var (now, interval) = await Now(cancel);
                if (IsRun(now, interval))
                {
                    await engine.Submit(DerivedId.From("run", now.UtcTicks), new EngineCommand { CloseRun = new CloseRun() }, cancel);
                    await rest.UntilRest(Patience, cancel);
                }
                if (to <= now) return now;

                var next = NextRun(now, interval);
                if (next > to || now == ExchangeClock.Beginning) next = to;
                await engine.Submit(
                    DerivedId.From("clock", next.UtcTicks),
                    new EngineCommand { AdvanceClock = new AdvanceClock { ToTime = next.ToTimestamp() } }, cancel);
            }
        }
        finally
        {
            _one.Release();
        }
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var second = new PeriodicTimer(TimeSpan.FromSeconds(1));
        while (await second.WaitForNextTickAsync(stoppingToken).AsTask().ContinueWith(t => t.IsCompletedSuccessfully && t.Result, TaskScheduler.Default))
        {
            if (_speed == 0 || !engine.IsServing) continue;
            try
            {
                var (now, _) = await Now(stoppingToken);
                await MoveTo(now.AddSeconds(_speed), stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure) when (failure is not OutOfMemoryException)
            {
                log.LogWarning("The clock waits: {Reason}", failure.Message);
            }
        }
    }

    private Task<(DateTimeOffset Now, int Interval)> Now(CancellationToken cancel) =>
        engine.Ask((exchange, _) => (exchange.Now, exchange.Settings.RunIntervalSeconds), cancel);

    private static bool IsRun(DateTimeOffset time, int interval) =>
        time > ExchangeClock.Beginning && time.UtcTicks % (interval * TimeSpan.TicksPerSecond) == 0;

    private static DateTimeOffset NextRun(DateTimeOffset time, int interval)
    {
        var step = interval * TimeSpan.TicksPerSecond;
        return new DateTimeOffset(((time.UtcTicks / step) + 1) * step, TimeSpan.Zero);
    }
}
