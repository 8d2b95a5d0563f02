using System.Security.Cryptography;
using System.Text;
using ComputeExchange.ProviderRegistry.V1;
using Google.Protobuf.WellKnownTypes;
using Shouldly;
using Xunit;

namespace ComputeExchange.Cli.Tests;

public sealed class WebhookCommandsTests : IAsyncLifetime
{
    const string Id = "0192f0c1-2d3e-7abc-8def-0123456789ab";
    const string Body = "{\"event\":\"delivery.active\",\"lease_id\":4711}";

    StandInExchange _exchange = null!;

    public async ValueTask InitializeAsync()
    {
        _exchange = await StandInExchange.Start();
        _exchange.Answer((ListWebhooksRequest _) => new ListWebhooksResponse
        {
            Webhooks =
            {
                new Webhook
                {
                    WebhookId = Id, Url = "https://me.example/hook", Events = { "delivery.active" },
                    Calls = { new WebhookCall { EventId = "e", Event = "delivery.active", AtTime = StandInExchange.Now.ToTimestamp(), AttemptCount = 3, Outcome = "500 Internal Server Error", NextTime = StandInExchange.Now.AddMinutes(1).ToTimestamp() } },
                },
            },
        });
    }

    public ValueTask DisposeAsync() => _exchange.DisposeAsync();

    [Fact]
    public async Task The_list_has_the_last_calls_and_what_came_back()
    {
        var text = (await _exchange.Run("webhooks")).Output;
        text.ShouldContain("Last calls of https://me.example/hook");
        text.ShouldContain("500 Internal Server Error");
        var webhook = (await _exchange.Json("webhooks", "list"))["webhooks"]![0]!;
        webhook["calls"]![0]!["attempt_count"]!.GetValue<long>().ShouldBe(3);
        webhook["events"]![0]!.GetValue<string>().ShouldBe("delivery.active");
    }

    [Fact]
    public async Task A_new_one_prints_its_secret_once_and_is_removed_by_its_address()
    {
        _exchange.Answer((CreateWebhookRequest request) => new CreateWebhookResponse { Webhook = new Webhook { WebhookId = request.WebhookId, Url = request.Url, Events = { request.Events } }, Secret = "whsec-1" });
        _exchange.Answer((DeleteWebhookRequest _) => new DeleteWebhookResponse());
        var made = await _exchange.Run("webhooks", "add", "https://me.example/hook", "--event", "delivery.active", "--event", "node.lost", "--request-id", Id);
        made.Code.ShouldBe(0);
        made.Output.ShouldContain("secret, not shown again: whsec-1");
        _exchange.Only<CreateWebhookRequest>().ShouldBe(new CreateWebhookRequest { WebhookId = Id, Url = "https://me.example/hook", Events = { "delivery.active", "node.lost" } });

        (await _exchange.Run("webhooks", "remove", "https://me.example/hook")).Code.ShouldBe(0);
        _exchange.Only<DeleteWebhookRequest>().WebhookId.ShouldBe(Id);
        (await _exchange.Run("webhooks", "remove", "https://you.example/")).Error.ShouldStartWith("webhook: ");
    }

    [Fact]
    public async Task A_signature_is_checked_without_an_exchange()
    {
        // The vector by another way: HMAC-SHA256 of "1772355600." and the body.
        var signature = "t=1772355600,v1=" + Convert.ToHexStringLower(HMACSHA256.HashData("whsec-1"u8, Encoding.UTF8.GetBytes("1772355600." + Body)));
        var file = Path.Combine(_exchange.Folder, "body.json");
        await File.WriteAllTextAsync(file, Body, TestContext.Current.CancellationToken);
        (await _exchange.Run("webhooks", "verify", file, "--secret", "whsec-1", "--signature", signature)).ShouldBe((0, "valid: signed at 2026-03-01 09:00Z\n", ""));
        (await _exchange.Run("webhooks", "verify", file, "--secret", "whsec-2", "--signature", signature)).Code.ShouldBe(1);
        (await _exchange.Run("webhooks", "verify", file, "--secret", "whsec-1", "--signature", signature.Replace("1772355600", "1772355601"))).Code.ShouldBe(1);
        await File.WriteAllTextAsync(file, Body + "\n", TestContext.Current.CancellationToken);
        (await _exchange.Run("webhooks", "verify", file, "--secret", "whsec-1", "--signature", signature)).Code.ShouldBe(1);
    }

    [Theory]
    [InlineData("--signature", "webhooks", "verify", "/dev/null", "--secret", "s", "--signature", "v1=00")]
    [InlineData("--signature", "webhooks", "verify", "/dev/null", "--secret", "s", "--signature", "t=1,v1=zz")]
    [InlineData("--signature", "webhooks", "verify", "/dev/null", "--secret", "s")]
    [InlineData("--secret", "webhooks", "verify", "/dev/null", "--signature", "t=1,v1=00")]
    [InlineData("url", "webhooks", "add")]
    public async Task Wrong_input_is_a_sentence_with_its_field(string field, params string[] words)
    {
        var refused = await _exchange.Run(words);
        (refused.Code, refused.Output).ShouldBe((1, ""));
        refused.Error.ShouldContain(field);
    }
}
