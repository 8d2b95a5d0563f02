using ComputeExchange.Facts.Hearing;
using ComputeExchange.MatchingEngine.Running;
using Quartz;

namespace ComputeExchange.MatchingEngine.Clock;

/// <summary>Has Quartz close runs while this engine owns the shard, and only then: a standby's Quartz stands still.</summary>
/// <remarks>A next run is planned when the engine begins to serve and when the settings change; each run then plans the one after it.</remarks>
internal sealed class RunSchedule(Engine engine, ISchedulerFactory schedulers, TimeProvider clock, ILogger<RunSchedule> log) : BackgroundService
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(1);

    private volatile int _newInterval;

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var changed = new Signal();
        engine.ServingChanged += _ => changed.Set();
        engine.SettingsChanged += settings =>
        {
            _newInterval = settings.RunIntervalSeconds;
            changed.Set();
        };
        var runs = false;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await changed.Wait(LookAgain, stoppingToken);
                if (engine.IsServing && !runs)
                {
                    var scheduler = await schedulers.GetScheduler(stoppingToken);
                    await Plan(scheduler, clock.GetUtcNow().AddSeconds(1), stoppingToken);
                    await scheduler.Start(stoppingToken);
                    runs = true;
                }
                else if (!engine.IsServing && runs)
                {
                    await (await schedulers.GetScheduler(stoppingToken)).Standby(stoppingToken);
                    runs = false;
                }
                else if (runs && _newInterval is > 0 and var interval)
                {
                    _newInterval = 0;
                    await Plan(await schedulers.GetScheduler(stoppingToken), RunTrigger.NextAfter(clock.GetUtcNow(), interval), stoppingToken);
                }
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
            }
            catch (Exception failure) when (failure is not OutOfMemoryException)
            {
                log.LogWarning("Runs cannot be planned now: {Reason}", failure.Message);
            }
        }
        if (runs) await (await schedulers.GetScheduler(CancellationToken.None)).Shutdown(waitForJobsToComplete: true, CancellationToken.None);
    }

    private static async Task Plan(IScheduler scheduler, DateTimeOffset next, CancellationToken cancel)
    {
        if (await scheduler.GetTrigger(RunTrigger.Trigger, cancel) is null) await scheduler.ScheduleJob(RunTrigger.At(next), cancellationToken: cancel);
        else await scheduler.RescheduleJob(RunTrigger.Trigger, RunTrigger.At(next), cancel);
    }
}
