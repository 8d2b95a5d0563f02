using ComputeExchange.MatchingEngine.Core.Book;
using ComputeExchange.MatchingEngine.Core.Futures;

namespace ComputeExchange.MatchingEngine.Tests.Futures;

/// <summary>One thing done to a futures market at a time.</summary>
internal abstract record Move(long At)
{
    public sealed record Enter(long At, OrderRequest[] Requests) : Move(At);

    public sealed record SetPhase(long At, int Contract, Phase Phase, long Until) : Move(At);

    public sealed record SetReference(long At, int Contract, int Reference) : Move(At);

    public sealed record CancelOrders(long At, int? Account, int? Contract, Side? Side, CancelReason Reason) : Move(At);

    public sealed record Bust(long At, long Trade) : Move(At);

    public sealed record Define(long At, InstrumentTerms Terms) : Move(At);

    public sealed record Limit(long At, int Account, AccountLimits Limits) : Move(At);

    public sealed record SetFunds(long At, int Account, long Funds) : Move(At);

    public sealed record SetActive(long At, int Account, bool IsActive) : Move(At);
}

/// <summary>Any trading at all, from a seed: three accounts, two contracts near 100 ticks, every type of order, good and bad, all phases, time.</summary>
internal sealed class AnyTrading(int seed)
{
    public const int Accounts = 3;
    public const int Reference = 100;
    public const long Funds = 600_000;

    public static readonly AccountLimits Limits = new(MayTrade: true, OrdersPerSecond: 20, Burst: 30, MostOpenOrders: 12);

    public static readonly InstrumentTerms[] Contracts =
    [
        new("CX-A", 1_000, MostLots: 15, MostNotionalMicros: 1_080_000, MostPosition: 40, MarginMicros: 15_000, BandPpm: 150_000, BandFloorTicks: 2,
            VelocityPpm: 50_000, VelocitySeconds: 10, CallSeconds: 5),
        new("CX-B", 700, MostLots: 15, MostNotionalMicros: 1_500_000, MostPosition: 40, MarginMicros: 9_000, BandPpm: 150_000, BandFloorTicks: 2,
            VelocityPpm: 20_000, VelocitySeconds: 0, CallSeconds: 5),
    ];

    private readonly Random _random = new(seed);
    private readonly ulong[] _clientIds = new ulong[Accounts + 1];
    private long _now = 1_800_000_000_000;
    private int _placed;

    public IEnumerable<Move> Moves(int count)
    {
        yield return new Move.SetPhase(_now, 0, OneOf(Phase.Continuous, Phase.OpeningCall), _now + 3_000);
        yield return new Move.SetPhase(_now, 1, OneOf(Phase.Continuous, Phase.OpeningCall), _now + 3_000);
        for (var i = 0; i < count; i++)
        {
            _now += _random.Next(20) switch
            {
                < 8 => 0,
                < 17 => _random.Next(1, 300),
                < 19 => _random.Next(300, 4_000),
                _ => _random.Next(4_000, 60_000),
            };
            yield return Any();
        }
    }

    private Move Any() => _random.Next(100) switch
    {
        < 88 => new Move.Enter(_now, [.. Enumerable.Range(0, _random.Next(1, 4)).Select(_ => Request())]),
        < 92 => new Move.SetPhase(_now, _random.Next(2), OneOf(
            Phase.Closed, Phase.OpeningCall, Phase.OpeningCall, Phase.Continuous, Phase.Continuous, Phase.Continuous, Phase.Continuous, Phase.ClosingCall, Phase.Halted), _now + _random.Next(1, 8_000)),
        92 => new Move.SetReference(_now, _random.Next(2), Reference + _random.Next(-8, 9)),
        93 => new Move.CancelOrders(
            _now, _random.Next(3) == 0 ? null : _random.Next(Accounts), _random.Next(2) == 0 ? null : _random.Next(2), OneOf<Side?>(null, Side.Buy, Side.Sell),
            OneOf(CancelReason.Disconnected, CancelReason.MassCancel)),
        94 or 95 => new Move.Bust(_now, _random.Next(1, 200)),
        96 => new Move.Define(_now, Changed(_random.Next(2))),
        97 => new Move.Limit(_now, _random.Next(Accounts), Limits with
        {
            MayTrade = _random.Next(20) != 0,
            OrdersPerSecond = OneOf(0, 1, 20, 20),
            Burst = OneOf(3, 30),
            MostOpenOrders = OneOf(6, 12),
        }),
        98 => new Move.SetFunds(_now, _random.Next(Accounts), _random.Next(200_000, 900_000)),
        _ => new Move.SetActive(_now, _random.Next(Accounts), _random.Next(12) != 0),
    };

