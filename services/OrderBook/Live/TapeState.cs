using ComputeExchange.Client;
using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.OrderBook.Domain;
using ComputeExchange.OrderBook.Storage;
using ComputeExchange.OrderBook.V1;
using Google.Protobuf.WellKnownTypes;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.OrderBook.Live;

/// <summary>What the tape knows at one number of the feed.</summary>
public sealed class TapeState
{
    private readonly Dictionary<long, Run> _runs = [];

    private TapeState(long feedNumber, MarketSettings settings, LiveBook book, LiveFutures futures)
    {
        Futures = futures;
        FeedNumber = feedNumber;
        Settings = settings;
        Book = book;
    }

    /// <summary>The number of the last entry applied.</summary>
    public long FeedNumber { get; private set; }

    /// <summary>When the last run was cleared that was applied here; null before.</summary>
    public DateTimeOffset? LastClearedTime { get; private set; }

    /// <summary>The settings in force.</summary>
    public MarketSettings Settings { get; private set; }

    /// <summary>The open bids and offers.</summary>
    public LiveBook Book { get; }

    /// <summary>The futures market.</summary>
    public LiveFutures Futures { get; }

    /// <summary>The state as the tables have it, all of one moment.</summary>
    public static async Task<TapeState> Load(IServiceScopeFactory scopes, CancellationToken cancel)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<OrderBookDb>();
        await using var moment = await db.Database.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead, cancel);
        var number = (await db.Cursors.AsNoTracking().SingleOrDefaultAsync(cursor => cursor.Producer == ServiceNames.Feed, cancel))?.AppliedNumber ?? 0;
        var settings = await db.SettingsInForce(cancel);
        var book = new LiveBook(settings.Slots);
        var touched = new HashSet<(string, DateTimeOffset)>();
        await foreach (var bid in db.Bids.AsNoTracking().Where(bid => bid.State == OrderState.Open).AsAsyncEnumerable().WithCancellation(cancel))
            book.AddBid(bid.BidId, bid.BuyerId, bid.Markets, bid.FromTime, Left(bid.GpuCount, bid.FilledGpuCounts), bid.LimitMicros, touched);
        await foreach (var offer in db.Offers.AsNoTracking().Where(offer => offer.State == OrderState.Open).AsAsyncEnumerable().WithCancellation(cancel))
            book.AddOffer(offer.OfferId, offer.ProviderId, offer.Market, offer.FromTime, Left(offer.GpuCount, offer.SoldGpuCounts), new OfferReserves(offer.ReserveMicros, offer.PromptReserveMicros, offer.SlotReserveMicros), touched);
        return new TapeState(number, settings, book, await LiveFutures.Load(db, cancel));
    }

    /// <summary>Applies an entry and says what it means to readers.</summary>
    public Told Apply(FeedEntry entry) => Apply(entry, isHeard: true);

    /// <summary>Applies an entry and says what it means to readers, if there are any.</summary>
    public Told Apply(FeedEntry entry, bool isHeard)
    {
        FeedNumber = entry.Number;
        var now = entry.HappenedTime.ToDateTimeOffset();
        var told = new Told { Update = Update(now) };
        var happened = entry.Event;
        switch (happened.EventCase)
        {
            case EngineEvent.EventOneofCase.ClockAdvanced:
                Book.Forget(happened.ClockAdvanced.ToTime.ToDateTimeOffset());
                told.Update.ClockTime = happened.ClockAdvanced.ToTime;
                told.ClockMoved = true;
                break;
            case EngineEvent.EventOneofCase.SettingsChanged:
                Settings = SettingsRow.ToDomain(happened.SettingsChanged);
                told.ClockMoved = true;
                break;
            case EngineEvent.EventOneofCase.MarketDefined:
                told.Update.Market = happened.MarketDefined;
                break;
            case EngineEvent.EventOneofCase.BidPlaced:
                var bid = happened.BidPlaced.Bid;
                Book.AddBid(
                    happened.BidPlaced.BidId, Guid.Parse(bid.BuyerId), bid.Markets, bid.FromTime.ToDateTimeOffset(),
                    bid.Kind == BidKind.Standing ? [] : Whole(bid.GpuCount, bid.FromTime, bid.ToTime), bid.LimitMicrosPerGpuHour, told.Touched);
                told.Own(Guid.Parse(bid.BuyerId)).BidIds.Add(happened.BidPlaced.BidId);
                break;
            case EngineEvent.EventOneofCase.BidClosed:
                Book.CloseBid(happened.BidClosed.BidId, told.Touched);
                told.Own(Guid.Parse(happened.BidClosed.BuyerId)).BidIds.Add(happened.BidClosed.BidId);
                break;
            case EngineEvent.EventOneofCase.StandingInterrupted:
                told.Own(Guid.Parse(happened.StandingInterrupted.BuyerId)).BidIds.Add(happened.StandingInterrupted.BidId);
                break;
            case EngineEvent.EventOneofCase.StandingResumed:
                told.Own(Guid.Parse(happened.StandingResumed.BuyerId)).BidIds.Add(happened.StandingResumed.BidId);
                break;
            case EngineEvent.EventOneofCase.OfferPlaced:
                var offer = happened.OfferPlaced.Offer;
                Book.AddOffer(
                    happened.OfferPlaced.OfferId, Guid.Parse(offer.ProviderId), happened.OfferPlaced.Market, offer.FromTime.ToDateTimeOffset(),
                    Whole(offer.GpuCount, offer.FromTime, offer.ToTime),
                    new OfferReserves(offer.ReserveMicrosPerGpuHour, offer.PromptReserveMicrosPerGpuHour, offer.SlotReservesMicrosPerGpuHour), told.Touched);
                told.Own(Guid.Parse(offer.ProviderId)).OfferIds.Add(happened.OfferPlaced.OfferId);
                break;
            case EngineEvent.EventOneofCase.OfferClosed:
                if (Book.CloseOffer(happened.OfferClosed.OfferId, told.Touched) is { } provider) told.Own(provider).OfferIds.Add(happened.OfferClosed.OfferId);
                break;
            case EngineEvent.EventOneofCase.RunClosed:
                told.Update.Run = new Run { RunId = happened.RunClosed.RunId, ClosedTime = entry.HappenedTime };

                // Its own copy: what was told is with its readers and never changed.
                _runs[happened.RunClosed.RunId] = told.Update.Run.Clone();
                break;
            case EngineEvent.EventOneofCase.RunCleared:
                told.Update.Run = Cleared(happened.RunCleared, entry.HappenedTime);
                break;
            case EngineEvent.EventOneofCase.RunReopened:
                _runs.Remove(happened.RunReopened.RunId, out var given);
                told.Update.Run = given ?? new Run { RunId = happened.RunReopened.RunId };
                break;
            case EngineEvent.EventOneofCase.LeaseSold:
                Sold(happened.LeaseSold, entry, told);
                break;
            default:
                Futures.Apply(entry, told, isHeard);
                break;
        }
        return told;
    }

    /// <summary>The depth of a market's slot.</summary>
    public StreamMarketDataResponse Depth(string market, DateTimeOffset? asked, DateTimeOffset now)
    {
        var slot = asked ?? Settings.NextTradable(now);
        var (bids, offers) = Book.Depth(market, slot, prompt: slot <= now);
        var update = Update(now);
        update.Depth = new GetDepthResponse { SlotTime = slot.ToTimestamp() };
        update.Depth.Bids.AddRange(bids.Select(Message));
        update.Depth.Offers.AddRange(offers.Select(Message));
        return update;
    }

    /// <summary>The book of an instrument; without content if there is no such instrument.</summary>
    public StreamMarketDataResponse BookOf(string instrument, int levels, DateTimeOffset now)
    {
        var update = Update(now);
        if (Futures.Book(instrument, levels) is not { } book) return update;
        book.FeedNumber = FeedNumber;
        update.Book = book;
        return update;
    }

    /// <summary>An update without content.</summary>
    public StreamMarketDataResponse Update(DateTimeOffset now) => new() { FeedNumber = FeedNumber, ClockTime = now.ToTimestamp() };

    private Run Cleared(RunCleared cleared, Timestamp at)
    {
        _runs.Remove(cleared.RunId, out var run);
        run ??= new Run { RunId = cleared.RunId, ClosedTime = at };
        run.ClearedTime = at;
        LastClearedTime = at.ToDateTimeOffset();
        run.BidCount = cleared.BidCount;
        run.OfferCount = cleared.OfferCount;
        run.WelfareMicros = cleared.WelfareMicros;
        run.BoundMicros = cleared.BoundMicros;
        run.LeftOutCount = cleared.LeftOutBidIds.Count;
        return run;
    }

    private void Sold(LeaseSold sold, FeedEntry entry, Told told)
    {
        Book.Sell(sold.BidId, sold.OfferId, sold.GpuCount, sold.Slots.Select(slot => slot.FromTime.ToDateTimeOffset()), told.Touched);
        var minutes = sold.Slots.Sum(slot => (long)(slot.ToTime - slot.FromTime).ToTimeSpan().TotalMinutes) * sold.GpuCount;
        var cost = sold.Slots.Sum(slot => slot.CostMicros);
        told.Update.Trade = new Trade
        {
            LeaseId = sold.LeaseId,
            RunId = sold.RunId,
            Market = sold.Market,
            GpuCount = sold.GpuCount,
            FromTime = sold.Slots[0].FromTime,
            ToTime = sold.Slots[^1].ToTime,
            MeanPriceMicrosPerGpuHour = (long)((Int128)cost * 60 / Math.Max(1, minutes)),
            CostMicros = cost,
            HappenedTime = entry.HappenedTime,
            Own = sold.BuyerId == sold.ProviderId,
        };
        var buyer = told.Own(Guid.Parse(sold.BuyerId));
        buyer.BidIds.Add(sold.BidId);
        buyer.LeaseIds.Add(sold.LeaseId);
        var provider = told.Own(Guid.Parse(sold.ProviderId));
        provider.OfferIds.Add(sold.OfferId);
        provider.LeaseIds.Add(sold.LeaseId);
    }

    private int[] Whole(int gpuCount, Timestamp from, Timestamp to)
    {
        var counts = new int[Settings.Slots.Count(from.ToDateTimeOffset(), to.ToDateTimeOffset())];
        Array.Fill(counts, gpuCount);
        return counts;
    }

    private static int[] Left(int gpuCount, int[] taken) => [.. taken.Select(count => gpuCount - count)];

    private static DepthLevel Message(LiveBook.Level level) => new()
    {
        PriceMicrosPerGpuHour = level.PriceMicros,
        GpuCount = (int)Math.Min(level.GpuCount, int.MaxValue),
        OrderCount = level.OrderCount,
    };
}

