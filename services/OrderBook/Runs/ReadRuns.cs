using ComputeExchange.Hosting;
using ComputeExchange.OrderBook.Storage;
using ComputeExchange.OrderBook.V1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.OrderBook.Runs;

/// <summary>The runs and their public records: problem and solution, for anyone to verify.</summary>
public sealed class ReadRuns(OrderBookDb db)
{
    /// <summary>Runs, newest first.</summary>
    public async Task<ListRunsResponse> List(ListRunsRequest request, CancellationToken cancel)
    {
        var (size, skip) = Refuse.ParsePage(request.PageSize, request.PageToken, standard: 20, most: 200);
        var runs = await db.Runs.AsNoTracking().OrderByDescending(run => run.RunId).Skip(skip).Take(size).ToListAsync(cancel);
        return new ListRunsResponse { Runs = { runs.Select(ToMessage) }, NextPageToken = Refuse.NextPage(skip, size, runs.Count) };
    }

    /// <summary>One run with its record; a run in which nothing could trade has none.</summary>
    /// <exception cref="RpcException">NOT_FOUND: there is none of that number.</exception>
    public async Task<GetRunResponse> Get(GetRunRequest request, CancellationToken cancel)
    {
        var run = await db.Runs.AsNoTracking().SingleOrDefaultAsync(row => row.RunId == request.RunId, cancel)
            ?? throw Refuse.NotFound($"There is no run {request.RunId}.");
        var record = await db.RunRecords.AsNoTracking().SingleOrDefaultAsync(row => row.RunId == request.RunId, cancel);
        return new GetRunResponse
        {
            Run = ToMessage(run),
            ProblemJson = Unpacked(record?.ProblemGzip),
            SolutionJson = Unpacked(record?.SolutionGzip),
        };
    }

    /// <summary>The record of a cleared run in its own bytes, with the hash that was taken when it was cleared.</summary>
    /// <exception cref="RpcException">NOT_FOUND: there is no such run, or nothing could trade in it. FAILED_PRECONDITION: it is not cleared.</exception>
    public async Task<GetRunRecordResponse> GetRecord(GetRunRecordRequest request, CancellationToken cancel)
    {
        var run = await db.Runs.AsNoTracking().SingleOrDefaultAsync(row => row.RunId == request.RunId, cancel)
            ?? throw Refuse.NotFound($"There is no run {request.RunId}.");
        if (run.ClearedTime is null)
        {
            throw Refuse.Rule("RUN_NOT_CLEARED", run.ReopenedTime is null
                ? $"Run {run.RunId} still waits for its solution; ask again in a minute."
                : $"Run {run.RunId} was given up, and its bids were open again in the next one.", "run_id");
        }
        var record = await db.RunRecords.AsNoTracking().SingleOrDefaultAsync(row => row.RunId == request.RunId && row.SolutionGzip != null, cancel)
            ?? throw Refuse.NotFound($"Run {run.RunId} has no record: there were no bids or no offers in it, so nothing could trade.");
        return new GetRunRecordResponse { Run = ToMessage(run), ProblemFile = Unpacked(record.ProblemGzip), SolutionFile = Unpacked(record.SolutionGzip) };
    }

    private static ByteString Unpacked(byte[]? gzip) =>
        gzip is null ? ByteString.Empty : UnsafeByteOperations.UnsafeWrap(RunRecordRow.Unpack(gzip));

    private static Run ToMessage(RunRow run) => new()
    {
        RunId = run.RunId,
        ClosedTime = run.ClosedTime.ToTimestamp(),
        ClearedTime = run.ClearedTime?.ToTimestamp(),
        BidCount = run.BidCount,
        OfferCount = run.OfferCount,
        LeaseCount = run.LeaseCount,
        WelfareMicros = run.WelfareMicros,
        BoundMicros = run.BoundMicros,
        LeftOutCount = run.LeftOutCount,
        RecordSha256 = run.RecordSha256,
        Status = run.Status,
        Stopped = run.Stopped,
        Solver = run.Solver,
    };
}
