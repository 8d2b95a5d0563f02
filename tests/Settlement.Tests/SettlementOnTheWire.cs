using System.Text.Json;
using ComputeExchange.Access.V1;
using ComputeExchange.Client;
using ComputeExchange.Facts;
using ComputeExchange.Facts.Participants.V1;
using ComputeExchange.Facts.ProviderRegistry.V1;
using ComputeExchange.Facts.Transport;
using ComputeExchange.Facts.V1;
using ComputeExchange.Hosting;
using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.Participants.V1;
using ComputeExchange.Settlement.V1;
using ComputeExchange.Testing;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Microsoft.AspNetCore.Builder;
using Xunit;

namespace ComputeExchange.Settlement.Tests;

/// <summary>The service as it runs, on a simulated clock, with the rest of the exchange faked on the wire.</summary>
public class SettlementOnTheWire(PostgresServer server) : IAsyncLifetime
{
    /// <summary>What the test rail signs with.</summary>
    public static readonly byte[] RailSecret = "the test rail's own"u8.ToArray();

    private readonly List<ExchangeClient> _clients = [];
    private FakeExchange _exchange = null!;
    private MassTransitBus _bus = null!;
    private WebApplication _settlement = null!;

    public TestClock Clock { get; } = new() { Now = Books.Start };

    public TinyEngine Engine => _exchange.Engine;

    /// <summary>The rail that money leaves by.</summary>
    protected virtual string Rail => "manual";

    public async ValueTask InitializeAsync()
    {
        _exchange = await FakeExchange.Start(Clock);
        _bus = await MassTransitBus.InMemory(null, CancellationToken.None);
        _settlement = SettlementModule.Build(new ServiceOptions
        {
            Database = await server.CreateDatabase(),
            Listen = new Uri("http://127.0.0.1:0"),
            Addresses = new ExchangeAddresses(_exchange.Address),
            ServiceKey = new byte[32],
            Simulated = true,
            Bus = _bus,
            Rail = Rail,
            RailSecret = RailSecret,
        });
        await _settlement.StartAsync();
        Advance(Books.Start);
    }

    public SettlementService.SettlementServiceClient As(Guid participant, Role role) => Of(participant, role).Settlement;

    public DocumentsService.DocumentsServiceClient DocumentsAs(Guid participant, Role role) => Of(participant, role).Documents;

    public PaymentsService.PaymentsServiceClient PaymentsAs(Guid participant, Role role) => Of(participant, role).Payments;

    /// <summary>Someone without a key.</summary>
    public PaymentsService.PaymentsServiceClient PaymentsAsAnyone()
    {
        var client = new ExchangeClient(new ExchangeAddresses(FakeExchange.AddressOf(_settlement)), apiKey: null);
        _clients.Add(client);
        return client.Payments;
    }

    /// <summary>The engine moves the clock.</summary>
    public void Advance(DateTimeOffset to)
    {
        Clock.Now = to;
        Engine.Say(new EngineEvent { ClockAdvanced = new AdvanceClock { ToTime = to.ToTimestamp() } });
    }

    /// <summary>ProviderRegistry says what was delivered.</summary>
    public void Say(LeaseMetered meter) => Say(_exchange.Meters, meter, Clock.Now);

    /// <summary>Participants admitted someone.</summary>
    public void Admit(Guid participant) =>
        Say(_exchange.Identities, new ParticipantAdmitted { ParticipantId = participant, Roles = ["BUYER"] }, Clock.Now);

    /// <summary>A participant named a destination two days ago, or as long ago as is said; Participants keeps its details.</summary>
    public Guid AddDestination(Guid participant, TimeSpan? ago = null)
    {
        var id = Guid.NewGuid();
        Say(_exchange.Identities, new PaymentDestinationAdded { DestinationId = id, ParticipantId = participant }, Clock.Now - (ago ?? TimeSpan.FromDays(2)));
        _exchange.Destinations[id] = new GetPaymentDestinationResponse
        {
            DestinationId = id.ToString(), ParticipantId = participant.ToString(), Holder = "Ann Smith", Scheme = PaymentScheme.Iban,
            Iban = "DE89370400440532013000", Bic = "COBADEFFXXX", State = DestinationState.Active,
        };
        return id;
    }

    /// <summary>Participants forgets a destination's details before its fact arrives here.</summary>
    public void ForgetDestination(Guid destination) => _exchange.Destinations.TryRemove(destination, out _);

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        foreach (var client in _clients) client.Dispose();
        await _settlement.StopAsync();
        await _settlement.DisposeAsync();
        await _bus.DisposeAsync();
        await _exchange.DisposeAsync();
    }

    private ExchangeClient Of(Guid participant, Role role)
    {
        var client = new ExchangeClient(new ExchangeAddresses(FakeExchange.AddressOf(_settlement)), FakeExchange.KeyOf(participant, role));
        _clients.Add(client);
        return client;
    }

    private static void Say<T>(List<Fact> facts, T fact, DateTimeOffset at)
        where T : notnull =>
        facts.Add(new Fact
        {
            Number = facts.Count + 1,
            Type = FactTypes.NameOf(typeof(T)),
            Body = ByteString.CopyFrom(JsonSerializer.SerializeToUtf8Bytes(fact, JsonSerializerOptions.Web)),
            HappenedTime = at.ToTimestamp(),
        });
}

/// <summary>The same with files for the bank.</summary>
public sealed class SettlementWithBankFiles(PostgresServer server) : SettlementOnTheWire(server)
{
    protected override string Rail => "csv";
}
