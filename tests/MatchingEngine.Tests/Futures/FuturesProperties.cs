using System.Runtime.InteropServices;
using ComputeExchange.MatchingEngine.Core.Futures;
using FsCheck;
using FsCheck.Fluent;
using Shouldly;
using Xunit;

namespace ComputeExchange.MatchingEngine.Tests.Futures;

/// <summary>What holds for any trading at all.</summary>
public class FuturesProperties
{
    private const int Moves = 250;

    [Fact]
    public void The_market_does_what_a_plain_telling_of_its_rules_does() =>
        ForAnySeed(120, seed =>
        {
            var (market, plain) = (Opened(), Plain());
            foreach (var move in new AnyTrading(seed).Moves(Moves))
            {
                if (!IsAllowed(market, move)) continue;
                Do(market, move);
                Do(plain, move, market);
                Same(market.Events, plain.Events, move);
                market.Resting.ShouldBe(plain.Resting);
                for (var account = 0; account < AnyTrading.Accounts; account++)
                {
                    for (var contract = 0; contract < 2; contract++) market.PositionOf(account, contract).ShouldBe(plain.PositionOf(account, contract));
                    market.RequiredOf(account).ShouldBe(plain.RequiredOf(account));
                    market.VariationOf(account).ShouldBe(plain.VariationOf(account));
                    market.OpenOrdersOf(account).ShouldBe(plain.OpenOrdersOf(account));
                }
            }
        });

    [Fact]
    public void Any_trading_comes_to_every_event_every_refusal_and_every_end_so_that_these_properties_say_something()
    {
        var kinds = new HashSet<OrderEventKind>();
        var refused = new HashSet<RejectReason>();
        var ended = new HashSet<CancelReason>();
        var (taken, traded) = (0, 0);
        for (var seed = 0; seed < 100; seed++)
        {
            var market = Opened();
            foreach (var move in new AnyTrading(seed).Moves(Moves))
            {
                if (!IsAllowed(market, move)) continue;
                Do(market, move);
                foreach (var told in market.Events)
                {
                    kinds.Add(told.Kind);
                    taken += told.Kind == OrderEventKind.Accepted ? 1 : 0;
                    traded += told.Kind == OrderEventKind.Traded ? 1 : 0;
                    if (told.Kind == OrderEventKind.Rejected) refused.Add(told.Reject);
                    if (told.Kind == OrderEventKind.Cancelled) ended.Add(told.Cancel);
                }
            }
        }
        taken.ShouldBeGreaterThan(6_000);
        traded.ShouldBeGreaterThan(2_000);
        Enum.GetValues<OrderEventKind>().Except(kinds).ShouldBeEmpty();
        Enum.GetValues<RejectReason>().Except(refused).ShouldBe([RejectReason.None]);
        Enum.GetValues<CancelReason>().Except(ended).ShouldBe([CancelReason.Suspended]);
    }

    [Fact]
    public void Contracts_and_gains_are_never_made_or_lost_and_continuous_books_never_cross() =>
        ForAnySeed(60, seed =>
        {
            var market = Opened();
            foreach (var move in new AnyTrading(seed).Moves(Moves))
            {
                if (!IsAllowed(market, move)) continue;
                Do(market, move);
                int[] accounts = [.. Enumerable.Range(0, AnyTrading.Accounts)];
                for (var contract = 0; contract < 2; contract++)
                {
                    accounts.Sum(account => market.PositionOf(account, contract).Lots).ShouldBe(0);
                    accounts.Sum(account => market.PositionOf(account, contract).Cost).ShouldBe(0);
                    accounts.All(account => market.PositionOf(account, contract) is { Buys: >= 0, Sells: >= 0 }).ShouldBeTrue();
                    if (market.PhaseOf(contract) == Phase.Continuous) market.IsCrossed(contract).ShouldBeFalse();
                }
                accounts.Sum(market.VariationOf).ShouldBe(0);
                accounts.All(account => market.OpenOrdersOf(account) >= 0).ShouldBeTrue();
            }
        });

