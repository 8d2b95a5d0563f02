using ComputeExchange.Client;
using ComputeExchange.Hosting;
using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.OrderBook.Storage;
using ComputeExchange.OrderBook.V1;
using Grpc.Core;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.OrderBook.Futures.MarketData;

/// <summary>The open orders of an instrument, added up by price, as of one number of the feed.</summary>
public sealed class ReadBook(OrderBookDb db)
{
    /// <summary>The levels of a book that are shown where nobody asks for a number.</summary>
    public const int StandardLevels = 20;

    /// <summary>The book.</summary>
    /// <exception cref="RpcException">NOT_FOUND: there is no such instrument.</exception>
    public async Task<GetBookResponse> Get(GetBookRequest request, CancellationToken cancel)
    {
        var levels = Levels(request.LevelCount);
        await using var moment = await db.Database.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead, cancel);
        var number = (await db.Cursors.AsNoTracking().SingleOrDefaultAsync(cursor => cursor.Producer == ServiceNames.Feed, cancel))?.AppliedNumber ?? 0;
        var instrument = await db.Instruments.AsNoTracking().SingleOrDefaultAsync(row => row.Name == request.Instrument, cancel)
            ?? throw Refuse.NotFound($"There is no instrument '{request.Instrument}'; ListInstruments has them.");
        return new GetBookResponse
        {
            Instrument = instrument.Name,
            Bids = { await Side(instrument, OrderSide.Buy, levels, cancel) },
            Asks = { await Side(instrument, OrderSide.Sell, levels, cancel) },
            FeedNumber = number,
            Phase = instrument.Phase,
        };
    }

    /// <summary>How many levels are asked for.</summary>
    /// <exception cref="RpcException">INVALID_ARGUMENT: so many cannot be.</exception>
    public static int Levels(int asked) => asked is >= 0 and <= 1_000
        ? asked == 0 ? StandardLevels : asked
        : throw Refuse.Field("level_count", $"is {asked}: give 1 to 1000, or 0 for {StandardLevels}.");

    private async Task<IEnumerable<BookLevel>> Side(InstrumentRow instrument, OrderSide side, int levels, CancellationToken cancel)
    {
        // Orders at market in a call auction have no price of their own; they are no level.
        var index = instrument.InstrumentIndex;
        var prices = db.Orders
            .Where(row => row.InstrumentIndex == index && row.Side == side && row.State == FuturesOrderState.Open && row.PriceTicks > 0 && row.PriceTicks < int.MaxValue)
            .GroupBy(row => row.PriceTicks)
            .Select(level => new { Price = level.Key, Lots = level.Sum(row => row.ShownLotCount), Orders = level.Count() });
        var best = side == OrderSide.Buy ? prices.OrderByDescending(level => level.Price) : prices.OrderBy(level => level.Price);
        return (await best.Take(levels).ToListAsync(cancel)).Select(level => new BookLevel
        {
            PriceTicks = level.Price,
            PriceMicrosPerLot = level.Price * instrument.TickValueMicros,
            LotCount = level.Lots,
            OrderCount = level.Orders,
        });
    }
}