/// <summary>What one entry of the feed means to readers.</summary>
public sealed class Told
{
    private readonly Dictionary<Guid, OwnChange> _own = [];

    /// <summary>What everyone may hear; without content when nothing of it is public.</summary>
    public required StreamMarketDataResponse Update { get; init; }

    /// <summary>The slots whose depth changed.</summary>
    public HashSet<(string Market, DateTimeOffset Slot)> Touched { get; } = [];

    /// <summary>Whether the time moved, and with it perhaps the next tradable slot.</summary>
    public bool ClockMoved { get; set; }

    /// <summary>The futures instruments whose books changed.</summary>
    public HashSet<string> Books { get; } = [];

    /// <summary>What was traded in futures, or undone.</summary>
    public List<FuturesTrade> Trades { get; } = [];

    /// <summary>The futures instruments that are in another phase or have other terms or prices, by index.</summary>
    public Dictionary<int, Instrument> Instruments { get; } = [];

    /// <summary>What changed of a participant's own.</summary>
    public OwnChange Own(Guid participant)
    {
        if (!_own.TryGetValue(participant, out var own)) _own[participant] = own = new OwnChange();
        return own;
    }

    /// <summary>What changed of this participant's own; null if nothing did.</summary>
    public OwnChange? OfParticipant(Guid participant) => _own.GetValueOrDefault(participant);
}
