using System.Text.Json;
using ComputeExchange.ProviderRegistry.Storage;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.ProviderRegistry.Webhooks;

/// <summary>Has participants called who asked for it.</summary>
internal static class Announcements
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>Queues a call for each webhook of the participant that wants the event; the caller saves.</summary>
    /// <param name="name">The event, for example "delivery.failed".</param>
    /// <param name="what">What is told; written as JSON in snake case. Never a secret.</param>
    public static async Task Announce(
        this ProviderRegistryDb db, Guid participantId, string name, object what, DateTimeOffset at, CancellationToken cancel)
    {
        var webhooks = await db.Webhooks.AsNoTracking()
            .Where(webhook => webhook.ParticipantId == participantId && !webhook.Deleted).ToListAsync(cancel);
        foreach (var webhook in webhooks.Where(webhook => webhook.Events.Count == 0 || webhook.Events.Contains(name)))
        {
            var id = Guid.CreateVersion7(at);
            db.WebhookCalls.Add(new WebhookCallRow
            {
                EventId = id,
                WebhookId = webhook.WebhookId,
                Event = name,
                AtTime = at,
                Body = JsonSerializer.Serialize(new { event_id = id, @event = name, at_time = at.UtcDateTime, data = what }, Json),
                NextTime = TimeProvider.System.GetUtcNow(),
            });
        }
    }
}