    [Fact]
    public void Nobody_without_the_money_is_let_in_and_no_position_passes_its_limit() =>
        ForAnySeed(100, seed =>
        {
            var market = Opened();
            long[] funds = [AnyTrading.Funds, AnyTrading.Funds, AnyTrading.Funds];
            foreach (var move in new AnyTrading(seed).Moves(Moves))
            {
                // Requests one by one: what an order takes when it is accepted and nothing trades is covered.
                if (!IsAllowed(market, move)) continue;
                if (move is not Move.Enter enter)
                {
                    if (move is Move.SetFunds set) funds[set.Account] = set.Funds;
                    Do(market, move);
                    continue;
                }
                market.Begin(enter.At);
                foreach (var request in enter.Requests)
                {
                    if (request.Account >= AnyTrading.Accounts) continue;
                    var account = (int)request.Account;
                    var before = market.RequiredOf(account);
                    var first = market.Events.Length;
                    market.Handle([request]);
                    var told = market.Events[first..].ToArray();
                    if (told.Any(happened => happened.Kind == OrderEventKind.Traded)) continue;
                    if (market.RequiredOf(account) > before) market.RequiredOf(account).ShouldBeLessThanOrEqualTo(funds[account]);
                    if (told.Any(happened => happened.Kind is OrderEventKind.Accepted))
                    {
                        var (lots, buys, sells, _) = market.PositionOf(account, request.Instrument);
                        (request.Side == 0 ? lots + buys : sells - lots).ShouldBeLessThanOrEqualTo(AnyTrading.Contracts[0].MostPosition);
                    }
                }
            }
        });

    [Fact]
    public void Reduce_only_orders_never_make_a_position_larger_or_turn_it() =>
        ForAnySeed(100, seed =>
        {
            var market = Opened();
            var reducing = new HashSet<ulong>();
            var lots = new Dictionary<(uint, ushort), long>();
            foreach (var move in new AnyTrading(seed).Moves(Moves))
            {
                if (!IsAllowed(market, move)) continue;
                Do(market, move);
                foreach (var told in market.Events)
                {
                    if (told.Kind == OrderEventKind.Accepted && ((told.Detail >> 16) & (uint)OrderFlags.ReduceOnly) != 0) reducing.Add(told.Order);
                    if (told.Kind is not (OrderEventKind.Traded or OrderEventKind.Busted)) continue;
                    var isBuy = told.Side == 0;
                    var signed = told.Kind == OrderEventKind.Traded && isBuy ? told.Quantity : -(long)told.Quantity;
                    Move((told.Account, told.Instrument), told.Order, signed);
                    Move((told.Detail, told.Instrument), told.Other, -signed);
                }
            }

            void Move((uint, ushort) held, ulong order, long signed)
            {
                var before = lots.GetValueOrDefault(held);
                lots[held] = before + signed;
                if (reducing.Contains(order)) (Math.Sign(before) == -Math.Sign(signed) && Math.Abs(signed) <= Math.Abs(before)).ShouldBeTrue();
            }
        });

    [Fact]
    public void A_market_read_from_a_snapshot_goes_on_in_the_same_way_to_the_byte() =>
        ForAnySeed(60, seed =>
        {
            var market = Opened();
            var restored = Opened();
            var at = new Random(seed).Next(Moves);
            var step = 0;
            foreach (var move in new AnyTrading(seed).Moves(Moves))
            {
                if (!IsAllowed(market, move)) continue;
                Do(market, move);
                Do(restored, move);
                Same(restored.Events, market.Events, move);
                if (step++ == at || new Random(seed + step).Next(40) == 0)
                {
                    var bytes = Bytes(restored);
                    using var stream = new MemoryStream(bytes);
                    restored = new FuturesMarket(restingOrders: 1);
                    restored.Read(new BinaryReader(stream));
                    stream.Position.ShouldBe(bytes.Length);
                    Bytes(restored).SequenceEqual(bytes).ShouldBeTrue();
                }
            }
            Bytes(restored).SequenceEqual(Bytes(market)).ShouldBeTrue();
        });

    [Fact]
    public void The_same_commands_give_the_same_bytes() =>
        ForAnySeed(30, seed =>
        {
            (byte[] State, List<byte> Events) Played()
            {
                var market = Opened();
                var events = new List<byte>();
                foreach (var move in new AnyTrading(seed).Moves(Moves))
                {
                    if (!IsAllowed(market, move)) continue;
                    Do(market, move);
                    events.AddRange(MemoryMarshal.AsBytes(market.Events));
                }
                return (Bytes(market), events);
            }

            var (one, other) = (Played(), Played());
            one.State.SequenceEqual(other.State).ShouldBeTrue();
            one.Events.SequenceEqual(other.Events).ShouldBeTrue();
        });

    [Fact]
    public void A_snapshot_that_is_cut_short_is_not_read()
    {
        var market = Opened();
        foreach (var move in new AnyTrading(1).Moves(100).Where(move => IsAllowed(market, move))) Do(market, move);
        var bytes = Bytes(market);
        foreach (var length in Enumerable.Range(0, bytes.Length).Where(length => length % 37 == 0))
        {
            using var stream = new MemoryStream(bytes, 0, length);
            Should.Throw<EndOfStreamException>(() => new FuturesMarket(restingOrders: 1).Read(new BinaryReader(stream)));
        }
    }

