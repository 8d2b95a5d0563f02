using Quartz;

namespace ComputeExchange.Hosting.Jobs;

/// <summary>Quartz's part in real time: it says when something is due, the runner knows what.</summary>
[DisallowConcurrentExecution]
public sealed class QuartzTick(JobRunner runner) : IJob
{
    /// <inheritdoc />
    public ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken)
    {
        runner.Look();
        return ValueTask.CompletedTask;
    }
}