    private InstrumentTerms Changed(int contract) => Contracts[contract] with
    {
        MarginMicros = _random.Next(5_000, 20_000),
        VelocityPpm = _random.Next(10_000, 80_000),
        VelocitySeconds = OneOf(0, 1, 10),
        MostLots = (uint)_random.Next(10, 20),
        BandPpm = _random.Next(80_000, 200_000),
    };

    private OrderRequest Request()
    {
        var account = _random.Next(100) == 0 ? Accounts : _random.Next(Accounts);
        var kind = _random.Next(100) switch { < 68 => OrderKind.Place, < 80 => OrderKind.Cancel, < 99 => OrderKind.Replace, _ => (OrderKind)_random.Next(0, 6) };
        if (kind == OrderKind.Place) _placed++;
        var isRare = _random.Next(60) == 0;
        var type = OneOf(OrderType.Limit, OrderType.Limit, OrderType.Limit, OrderType.Limit, OrderType.Market, OrderType.Stop, OrderType.StopLimit);
        var force = OneOf(
            TimeInForce.GoodTillCancelled, TimeInForce.GoodTillCancelled, TimeInForce.GoodTillCancelled, TimeInForce.Day, TimeInForce.GoodTillDate,
            TimeInForce.ImmediateOrCancel, TimeInForce.FillOrKill);

        // Most combinations that mean nothing are mended here, so that enough orders get in.
        if (!isRare && type >= OrderType.Stop && force >= TimeInForce.ImmediateOrCancel) force = TimeInForce.Day;
        if (!isRare && type == OrderType.Market && force == TimeInForce.GoodTillDate) force = TimeInForce.GoodTillCancelled;
        var canRest = type == OrderType.Limit && force < TimeInForce.ImmediateOrCancel;
        var quantity = (uint)_random.Next(1, 12);
        return new OrderRequest
        {
            Kind = kind,
            Side = _random.Next(200) == 0 ? (Side)2 : (Side)_random.Next(2),
            Type = isRare ? (OrderType)_random.Next(6) : type,
            TimeInForce = isRare ? (TimeInForce)_random.Next(7) : force,
            Instrument = (ushort)(_random.Next(100) == 0 ? 2 : _random.Next(3) == 0 ? 1 : 0),
            Flags = isRare ? (OrderFlags)_random.Next(16)
                : (_random.Next(5) == 0 ? OrderFlags.ReduceOnly : 0) | (_random.Next(5) == 0 ? OrderFlags.CancelOnDisconnect : 0)
                    | (canRest && _random.Next(8) == 0 ? OrderFlags.PostOnly : 0),
            SelfTrade = (SelfTrade)_random.Next(isRare ? 6 : 4),
            Account = (uint)account,
            Quantity = isRare ? (uint)_random.Next(0, 25) : quantity,
            Price = Reference + (isRare ? _random.Next(-30, 31) : _random.Next(-7, 8)),
            StopPrice = kind == OrderKind.Replace && _random.Next(2) == 0 ? 0 : Reference + _random.Next(-8, 9) + (isRare ? 20 : 0),
            Peak = canRest && quantity > 1 && _random.Next(4) == 0 ? (uint)_random.Next(1, (int)quantity + (_random.Next(10) == 0 ? 2 : 0)) : isRare ? 5u : 0u,
            Expiry = force == TimeInForce.GoodTillDate ? (uint)((_now / 1_000) + (_random.Next(20) == 0 ? _random.Next(-5, 1) : _random.Next(1, 20))) : 0,
            ClientOrderId = _random.Next(60) == 0 ? _clientIds[account] : ++_clientIds[account],
            Order = (ulong)Math.Max(0, _placed - (int)Math.Sqrt(_random.Next(0, 2_500))),
        };
    }

    private T OneOf<T>(params ReadOnlySpan<T> choices) => choices[_random.Next(choices.Length)];
}
