using System.CommandLine;
using ComputeExchange.Cli.Output;
using ComputeExchange.OrderBook.V1;
using ComputeExchange.Pricing.V1;
using Google.Protobuf.WellKnownTypes;

namespace ComputeExchange.Cli.Commands;

/// <summary><c>cx prices</c>: what hours sold for, run by run if wished, and the indexes made of it.</summary>
public static class PricesCommand
{
    static readonly Argument<string?> Market = CommandShape.Optional("market", "Only this market.");
    static readonly Option<string?> From = CommandShape.May("--from", "TIME", "Only hours from this time on. Default: a day ago.");
    static readonly Option<string?> To = CommandShape.May("--to", "TIME", "Only hours before this time.");
    static readonly Option<bool> Runs = new("--runs") { Description = "One row for every run that sold the hour." };
    static readonly Option<bool> Indexes = new("--indexes") { Description = "The published index values instead." };
    static readonly Option<bool> Indicative = new("--indicative") { Description = "What each hour would clear at if the run were closed now. Nothing is sold at these prices." };
    static readonly Option<bool> Csv = new("--csv") { Description = "Print comma-separated values." };

    static readonly Sheet<SlotPrice> Slots = new Sheet<SlotPrice>("slot_prices", "Nothing sold in that time.")
        .Text("Market", "market", price => price.Market)
        .Time("Hour", "slot_time", price => price.SlotTime)
        .Price("Mean", "mean_price_micros_per_gpu_hour", price => price.MeanPriceMicrosPerGpuHour)
        .Price("Last", "last_price_micros_per_gpu_hour", price => price.LastPriceMicrosPerGpuHour)
        .GpuMinutes("GPU-hours", "gpu_minutes", price => price.GpuMinutes)
        .Count("Runs", "run_count", price => price.RunCount);

    static readonly Sheet<SpotPricePoint> Points = new Sheet<SpotPricePoint>("spot_prices", "Nothing sold in that time.")
        .Text("Market", "market", price => price.Market)
        .Time("Hour", "slot_time", price => price.SlotTime)
        .Number("Run", "run_id", price => price.RunId)
        .Time("Cleared", "cleared_time", price => price.ClearedTime)
        .Price("Price", "price_micros_per_gpu_hour", price => price.PriceMicrosPerGpuHour)
        .Count("GPUs", "gpu_count", price => price.GpuCount)
        .Count("Minutes", "minute_count", price => price.MinuteCount);

    static readonly Sheet<IndexValue> Values = new Sheet<IndexValue>("index_values", "No index value yet.")
        .Text("Index", "index", value => value.Index)
        .Time("Day", "day_time", value => value.DayTime)
        .Price("Value", "value_micros_per_gpu_hour", value => value.ValueMicrosPerGpuHour)
        .Word("Grade", "grade", value => value.Grade)
        .Flag("Final", "final", value => value.Final)
        .Count("Trades", "trade_count", value => value.TradeCount)
        .Count("GPU-hours", "gpu_hours", value => value.GpuHours)
        .Time("Published", "published_time", value => value.PublishedTime);

    static readonly Sheet<IndicativePrice> Indications = new Sheet<IndicativePrice>("indicative_prices", "No indicative prices: nothing would trade now, or none were computed in the last minute.")
        .Text("Market", "market", price => price.Market)
        .Time("Hour", "slot_time", price => price.SlotTime)
        .Price("Indicative", "indicative_price_micros_per_gpu_hour", price => price.PriceMicrosPerGpuHour)
        .Count("GPUs", "gpu_count", price => price.GpuCount);

    /// <summary>The command.</summary>
    public static Command Make() => CommandShape.Make("prices", "Spot prices by market and hour.", Market, From, To, Runs, Indexes, Indicative, Csv)
        .Does(async session =>
        {
            var market = session.Line.GetValue(Market) ?? "";
            if (session.Line.GetValue(Indicative)) await Indicate(session, market);
            else if (session.Line.GetValue(Indexes)) Put(session, Values, await IndexValues(session, market));
            else
            {
                var from = session.Line.GetValue(From) is { } begin ? await session.Time("--from", begin) : (await session.Now()).AddDays(-1);
                DateTimeOffset? to = session.Line.GetValue(To) is { } end ? await session.Time("--to", end) : null;
                if (session.Line.GetValue(Runs)) Put(session, Points, await SpotPrices(session, market, from, to));
                else Put(session, Slots, await SlotPrices(session, market, from, to));
            }
        });

    static async Task Indicate(Session session, string market)
    {
        var reply = await session.Ask(cancel => session.Exchange.OrderBook.GetIndicativePricesAsync(new GetIndicativePricesRequest { Market = market }, cancellationToken: cancel));
        Put(session, Indications, [.. reply.Prices]);
        if (reply.ComputedTime is null || session.Line.GetValue(Csv)) return;
        session.Print.Say($"indicative at {Show.Time(reply.ComputedTime)}, from {reply.BidCount} bids and {reply.OfferCount} offers");
        session.Print.Field("computed_time", reply.ComputedTime.ToDateTimeOffset().UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture));
        session.Print.Field("bid_count", reply.BidCount);
        session.Print.Field("offer_count", reply.OfferCount);
    }

    static Task<List<SlotPrice>> SlotPrices(Session session, string market, DateTimeOffset from, DateTimeOffset? to) => Session.Pages<SlotPrice>(async token =>
    {
        var request = new ListSlotPricesRequest { Market = market, FromTime = from.ToTimestamp(), ToTime = to?.ToTimestamp(), PageSize = 5000, PageToken = token };
        var reply = await session.Ask(cancel => session.Exchange.Pricing.ListSlotPricesAsync(request, cancellationToken: cancel));
        return (reply.Prices, reply.NextPageToken);
    });

    static Task<List<SpotPricePoint>> SpotPrices(Session session, string market, DateTimeOffset from, DateTimeOffset? to) => Session.Pages<SpotPricePoint>(async token =>
    {
        var request = new ListSpotPricesRequest { Market = market, FromTime = from.ToTimestamp(), ToTime = to?.ToTimestamp(), PageSize = 5000, PageToken = token };
        var reply = await session.Ask(cancel => session.Exchange.Pricing.ListSpotPricesAsync(request, cancellationToken: cancel));
        return (reply.Prices, reply.NextPageToken);
    });

    static Task<List<IndexValue>> IndexValues(Session session, string market) => Session.Pages<IndexValue>(async token =>
    {
        var request = new ListIndexValuesRequest { Index = market.Length == 0 ? "" : market.StartsWith("CX-", StringComparison.Ordinal) ? market : $"CX-{market}", PageSize = 1000, PageToken = token };
        var reply = await session.Ask(cancel => session.Exchange.Pricing.ListIndexValuesAsync(request, cancellationToken: cancel));
        return (reply.Values, reply.NextPageToken);
    });

    static void Put<T>(Session session, Sheet<T> sheet, List<T> rows)
    {
        if (!session.Line.GetValue(Csv) || session.Print.IsJson)
        {
            session.Print.Rows(sheet, rows);
            return;
        }
        CsvOutput.Write(session.Print.Output, sheet, rows);
    }
}
