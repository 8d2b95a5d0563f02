using ComputeExchange.Facts.Hearing;
using ComputeExchange.MatchingEngine.Running;
using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.Values;
using Quartz;

namespace ComputeExchange.MatchingEngine.Clock;

/// <summary>In real time Quartz closes the runs: each firing closes one and sets the next moment from the settings in force.</summary>
/// <remarks>After an outage one run is closed at once; those missed are not made up, their slots are past.</remarks>
[DisallowConcurrentExecution]
internal sealed class RunTrigger(Engine engine, ExchangeClock clock, ILogger<RunTrigger> log) : IJob
{
    /// <summary>The job's name in Quartz's store.</summary>
    public static readonly JobKey Job = new("close-run");

    /// <summary>The trigger's name in Quartz's store.</summary>
    public static readonly TriggerKey Trigger = new("close-run");

    /// <inheritdoc />
    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken)
    {
        var interval = 1;
        try
        {
            if (engine.IsServing)
            {
                interval = await engine.Ask((exchange, _) => exchange.Settings.RunIntervalSeconds, cancellationToken);
                var due = clock.GetUtcNow().ToUnixTimeSeconds() / interval;
                await engine.Submit(DerivedId.From("run", interval, due), new EngineCommand { CloseRun = new CloseRun() }, cancellationToken);
            }
        }
        catch (EngineUnavailableException)
        {
            log.LogInformation("No run was closed: this engine does not own the shard now.");
        }
        await context.Scheduler.RescheduleJob(Trigger, At(NextAfter(clock.GetUtcNow(), interval)), cancellationToken);
    }

    /// <summary>The next moment of a run: whole intervals since the epoch.</summary>
    public static DateTimeOffset NextAfter(DateTimeOffset now, int interval) =>
        DateTimeOffset.FromUnixTimeSeconds(((now.ToUnixTimeSeconds() / interval) + 1) * interval);

    /// <summary>A trigger for one moment; late is better than never.</summary>
    public static ITrigger At(DateTimeOffset time) => TriggerBuilder.Create()
        .WithIdentity(Trigger).ForJob(Job).StartAt(time)
        .Build();
}
