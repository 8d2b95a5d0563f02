using ComputeExchange.Client;
using ComputeExchange.Facts.Hearing;
using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.OrderBook.V1;
using Grpc.Core;

namespace ComputeExchange.OrderBook.Live;

/// <summary>Follows the engine's feed in memory and tells every reader of market data what happened.</summary>
/// <remarks>
/// Every process of this service has its own; it begins with the tables as they are at one number of the feed and goes on
/// from there. What it tells is in the tables already, so that a reader who then asks finds it.
/// </remarks>
public sealed class MarketTape(
    ExchangeClient exchange, ExchangeClock clock, IServiceScopeFactory scopes, ILogger<MarketTape> log) : BackgroundService
{
    private static readonly TimeSpan TablesAreBehindAtMost = TimeSpan.FromSeconds(2);

    private readonly Lock _gate = new();
    private readonly HashSet<TapeReader> _readers = [];
    private TapeState? _state;

    /// <summary>A reader of the tape, from now on; dispose of it when done.</summary>
    /// <exception cref="RpcException">UNAVAILABLE: the tape has not begun.</exception>
    public TapeReader Read(Guid? participant, string market, DateTimeOffset? slot, string instrument, int levels)
    {
        lock (_gate)
        {
            if (_state is null) throw new RpcException(new Status(StatusCode.Unavailable, "Market data begins when the engine answers; ask again."));
            var reader = new TapeReader(this, participant, market, slot, instrument, levels);
            _readers.Add(reader);
            return reader;
        }
    }

    /// <summary>When the last run was cleared that was heard of here; null before.</summary>
    internal DateTimeOffset? LastClearedTime
    {
        get
        {
            lock (_gate) return _state?.LastClearedTime;
        }
    }

    /// <summary>The depth of a market's slot as of now; the next tradable one if none is given.</summary>
    internal StreamMarketDataResponse Depth(string market, DateTimeOffset? asked)
    {
        lock (_gate)
        {
            var now = clock.GetUtcNow();
            return _state!.Depth(market, asked, now);
        }
    }

    /// <summary>The book of an instrument as of now.</summary>
    internal StreamMarketDataResponse Book(string instrument, int levels)
    {
        lock (_gate) return _state!.BookOf(instrument, levels, clock.GetUtcNow());
    }

    /// <summary>A sign of life.</summary>
    internal StreamMarketDataResponse Life()
    {
        lock (_gate) return _state!.Update(clock.GetUtcNow());
    }

    /// <summary>Tells every reader what the market would clear at. It is in no table and at no number of the feed: whoever misses it gets the next.</summary>
    internal void Tell(GetIndicativePricesResponse indicative)
    {
        lock (_gate)
        {
            if (_state is null) return;
            foreach (var reader in _readers)
            {
                var update = _state.Update(clock.GetUtcNow());
                update.IndicativePrices = indicative;
                reader.Hear(update);
            }
        }
    }

    internal void Leave(TapeReader reader)
    {
        lock (_gate) _readers.Remove(reader);
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await Follow(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure) when (failure is not OutOfMemoryException)
            {
                if (failure is RpcException { StatusCode: StatusCode.Unavailable or StatusCode.Cancelled }) log.LogDebug("The engine is away; asking again.");
                else log.LogWarning(failure, "The tape broke; beginning again from the tables.");
                await Task.Delay(TimeSpan.FromMilliseconds(300), stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task Follow(CancellationToken cancel)
    {
        var state = await TapeState.Load(scopes, cancel);
        lock (_gate)
        {
            _state = state;
            foreach (var reader in _readers) reader.AllChanged();
        }
        using var call = exchange.Engine.ReadFeed(new ReadFeedRequest { FromNumber = state.FeedNumber + 1 }, cancellationToken: cancel);
        while (await call.ResponseStream.MoveNext(cancel))
        {
            var entries = call.ResponseStream.Current.Entries;
            if (entries.Count == 0) continue;
            await UntilTablesHave(entries[^1].Number, cancel);
            lock (_gate)
            {
                foreach (var entry in entries) Tell(state, entry);
            }

            // Time is cut otherwise from here on: begin again from the tables.
            if (state.Settings.Slots != state.Book.Slots) return;
        }
    }

    private void Tell(TapeState state, FeedEntry entry)
    {
        var told = state.Apply(entry, isHeard: _readers.Count > 0);
        if (_readers.Count == 0) return;
        foreach (var reader in _readers) reader.Hear(told, state.Settings);
    }

    /// <summary>Waits until this service's own tables hold the entry, but not for ever: another process may have the feed in hand.</summary>
    private async Task UntilTablesHave(long number, CancellationToken cancel)
    {
        var began = TimeProvider.System.GetTimestamp();
        var pause = TimeSpan.FromMilliseconds(5);
        while (TimeProvider.System.GetElapsedTime(began) < TablesAreBehindAtMost)
        {
            if ((await Inbox.Where(scopes, ServiceNames.Feed, cancel))?.AppliedNumber >= number) return;
            await Task.Delay(pause, cancel);
            if (pause < TimeSpan.FromMilliseconds(40)) pause *= 2;
        }
    }
}
