using System.Text.Json;
using ComputeExchange.OrderBook.Domain;
using ComputeExchange.OrderBook.Feed;
using ComputeExchange.OrderBook.Storage;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.OrderBook.Runs;

/// <summary>What the last run decided, from its public record.</summary>
public static class ReadLastRun
{
    /// <summary>The last run that was cleared, also if nothing could trade in it; null before the first.</summary>
    public static async Task<LastRun?> LastRun(this OrderBookDb db, SlotGrid slots, CancellationToken cancel)
    {
        var run = await db.Runs.AsNoTracking().Where(run => run.ClearedTime != null).OrderByDescending(run => run.RunId).FirstOrDefaultAsync(cancel);
        if (run is null) return null;
        var record = await db.RunRecords.AsNoTracking().SingleOrDefaultAsync(record => record.RunId == run.RunId && record.SolutionGzip != null, cancel);
        var leftOut = new HashSet<long>();
        var prices = new Dictionary<(string, DateTimeOffset), long>();
        if (record is not null)
        {
            using var problem = JsonDocument.Parse(RunRecordRow.Unpack(record.ProblemGzip));
            using var solution = JsonDocument.Parse(RunRecordRow.Unpack(record.SolutionGzip!));

            // A run's slot 0 is the one in progress when it was closed.
            var first = slots.StartOf(run.ClosedTime);
            var markets = List(problem, "markets").Select(name => name.GetString()!).ToList();
            var bySlot = List(solution, "prices");
            for (var market = 0; market < bySlot.Count; market++)
            {
                var slot = first;
                foreach (var price in bySlot[market].EnumerateArray())
                {
                    if (price.ValueKind == JsonValueKind.Number) prices[(markets[market], slot)] = price.GetInt64();
                    slot += slots.Length;
                }
            }
            foreach (var name in List(solution, "left_out"))
                leftOut.Add(KeepRuns.NumberOf(name));
        }
        return new LastRun(run.RunId, run.ClosedTime, leftOut, prices);
    }

    private static List<JsonElement> List(JsonDocument record, string name) =>
        record.RootElement.TryGetProperty(name, out var list) ? [.. list.EnumerateArray()] : [];
}
