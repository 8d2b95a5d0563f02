using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using ComputeExchange.Hosting;
using ComputeExchange.ProviderRegistry.Deliveries;
using ComputeExchange.ProviderRegistry.Storage;
using ComputeExchange.ProviderRegistry.V1;
using Google.Protobuf.WellKnownTypes;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.ProviderRegistry.Webhooks;

/// <summary>Asks for calls of an address when something happens.</summary>
public sealed record CreateWebhook(Guid ParticipantId, Guid WebhookId, string Url, IReadOnlyList<string> Events);

/// <summary>Makes, lists and removes webhooks.</summary>
public sealed class ManageWebhooksHandler(ProviderRegistryDb db, Secrets secrets, ServiceOptions options)
{
    private const int MostCalls = 20;

    /// <summary>The webhook with its secret; a repetition returns the same.</summary>
    /// <exception cref="Grpc.Core.RpcException">The address or an event is wrong, the id is another webhook's, or there are enough.</exception>
    public async Task<CreateWebhookResponse> Handle(CreateWebhook command, CancellationToken cancel)
    {
        var wrong = new List<(string Field, string Description)>();
        if (WebhookRules.WrongUrl(command.Url, options.Simulated) is { } url) wrong.Add(("url", url));
        foreach (var name in command.Events.Where(name => !WebhookRules.Events.Contains(name)))
            wrong.Add(("events", $"'{name}' is none; there are: {string.Join(", ", WebhookRules.Events)}."));
        if (wrong.Count > 0) throw Refuse.Fields(wrong);
        var events = command.Events.Distinct().Order(StringComparer.Ordinal).ToList();

        // The lock makes two of one participant's wait for each other, so that the count holds.
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        await db.Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock(hashtextextended({"webhooks " + command.ParticipantId}, 0))", cancel);
        if (await db.Webhooks.AsNoTracking().SingleOrDefaultAsync(row => row.WebhookId == command.WebhookId, cancel) is { } earlier)
        {
            return earlier.ParticipantId == command.ParticipantId && !earlier.Deleted && earlier.Url == command.Url && earlier.Events.SequenceEqual(events)
                ? new CreateWebhookResponse { Webhook = ToProto(earlier, []), Secret = SecretOf(secrets, earlier) }
                : throw Refuse.Exists("WEBHOOK_ID_REUSED", "This webhook id was used for another webhook: choose a new one.", "webhook_id");
        }
        if (await db.Webhooks.CountAsync(row => row.ParticipantId == command.ParticipantId && !row.Deleted, cancel) >= WebhookRules.CountMax)
            throw Refuse.Rule("WEBHOOK_LIMIT", $"You have {WebhookRules.CountMax} webhooks: remove one first.", "webhook_id");

        var secret = "whsec_" + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
        var webhook = new WebhookRow
        {
            WebhookId = command.WebhookId,
            ParticipantId = command.ParticipantId,
            Url = command.Url,
            Events = events,
            Sealed = secrets.Seal(Encoding.UTF8.GetBytes(secret), For(command.WebhookId)),
        };
        db.Webhooks.Add(webhook);
        await db.SaveChangesAsync(cancel);
        await transaction.CommitAsync(cancel);
        return new CreateWebhookResponse { Webhook = ToProto(webhook, []), Secret = secret };
    }

    /// <summary>The participant's webhooks with their last calls.</summary>
    public async Task<IReadOnlyList<Webhook>> List(Guid participantId, CancellationToken cancel)
    {
        var webhooks = await db.Webhooks.AsNoTracking().Where(row => row.ParticipantId == participantId && !row.Deleted).OrderBy(row => row.WebhookId).ToListAsync(cancel);
        var told = new List<Webhook>();
        foreach (var webhook in webhooks)
        {
            var calls = await db.WebhookCalls.AsNoTracking().Where(call => call.WebhookId == webhook.WebhookId)
                .OrderByDescending(call => call.AtTime).ThenByDescending(call => call.EventId).Take(MostCalls).ToListAsync(cancel);
            told.Add(ToProto(webhook, calls));
        }
        return told;
    }

    /// <summary>Removes a webhook; what it was still to be told is not told.</summary>
    /// <exception cref="Grpc.Core.RpcException">There is none of the participant's.</exception>
    public async Task Delete(Guid participantId, Guid webhookId, CancellationToken cancel)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        var found = await db.Webhooks.Where(row => row.WebhookId == webhookId && row.ParticipantId == participantId)
            .ExecuteUpdateAsync(row => row.SetProperty(webhook => webhook.Deleted, true), cancel);
        if (found == 0) throw Refuse.NotFound($"You have no webhook {webhookId}.");
        await db.WebhookCalls.Where(call => call.WebhookId == webhookId && call.NextTime != null)
            .ExecuteUpdateAsync(row => row.SetProperty(call => call.NextTime, (DateTimeOffset?)null).SetProperty(call => call.Outcome, "the webhook was removed"), cancel);
        await transaction.CommitAsync(cancel);
    }

    /// <summary>The secret that calls of a webhook are signed with.</summary>
    internal static string SecretOf(Secrets secrets, WebhookRow webhook) => Encoding.UTF8.GetString(secrets.Unseal(webhook.Sealed, For(webhook.WebhookId)));

    private static string For(Guid webhookId) => $"webhook {webhookId}";

    private static Webhook ToProto(WebhookRow webhook, IEnumerable<WebhookCallRow> calls) => new()
    {
        WebhookId = webhook.WebhookId.ToString(),
        Url = webhook.Url,
        Events = { webhook.Events },
        Calls =
        {
            calls.Select(call => new WebhookCall
            {
                EventId = call.EventId.ToString(),
                Event = call.Event,
                AtTime = call.AtTime.ToTimestamp(),
                AttemptCount = call.AttemptCount,
                Delivered = call.Delivered,
                Outcome = call.Outcome,
                NextTime = call.NextTime?.ToTimestamp(),
            }),
        },
    };
}
