using System.Diagnostics;
using System.Text.Json;
using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.OrderBook.Storage;
using Google.Protobuf;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.OrderBook.Feed;

/// <summary>The runs' part of the picture.</summary>
internal static class KeepRuns
{
    /// <summary>A run was closed and waits.</summary>
    public static Task AddRun(this OrderBookDb db, RunClosed closed, DateTimeOffset at)
    {
        using var problem = JsonDocument.Parse(closed.ProblemJson.Memory);
        db.Runs.Add(new RunRow
        {
            RunId = closed.RunId,
            ClosedTime = at,
            BidCount = WholeOnes(problem.RootElement.GetProperty("bids")),
            OfferCount = WholeOnes(problem.RootElement.GetProperty("offers")),
        });
        db.RunRecords.Add(new RunRecordRow { RunId = closed.RunId, ProblemGzip = RunRecordRow.Pack(closed.ProblemJson.Span) });
        return Task.CompletedTask;
    }

    /// <summary>A run was cleared.</summary>
    public static async Task ClearRun(this OrderBookDb db, RunCleared cleared, DateTimeOffset at, CancellationToken cancel)
    {
        // A run in which nothing can trade is cleared as it is closed: it has no record.
        var run = await db.Runs.FindAsync([cleared.RunId], cancel);
        if (run is null) db.Runs.Add(run = new RunRow { RunId = cleared.RunId, ClosedTime = at });
        else Seal(run, await db.Known<RunRecordRow>(cleared.RunId, cancel), cleared.SolutionJson);
        run.ClearedTime = at;
        run.BidCount = cleared.BidCount;
        run.OfferCount = cleared.OfferCount;
        run.WelfareMicros = cleared.WelfareMicros;
        run.BoundMicros = cleared.BoundMicros;
        run.LeftOutCount = cleared.LeftOutBidIds.Count;
        await db.LoadFilled(cleared.SolutionJson.Memory, cancel);
    }

    /// <summary>Completes a run's record. The hash is taken now, from what the feed says: what is served later is checked against it.</summary>
    private static void Seal(RunRow run, RunRecordRow record, ByteString solutionJson)
    {
        record.SolutionGzip = RunRecordRow.Pack(solutionJson.Span);
        run.RecordSha256 = RunRecordRow.HashOf(RunRecordRow.Unpack(record.ProblemGzip), solutionJson.Span);
        using var solution = JsonDocument.Parse(solutionJson.Memory);
        run.Status = Word("status");
        run.Stopped = Word("stopped");
        run.Solver = Word("solver");

        string Word(string name) =>
            solution.RootElement.TryGetProperty(name, out var word) && word.ValueKind == JsonValueKind.String ? word.GetString()! : "";
    }

    /// <summary>A run was given up.</summary>
    public static async Task ReopenRun(this OrderBookDb db, RunReopened reopened, DateTimeOffset at, CancellationToken cancel) =>
        (await db.Known<RunRow>(reopened.RunId, cancel)).ReopenedTime = at;

    /// <summary>The row that an earlier entry of the feed made.</summary>
    /// <exception cref="UnreachableException">The feed speaks of something it never began.</exception>
    public static async Task<T> Known<T>(this OrderBookDb db, long id, CancellationToken cancel)
        where T : class => await db.FindAsync<T>([id], cancel)
            ?? throw new UnreachableException($"The feed speaks of a {typeof(T).Name} {id} that it never began.");

    /// <summary>
    /// Fetches the bids and offers that a run filled in two look-ups. The leases that follow find theirs in the context;
    /// what is not here by then is looked up one by one.
    /// </summary>
    private static async Task LoadFilled(this OrderBookDb db, ReadOnlyMemory<byte> solutionJson, CancellationToken cancel)
    {
        if (solutionJson.IsEmpty) return;
        using var solution = JsonDocument.Parse(solutionJson);
        if (!solution.RootElement.TryGetProperty("fills", out var fills) || fills.GetArrayLength() == 0) return;
        var bids = fills.EnumerateArray().Select(fill => NumberOf(fill.GetProperty("bid"))).ToHashSet();
        var offers = fills.EnumerateArray().Select(fill => NumberOf(fill.GetProperty("offer"))).ToHashSet();
        await db.Bids.Where(bid => bids.Contains(bid.BidId)).LoadAsync(cancel);
        await db.Offers.Where(offer => offers.Contains(offer.OfferId)).LoadAsync(cancel);
    }

    // In a run, a bid or an offer may be cut into pieces of constant size: the first is named "b7", the others "b7.2" and so on.
    private static int WholeOnes(JsonElement list) => list.EnumerateArray().Count(one => !one.GetProperty("id").GetString()!.Contains('.'));

    /// <summary>The number of the bid or offer that a record names.</summary>
    public static long NumberOf(JsonElement name) => long.TryParse(name.GetString()!.TrimStart('b', 'o').Split('.')[0], out var number) ? number : 0;
}
