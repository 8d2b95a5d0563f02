using System.Globalization;
using System.Runtime.InteropServices;
using ComputeExchange.MatchingEngine.Core;
using ComputeExchange.MatchingEngine.Core.Book;
using ComputeExchange.MatchingEngine.Core.Futures;
using ComputeExchange.Values;

namespace ComputeExchange.MatchingEngine.Tests.Futures;

/// <summary>A small futures market to tell stories with: one contract near 2500 ticks, four traders with a thousand dollars each.</summary>
/// <remarks>Everything done answers with what it caused, as one line of text. Orders are numbered from 1 as they are taken.</remarks>
internal sealed class Pit
{
    public const int Ann = 0;
    public const int Bob = 1;
    public const int Cyd = 2;
    public const int Dan = 3;
    public const string Name = "CX-H100-2027-01";

    public static readonly DateTimeOffset Noon = new(2026, 12, 1, 12, 0, 0, TimeSpan.Zero);

    /// <summary>A tick of a lot is a tenth of a cent; 800 lots at 2500 are the most in an order; the band is 2125 to 2875, the velocity rule 75 ticks in 10 s.</summary>
    public static readonly InstrumentTerms Terms = new(
        Name, TickValueMicros: 1_000, MostLots: 1_000, MostNotionalMicros: 2_000_000_000, MostPosition: 1_500, MarginMicros: 250_000,
        BandPpm: 150_000, BandFloorTicks: 10, VelocityPpm: 30_000, VelocitySeconds: 10, CallSeconds: 60);

    private readonly ulong[] _clientIds = new ulong[8];

    public Pit(Phase phase = Core.Futures.Phase.Continuous, InstrumentTerms? terms = null, int reference = 2_500)
    {
        Do(new Command.DefineInstrument(terms ?? Terms, reference));
        foreach (var trader in new[] { Ann, Bob, Cyd, Dan })
        {
            Do(new Command.SetParticipant(Id(trader), MayBuy: true, MaySell: false, Active: true));
            Do(new Command.CreditCollateral(Id(trader), new Money(1_000_000_000), "deposit"));
            Do(new Command.OpenAccount(Id(trader)));
        }
        Phase(phase);
    }

    public Exchange Exchange { get; set; } = new();

    public DateTimeOffset Now { get; set; } = Noon;

    /// <summary>What the last command caused, one by one.</summary>
    public List<OrderEvent> Told { get; private set; } = [];

    public static Guid Id(int trader) => Guid.Parse($"cccccccc-0000-7000-8000-{trader + 1:d12}");

    public IReadOnlyList<Event> Do(Command command) => Exchange.Apply(command, Now);

    public string Buy(
        int who, uint lots, int price, TimeInForce force = TimeInForce.GoodTillCancelled, OrderFlags flags = OrderFlags.None, uint peak = 0,
        SelfTrade self = SelfTrade.CancelNewest, int untilSeconds = 0) => Limit(who, Side.Buy, lots, price, force, flags, peak, self, untilSeconds);

    public string Sell(
        int who, uint lots, int price, TimeInForce force = TimeInForce.GoodTillCancelled, OrderFlags flags = OrderFlags.None, uint peak = 0,
        SelfTrade self = SelfTrade.CancelNewest, int untilSeconds = 0) => Limit(who, Side.Sell, lots, price, force, flags, peak, self, untilSeconds);

    public string Market(int who, Side side, uint lots, TimeInForce force = TimeInForce.ImmediateOrCancel, OrderFlags flags = OrderFlags.None) =>
        Enter(new OrderRequest
        {
            Kind = OrderKind.Place, Side = side, Type = OrderType.Market, TimeInForce = force, Flags = flags, Account = (uint)who, Quantity = lots,
        });

    public string Stop(
        int who, Side side, uint lots, int stop, int? limit = null, TimeInForce force = TimeInForce.GoodTillCancelled, OrderFlags flags = OrderFlags.None,
        int untilSeconds = 0) =>
        Enter(new OrderRequest
        {
            Kind = OrderKind.Place,
            Side = side,
            Type = limit is null ? OrderType.Stop : OrderType.StopLimit,
            TimeInForce = force,
            Flags = flags,
            Account = (uint)who,
            Quantity = lots,
            StopPrice = stop,
            Price = limit ?? 0,
            Expiry = ExpiryOf(untilSeconds),
        });

    public string Replace(int who, ulong order, uint lots, int price, int stop = 0) =>
        Enter(new OrderRequest { Kind = OrderKind.Replace, Account = (uint)who, Order = order, Quantity = lots, Price = price, StopPrice = stop });

    public string Cancel(int who, ulong order) => Enter(new OrderRequest { Kind = OrderKind.Cancel, Account = (uint)who, Order = order });

