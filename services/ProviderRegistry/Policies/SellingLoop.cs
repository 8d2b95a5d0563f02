using ComputeExchange.ProviderRegistry.Maintenance;
using ComputeExchange.ProviderRegistry.Packing;
using ComputeExchange.ProviderRegistry.Storage;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.ProviderRegistry.Policies;

/// <summary>Follows the policies of nodes every five seconds, and packs what is about to begin; of several processes one does it.</summary>
public sealed class SellingLoop(IServiceScopeFactory scopes, TimeProvider clock, ILogger<SellingLoop> log) : BackgroundService
{
    /// <summary>The lock that the one who does it holds.</summary>
    private const long Lock = 0x7365_6C6C_696E;

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    private readonly PastAsks _asked = new(TimeProvider.System);

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
                log.LogWarning(failure, "Policies could not be followed; it is tried again.");
                await Task.Delay(Pause, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task Watch(CancellationToken cancel)
    {
        await using var scope = scopes.CreateAsyncScope();
        var holder = scope.ServiceProvider.GetRequiredService<ProviderRegistryDb>();
        await holder.Database.OpenConnectionAsync(cancel);
        var (mine, any) = (false, false);
        while (!cancel.IsCancellationRequested)
        {
            // The lock belongs to this connection: who lost it finds out here and begins again.
            mine = (await holder.Database.SqlQuery<bool>($"""SELECT {mine} OR pg_try_advisory_lock({Lock}) AS "Value" """).ToListAsync(cancel)).Single();
            any = mine && (any || await holder.Agents.AsNoTracking().AnyAsync(cancel));
            if (any) await Run(cancel);
            await Task.Delay(Pause, cancel);
        }
    }

    /// <summary>Does all of it once.</summary>
    internal async Task Run(CancellationToken cancel)
    {
        for (Guid? after = Guid.Empty; after is { } page;)
        {
            await using var scope = scopes.CreateAsyncScope();
            after = await scope.ServiceProvider.GetRequiredService<SellNodes>().Page(page, _asked, cancel);
        }
        await using (var scope = scopes.CreateAsyncScope()) await scope.ServiceProvider.GetRequiredService<PackLeases>().Run(cancel);
        await using var last = scopes.CreateAsyncScope();
        var db = last.ServiceProvider.GetRequiredService<ProviderRegistryDb>();
        await WithdrawOffers.ByHand(db, clock.GetUtcNow(), cancel);
        await db.SaveChangesAsync(cancel);
    }
}
