using ComputeExchange.Facts;
using ComputeExchange.Facts.Hearing;
using ComputeExchange.Facts.Storage;
using ComputeExchange.Hosting.Telemetry;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ComputeExchange.Hosting.Jobs;

/// <summary>Runs a service's jobs as the clock makes them due: when Quartz calls in real time, when the feed moves it in simulated time.</summary>
public sealed class JobRunner(
    ServiceName self,
    IEnumerable<JobSchedule> schedules,
    ExchangeClock clock,
    Signals signals,
    IServiceScopeFactory scopes,
    ILogger<JobRunner> log) : BackgroundService, IDueWork
{
    private readonly IReadOnlyList<JobSchedule> _schedules = [.. schedules];

    /// <summary>Asks for a look at what is due.</summary>
    public void Look() => signals.ClockMoved.Set();

    /// <inheritdoc />
    public async Task<int> CountDue(ServiceDb db, CancellationToken cancel)
    {
        if (_schedules.Count == 0) return 0;
        var now = clock.GetUtcNow();
        var done = await db.Jobs.AsNoTracking().ToDictionaryAsync(job => job.Name, job => job.DoneUntil, cancel);
        return _schedules.Count(schedule => done.TryGetValue(schedule.Name, out var until) ? schedule.NextAfter(until) <= now : now > ExchangeClock.Beginning);
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (_schedules.Count == 0) return;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                while (await RunNext(stoppingToken)) { }
                await signals.ClockMoved.Wait(TimeSpan.FromSeconds(5), stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure) when (failure is not OutOfMemoryException)
            {
                DoorMeasures.JobFailed(self.Name);
                log.LogWarning(failure, "A job failed; it runs again.");
                await Task.Delay(TimeSpan.FromSeconds(1), stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <summary>Runs what was due first of all that is due.</summary>
    private async Task<bool> RunNext(CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        if (clock.Simulated && now <= ExchangeClock.Beginning) return false;

        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<ServiceDb>();
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);

        // One runner a service: the rows are locked, and a job seen for the first time begins with the moment now.
        var rows = await Lock(db, cancel);
        var unseen = _schedules.Where(schedule => !rows.ContainsKey(schedule.Name)).ToList();
        foreach (var schedule in unseen)
            await db.Database.ExecuteSqlRawAsync(
                $"INSERT INTO {db.Schema}.jobs (name, done_until) VALUES ({{0}}, {{1}}) ON CONFLICT DO NOTHING", [schedule.Name, now], cancel);
        if (unseen.Count > 0) rows = await Lock(db, cancel);

        var next = _schedules
            .Select(schedule => (Schedule: schedule, Due: schedule.NextAfter(rows[schedule.Name].DoneUntil)))
            .Where(job => job.Due <= now)
            .OrderBy(job => job.Due).ThenBy(job => job.Schedule.Name, StringComparer.Ordinal)
            .FirstOrDefault();
        if (next.Due is { } due)
        {
            var job = (IClockJob)scope.ServiceProvider.GetRequiredService(next.Schedule.Type);
            await job.Run(due, cancel);
            rows[next.Schedule.Name].DoneUntil = due;
            await db.SaveChangesAsync(cancel);
        }
        await transaction.CommitAsync(cancel);
        if (next.Due is { } done) DoorMeasures.Ran(self.Name, next.Schedule.Name, now - done);
        return next.Due is not null;
    }

    private static Task<Dictionary<string, JobRow>> Lock(ServiceDb db, CancellationToken cancel) =>
        db.Jobs.FromSqlRaw($"SELECT * FROM {db.Schema}.jobs ORDER BY name FOR UPDATE").ToDictionaryAsync(job => job.Name, cancel);
}