    /// <summary>Sends requests in one command; the next client order id is filled in where none is said.</summary>
    public string Enter(params OrderRequest[] requests)
    {
        for (var i = 0; i < requests.Length; i++)
        {
            ref var request = ref requests[i];
            if (request.ClientOrderId == 0 && request.Kind != OrderKind.Cancel && request.Account < _clientIds.Length) request.ClientOrderId = ++_clientIds[request.Account];
        }
        return Say(new Command.EnterOrders(MemoryMarshal.AsBytes(requests.AsSpan()).ToArray()));
    }

    public string Phase(Phase phase, int seconds = 60, string name = Name) => Say(new Command.SetPhase(name, phase, Now.AddSeconds(seconds)));

    public string Reference(int ticks) => Say(new Command.SetReference(Name, ticks));

    /// <summary>Time passes; what an auction would do is left out of what is told.</summary>
    public string Pass(decimal seconds)
    {
        Watch(seconds);
        Told.RemoveAll(told => told.Kind == OrderEventKind.Indicative);
        return string.Join(", ", Told.Select(Words));
    }

    /// <summary>Time passes, and all of it is told.</summary>
    public string Watch(decimal seconds)
    {
        var then = Now.AddTicks((long)(seconds * TimeSpan.TicksPerSecond));
        var told = Say(new Command.AdvanceClock(then));
        Now = then;
        return told;
    }

    public string MassCancel(int? who = null, string instrument = "", Side? side = null, CancelReason reason = CancelReason.MassCancel) =>
        Say(new Command.CancelOrders(who is { } trader ? Id(trader) : Guid.Empty, instrument, side, reason));

    public long Lots(int who, int instrument = 0) => Exchange.Futures.PositionOf(who, instrument).Lots;

    public long Required(int who) => Exchange.Futures.RequiredOf(who);

    public string Say(Command command)
    {
        var events = Do(command);
        Told = [.. events.OfType<Event.OrdersHandled>().SelectMany(handled => MemoryMarshal.Cast<byte, OrderEvent>(handled.Events.Span).ToArray())];
        return string.Join(", ", events.SelectMany(Words));
    }

    private static IEnumerable<string> Words(Event happened) => happened switch
    {
        Event.OrdersHandled handled => MemoryMarshal.Cast<byte, OrderEvent>(handled.Events.Span).ToArray().Select(Words),
        Event.Refused refused => [$"refused {refused.Reason} {refused.Field}"],
        Event.ClockAdvanced => [],
        _ => [happened.GetType().Name],
    };

    private static string Words(OrderEvent told) => string.Create(CultureInfo.InvariantCulture, $"{told.Kind switch
    {
        OrderEventKind.Accepted => $"#{told.Order} taken",
        OrderEventKind.Rejected => $"no: {told.Reject} {told.Value}",
        OrderEventKind.Traded => $"#{told.Order} {(told.Side == Side.Buy ? "buys" : "sells")} {told.Quantity} with #{told.Other} at {told.Price}",
        OrderEventKind.Cancelled => $"#{told.Order} ends with {told.Quantity}: {told.Cancel}",
        OrderEventKind.Replaced => $"#{told.Order} is {told.Quantity} at {told.Price}, {(told.Detail == 1 ? "in its place" : "at the back")}",
        OrderEventKind.Triggered => $"#{told.Order} triggered",
        OrderEventKind.Refilled => $"#{told.Order} shows {told.Quantity} and hides {told.Leaves}",
        OrderEventKind.Reduced => $"#{told.Order} loses {told.Quantity} and keeps {told.Leaves}: {told.Cancel}",
        OrderEventKind.PhaseChanged => $"{(Phase)told.Detail}",
        OrderEventKind.Indicative => $"would trade {told.Quantity} at {told.Price} leaving {told.Detail} to {(told.Side == Side.Buy ? "buy" : "sell")}",
        OrderEventKind.Busted => $"trade {told.Value} undone",
        OrderEventKind.ReferenceSet => $"reference {told.Price}",
        _ => told.Kind.ToString(),
    }}");

    private string Limit(int who, Side side, uint lots, int price, TimeInForce force, OrderFlags flags, uint peak, SelfTrade self, int untilSeconds) =>
        Enter(new OrderRequest
        {
            Kind = OrderKind.Place,
            Side = side,
            Type = OrderType.Limit,
            TimeInForce = force,
            Flags = flags,
            SelfTrade = self,
            Account = (uint)who,
            Quantity = lots,
            Price = price,
            Peak = peak,
            Expiry = ExpiryOf(untilSeconds),
        });

    private uint ExpiryOf(int seconds) => seconds == 0 ? 0 : (uint)Now.AddSeconds(seconds).ToUnixTimeSeconds();
}
