using System.Text.Json;
using ComputeExchange.Access.V1;
using ComputeExchange.Client;
using ComputeExchange.Facts;
using ComputeExchange.Facts.ProviderRegistry.V1;
using ComputeExchange.Facts.Transport;
using ComputeExchange.Facts.V1;
using ComputeExchange.Hosting;
using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.Settlement.V1;
using ComputeExchange.Testing;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Microsoft.AspNetCore.Builder;
using Xunit;

namespace ComputeExchange.Settlement.Tests;

/// <summary>The service as it runs, on a simulated clock, with the rest of the exchange faked on the wire.</summary>
public sealed class SettlementOnTheWire(PostgresServer server) : IAsyncLifetime
{
    private readonly List<ExchangeClient> _clients = [];
    private FakeExchange _exchange = null!;
    private MassTransitBus _bus = null!;
    private WebApplication _settlement = null!;

    public TestClock Clock { get; } = new() { Now = Books.Start };

    public TinyEngine Engine => _exchange.Engine;

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
        });
        await _settlement.StartAsync();
        Advance(Books.Start);
    }

    public SettlementService.SettlementServiceClient As(Guid participant, Role role)
    {
        var client = new ExchangeClient(new ExchangeAddresses(FakeExchange.AddressOf(_settlement)), FakeExchange.KeyOf(participant, role));
        _clients.Add(client);
        return client.Settlement;
    }

    /// <summary>The engine moves the clock.</summary>
    public void Advance(DateTimeOffset to)
    {
        Clock.Now = to;
        Engine.Say(new EngineEvent { ClockAdvanced = new AdvanceClock { ToTime = to.ToTimestamp() } });
    }

    /// <summary>ProviderRegistry says what was delivered.</summary>
    public void Say(LeaseMetered meter) => _exchange.Meters.Add(new Fact
    {
        Number = _exchange.Meters.Count + 1,
        Type = FactTypes.NameOf(typeof(LeaseMetered)),
        Body = ByteString.CopyFrom(JsonSerializer.SerializeToUtf8Bytes(meter, JsonSerializerOptions.Web)),
        HappenedTime = Clock.Now.ToTimestamp(),
    });

    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients) client.Dispose();
        await _settlement.StopAsync();
        await _settlement.DisposeAsync();
        await _bus.DisposeAsync();
        await _exchange.DisposeAsync();
    }
}
