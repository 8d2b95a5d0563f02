using ComputeExchange.Hosting;
using ComputeExchange.OrderBook.V1;
using Grpc.Core;

namespace ComputeExchange.OrderBook.Live;

/// <summary>The last indicative prices, in memory alone: they are no fact, and nothing depends on them.</summary>
public sealed class IndicativePrices(MarketTape tape, TimeProvider real)
{
    /// <summary>What is older than this, by a real clock whatever the exchange's shows, is not shown any more; nor is what a run was cleared after.</summary>
    public static readonly TimeSpan StaleAfter = TimeSpan.FromSeconds(60);

    private readonly Lock _gate = new();
    private GetIndicativePricesResponse? _last;
    private long _taken;

    /// <summary>Takes newer ones and tells them to whoever listens; older ones are dropped.</summary>
    /// <exception cref="RpcException">INVALID_ARGUMENT: they do not say of which time they are.</exception>
    public TellIndicativePricesResponse Take(TellIndicativePricesRequest request)
    {
        var indicative = request.Indicative ?? throw Refuse.Field("indicative", "is missing.");
        var time = Refuse.ParseTime("indicative.computed_time", indicative.ComputedTime);
        lock (_gate)
        {
            if (_last is { } last && last.ComputedTime.ToDateTimeOffset() > time) return new TellIndicativePricesResponse();
            (_last, _taken) = (indicative, real.GetTimestamp());
        }
        tape.Tell(indicative);
        return new TellIndicativePricesResponse();
    }

    /// <summary>The last ones, of one market or of all; empty when there are none that are not stale.</summary>
    public GetIndicativePricesResponse Get(GetIndicativePricesRequest request)
    {
        GetIndicativePricesResponse? last;
        lock (_gate)
        {
            var isStale = _last is null || real.GetElapsedTime(_taken) > StaleAfter || tape.LastClearedTime > _last.ComputedTime.ToDateTimeOffset();
            last = isStale ? null : _last;
        }
        if (last is null) return new GetIndicativePricesResponse();
        if (request.Market.Length == 0) return last;
        var mine = new GetIndicativePricesResponse { ComputedTime = last.ComputedTime, BidCount = last.BidCount, OfferCount = last.OfferCount };
        mine.Prices.AddRange(last.Prices.Where(price => price.Market == request.Market));
        return mine;
    }
}
