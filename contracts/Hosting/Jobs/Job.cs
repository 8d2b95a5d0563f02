using ComputeExchange.Facts.Storage;
using Quartz;

namespace ComputeExchange.Hosting.Jobs;

/// <summary>Something the clock makes a service do. It runs inside the transaction that notes it as done; the caller saves.</summary>
public interface IClockJob
{
    /// <summary>Does what was due at a moment. After an outage every missed moment is done, in order.</summary>
    Task Run(DateTimeOffset due, CancellationToken cancel);
}

/// <summary>When a job is due.</summary>
/// <param name="Name">Its name, unique within the service.</param>
/// <param name="Cron">A Quartz cron expression, UTC.</param>
/// <param name="Type">The <see cref="IClockJob"/>.</param>
public sealed record JobSchedule(string Name, string Cron, Type Type)
{
    private readonly CronExpression _cron = new CronExpression(Cron).WithTimeZone(TimeZoneInfo.Utc);

    /// <summary>The first moment after <paramref name="time"/> at which the job is due.</summary>
    public DateTimeOffset? NextAfter(DateTimeOffset time) => _cron.GetNextValidTimeAfter(time);
}
