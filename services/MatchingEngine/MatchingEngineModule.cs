using ComputeExchange.Client;
using ComputeExchange.Facts.Hearing;
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
        services.AddSingleton<IJournalStore>(provider => new JournalStore(provider.GetRequiredService<NpgsqlDataSource>(), options.Database));
        services.AddSingleton(provider => new Feed(provider.GetRequiredService<IJournalStore>(), TimeProvider.System));
        services.AddSingleton(provider => new Engine(
            EngineOptions.FromEnvironment(), provider.GetRequiredService<IJournalStore>(),
            provider.GetRequiredService<Feed>(), provider.GetRequiredService<ExchangeClock>(), TimeProvider.System, provider.GetRequiredService<ILogger<Engine>>()));
        services.AddHostedService(provider => provider.GetRequiredService<Engine>());
        services.AddHostedService<Supervisor>();
        services.AddSingleton(provider => new Connections(
            provider.GetRequiredService<Engine>(), new ConnectionOptions(options.DisconnectGrace), TimeProvider.System, provider.GetRequiredService<ILogger<Connections>>()));
        services.AddHostedService(provider => provider.GetRequiredService<Connections>());
        services.AddSingleton<OpenProblems>();
        services.AddSingleton<RestWatch>();
        services.AddSingleton<SimulatedTime>();
        if (options.Simulated) services.AddHostedService(provider => provider.GetRequiredService<SimulatedTime>());
        else AddRunTrigger(services, options);
        var app = service.Serve<EngineGrpc>().Serve<ClockGrpc>().Build();
        app.MapGet("/standing", (Delegate)Standing.Say);
        return app;
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
        services.AddHostedService<RunSchedule>();
    }

    /// <summary>The tables, before anything else starts. Of two engines that start at once one makes them, and the other waits.</summary>
    private sealed class MigrateFirst(IServiceScopeFactory scopes, NpgsqlDataSource source) : IHostedService
    {
        /// <summary>The advisory lock of whoever changes the tables. The tool's own lock is let go between one migration and the next.</summary>
        private const string TablesLock = "25464, -1";

        public async Task StartAsync(CancellationToken cancellationToken)
        {
            await using var connection = await source.OpenConnectionAsync(cancellationToken);
            await using (var wait = new NpgsqlCommand($"SELECT pg_advisory_lock({TablesLock})", connection) { CommandTimeout = 0 })
                await wait.ExecuteNonQueryAsync(cancellationToken);
            await using (var scope = scopes.CreateAsyncScope())
                await scope.ServiceProvider.GetRequiredService<EngineDb>().Database.MigrateAsync(cancellationToken);
            await using var free = new NpgsqlCommand($"SELECT pg_advisory_unlock({TablesLock})", connection);
            await free.ExecuteNonQueryAsync(cancellationToken);
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
