using ComputeExchange.Access.V1;
using ComputeExchange.Client;
using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.OrderBook.V1;
using ComputeExchange.Settlement.V1;
using ComputeExchange.Values;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using EnterOrdersRequest = ComputeExchange.OrderBook.V1.EnterOrdersRequest;
using EnterOrdersResponse = ComputeExchange.OrderBook.V1.EnterOrdersResponse;

namespace ComputeExchange.EndToEnd.Tests;

/// <summary>A futures market in real time: instruments and traders with money, made through the public doors.</summary>
internal sealed class FuturesFloor(RunningHost host, CancellationToken cancel) : IDisposable
{
    public const long TickValue = 730_000;

    private readonly Story _story = new(host.Addresses, host.OperatorKey, cancel);

    public RunningHost Host => host;

    public ExchangeClient Operator => _story.Operator;

    /// <summary>An open instrument with a reference price of 2,500 ticks.</summary>
    public async Task<string> List(string name)
    {
        await Ask(() => Operator.Futures.DefineInstrumentAsync(new DefineInstrumentRequest
        {
            RequestId = Story.Id("define", name),
            ReferenceTicks = 2_500,
            Terms = new InstrumentTerms
            {
                Name = name, TickValueMicros = TickValue, LotCountMax = 1_000, NotionalMicrosMax = 10_000_000 * Money.MicrosPerDollar, PositionLotCountMax = 100_000,
                MarginMicrosPerLot = 250 * Money.MicrosPerDollar, BandPpm = 150_000, BandTickCountMin = 10, VelocityPpm = 30_000, VelocitySeconds = 0, CallSeconds = 60,
            },
        }, cancellationToken: cancel).ResponseAsync);
        await Set(name, InstrumentPhase.Continuous);
        return name;
    }

    public Task Set(string instrument, InstrumentPhase phase) => Ask(() => Operator.Futures.SetInstrumentPhaseAsync(
        new SetInstrumentPhaseRequest { RequestId = Guid.NewGuid().ToString(), Instrument = instrument, Phase = phase }, cancellationToken: cancel).ResponseAsync);

    /// <summary>A trader with ten million dollars and no limit on the rate of its orders.</summary>
    public async Task<ExchangeClient> Trader(string name)
    {
        var id = await _story.Admit(name, Role.Trader);
        await Ask(() => Operator.Settlement.DepositAsync(new DepositRequest
        {
            RequestId = Story.Id("deposit", name), ParticipantId = id.ToString(), AmountMicros = 10_000_000 * Money.MicrosPerDollar,
        }, cancellationToken: cancel).ResponseAsync);
        var client = await _story.As(name);

        // The engine hears of him from Participants, and of his money from Settlement.
        await Until(async () =>
        {
            try
            {
                await Operator.Futures.SetAccountLimitsAsync(new SetAccountLimitsRequest
                {
                    RequestId = Guid.NewGuid().ToString(), ParticipantId = id.ToString(),
                    Limits = new AccountLimits { MayTrade = true, OrdersPerSecond = 0, OrderBurst = 1, OpenOrderCountMax = 100_000 },
                }, cancellationToken: cancel);
                return (await Operator.Engine.GetHoldingsAsync(new GetHoldingsRequest { ParticipantId = id.ToString() }, cancellationToken: cancel)).Holdings is [{ FreeMicros: > 0 }];
            }
            catch (RpcException refused) when (refused.StatusCode is StatusCode.FailedPrecondition or StatusCode.Unavailable)
            {
                return false;
            }
        });
        return client;
    }

    /// <summary>A second operator.</summary>
    public async Task<ExchangeClient> SecondOperator()
    {
        await _story.Admit("second operator", Role.Operator);
        return await _story.As("second operator");
    }

    public Task<T> Ask<T>(Func<Task<T>> call) => _story.Ask(call);

    public static OrderRequest Place(string instrument, OrderSide side, long lots, long price, long id) => new()
    {
        Kind = OrderRequestKind.Place, Instrument = instrument, Side = side, Type = OrderType.Limit, TimeInForce = TimeInForce.GoodTillCancelled,
        LotCount = lots, PriceTicks = price, ClientOrderId = id,
    };

    public async Task<OrderResult> Enter(ExchangeClient who, OrderRequest order) =>
        (await Ask(() => who.Futures.PlaceOrderAsync(new PlaceOrderRequest { Order = order }, cancellationToken: cancel).ResponseAsync)).Result;

    public AsyncDuplexStreamingCall<EnterOrdersRequest, EnterOrdersResponse> Stream(ExchangeClient who) => who.Futures.EnterOrders(cancellationToken: cancel);

    /// <summary>The open orders of a trader.</summary>
    public async Task<List<FuturesOrder>> Open(ExchangeClient who) =>
        [.. (await Ask(() => who.Futures.ListOrdersAsync(new ListOrdersRequest { State = FuturesOrderState.Open, PageSize = 500 }, cancellationToken: cancel).ResponseAsync)).Orders];

    public async Task Until(Func<Task<bool>> isSo, int seconds = 30)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (!await isSo())
        {
            if (TimeProvider.System.GetElapsedTime(began) > TimeSpan.FromSeconds(seconds)) throw new TimeoutException($"It is not so after {seconds} s.");
            await Task.Delay(50, cancel);
        }
    }

    public void Dispose() => _story.Dispose();
}
