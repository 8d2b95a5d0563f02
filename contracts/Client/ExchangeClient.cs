using System.Collections.Concurrent;
using System.Net.Http.Headers;
using ComputeExchange.Facts.V1;
using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.OrderBook.V1;
using ComputeExchange.Participants.V1;
using ComputeExchange.Pricing.V1;
using ComputeExchange.ProviderRegistry.V1;
using ComputeExchange.Settlement.V1;
using Grpc.Core;
using Grpc.Net.Client;

namespace ComputeExchange.Client;

/// <summary>The exchange for a .NET program: its services as typed clients, with the caller's credentials on every call.</summary>
/// <remarks>
/// Nothing is retried here: a call that changes something carries a request id, so the caller may repeat it until it
/// hears an answer (see <see cref="Patience"/>). Of a service with several addresses the next call goes to the next one
/// when one is away (see <see cref="Failover"/>).
/// </remarks>
public sealed class ExchangeClient : IDisposable
{
    private readonly ExchangeAddresses _addresses;
    private readonly Func<string, string?> _credential;
    private readonly ConcurrentDictionary<string, GrpcChannel> _channels = new();

    /// <summary>A client that presents an API key, or none.</summary>
    public ExchangeClient(ExchangeAddresses addresses, string? apiKey)
        : this(addresses, _ => apiKey)
    {
    }

    /// <summary>A client that asks for a credential for each call, by the name of the service called.</summary>
    public ExchangeClient(ExchangeAddresses addresses, Func<string, string?> credential)
    {
        _addresses = addresses;
        _credential = credential;
    }

    public OrderBookService.OrderBookServiceClient OrderBook => new(Channel(ServiceNames.OrderBook));

    public MarketService.MarketServiceClient Markets => new(Channel(ServiceNames.OrderBook));

    public FuturesService.FuturesServiceClient Futures => new(Channel(ServiceNames.OrderBook));

    public ProviderRegistryService.ProviderRegistryServiceClient Registry => new(Channel(ServiceNames.ProviderRegistry));

    public NodesService.NodesServiceClient Nodes => new(Channel(ServiceNames.ProviderRegistry));

    public DeliveryService.DeliveryServiceClient Deliveries => new(Channel(ServiceNames.ProviderRegistry));

    public SearchService.SearchServiceClient Search => new(Channel(ServiceNames.ProviderRegistry));

    public SettlementService.SettlementServiceClient Settlement => new(Channel(ServiceNames.Settlement));

    public PaymentsService.PaymentsServiceClient Payments => new(Channel(ServiceNames.Settlement));

    public DocumentsService.DocumentsServiceClient Documents => new(Channel(ServiceNames.Settlement));

    public PricingService.PricingServiceClient Pricing => new(Channel(ServiceNames.Pricing));

    public ParticipantsService.ParticipantsServiceClient Participants => new(Channel(ServiceNames.Participants));

    public EngineService.EngineServiceClient Engine => new(Channel(ServiceNames.MatchingEngine));

    public ClockService.ClockServiceClient Clock => new(Channel(ServiceNames.MatchingEngine));

    /// <summary>The facts and the progress of one service.</summary>
    public FactsService.FactsServiceClient FactsOf(string service) => new(Channel(service));

    /// <summary>Any call to one service, for those who know the method only by its description.</summary>
    public CallInvoker InvokerOf(string service) => Channel(service).CreateCallInvoker();

    /// <inheritdoc />
    public void Dispose()
    {
        foreach (var channel in _channels.Values) channel.Dispose();
    }

    private GrpcChannel Channel(string service) => _channels.GetOrAdd(service, Open);

    private GrpcChannel Open(string service)
    {
        var addresses = _addresses.AllOf(service);
        HttpMessageHandler connections = Connections(elsewhere: addresses.Count > 1);
        if (addresses.Count > 1) connections = new Failover(addresses, connections);
        return GrpcChannel.ForAddress(addresses[0], new GrpcChannelOptions
        {
            HttpHandler = new Credentials(service, _credential) { InnerHandler = connections },
            DisposeHttpClient = true,
            MaxReceiveMessageSize = 64 * 1024 * 1024,
            MaxSendMessageSize = 64 * 1024 * 1024,
        });
    }

    /// <summary>Where somebody else may answer, a stream from a process that is frozen or cut off is given up within seconds; where nobody else can, it is waited for.</summary>
    private static SocketsHttpHandler Connections(bool elsewhere) => new()
    {
        EnableMultipleHttp2Connections = true,
        PooledConnectionIdleTimeout = TimeSpan.FromMinutes(5),
        KeepAlivePingDelay = TimeSpan.FromSeconds(elsewhere ? 1 : 15),
        KeepAlivePingTimeout = TimeSpan.FromSeconds(elsewhere ? 1 : 10),
        ConnectTimeout = TimeSpan.FromSeconds(elsewhere ? 1 : 5),
    };

    /// <summary>Puts the credential and the name of the service meant on every request.</summary>
    private sealed class Credentials(string service, Func<string, string?> credential) : DelegatingHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            request.Headers.TryAddWithoutValidation("cx-service", service);
            if (credential(service) is { } token)
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
            return base.SendAsync(request, cancellationToken);
        }
    }
}