    private static void ForAnySeed(int times, Action<int> property) =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(times), Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), property));

    private static FuturesMarket Opened()
    {
        var market = new FuturesMarket(restingOrders: 1);
        foreach (var terms in AnyTrading.Contracts) market.Define(terms, AnyTrading.Reference);
        for (var account = 0; account < AnyTrading.Accounts; account++)
        {
            market.OpenAccount(AnyTrading.Funds, isActive: true);
            market.Limit(account, AnyTrading.Limits);
        }
        return market;
    }

    private static PlainMarket Plain()
    {
        var plain = new PlainMarket();
        foreach (var terms in AnyTrading.Contracts) plain.DefineContract(terms, AnyTrading.Reference);
        for (var account = 0; account < AnyTrading.Accounts; account++) plain.OpenAccount(AnyTrading.Funds, AnyTrading.Limits);
        return plain;
    }

    /// <summary>What <see cref="Core.Exchange"/> lets through to the market, and no other.</summary>
    private static bool IsAllowed(FuturesMarket market, Move move) => move switch
    {
        Move.SetPhase { Phase: Phase.ClosingCall } set => market.PhaseOf(set.Contract) == Phase.Continuous,
        Move.SetPhase { Phase: Phase.Continuous } set => market.PhaseOf(set.Contract) is not (Phase.Halted or Phase.Closed) || !market.IsCrossed(set.Contract),
        _ => true,
    };

    private static void Do(FuturesMarket market, Move move)
    {
        market.Begin(move.At);
        switch (move)
        {
            case Move.Enter enter: market.Handle(enter.Requests); break;
            case Move.SetPhase set: market.SetPhase(set.Contract, set.Phase, set.Until); break;
            case Move.SetReference set: market.SetReference(set.Contract, set.Reference); break;
            case Move.CancelOrders cancel: market.CancelOrders(cancel.Account, cancel.Contract, cancel.Side, cancel.Reason); break;
            case Move.Bust bust when market.CanBust(bust.Trade): market.Bust(bust.Trade); break;
            case Move.Define define: market.Define(define.Terms, AnyTrading.Reference); break;
            case Move.Limit limit: market.Limit(limit.Account, limit.Limits); break;
            case Move.SetFunds set: market.SetFunds(set.Account, set.Funds); break;
            case Move.SetActive set: market.SetActive(set.Account, set.IsActive); break;
        }
    }

    private static void Do(PlainMarket plain, Move move, FuturesMarket market)
    {
        plain.Begin(move.At);
        switch (move)
        {
            case Move.Enter enter: plain.Handle(enter.Requests); break;
            case Move.SetPhase set: plain.SetPhase(set.Contract, set.Phase, set.Until); break;
            case Move.SetReference set: plain.SetReference(set.Contract, set.Reference); break;
            case Move.CancelOrders cancel: plain.CancelOrders(cancel.Account, cancel.Contract, cancel.Side, cancel.Reason); break;
            case Move.Bust bust when market.Events.ToArray().Any(told => told.Kind == OrderEventKind.Busted): plain.Bust(bust.Trade); break;
            case Move.Define define: plain.DefineContract(define.Terms, AnyTrading.Reference); break;
            case Move.Limit limit: plain.Limit(limit.Account, limit.Limits); break;
            case Move.SetFunds set: plain.SetFunds(set.Account, set.Funds); break;
            case Move.SetActive set: plain.SetActive(set.Account, set.IsActive); break;
        }
    }

    private static void Same(ReadOnlySpan<OrderEvent> events, List<OrderEvent> expected, Move move) => Same(events, CollectionsMarshal.AsSpan(expected), move);

    private static void Same(ReadOnlySpan<OrderEvent> events, ReadOnlySpan<OrderEvent> expected, Move move)
    {
        if (MemoryMarshal.AsBytes(events).SequenceEqual(MemoryMarshal.AsBytes(expected))) return;
        var asked = move is Move.Enter enter ? string.Join("; ", enter.Requests.Select(RequestText)) : move.ToString();
        events.ToArray().Select(Text).ShouldBe(expected.ToArray().Select(Text), asked);
    }

    private static string Text(OrderEvent told) =>
        $"{told.Kind} {told.Side} of {told.Instrument} by {told.Account}: #{told.Order}, #{told.Other}, {told.Quantity} at {told.Price}, "
        + $"leaves {told.Leaves}, detail {told.Detail}, value {told.Value}";

    private static string RequestText(OrderRequest request) =>
        $"{request.Kind} #{request.Order} by {request.Account} of {request.Instrument}: {request.Type} {request.Side} {request.Quantity} at {request.Price} "
        + $"{request.TimeInForce} {request.Flags} {request.SelfTrade} stop {request.StopPrice} peak {request.Peak}";

    private static byte[] Bytes(FuturesMarket market)
    {
        using var stream = new MemoryStream();
        market.Write(new BinaryWriter(stream));
        return stream.ToArray();
    }
}
