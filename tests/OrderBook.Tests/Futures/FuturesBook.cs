using System.Runtime.InteropServices;
using ComputeExchange.MatchingEngine.Core;
using ComputeExchange.MatchingEngine.Core.Futures;
using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.OrderBook.Futures.Entry;
using ComputeExchange.OrderBook.V1;
using ComputeExchange.Values;
using Google.Protobuf;
using CoreLimits = ComputeExchange.MatchingEngine.Core.Futures.AccountLimits;
using CoreTerms = ComputeExchange.MatchingEngine.Core.Futures.InstrumentTerms;
using CoreRequest = ComputeExchange.MatchingEngine.Core.Futures.OrderRequest;
using OrderRequest = ComputeExchange.OrderBook.V1.OrderRequest;
using Phase = ComputeExchange.MatchingEngine.Core.Futures.Phase;

namespace ComputeExchange.OrderBook.Tests.Futures;

/// <summary>The edge of the futures market with the real rules behind it: what they decide is fed to the tables at once, or when the test says so.</summary>
public abstract class FuturesBook(BookDatabase database) : Book(database)
{
    protected const string Future = "CX-H100-2026-04";
    protected const long TickValue = 730_000;

    protected static readonly Guid Ann = Ids.Of(1);
    protected static readonly Guid Bob = Ids.Of(2);

    private readonly List<EngineEvent> _untold = [];
    private long _sequence;

    /// <summary>The rules.</summary>
    protected Exchange Rules { get; private set; } = new();

    /// <summary>Whether the tables get what happens only with <see cref="Tell"/>.</summary>
    protected bool Lags { get; set; }

    /// <summary>When it is done, the engine is away.</summary>
    protected TaskCompletionSource? Broken { get; set; }

    /// <summary>One instrument, open, reference price 2,500 ticks; Ann and Bob with money.</summary>
    protected async Task Open(Phase phase = Phase.Continuous)
    {
        foreach (var trader in (Guid[])[Ann, Bob])
        {
            Do(new Command.SetParticipant(trader, false, false, true));
            Do(new Command.CreditCollateral(trader, new Money(1_000_000_000_000), "deposit"));
            Do(new Command.OpenAccount(trader));
            Do(new Command.LimitAccount(trader, new CoreLimits(true, 0, 1, 100_000)));
        }
        Do(new Command.DefineInstrument(new CoreTerms(Future, TickValue, 1_000, 10_000_000_000_000, 5_000, 100_000_000, 150_000, 100, 30_000, 0, 60), 2_500));
        await SetPhase(phase);
    }

    protected Task SetPhase(Phase phase)
    {
        Do(new Command.SetPhase(Future, phase, Clock.GetUtcNow().AddMinutes(10)));
        return Tell();
    }

    /// <summary>Has the rules decide something; the tables get it with the next telling.</summary>
    protected IReadOnlyList<Event> Do(Command command)
    {
        _sequence++;
        var events = Rules.Apply(command, Clock.GetUtcNow());
        foreach (var happened in events)
        {
            EngineEvent? told = happened switch
            {
                Event.OrdersHandled e => new EngineEvent { OrdersHandled = new OrdersHandled { Events = ByteString.CopyFrom(e.Events.Span) } },
                Event.AccountOpened e => new EngineEvent { AccountOpened = new AccountOpened { AccountIndex = e.Index, ParticipantId = e.Participant.ToString() } },
                Event.InstrumentDefined e => new EngineEvent
                {
                    InstrumentDefined = new InstrumentDefined
                    {
                        InstrumentIndex = e.Index, ReferenceTicks = e.Reference,
                        Terms = new MatchingEngine.V1.InstrumentTerms
                        {
                            Name = e.Terms.Name, TickValueMicros = e.Terms.TickValueMicros, BandPpm = e.Terms.BandPpm, BandTickCountMin = e.Terms.BandFloorTicks,
                        },
                    },
                },
                _ => null,
            };
            if (told is not null) _untold.Add(told);
        }
        return events;
    }

    /// <summary>Feeds the tables what they have not been told.</summary>
    protected async Task Tell()
    {
        var entries = Entries(_untold);
        foreach (var entry in entries) entry.Sequence = _sequence;
        _untold.Clear();
        await Apply(entries);
    }

    /// <summary>The same, in batches of so many entries, each as a batch of the feed of its own.</summary>
    protected IReadOnlyList<FeedEntry> TakeUntold()
    {
        var entries = Entries(_untold);
        foreach (var entry in entries) entry.Sequence = _sequence;
        _untold.Clear();
        return entries;
    }

    /// <summary>One order through the edge.</summary>
    protected Task<OrderResult> Enter(Guid who, OrderRequest order) => Slice<OrderEntry, OrderResult>(entry => entry.Enter(order, Trader(who), Cancel));

    protected static OrderRequest Place(OrderSide side, long lots, long price, long id, Action<OrderRequest>? change = null)
    {
        var order = new OrderRequest
        {
            Kind = OrderRequestKind.Place,
            Instrument = Future,
            Side = side,
            Type = V1.OrderType.Limit,
            TimeInForce = V1.TimeInForce.GoodTillCancelled,
            LotCount = lots,
            PriceTicks = price,
            ClientOrderId = id,
        };
        change?.Invoke(order);
        return order;
    }

    protected static OrderRequest Buy(long lots, long price, long id, Action<OrderRequest>? change = null) => Place(OrderSide.Buy, lots, price, id, change);

    protected static OrderRequest Sell(long lots, long price, long id, Action<OrderRequest>? change = null) => Place(OrderSide.Sell, lots, price, id, change);

    protected static OrderRequest Replace(long order, long lots, long price, long id) =>
        new() { Kind = OrderRequestKind.Replace, OrderId = order, LotCount = lots, PriceTicks = price, ClientOrderId = id };

    protected static OrderRequest CancelOf(long order) => new() { Kind = OrderRequestKind.Cancel, OrderId = order };

    protected override IOrderLine OpenLine() => new Line(this);

    /// <summary>A line to the rules, without a journal.</summary>
    private sealed class Line(FuturesBook book) : IOrderLine
    {
        private readonly System.Threading.Channels.Channel<MatchingEngine.V1.EnterOrdersResponse> _told =
            System.Threading.Channels.Channel.CreateUnbounded<MatchingEngine.V1.EnterOrdersResponse>();

        public async Task Send(Guid participant, ReadOnlyMemory<byte> requests, CancellationToken cancel)
        {
            var records = MemoryMarshal.Cast<byte, CoreRequest>(requests.Span).ToArray();
            for (var index = 0; index < records.Length; index++) records[index].Account = (uint)book.Rules.AccountOf(participant);
            var events = book.Do(new Command.EnterOrders(MemoryMarshal.AsBytes<CoreRequest>(records).ToArray()));
            var told = events.OfType<Event.OrdersHandled>().Single();
            if (!book.Lags) await book.Tell();
            _told.Writer.TryWrite(new MatchingEngine.V1.EnterOrdersResponse { Sequence = book._sequence, Events = ByteString.CopyFrom(told.Events.Span) });
        }

        public Task Finish() => Task.CompletedTask;

        public async Task<MatchingEngine.V1.EnterOrdersResponse> Receive(CancellationToken cancel)
        {
            if (book.Broken is not { } broken) return await _told.Reader.ReadAsync(cancel);
            await broken.Task.WaitAsync(cancel);
            throw new Grpc.Core.RpcException(new Grpc.Core.Status(Grpc.Core.StatusCode.Unavailable, "away"));
        }

        public void Dispose()
        {
        }
    }
}
