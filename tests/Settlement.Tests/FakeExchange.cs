using System.Collections.Concurrent;
using ComputeExchange.Access.V1;
using ComputeExchange.Client;
using ComputeExchange.Facts.V1;
using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.Participants.V1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ComputeExchange.Settlement.Tests;

/// <summary>The other services as Settlement finds them on the wire: a tiny engine, keys that are roles, and facts that a test puts in.</summary>
public sealed class FakeExchange : IAsyncDisposable
{
    private readonly WebApplication _app;

    private FakeExchange(WebApplication app, TinyEngine engine) => (_app, Engine) = (app, engine);

    public TinyEngine Engine { get; }

    /// <summary>What ProviderRegistry said, by number.</summary>
    public List<Fact> Meters { get; } = [];

    /// <summary>What Participants said, by number.</summary>
    public List<Fact> Identities { get; } = [];

    /// <summary>The destinations whose bank details Participants still knows.</summary>
    public ConcurrentDictionary<Guid, GetPaymentDestinationResponse> Destinations { get; } = [];

    /// <summary>What the engine answers for its holdings; null: what it holds when it is asked.</summary>
    public GetHoldingsResponse? Holdings { get; set; }

    public Uri Address => AddressOf(_app);

    public static async Task<FakeExchange> Start(TimeProvider clock)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0, door => door.Protocols = HttpProtocols.Http2));
        var engine = new TinyEngine(clock);
        builder.Services.AddSingleton(engine).AddGrpc();
        builder.Services.AddSingleton(provider => provider.GetRequiredService<Holder>().Exchange!).AddSingleton<Holder>();
        var app = builder.Build();
        app.MapGrpcService<Doors>();
        app.MapGrpcService<Keys>();
        app.MapGrpcService<Tellers>();
        var exchange = new FakeExchange(app, engine);
        app.Services.GetRequiredService<Holder>().Exchange = exchange;
        await app.StartAsync();
        return exchange;
    }

    public static Uri AddressOf(WebApplication app) => new(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());

    public static string KeyOf(Guid participant, Role role) => $"gpx_{participant}_{role}";

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(new CancellationToken(canceled: true));
        await _app.DisposeAsync();
    }

    private sealed class Holder
    {
        public FakeExchange? Exchange { get; set; }
    }

    private sealed class Doors(FakeExchange exchange, TinyEngine engine) : EngineService.EngineServiceBase
    {
        public override Task<GetHoldingsResponse> GetHoldings(GetHoldingsRequest request, ServerCallContext context) =>
            Task.FromResult(exchange.Holdings ?? engine.Holdings(request.ParticipantId));

        public override async Task SubmitStream(
            IAsyncStreamReader<SubmitRequest> requestStream, IServerStreamWriter<SubmitResponse> responseStream, ServerCallContext context)
        {
            while (await requestStream.MoveNext(context.CancellationToken))
            {
                var request = requestStream.Current;
                engine.Submit(Guid.Parse(request.CommandId), request.Command);
                await responseStream.WriteAsync(new SubmitResponse { CommandId = request.CommandId, Sequence = 1 });
            }
        }

        public override async Task ReadFeed(ReadFeedRequest request, IServerStreamWriter<ReadFeedResponse> responseStream, ServerCallContext context)
        {
            for (var next = request.FromNumber; !context.CancellationToken.IsCancellationRequested; await Task.Delay(10, context.CancellationToken))
            {
                var entries = engine.Feed.Skip((int)next - 1).ToList();
                if (entries.Count == 0) continue;
                await responseStream.WriteAsync(new ReadFeedResponse { Entries = { entries }, LastNumber = entries[^1].Number });
                next += entries.Count;
            }
        }
    }

    private sealed class Keys(FakeExchange exchange) : ParticipantsService.ParticipantsServiceBase
    {
        public override Task<AuthenticateKeyResponse> AuthenticateKey(AuthenticateKeyRequest request, ServerCallContext context)
        {
            var parts = request.Key.Split('_');
            return Task.FromResult(new AuthenticateKeyResponse { ParticipantId = parts[1], KeyId = request.Key, Roles = { System.Enum.Parse<Role>(parts[2]) } });
        }

        public override Task<GetPaymentDestinationResponse> GetPaymentDestination(GetPaymentDestinationRequest request, ServerCallContext context) =>
            exchange.Destinations.TryGetValue(Guid.Parse(request.DestinationId), out var known)
                ? Task.FromResult(known)
                : throw new RpcException(new Status(StatusCode.NotFound, "There is none."));

        public override Task<GetBillingPartyResponse> GetBillingParty(GetBillingPartyRequest request, ServerCallContext context) =>
            Task.FromResult(new GetBillingPartyResponse { ParticipantId = request.ParticipantId, LegalName = $"Company of {request.ParticipantId}", AddressLines = { "Main Street 1" }, Country = "DE" });
    }

    private sealed class Tellers(FakeExchange exchange) : FactsService.FactsServiceBase
    {
        public override Task<ReadFactsResponse> ReadFacts(ReadFactsRequest request, ServerCallContext context)
        {
            var facts = context.RequestHeaders.GetValue("cx-service") switch
            {
                ServiceNames.ProviderRegistry => exchange.Meters,
                ServiceNames.Participants => exchange.Identities,
                _ => [],
            };
            return Task.FromResult(new ReadFactsResponse { Facts = { facts.Where(fact => fact.Number >= request.FromNumber) }, LastNumber = facts.Count });
        }
    }
}
