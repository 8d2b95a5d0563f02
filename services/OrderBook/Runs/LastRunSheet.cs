using ComputeExchange.OrderBook.Domain;
using ComputeExchange.OrderBook.Storage;
using ComputeExchange.Values.Auctions;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.OrderBook.Runs;

/// <summary>The last run that was cleared, from its public record: read once for all who ask until the next.</summary>
public sealed class LastRunSheet
{
    private volatile RunSheet? _known;

    /// <summary>The last run that was cleared, also if nothing could trade in it; null before the first.</summary>
    public async Task<RunSheet?> Of(OrderBookDb db, CancellationToken cancel)
    {
        var run = await db.Runs.AsNoTracking().Where(run => run.ClearedTime != null).OrderByDescending(run => run.RunId).FirstOrDefaultAsync(cancel);
        if (run is null) return null;
        if (_known is { } known && known.RunId == run.RunId) return known;

        var record = await db.RunRecords.AsNoTracking().SingleOrDefaultAsync(record => record.RunId == run.RunId && record.SolutionGzip != null, cancel);
        return _known = record is null
            ? RunSheet.Empty(run.RunId, run.ClosedTime, nothingOffered: run.OfferCount == 0 && run.BidCount > 0)
            : new RunSheet(
                run.RunId, run.ClosedTime,
                AuctionJson.ReadProblem(RunRecordRow.Unpack(record.ProblemGzip)), AuctionJson.ReadSolution(RunRecordRow.Unpack(record.SolutionGzip!)));
    }
}
