using System.Net.Http.Json;
using System.Text.Json;
using ComputeExchange.Client;
using ComputeExchange.Hosting;
using ComputeExchange.Hosting.Access;
using ComputeExchange.OrderBook.V1;
using ComputeExchange.Participants.V1;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Xunit;

namespace ComputeExchange.Web.Tests;

/// <summary>The console in front of services that answer as a test says, each over a real connection.</summary>
public sealed class Front : IAsyncDisposable
{
    public const string BuyerKey = "gpx_sim_aaaa_buyer";
    private static readonly byte[] Key = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];

    private WebApplication? _behind;
    private WebApplication? _console;

    /// <summary>What the order book was asked and how it answers.</summary>
    public OrderBookBehind OrderBook { get; } = new();

    /// <summary>Whose keys are good.</summary>
    public ParticipantsBehind Participants { get; } = new();

    public HttpClient Http { get; private set; } = new();

    public static async Task<Front> Open(string? demoKeys = null, bool simulated = true)
    {
        var front = new Front();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0, door => door.Protocols = HttpProtocols.Http2));
        builder.Services.AddGrpc();
        builder.Services.AddSingleton(front.OrderBook).AddSingleton(front.Participants);
        front._behind = builder.Build();
        front._behind.MapGrpcService<OrderBookBehind>();
        front._behind.MapGrpcService<ParticipantsBehind>();
        await front._behind.StartAsync(TestContext.Current.CancellationToken);

        front._console = WebModule.Build(new ServiceOptions
        {
            Database = "",
            Listen = new Uri("http://127.0.0.1:0"),
            Addresses = new ExchangeAddresses(AddressOf(front._behind)),
            ServiceKey = Key,
            Simulated = simulated,
            DemoKeys = demoKeys,
        });
        await front._console.StartAsync(TestContext.Current.CancellationToken);
        front.Http = new HttpClient(new HttpClientHandler { UseCookies = true }) { BaseAddress = AddressOf(front._console) };
        return front;
    }

    /// <summary>Whose credential this is: a service of the exchange by its token, read as the service asked would read it.</summary>
    public static async Task<Caller?> Reads(string audience, string? authorization) =>
        authorization is null ? null : await new ServiceTokens(Key, audience).Read(authorization["Bearer ".Length..]);

    public async Task<JsonElement> Get(string path) => await (await Http.GetAsync(path, Cancel)).Content.ReadFromJsonAsync<JsonElement>(Cancel);

    public async Task<(int Status, JsonElement Body)> Send(HttpMethod verb, string path, string? json = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(verb, path);
        if (json is not null) request.Content = new StringContent(json, System.Text.Encoding.UTF8, "application/json");
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        using var response = await Http.SendAsync(request, Cancel);
        return ((int)response.StatusCode, await response.Content.ReadFromJsonAsync<JsonElement>(Cancel));
    }

    public Task<(int Status, JsonElement Body)> SignIn() => Send(HttpMethod.Post, "/session", $$"""{"key":"{{BuyerKey}}"}""");

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        if (_console is not null) await _console.DisposeAsync();
        if (_behind is not null) await _behind.DisposeAsync();
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static Uri AddressOf(WebApplication app) =>
        new(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
}

/// <summary>An order book that answers as a test says.</summary>
public sealed class OrderBookBehind : OrderBookService.OrderBookServiceBase
{
    public string? Authorization { get; private set; }

    public PlaceBidRequest? Asked { get; private set; }

    public ListBidsRequest? Listed { get; private set; }

    public Func<RpcException>? Refusal { get; set; }

    public GetRunResponse Run { get; set; } = new();

    public IReadOnlyList<StreamMarketDataResponse> Updates { get; set; } = [];

    public override Task<PlaceBidResponse> PlaceBid(PlaceBidRequest request, ServerCallContext context)
    {
        Note(context);
        Asked = request;
        return Task.FromResult(new PlaceBidResponse { Bid = new Bid { BidId = 1, GpuCount = request.GpuCount } });
    }

    public override Task<ListBidsResponse> ListBids(ListBidsRequest request, ServerCallContext context)
    {
        Note(context);
        Listed = request;
        return Task.FromResult(new ListBidsResponse());
    }

    public override Task<ListTradesResponse> ListTrades(ListTradesRequest request, ServerCallContext context)
    {
        Note(context);
        return Task.FromResult(new ListTradesResponse());
    }

    public override Task<GetRunResponse> GetRun(GetRunRequest request, ServerCallContext context)
    {
        Note(context);
        return Task.FromResult(Run);
    }

    public override Task<GetRunRecordResponse> GetRunRecord(GetRunRecordRequest request, ServerCallContext context)
    {
        Note(context);
        return Task.FromResult(new GetRunRecordResponse
        {
            Run = new Run { RunId = request.RunId, RecordSha256 = "ab" }, ProblemFile = Google.Protobuf.ByteString.CopyFromUtf8("{ \"a\": 1 }\n"),
        });
    }

    public override async Task StreamMarketData(StreamMarketDataRequest request, IServerStreamWriter<StreamMarketDataResponse> responseStream, ServerCallContext context)
    {
        foreach (var update in Updates) await responseStream.WriteAsync(update);
        Note(context);
    }

    private void Note(ServerCallContext context)
    {
        Authorization = context.RequestHeaders.GetValue("authorization");
        if (Refusal is { } refuse) throw refuse();
    }
}

/// <summary>Participants with one good key.</summary>
public sealed class ParticipantsBehind : ParticipantsService.ParticipantsServiceBase
{
    public bool Revoked { get; set; }

    public override async Task<AuthenticateKeyResponse> AuthenticateKey(AuthenticateKeyRequest request, ServerCallContext context)
    {
        // As the real one: only a service of the exchange may ask.
        if (await Front.Reads(ServiceNames.Participants, context.RequestHeaders.GetValue("authorization")) is not { Service: ServiceNames.Web })
            throw new RpcException(new Status(StatusCode.PermissionDenied, "not a service"));
        if (request.Key != Front.BuyerKey || Revoked) throw new RpcException(new Status(StatusCode.Unauthenticated, "nobody's"));
        return new AuthenticateKeyResponse { ParticipantId = "0192f3a1-0000-7000-8000-000000000001", Name = "buyer-02", Roles = { ComputeExchange.Access.V1.Role.Buyer } };
    }
}
