using ComputeExchange.Client;
using ComputeExchange.Hosting;
using ComputeExchange.MatchingEngine.Clock;
using ComputeExchange.MatchingEngine.Doors;
using ComputeExchange.MatchingEngine.Running;
using ComputeExchange.MatchingEngine.Storage;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using Quartz;

namespace ComputeExchange.MatchingEngine;

/// <summary>The matching engine as a service: what is stored, run and served.</summary>
public static class MatchingEngineModule
{
    /// <summary>The service, ready to be started.</summary>
    public static WebApplication Build(ServiceOptions options)
    {
        var service = ExchangeService.Create(ServiceNames.MatchingEngine, options);
        var services = service.Builder.Services;
        services.AddSingleton(_ => NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(options.Database) { ApplicationName = ServiceNames.MatchingEngine }));
        services.AddDbContext<EngineDb>((provider, db) =>
            Hosting.Storage.Configure(db, provider.GetRequiredService<NpgsqlDataSource>(), ServiceNames.MatchingEngine));
        services.AddHostedService<MigrateFirst>();
        services.AddSingleton<Feed>();
        services.AddSingleton<Engine>();
        services.AddHostedService(provider => provider.GetRequiredService<Engine>());
        services.AddHostedService<Supervisor>();
        services.AddSingleton<RestWatch>();
        services.AddSingleton<SimulatedTime>();
        if (options.Simulated) services.AddHostedService(provider => provider.GetRequiredService<SimulatedTime>());
        else AddRunTrigger(services, options);
        return service.Serve<EngineGrpc>().Serve<ClockGrpc>().Build();
    }

    private static void AddRunTrigger(IServiceCollection services, ServiceOptions options)
    {
        var store = new NpgsqlConnectionStringBuilder(options.Database) { SearchPath = ServiceNames.MatchingEngine, MaxPoolSize = 5 };
        services.AddQuartz(quartz =>
        {
            quartz.UsePersistentStore(persistent =>
            {
                persistent.UsePostgres(store.ConnectionString);
                persistent.ProvisionSchema();
                persistent.UseClustering();
            });
            quartz.AddJob<RunTrigger>(job => job.WithIdentity(RunTrigger.Job).StoreDurably());
        });
        services.AddQuartzHostedService(quartz => quartz.WaitForJobsToComplete = true);
        services.AddHostedService<FirstTrigger>();
    }

    /// <summary>The tables, before anything else starts.</summary>
    private sealed class MigrateFirst(IServiceScopeFactory scopes) : IHostedService
    {
        public async Task StartAsync(CancellationToken cancellationToken)
        {
            await using var scope = scopes.CreateAsyncScope();
            await scope.ServiceProvider.GetRequiredService<EngineDb>().Database.MigrateAsync(cancellationToken);
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }

    /// <summary>Sees to it that a next run is planned, at the start and when the settings change; each run then plans the one after it.</summary>
    private sealed class FirstTrigger(Engine engine, ISchedulerFactory schedulers, TimeProvider clock, ILogger<FirstTrigger> log) : IHostedService
    {
        public async Task StartAsync(CancellationToken cancellationToken)
        {
            await Plan(clock.GetUtcNow().AddSeconds(1), cancellationToken);
            engine.SettingsChanged += settings => _ = PlanAgain(settings.RunIntervalSeconds);
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        private async Task PlanAgain(int interval)
        {
            try
            {
                await Plan(RunTrigger.NextAfter(clock.GetUtcNow(), interval), CancellationToken.None);
            }
            catch (SchedulerException failure)
            {
                log.LogWarning(failure, "The new interval of {Seconds} s holds from the run after the next.", interval);
            }
        }

        private async Task Plan(DateTimeOffset next, CancellationToken cancel)
        {
            var scheduler = await schedulers.GetScheduler(cancel);
            if (await scheduler.GetTrigger(RunTrigger.Trigger, cancel) is null) await scheduler.ScheduleJob(RunTrigger.At(next), cancellationToken: cancel);
            else await scheduler.RescheduleJob(RunTrigger.Trigger, RunTrigger.At(next), cancel);
        }
    }
}
