using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using ComputeExchange.Access.V1;
using ComputeExchange.ProviderRegistry.V1;
using ComputeExchange.ProviderRegistry.Webhooks;
using Grpc.Core;
using Microsoft.EntityFrameworkCore;
using Shouldly;
using Xunit;

namespace ComputeExchange.ProviderRegistry.Tests;

/// <summary>Participants are called when something happens, by a listener that they run.</summary>
public sealed class WebhookTests(MigratedDatabase database) : IClassFixture<MigratedDatabase>, IAsyncLifetime
{
    private static readonly DateTimeOffset One = DeliveryWorld.Noon.AddHours(1);

    private DeliveryWorld _world = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _world = await DeliveryWorld.Open(database);

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Fact]
    public async Task A_call_that_fails_is_made_again_with_the_same_event_and_a_signature_that_holds()
    {
        using var listener = new TestListener(503, 302, 204);
        var created = await Create(listener.Url, ["delivery.active"]);
        await Happen();

        using var caller = new WebhookCaller(privateToo: true);
        var loop = _world.Webhooks(caller);
        var clock = new Later();
        foreach (var wait in (TimeSpan[])[TimeSpan.Zero, TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(30)])
        {
            clock.Pass(wait - TimeSpan.FromSeconds(1));
            (await loop.Run(clock, Cancel)).ShouldBe(0, "it is not time yet");
            clock.Pass(TimeSpan.FromSeconds(2));
            (await loop.Run(clock, Cancel)).ShouldBe(1);
        }
        (await loop.Run(clock, Cancel)).ShouldBe(0);

        listener.Calls.Count.ShouldBe(3);
        listener.Calls.Select(call => call.EventId).Distinct().Count().ShouldBe(1);
        foreach (var (_, signature, body) in listener.Calls)
        {
            var time = signature.Split(',')[0]["t=".Length..];
            signature.ShouldBe($"t={time},v1=" + Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(created.Secret), Encoding.UTF8.GetBytes($"{time}.{body}"))));
            long.Parse(time, CultureInfo.InvariantCulture).ShouldBeGreaterThan(0);
            var told = JsonDocument.Parse(body).RootElement;
            told.GetProperty("event").GetString().ShouldBe("delivery.active");
            told.GetProperty("data").GetProperty("delivery_id").GetInt64().ShouldBe(7);
        }
        var listed = (await _world.Door(door => door.ListWebhooks(new ListWebhooksRequest(), DoorCall.Of(_world.Buyer, Role.Buyer)))).Webhooks.ShouldHaveSingleItem();
        var call = listed.Calls.ShouldHaveSingleItem();
        (call.AttemptCount, call.Delivered, call.Outcome, call.NextTime).ShouldBe((3, true, "answered 204", null));
    }

    [Fact]
    public async Task After_the_last_attempt_it_is_given_up()
    {
        await Create("http://127.0.0.1:1/nobody", []);
        await Happen();
        using var caller = new WebhookCaller(privateToo: true);
        var loop = _world.Webhooks(caller);
        var clock = new Later();
        for (var i = 0; i < 10; i++)
        {
            clock.Pass(TimeSpan.FromHours(7));
            await loop.Run(clock, Cancel);
        }
        var call = await _world.InDb(db => db.WebhookCalls.AsNoTracking().SingleAsync(Cancel));
        (call.AttemptCount, call.Delivered, call.NextTime, call.Outcome).ShouldBe((7, false, null, "it could not be reached"));
    }

    [Fact]
    public async Task A_name_that_stands_for_a_private_address_is_not_called()
    {
        using var listener = new TestListener(200);
        using var caller = new WebhookCaller(privateToo: false);
        var (taken, outcome) = await caller.Call(listener.Url, Guid.NewGuid(), "{}", "secret", One, Cancel);
        (taken, outcome, listener.Calls.Count).ShouldBe((false, "its name stands for an address of a private network", 0));
    }

    [Theory]
    [InlineData("https://example.com/hook", true)]
    [InlineData("http://example.com/hook", false)]
    [InlineData("https://127.0.0.1/", false)]
    [InlineData("https://[::1]/", false)]
    [InlineData("https://[::ffff:10.0.0.1]/", false)]
    [InlineData("https://169.254.169.254/latest/meta-data", false)]
    [InlineData("https://localhost/", false)]
    [InlineData("https://intranet/", false)]
    [InlineData("https://user:word@example.com/", false)]
    [InlineData("ftp://example.com/", false)]
    [InlineData("nonsense", false)]
    public void On_a_live_exchange_only_public_https_addresses_are_taken(string url, bool right) =>
        (WebhookRules.WrongUrl(url, simulated: false) is null).ShouldBe(right);

    [Theory]
    [InlineData("8.8.8.8", true)]
    [InlineData("2606:4700::1111", true)]
    [InlineData("100.64.1.1", false)]
    [InlineData("172.31.0.1", false)]
    [InlineData("192.168.1.1", false)]
    [InlineData("0.0.0.0", false)]
    [InlineData("fd00::1", false)]
    [InlineData("fe80::1", false)]
    [InlineData("64:ff9b::a00:1", false)]
    [InlineData("2002:a00:1::", false)]
    public void Addresses_are_public_or_not(string address, bool isPublic) => WebhookRules.IsPublic(IPAddress.Parse(address)).ShouldBe(isPublic);

    [Fact]
    public async Task At_most_four_each_with_an_id_of_its_own_and_only_events_that_there_are()
    {
        var first = await Create("http://127.0.0.1:1/0", []);
        (await Create("http://127.0.0.1:1/0", [], first.Webhook.WebhookId)).Secret.ShouldBe(first.Secret, "said twice is said once");
        await Create("http://127.0.0.1:1/9", [], first.Webhook.WebhookId).ShouldBeRefused(StatusCode.AlreadyExists, "WEBHOOK_ID_REUSED");
        await Create("http://127.0.0.1:1/1", ["delivery.exploded"]).ShouldBeRefused(StatusCode.InvalidArgument, "events");
        for (var i = 1; i < 4; i++) await Create($"http://127.0.0.1:1/{i}", []);
        await Create("http://127.0.0.1:1/4", []).ShouldBeRefused(StatusCode.FailedPrecondition, "WEBHOOK_LIMIT");
        await _world.Door(door => door.DeleteWebhook(new DeleteWebhookRequest { WebhookId = first.Webhook.WebhookId }, DoorCall.Of(_world.Provider, Role.Provider)))
            .ShouldBeRefused(StatusCode.NotFound, "NOT_FOUND");
        await _world.Door(door => door.DeleteWebhook(new DeleteWebhookRequest { WebhookId = first.Webhook.WebhookId }, DoorCall.Of(_world.Buyer, Role.Buyer)));
        await Create("http://127.0.0.1:1/4", []);
    }

    private async Task Happen()
    {
        await _world.Paid(7, gpus: 8, One, hours: 1);
        await _world.RunAt(One);
        await _world.IsActive(7);
    }

    private Task<CreateWebhookResponse> Create(string url, string[] events, string? id = null) => _world.Door(door => door.CreateWebhook(
        new CreateWebhookRequest { WebhookId = id ?? Guid.NewGuid().ToString(), Url = url, Events = { events } }, DoorCall.Of(_world.Buyer, Role.Buyer)));

    /// <summary>The real time and what a test adds to it.</summary>
    private sealed class Later : TimeProvider
    {
        private readonly DateTimeOffset _start = System.GetUtcNow();
        private TimeSpan _passed;

        public override DateTimeOffset GetUtcNow() => _start + _passed;

        public void Pass(TimeSpan time) => _passed += time;
    }

    /// <summary>An HTTP server that answers one status after another.</summary>
    private sealed class TestListener : IDisposable
    {
        private readonly HttpListener _http = new();
        private readonly Queue<int> _answers;

        public TestListener(params int[] answers)
        {
            _answers = new Queue<int>(answers);
            var port = Hosting.FreePorts.Find();
            Url = $"http://127.0.0.1:{port}/hook";
            _http.Prefixes.Add($"http://127.0.0.1:{port}/");
            _http.Start();
            _ = Serve();
        }

        public string Url { get; }

        public List<(string EventId, string Signature, string Body)> Calls { get; } = [];

        public void Dispose() => _http.Close();

        private async Task Serve()
        {
            while (_answers.TryDequeue(out var status))
            {
                var context = await _http.GetContextAsync();
                using var reader = new StreamReader(context.Request.InputStream, Encoding.UTF8);
                Calls.Add((context.Request.Headers["X-CX-Event-Id"]!, context.Request.Headers["X-CX-Signature"]!, await reader.ReadToEndAsync()));
                context.Response.StatusCode = status;
                if (status == 302) context.Response.RedirectLocation = Url + "/elsewhere";
                context.Response.Close();
            }
        }
    }
}
