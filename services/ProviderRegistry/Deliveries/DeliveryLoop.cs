using ComputeExchange.ProviderRegistry.Storage;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.ProviderRegistry.Deliveries;

/// <summary>Runs the deliveries: every second it does what is due by the exchange's clock.</summary>
/// <remarks>
/// Of several processes one does it: it holds a lock of the database for as long as it is connected. An exchange whose nodes have no agents is asked every five seconds whether it still has none.
/// </remarks>
public sealed class DeliveryLoop(IServiceScopeFactory scopes, TimeProvider clock, ILogger<DeliveryLoop> log) : BackgroundService
{
    /// <summary>The lock that the one who does it holds.</summary>
    private const long Lock = 0x6465_6C69_7665;

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan EmptyPause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan EraseEvery = TimeSpan.FromMinutes(1);

    private readonly Dictionary<long, int> _failures = [];
    private long _erased;

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await Watch(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure) when (failure is not OutOfMemoryException)
            {
                log.LogWarning(failure, "Deliveries could not be run; it is tried again.");
                await Task.Delay(Pause, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task Watch(CancellationToken cancel)
    {
        await using var scope = scopes.CreateAsyncScope();
        var holder = scope.ServiceProvider.GetRequiredService<ProviderRegistryDb>();
        await holder.Database.OpenConnectionAsync(cancel);
        var mine = false;
        var busy = false;
        while (!cancel.IsCancellationRequested)
        {
            // The lock belongs to this connection: who lost it finds out here and begins again.
            mine = (await holder.Database.SqlQuery<bool>($"""SELECT {mine} OR pg_try_advisory_lock({Lock}) AS "Value" """).ToListAsync(cancel)).Single();
            busy = mine && (busy || await holder.Agents.AsNoTracking().AnyAsync(cancel));
            if (busy) await Run(cancel);
            await Task.Delay(busy ? Pause : EmptyPause, cancel);
        }
    }

    /// <summary>Does all that is due now; a delivery that cannot be done with does not hold up the others.</summary>
    internal async Task Run(CancellationToken cancel)
    {
        List<long> due;
        await using (var scope = scopes.CreateAsyncScope())
        {
            var db = scope.ServiceProvider.GetRequiredService<ProviderRegistryDb>();
            due = await DueDeliveries.Find(db, clock.GetUtcNow(), cancel);
            if (_erased == 0 || TimeProvider.System.GetElapsedTime(_erased) > EraseEvery)
            {
                await EraseSecrets.Run(db, clock.GetUtcNow(), cancel);
                _erased = TimeProvider.System.GetTimestamp();
            }
        }
        foreach (var id in due)
        {
            await using var scope = scopes.CreateAsyncScope();
            try
            {
                await scope.ServiceProvider.GetRequiredService<RunDelivery>().Handle(id, cancel);
                _failures.Remove(id);
            }
            catch (Exception failure) when (failure is not OutOfMemoryException && !cancel.IsCancellationRequested)
            {
                var count = _failures[id] = _failures.GetValueOrDefault(id) + 1;
                if (count is 1 or 10 or 100 or 1_000)
                    log.LogWarning(failure, "Delivery {DeliveryId} could not be run (time {Count}); it is tried again every second.", id, count);
            }
        }
    }
}
