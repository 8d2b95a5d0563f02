using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using ComputeExchange.Access.V1;
using ComputeExchange.Client;
using ComputeExchange.Facts.Transport;
using ComputeExchange.Hosting;
using ComputeExchange.Hosting.Access;
using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.Participants.V1;
using ComputeExchange.OrderBook.V1;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Shouldly;
using Xunit;

namespace ComputeExchange.Contracts.Tests.Access;

/// <summary>Two services behind their doors: who is let in, and for whom one calls the other.</summary>
public sealed class DoorTests : IAsyncLifetime
{
    private static readonly Guid Ann = new("0198a0de-0000-7000-8000-000000000001");

    private readonly byte[] _key = RandomNumberGenerator.GetBytes(32);
    private readonly Dictionary<string, Uri> _doors = new()
    {
        [ServiceNames.OrderBook] = FreeDoor(), [ServiceNames.MatchingEngine] = FreeDoor(), [ServiceNames.Participants] = FreeDoor(),
    };
    private readonly Keys _keys = new();
    private readonly List<WebApplication> _services = [];
    private MassTransitBus _bus = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _bus = await MassTransitBus.InMemory(null, Cancel);
        await Start<MarketDoor>(ServiceNames.OrderBook);
        await Start<EngineDoor>(ServiceNames.MatchingEngine);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var service in _services)
        {
            await service.StopAsync(CancellationToken.None);
            await service.DisposeAsync();
        }
        await _bus.DisposeAsync();
    }

    [Theory]
    [InlineData(null, StatusCode.Unauthenticated)]
    [InlineData("gpx_test_nobody", StatusCode.Unauthenticated)]
    [InlineData("nonsense", StatusCode.Unauthenticated)]
    [InlineData("gpx_test_buyer", StatusCode.OK)]
    public async Task Who_shows_no_good_key_is_not_let_in(string? key, StatusCode expected) =>
        (await Code(client => client.Markets.ListMarketsAsync(new ListMarketsRequest(), cancellationToken: Cancel), key)).ShouldBe(expected);

    [Fact]
    public async Task A_key_without_the_role_is_not_let_in()
    {
        (await Code(client => client.Markets.DefineMarketAsync(new DefineMarketRequest(), cancellationToken: Cancel), "gpx_test_buyer")).ShouldBe(StatusCode.PermissionDenied);
        (await Code(client => client.Engine.GetEngineStatusAsync(new GetEngineStatusRequest(), cancellationToken: Cancel), "gpx_test_buyer")).ShouldBe(StatusCode.PermissionDenied);
    }

    [Fact]
    public async Task A_method_of_another_service_is_not_served() =>
        (await Code(client => client.Participants.ListKeysAsync(new ListKeysRequest(), cancellationToken: Cancel), "gpx_test_operator", ServiceNames.OrderBook))
            .ShouldBe(StatusCode.Unimplemented);

    [Fact]
    public async Task A_service_says_for_whom_it_calls_and_with_which_of_his_roles()
    {
        (await SeenByTheEngine("gpx_test_operator")).ShouldBe($"order_book for {Ann} as Operator, Auditor");

        // The same participant by a key that may do less: a token made for the other key must not be used again.
        (await SeenByTheEngine("gpx_test_buyer")).ShouldBe($"order_book for {Ann} as Buyer");
        (await SeenByTheEngine("gpx_test_operator")).ShouldBe($"order_book for {Ann} as Operator, Auditor");
    }

    [Fact]
    public async Task A_service_that_calls_for_itself_says_so()
    {
        using var client = new ExchangeClient(Addresses(), new ServiceTokens(_key, "pricing").For);
        var status = await client.Engine.GetEngineStatusAsync(new GetEngineStatusRequest(), cancellationToken: Cancel);

        status.StateHash.ShouldBe("pricing for  as ");
    }

    [Fact]
    public async Task A_token_for_one_service_opens_no_other()
    {
        using var client = new ExchangeClient(Addresses(), _ => new ServiceTokens(_key, "pricing").For(ServiceNames.OrderBook));
        (await Should.ThrowAsync<RpcException>(async () => await client.Engine.GetEngineStatusAsync(new GetEngineStatusRequest(), cancellationToken: Cancel)))
            .StatusCode.ShouldBe(StatusCode.Unauthenticated);
    }

    [Fact]
    public async Task What_goes_wrong_inside_stays_inside()
    {
        using var client = new ExchangeClient(Addresses(), "gpx_test_operator");
        var failure = await Should.ThrowAsync<RpcException>(async () => await client.Markets.ChangeSettingsAsync(new ChangeSettingsRequest(), cancellationToken: Cancel));

        failure.StatusCode.ShouldBe(StatusCode.Internal);
        failure.Message.ShouldNotContain("secret");
    }

    [Fact]
    public async Task While_keys_cannot_be_checked_nobody_is_let_in_and_the_caller_may_try_again()
    {
        _keys.Away = true;
        (await Code(client => client.Markets.ListMarketsAsync(new ListMarketsRequest(), cancellationToken: Cancel), "gpx_test_buyer")).ShouldBe(StatusCode.Unavailable);
    }

    private async Task<string> SeenByTheEngine(string key)
    {
        using var client = new ExchangeClient(Addresses(), key);
        return (await client.Markets.ListMarketsAsync(new ListMarketsRequest(), cancellationToken: Cancel)).Markets[0].Market;
    }

    private async Task<StatusCode> Code<T>(Func<ExchangeClient, AsyncUnaryCall<T>> call, string? key, string? at = null)
    {
        using var client = new ExchangeClient(at is null ? Addresses() : new ExchangeAddresses(_doors[at]), key);
        try
        {
            await call(client);
            return StatusCode.OK;
        }
        catch (RpcException refused)
        {
            return refused.StatusCode;
        }
    }

    private ExchangeAddresses Addresses() => new(_doors[ServiceNames.OrderBook], _doors);

    private async Task Start<TDoor>(string name)
        where TDoor : class
    {
        var service = ExchangeService.Create(name, new ServiceOptions
        {
            Database = "", Listen = _doors[name], Addresses = Addresses(), ServiceKey = _key, Bus = _bus,
        });
        service.Builder.Logging.ClearProviders();
        service.Builder.Services.AddSingleton<IKeyBook>(_keys);
        var app = service.Serve<TDoor>().Build();
        _services.Add(app);
        await app.StartAsync(Cancel);
    }

    private static Uri FreeDoor()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return new Uri($"http://127.0.0.1:{((IPEndPoint)probe.LocalEndpoint).Port}");
    }

    /// <summary>Two keys of one participant.</summary>
    private sealed class Keys : IKeyBook
    {
        public bool Away { get; set; }

        public async Task<Caller?> Find(string key, CancellationToken cancel)
        {
            // As the real one does, it answers later, on another thread.
            await Task.Yield();
            if (Away) throw new RpcException(new Status(StatusCode.Unavailable, "API keys cannot be checked right now."));
            return key switch
            {
                "gpx_test_operator" => new Caller(Ann, new HashSet<Role> { Role.Operator, Role.Auditor }, "key 1", null),
                "gpx_test_buyer" => new Caller(Ann, new HashSet<Role> { Role.Buyer }, "key 2", null),
                _ => null,
            };
        }
    }

    /// <summary>Asks the engine on behalf of its caller.</summary>
    public sealed class MarketDoor(ExchangeClient exchange) : MarketService.MarketServiceBase
    {
        public override async Task<ListMarketsResponse> ListMarkets(ListMarketsRequest request, ServerCallContext context)
        {
            var status = await exchange.Engine.GetEngineStatusAsync(new GetEngineStatusRequest(), cancellationToken: context.CancellationToken);
            return new ListMarketsResponse { Markets = { new DefineMarket { Market = status.StateHash } } };
        }

        public override Task<ChangeSettingsResponse> ChangeSettings(ChangeSettingsRequest request, ServerCallContext context) =>
            throw new InvalidOperationException("the secret of the house");
    }

    /// <summary>Says who called.</summary>
    public sealed class EngineDoor : EngineService.EngineServiceBase
    {
        public override Task<GetEngineStatusResponse> GetEngineStatus(GetEngineStatusRequest request, ServerCallContext context)
        {
            var caller = Caller.Of(context);
            var seen = $"{caller.Service} for {caller.ParticipantId} as {string.Join(", ", (caller.EndUserRoles ?? new HashSet<Role>()).Order())}";
            return Task.FromResult(new GetEngineStatusResponse { StateHash = seen });
        }
    }
}
