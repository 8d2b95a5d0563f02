using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using ComputeExchange.Client;
using ComputeExchange.Facts.Pricing.V1;
using ComputeExchange.Pricing.Domain;
using ComputeExchange.Pricing.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace ComputeExchange.Pricing.Indexes;

/// <summary>The last number of the engine's feed now.</summary>
public delegate Task<long> FeedEnd(CancellationToken cancel);

/// <summary>Publishes the value of every market's index for one day: once provisionally, once for good, never changed.</summary>
/// <remarks>The day's trades decide, not the moment: after an outage the same values come out. The caller saves.</remarks>
public sealed class PublishIndexes(PricingDb db, FeedEnd feedEnd, TimeProvider clock, ILogger<PublishIndexes> log)
{
    private static readonly TimeSpan FeedArrivesWithin = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(50);

    /// <summary>The name of a market's index.</summary>
    public static string IndexOf(string market) => $"CX-{market}";

    /// <summary>Publishes what can be said of a day that is over; an index without a value for it is left out.</summary>
    /// <exception cref="TimeoutException">The feed is not read as far as it goes: the job comes again.</exception>
    public async Task Publish(DateOnly day, bool final, CancellationToken cancel)
    {
        await ReadWholeFeed(cancel);
        foreach (var market in await db.Markets.AsNoTracking().Select(row => row.Market).OrderBy(name => name).ToListAsync(cancel))
        {
            var index = IndexOf(market);
            if (await db.IndexValues.FindAsync([index, day, final], cancel) is not null) continue;
            var inputs = await Inputs(market, day, cancel);
            if (DailyIndex.Of(inputs) is not { } value)
            {
                log.LogInformation("{Index} has no value for {Day:yyyy-MM-dd}: nothing traded, and nothing can be carried over.", index, day);
                continue;
            }
            if (value.DroppedLeaseIds.Count > 0)
                log.LogInformation("{Index} of {Day:yyyy-MM-dd} leaves out the outliers among leases {Leases}.", index, day, string.Join(", ", value.DroppedLeaseIds));
            Add(index, day, final, value, HashOf(index, inputs));
        }
    }

    /// <summary>Waits until everything that the engine has decided so far is read: what is still on its way may be a trade of the day.</summary>
    private async Task ReadWholeFeed(CancellationToken cancel)
    {
        var end = await feedEnd(cancel);
        var started = TimeProvider.System.GetTimestamp();
        while (await db.Cursors.AsNoTracking().Where(row => row.Producer == ServiceNames.Feed).Select(row => row.AppliedNumber).SingleOrDefaultAsync(cancel) < end)
        {
            if (TimeProvider.System.GetElapsedTime(started) > FeedArrivesWithin)
                throw new TimeoutException($"The feed is not read up to {end} yet; the indexes wait for it.");
            await Task.Delay(LookAgain, cancel);
        }
    }

    private async Task<IndexInputs> Inputs(string market, DateOnly day, CancellationToken cancel)
    {
        var start = new DateTimeOffset(day.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero);
        var (dayBefore, end) = (start.AddDays(-1), start.AddDays(1));
        var trades = await db.Trades.AsNoTracking()
            .Where(trade => trade.Market == market && trade.HappenedTime >= dayBefore && trade.HappenedTime < end && trade.BuyerId != trade.ProviderId)
            .Select(trade => new IndexTrade(
                trade.LeaseId, trade.Part, trade.BuyerId, trade.ProviderId, db.BlockBids.Any(block => block.BidId == trade.BidId),
                trade.PriceMicros, trade.GpuMinutes, trade.DeliveryTime, trade.HappenedTime))
            .ToListAsync(cancel);

        // An earlier day's final value counts; until there is one, its provisional value.
        var index = IndexOf(market);
        var earlier = await db.IndexValues.AsNoTracking()
            .Where(value => value.Index == index && value.Day < day && value.Day >= day.AddDays(-7))
            .OrderBy(value => value.Day).ThenByDescending(value => value.Final)
            .Select(value => new EarlierValue(value.Day, value.ValueMicros, value.Grade))
            .ToListAsync(cancel);
        return new IndexInputs(day, [.. IndexTrade.WithBlocksWhole(trades)], await LastAuction(market, start, end, cancel), [.. earlier.DistinctBy(value => value.Day)]);
    }

    /// <summary>The price of the day's last run that sold something: the volume-weighted mean of its slots.</summary>
    private async Task<long?> LastAuction(string market, DateTimeOffset start, DateTimeOffset end, CancellationToken cancel)
    {
        var ofDay = db.SpotPrices.AsNoTracking().Where(price => price.Market == market && price.ClearedTime >= start && price.ClearedTime < end);
        if (await ofDay.MaxAsync(price => (long?)price.RunId, cancel) is not { } lastRun) return null;
        var turnover = Int128.Zero;
        var gpuMinutes = 0L;
        foreach (var price in await ofDay.Where(price => price.RunId == lastRun).ToListAsync(cancel))
        {
            turnover += (Int128)price.PriceMicros * price.GpuCount * price.MinuteCount;
            gpuMinutes += (long)price.GpuCount * price.MinuteCount;
        }
        return Rounding.HalfEven(turnover, gpuMinutes);
    }

    private void Add(string index, DateOnly day, bool final, DailyIndex value, byte[] inputsHash)
    {
        db.IndexValues.Add(new IndexValueRow
        {
            Index = index,
            Day = day,
            Final = final,
            ValueMicros = value.Micros,
            Grade = value.Grade,
            TradeCount = value.TradeCount,
            GpuMinutes = value.GpuMinutes,
            PartitionPrices = [.. value.PartitionPrices],
            DroppedLeaseIds = [.. value.DroppedLeaseIds],
            MethodVersion = DailyIndex.MethodVersion,
            InputsHash = inputsHash,
            PublishedTime = clock.GetUtcNow(),
        });
        Measures.Published(value.Grade.ToString());
        db.Tell(new IndexPublished { Index = index, Day = day, ValueMicros = value.Micros, Grade = value.Grade.ToString(), Final = final });
    }

    /// <summary>What anyone who recomputes a value can compare: the hash of its inputs, one a line, trades by lease and part.</summary>
    private static byte[] HashOf(string index, IndexInputs inputs)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"method {DailyIndex.MethodVersion} index {index} day {inputs.Day:O}\n");
        foreach (var trade in inputs.Trades)
            text.Append(CultureInfo.InvariantCulture, $"trade {trade.LeaseId} {trade.Part} {trade.Buyer} {trade.Provider} {trade.IsBlock} {trade.PriceMicros} {trade.GpuMinutes} {trade.Delivery.UtcTicks} {trade.At.UtcTicks}\n");
        text.Append(CultureInfo.InvariantCulture, $"auction {inputs.LastAuctionMicros}\n");
        foreach (var value in inputs.Earlier) text.Append(CultureInfo.InvariantCulture, $"earlier {value.Day:O} {value.Micros} {value.Grade}\n");
        return SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString()));
    }
}
