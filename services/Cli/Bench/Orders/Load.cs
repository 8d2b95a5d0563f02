using System.Threading.Channels;
using ComputeExchange.Cli.Words;
using ComputeExchange.Client;
using ComputeExchange.OrderBook.V1;
using Grpc.Core;
using OrderSide = ComputeExchange.MatchingEngine.V1.OrderSide;

namespace ComputeExchange.Cli.Bench.Orders;

/// <summary>One trader's stream of order batches: it posts around a price, crosses now and then, and cancels what rests.</summary>
/// <remarks>Like the flow files: of a hundred requests about 50 post, 12 cross and 38 cancel. The same seed makes the same orders.</remarks>
internal sealed class Trader(ExchangeClient client, int instrument, int seed, long firstClientOrderId) : IDisposable
{
    private const int Middle = 2_500;

    private readonly Random _random = new(seed);
    private readonly List<long> _resting = [];
    private readonly AsyncDuplexStreamingCall<EnterOrdersRequest, EnterOrdersResponse> _stream = client.Futures.EnterOrders();
    private long _clientOrderId = firstClientOrderId;

    /// <summary>Requests that were answered.</summary>
    public long Answered { get; private set; }

    /// <summary>Of these, the refused ones.</summary>
    public long Refused { get; private set; }

    /// <summary>Why the first of them was refused.</summary>
    public string? Refusal { get; private set; }

    /// <summary>The journal's number of the first and the last batch.</summary>
    public (long First, long Last) Sequences { get; private set; } = (long.MaxValue, 0);

    /// <summary>Sends so many requests as fast as they are answered, so many batches ahead.</summary>
    public async Task Flood(int requests, int batch, int ahead, CancellationToken cancel)
    {
        using var room = new SemaphoreSlim(ahead);
        var batches = (requests + batch - 1) / batch;
        var reading = Read(batches, _ => room.Release(), cancel);
        for (var sent = 0; sent < batches; sent++)
        {
            // When the answers end, so does the sending: awaiting them says why.
            await Task.WhenAny(room.WaitAsync(cancel), reading);
            if (reading.IsCompleted) break;
            await _stream.RequestStream.WriteAsync(Batch(batch), cancel);
        }
        await reading;
    }

    /// <summary>Sends batches at a pace whatever the answers do; adds to each request's latency what it waited to be sent.</summary>
    public async Task Pace(int requests, double perSecond, TimeSpan every, List<double> milliseconds, CancellationToken cancel)
    {
        var due = Channel.CreateUnbounded<(long Due, int Count)>();
        var began = TimeProvider.System.GetTimestamp();
        var batches = Math.Max(1, (int)(requests / (perSecond * every.TotalSeconds)));
        var size = Math.Max(1, requests / batches);
        var reading = Read(batches, count =>
        {
            due.Reader.TryRead(out var sent);
            var took = TimeProvider.System.GetElapsedTime(sent.Due).TotalMilliseconds;
            lock (milliseconds) milliseconds.Add(took);
        }, cancel);
        for (var sent = 0; sent < batches; sent++)
        {
            var at = began + (long)(sent * every.TotalSeconds * TimeProvider.System.TimestampFrequency);
            var early = TimeProvider.System.GetElapsedTime(TimeProvider.System.GetTimestamp(), at);
            if (early > TimeSpan.Zero) await Task.Delay(early, cancel);
            if (reading.IsCompleted) break;
            due.Writer.TryWrite((at, size));
            await _stream.RequestStream.WriteAsync(Batch(size), cancel);
        }
        await reading;
    }

    /// <summary>Ends the stream.</summary>
    public async Task End()
    {
        await _stream.RequestStream.CompleteAsync();
        while (await _stream.ResponseStream.MoveNext(CancellationToken.None))
        {
            // Nothing more is expected; the end is.
        }
    }

    /// <inheritdoc />
    public void Dispose() => _stream.Dispose();

    private EnterOrdersRequest Batch(int size)
    {
        var batch = new EnterOrdersRequest();
        for (var index = 0; index < size; index++) batch.Orders.Add(Next());
        return batch;
    }

    private OrderRequest Next()
    {
        var dice = _random.Next(100);
        if (dice < 38 && TakeResting() is { } resting) return new OrderRequest { Kind = OrderRequestKind.Cancel, OrderId = resting };
        var isBuy = _random.Next(2) == 0;
        var isCrossing = dice >= 88;
        var away = isCrossing ? -_random.Next(4) : 1 + _random.Next(30);
        return new OrderRequest
        {
            Kind = OrderRequestKind.Place,
            InstrumentIndex = instrument,
            Side = isBuy ? OrderSide.Buy : OrderSide.Sell,
            Type = OrderType.Limit,
            TimeInForce = isCrossing ? TimeInForce.ImmediateOrCancel : TimeInForce.GoodTillCancelled,
            LotCount = 1 + _random.Next(10),
            PriceTicks = isBuy ? Middle - away : Middle + away,
            SelfTradeRule = SelfTradeRule.CancelOldest,
            ClientOrderId = ++_clientOrderId,
        };
    }

    private long? TakeResting()
    {
        lock (_resting)
        {
            if (_resting.Count == 0) return null;
            var index = _random.Next(_resting.Count);
            var taken = _resting[index];
            _resting[index] = _resting[^1];
            _resting.RemoveAt(_resting.Count - 1);
            return taken;
        }
    }

    private async Task Read(int batches, Action<int> answered, CancellationToken cancel)
    {
        for (var read = 0; read < batches; read++)
        {
            if (!await _stream.ResponseStream.MoveNext(cancel)) throw new InputException("The exchange ended the stream of orders.");
            var response = _stream.ResponseStream.Current;
            answered(response.Results.Count);
            Sequences = (Math.Min(Sequences.First, response.Sequence), Math.Max(Sequences.Last, response.Sequence));
            lock (_resting)
            {
                foreach (var result in response.Results)
                {
                    Answered++;
                    if (result.RejectReason is not (OrderRejectReason.Unspecified or OrderRejectReason.OrderUnknown))
                    {
                        Refused++;
                        Refusal ??= result.Message;
                    }
                    else if (result.State == FuturesOrderState.Open) _resting.Add(result.OrderId);
                }
            }
        }
    }
}
