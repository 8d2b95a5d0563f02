using System.Threading.Channels;
using ComputeExchange.OrderBook.Domain;
using ComputeExchange.OrderBook.V1;
using Grpc.Core;

namespace ComputeExchange.OrderBook.Live;

/// <summary>One reader of the tape: gets every trade and run in order, and of depth and book the latest.</summary>
public sealed class TapeReader : IDisposable
{
    private const int MostWaiting = 10_000;
    private static readonly TimeSpan LifeSignEvery = TimeSpan.FromSeconds(5);

    private readonly MarketTape _tape;
    private readonly Guid? _participant;
    private readonly string _market;
    private readonly DateTimeOffset? _slot;
    private readonly Channel<StreamMarketDataResponse> _waiting = Channel.CreateBounded<StreamMarketDataResponse>(new BoundedChannelOptions(MostWaiting) { SingleReader = true });
    private readonly Channel<bool> _depth = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });
    private readonly Channel<bool> _book = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });
    private readonly string _instrument;
    private readonly int _levels;
    private DateTimeOffset _shown;
    private volatile bool _tooSlow;

    internal TapeReader(MarketTape tape, Guid? participant, string market, DateTimeOffset? slot, string instrument, int levels)
    {
        (_tape, _participant, _market, _slot, _instrument, _levels) = (tape, participant, market, slot, instrument, levels);
        AllChanged();
    }

    /// <summary>Sends what happens until the reader goes away.</summary>
    /// <exception cref="RpcException">RESOURCE_EXHAUSTED: the reader is too slow.</exception>
    public async Task SendTo(IServerStreamWriter<StreamMarketDataResponse> reader, CancellationToken cancel)
    {
        if (_market.Length == 0 && _instrument.Length == 0) await reader.WriteAsync(_tape.Life(), cancel);
        while (true)
        {
            if (_tooSlow) throw new RpcException(new Status(StatusCode.ResourceExhausted, "This reader is slower than the market; ask again, and look up what was missed with ListTrades and ListRuns."));
            if (_waiting.Reader.TryRead(out var next))
            {
                await reader.WriteAsync(next, cancel);
            }
            else if (_depth.Reader.TryRead(out _))
            {
                if (_market.Length == 0) continue;
                var depth = _tape.Depth(_market, _slot);
                _shown = depth.Depth.SlotTime.ToDateTimeOffset();
                await reader.WriteAsync(depth, cancel);
            }
            else if (_book.Reader.TryRead(out _))
            {
                if (_instrument.Length > 0) await reader.WriteAsync(_tape.Book(_instrument, _levels), cancel);
            }
            else if (!await SomethingWithin(LifeSignEvery, cancel))
            {
                await reader.WriteAsync(_tape.Life(), cancel);
            }
        }
    }

    /// <inheritdoc />
    public void Dispose() => _tape.Leave(this);

    internal void AllChanged()
    {
        DepthChanged();
        BookChanged();
    }

    /// <summary>Called by the tape, under its lock: an update for everyone.</summary>
    internal void Hear(StreamMarketDataResponse update) => Wait(update);

    /// <summary>Called by the tape, under its lock: takes what is for this reader and never waits.</summary>
    internal void Hear(Told told, MarketSettings settings)
    {
        if (told.Update.UpdateCase != StreamMarketDataResponse.UpdateOneofCase.None) Wait(told.Update);
        if (_participant is { } participant && told.OfParticipant(participant) is { } own)
            Wait(new StreamMarketDataResponse { FeedNumber = told.Update.FeedNumber, ClockTime = told.Update.ClockTime, Own = own });
        HearFutures(told);
        if (_market.Length == 0) return;

        // In the slot shown, or the slot to be shown is another by now.
        var slot = _slot ?? settings.NextTradable(told.Update.ClockTime.ToDateTimeOffset());
        if (told.Touched.Contains((_market, slot)) || (told.ClockMoved && slot != _shown)) DepthChanged();
    }

    private void HearFutures(Told told)
    {
        foreach (var instrument in told.Instruments.Values)
            Wait(new StreamMarketDataResponse { FeedNumber = told.Update.FeedNumber, ClockTime = told.Update.ClockTime, Instrument = instrument });
        if (_instrument.Length == 0) return;
        foreach (var trade in told.Trades)
            if (trade.Instrument == _instrument) Wait(new StreamMarketDataResponse { FeedNumber = told.Update.FeedNumber, ClockTime = told.Update.ClockTime, FuturesTrade = trade });
        if (told.Books.Contains(_instrument)) BookChanged();
    }

    private void DepthChanged() => _depth.Writer.TryWrite(true);

    private void BookChanged() => _book.Writer.TryWrite(true);

    private void Wait(StreamMarketDataResponse update)
    {
        if (!_waiting.Writer.TryWrite(update)) _tooSlow = true;
    }

    private async Task<bool> SomethingWithin(TimeSpan time, CancellationToken cancel)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(time);
        try
        {
            await Task.WhenAny(_waiting.Reader.WaitToReadAsync(limit.Token).AsTask(), _depth.Reader.WaitToReadAsync(limit.Token).AsTask(), _book.Reader.WaitToReadAsync(limit.Token).AsTask()).Unwrap();
            return true;
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return false;
        }
        finally
        {
            await limit.CancelAsync();
        }
    }
}
