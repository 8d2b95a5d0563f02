using System.Globalization;
using System.Text;
using ComputeExchange.MatchingEngine.V1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace ComputeExchange.OrderBook.Tests;

/// <summary>Events of the engine, short to write.</summary>
internal static class Happened
{
    public const string H100 = "H100-SXM-80GB.us-east";

    public static readonly Guid Node = Ids.Of(77);

    public static DateTimeOffset At(int hour, int minute = 0) => new(2026, 3, 2, hour, minute, 0, TimeSpan.Zero);

    public static EngineEvent MarketIs(string market, MarketState state = MarketState.Open) =>
        new() { MarketDefined = new DefineMarket { Market = market, State = state } };

    public static EngineEvent SettingsAre(Action<ChangeSettings>? change = null) => new() { SettingsChanged = Settings(change) };

    public static EngineEvent FeesAre(Guid participant, int? buyerPpm)
    {
        var fees = new SetFees { ParticipantId = participant.ToString() };
        if (buyerPpm is { } ppm) fees.AuctionBuyerPpm = ppm;
        return new EngineEvent { FeesSet = fees };
    }

    public static ChangeSettings Settings(Action<ChangeSettings>? change = null)
    {
        var settings = Storage.SettingsRow.Untold.Clone();
        change?.Invoke(settings);
        return settings;
    }

    public static EngineEvent Bid(
        long id, Guid buyer, int gpus, int from, int to, long limit, BidKind kind = BidKind.Divisible, string market = H100) => new()
        {
            BidPlaced = new BidPlaced
            {
                BidId = id,
                ReservedMicros = limit * gpus * (to - from),
                Bid = new PlaceBid
                {
                    BuyerId = buyer.ToString(),
                    Kind = kind,
                    Markets = { market },
                    GpuCount = gpus,
                    FromTime = At(from).ToTimestamp(),
                    ToTime = At(to).ToTimestamp(),
                    RunSlotCount = kind == BidKind.Block ? to - from : 0,
                    LimitMicrosPerGpuHour = limit,
                },
            },
        };

    public static EngineEvent BidEnds(long id, CloseReason reason) => new() { BidClosed = new BidClosed { BidId = id, Reason = reason } };

    public static EngineEvent Offer(
        long id, Guid provider, int gpus, int from, int to, long reserve, long? prompt = null, int leastRun = 1, string market = H100) => new()
        {
            OfferPlaced = new OfferPlaced
            {
                OfferId = id,
                Market = market,
                BondMicros = 1,
                Offer = new PlaceOffer
                {
                    ProviderId = provider.ToString(),
                    NodeId = Node.ToString(),
                    GpuCount = gpus,
                    FromTime = At(from).ToTimestamp(),
                    ToTime = At(to).ToTimestamp(),
                    ReserveMicrosPerGpuHour = reserve,
                    PromptReserveMicrosPerGpuHour = prompt ?? reserve,
                    RunSlotCountMin = leastRun,
                },
            },
        };

    public static EngineEvent OfferEnds(long id, CloseReason reason) => new() { OfferClosed = new OfferClosed { OfferId = id, Reason = reason } };

    public static EngineEvent RunClosed(long id, string problem = """{"bids":[],"offers":[]}""") => new()
    {
        RunClosed = new RunClosed { RunId = id, FirstSlotTime = At(8).ToTimestamp(), ProblemJson = ByteString.CopyFromUtf8(problem) },
    };

    public static EngineEvent RunCleared(long id, int bids = 1, int offers = 1, string solution = "{}") => new()
    {
        RunCleared = new RunCleared
        {
            RunId = id,
            FirstSlotTime = At(8).ToTimestamp(),
            WelfareMicros = 500,
            BoundMicros = 510,
            LeftOutBidIds = { 4 },
            BidCount = bids,
            OfferCount = offers,
            SolutionJson = ByteString.CopyFromUtf8(solution),
        },
    };

    /// <summary>A lease of whole slots, each at the same price.</summary>
    public static EngineEvent Sold(long lease, long run, long bid, long offer, Guid buyer, int gpus, int from, int to, long price, string market = H100)
    {
        var slots = Enumerable.Range(from, to - from).Select(hour => Slot(At(hour), At(hour + 1), gpus, price));
        return Sold(lease, run, bid, offer, buyer, gpus, market, [.. slots]);
    }

    public static EngineEvent Sold(long lease, long run, long bid, long offer, Guid buyer, int gpus, string market, params LeaseSlot[] slots) => new()
    {
        LeaseSold = new LeaseSold
        {
            LeaseId = lease,
            RunId = run,
            BidId = bid,
            OfferId = offer,
            BuyerId = buyer.ToString(),
            ProviderId = Ids.Of(500).ToString(),
            NodeId = Node.ToString(),
            Market = market,
            GpuCount = gpus,
            Slots = { slots },
        },
    };

    public static LeaseSlot Slot(DateTimeOffset from, DateTimeOffset to, int gpus, long price) => new()
    {
        FromTime = from.ToTimestamp(),
        ToTime = to.ToTimestamp(),
        PriceMicrosPerGpuHour = price,
        CostMicros = price * gpus * (long)(to - from).TotalMinutes / 60,
    };

    public static string Text(ByteString bytes) => Encoding.UTF8.GetString(bytes.Span);

    public static string Named(int number) => number.ToString(CultureInfo.InvariantCulture);
}
