using ComputeExchange.ProviderRegistry.Deliveries;
using ComputeExchange.ProviderRegistry.Storage;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.ProviderRegistry.Webhooks;

/// <summary>Calls webhooks in real time, and again where they did not take it, until they do or it is given up.</summary>
/// <remarks>A call that is being made is out of reach of other processes for half a minute: who dies in it leaves it to be made again, with the same event id.</remarks>
public sealed class WebhookLoop(IServiceScopeFactory scopes, WebhookCaller caller, ILogger<WebhookLoop> log) : BackgroundService
{
    private const int BatchSize = 64;
    private const int AtOnce = 16;

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan OutOfReach = TimeSpan.FromSeconds(30);

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                while (await Run(TimeProvider.System, stoppingToken) == BatchSize) { }
            }
            catch (Exception failure) when (failure is not OutOfMemoryException && !stoppingToken.IsCancellationRequested)
            {
                log.LogWarning(failure, "Webhooks could not be called; it is tried again.");
            }
            await Task.Delay(Pause, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Makes the calls that are due.</summary>
    /// <returns>How many.</returns>
    internal async Task<int> Run(TimeProvider real, CancellationToken cancel)
    {
        var now = real.GetUtcNow();
        List<WebhookCallRow> calls;
        await using (var scope = scopes.CreateAsyncScope())
        {
            var db = scope.ServiceProvider.GetRequiredService<ProviderRegistryDb>();
            calls = await db.WebhookCalls.FromSql($"""
                UPDATE provider_registry.webhook_calls SET next_time = {now + OutOfReach}, attempt_count = attempt_count + 1
                WHERE event_id IN (
                    SELECT event_id FROM provider_registry.webhook_calls WHERE next_time <= {now} ORDER BY next_time LIMIT {BatchSize} FOR UPDATE SKIP LOCKED)
                RETURNING *
                """).AsNoTracking().ToListAsync(cancel);
        }
        await Parallel.ForEachAsync(calls, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancel }, (call, stop) => Make(call, real, stop));
        return calls.Count;
    }

    private async ValueTask Make(WebhookCallRow call, TimeProvider real, CancellationToken cancel)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<ProviderRegistryDb>();
        var webhook = await db.Webhooks.AsNoTracking().SingleAsync(row => row.WebhookId == call.WebhookId, cancel);
        var (taken, outcome) = webhook.Deleted ? (false, "the webhook was removed")
            : await caller.Call(
                webhook.Url, call.EventId, call.Body, ManageWebhooksHandler.SecretOf(scope.ServiceProvider.GetRequiredService<Secrets>(), webhook), real.GetUtcNow(), cancel);
        DateTimeOffset? next = taken || webhook.Deleted ? null : real.GetUtcNow() + WebhookRules.PauseAfter(call.AttemptCount);
        await db.WebhookCalls.Where(row => row.EventId == call.EventId).ExecuteUpdateAsync(
            row => row.SetProperty(c => c.Delivered, taken).SetProperty(c => c.Outcome, outcome).SetProperty(c => c.NextTime, next), cancel);
    }
}
