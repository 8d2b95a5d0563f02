using System.CommandLine;
using System.Text.Json.Nodes;
using ComputeExchange.Cli.Output;
using ComputeExchange.Cli.Words;
using ComputeExchange.ProviderRegistry.V1;

namespace ComputeExchange.Cli.Commands;

/// <summary><c>cx webhooks</c>: addresses that the exchange calls, and the check that a call came from it.</summary>
public static class WebhookCommands
{
    static readonly Argument<string> Url = CommandShape.Needed("url", "The address: https.");
    static readonly Option<string[]> Event = new("--event") { Description = "An event wanted, for example delivery.interrupting; may be repeated. Default: all.", HelpName = "EVENT" };
    static readonly Argument<string> Id = CommandShape.Needed("webhook", "The webhook: its UUID, the first digits of it, or its address.");
    static readonly Option<string?> Secret = CommandShape.May("--secret", "SECRET", "Its secret. Environment: CX_WEBHOOK_SECRET.");
    static readonly Option<string> Signature = CommandShape.Required("--signature", "HEADER", "The call's header X-CX-Signature: t=...,v1=...");
    static readonly Argument<string> Body = CommandShape.Needed("file", "The call's body, as it came; - for the input.");

    static readonly Sheet<Webhook> Sheet = new Sheet<Webhook>("webhooks", "No webhooks.")
        .Text("Webhook", "webhook_id", webhook => webhook.WebhookId)
        .Text("Address", "url", webhook => webhook.Url)
        .Add("Events", "events", webhook => webhook.Events.Count == 0 ? "all" : string.Join(", ", webhook.Events), webhook => new JsonArray([.. webhook.Events.Select(name => (JsonNode)name)]));

    static readonly Sheet<WebhookCall> Calls = new Sheet<WebhookCall>("calls", "Not called yet.")
        .Time("When", "at_time", call => call.AtTime)
        .Text("Event", "event", call => call.Event)
        .Add("Taken", "delivered", call => call.Delivered ? "yes" : call.NextTime is null ? "no: given up" : "not yet", call => call.Delivered)
        .Count("Attempts", "attempt_count", call => call.AttemptCount)
        .Text("Came back", "outcome", call => call.Outcome)
        .Time("Tried again", "next_time", call => call.NextTime)
        .Text("Id", "event_id", call => call.EventId);

    /// <summary>The command.</summary>
    public static Command Make() => CommandShape.Make("webhooks", "Addresses of yours that the exchange calls when something happens to your deliveries or nodes.",
            CommandShape.Make("list", "Your webhooks, each with its last calls.").Does(List),
            CommandShape.Make("add", "Have an address called. The secret that signs the calls is printed once.", Url, Event, CommandShape.RequestId).Does(Create),
            CommandShape.Make("remove", "Have it called no more.", Id).Does(Remove),
            CommandShape.Make("verify", "Check without an exchange that a call came from it: exit code 1 if not.", Body, Secret, Signature).Does(Verify))
        .Does(List);

    static async Task<IReadOnlyList<Webhook>> All(Session session) =>
        (await session.Ask(cancel => session.Exchange.Deliveries.ListWebhooksAsync(new ListWebhooksRequest(), cancellationToken: cancel))).Webhooks;

    static async Task List(Session session)
    {
        var webhooks = await All(session);
        if (session.Print.IsJson)
        {
            session.Print.Rows(new Sheet<Webhook>(Sheet.Name, "").Add("", "webhook_id", _ => "", webhook => webhook.WebhookId).Add("", "url", _ => "", webhook => webhook.Url)
                .List("", "events", webhook => webhook.Events).Add("", "calls", _ => "", webhook => new JsonArray([.. webhook.Calls.Select(call => (JsonNode)Calls.Json(call))])), webhooks);
            return;
        }
        session.Print.Rows(Sheet, webhooks);
        foreach (var webhook in webhooks)
        {
            session.Print.Heading($"Last calls of {webhook.Url}");
            session.Print.Rows(Calls, webhook.Calls);
        }
    }

    static async Task Create(Session session)
    {
        var request = new CreateWebhookRequest
        {
            WebhookId = IdWords.Request(session.Line.GetValue(CommandShape.RequestId)),
            Url = session.Line.GetRequiredValue(Url),
            Events = { session.Line.GetValue(Event) ?? [] },
        };
        var made = await session.Ask(cancel => session.Exchange.Deliveries.CreateWebhookAsync(request, cancellationToken: cancel));
        session.Print.Say($"webhook {made.Webhook.WebhookId}: {made.Webhook.Url} is called for {(made.Webhook.Events.Count == 0 ? "all events" : string.Join(", ", made.Webhook.Events))} (request {request.WebhookId})");
        if (made.Secret.Length > 0) session.Print.Say($"secret, not shown again: {made.Secret}");
        if (session.Print.IsJson) session.Print.Card(Sheet, made.Webhook);
        session.Print.Field("secret", made.Secret);
    }

    static async Task Remove(Session session)
    {
        var text = session.Line.GetRequiredValue(Id);
        var id = Guid.TryParse(text, out var whole) ? whole.ToString() : Find(text, await All(session));
        await session.Ask(cancel => session.Exchange.Deliveries.DeleteWebhookAsync(new DeleteWebhookRequest { WebhookId = id }, cancellationToken: cancel));
        session.Print.Say($"webhook {id} is called no more");
        session.Print.Field("webhook_id", id);
    }

    static string Find(string text, IReadOnlyList<Webhook> webhooks)
    {
        var at = webhooks.Where(webhook => webhook.Url == text).ToList();
        return at.Count == 1 ? at[0].WebhookId : IdWords.Only(Id.Name, text, "webhooks", webhooks.Select(webhook => webhook.WebhookId))
            ?? throw new InputException($"{Id.Name}: no webhook has this address, or a UUID that begins with \"{text}\"; cx webhooks lists them.");
    }

    static async Task<int> Verify(Session session)
    {
        var secret = session.Line.GetValue(Secret) ?? Environment.GetEnvironmentVariable("CX_WEBHOOK_SECRET")
            ?? throw new InputException($"{Secret.Name}: is missing: the secret that cx webhooks add printed.");
        var signature = WebhookSignature.Parse(Signature.Name, session.Line.GetRequiredValue(Signature));
        var file = session.Line.GetRequiredValue(Body);
        byte[] body;
        if (file == "-")
        {
            await using var input = Console.OpenStandardInput();
            using var held = new MemoryStream();
            await input.CopyToAsync(held, session.Cancel);
            body = held.ToArray();
        }
        else body = await File.ReadAllBytesAsync(file, session.Cancel);

        var isRight = signature.IsOf(body, secret);
        session.Print.Say(isRight ? $"valid: signed at {Show.Time(signature.Time)}" : "not valid: another secret signed it, or the body or the time is not what was signed");
        session.Print.Field("valid", isRight);
        session.Print.Field("signed_time", signature.Time);
        return isRight ? 0 : 1;
    }
}
