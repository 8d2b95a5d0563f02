using System.Globalization;
using System.Text.Json.Nodes;
using ComputeExchange.Cli.Output;
using ComputeExchange.Cli.Replay.Files;
using ComputeExchange.Cli.Replay.Plan;
using ComputeExchange.Values;

namespace ComputeExchange.Cli.Replay.Report;

/// <summary>A report for programs.</summary>
public static class ReportJson
{
    /// <summary>Puts the whole report into the document that is printed.</summary>
    public static void Put(Printer print, ReplayReport report)
    {
        PutPlan(print, report.Files, report.Plan);
        print.Field("commands", Commands(report));
        print.Field("runs", Runs(report));
        print.Field("sales", Sales(report));
        print.Field("classes", new JsonArray([.. report.Classes.Select(Class)]));
        print.Field("prices", new JsonArray([.. report.Found.Prices.Select(Price)]));
        print.Field("savings", new JsonObject
        {
            ["paid_micros"] = report.Saving.Paid.Micros,
            ["at_their_asks_micros"] = report.Saving.AtTheirAsks.Micros,
            ["saved_of_their_asks_ppm"] = report.Saving.OfTheirAsksPpm,
            ["at_mean_asks_micros"] = report.Saving.AtMeanAsks.Micros,
            ["saved_of_mean_asks_ppm"] = report.Saving.OfMeanAsksPpm,
        });
        print.Field("money", Money(report));
        print.Field("unsettled", report.Score.Unsettled);
        print.Field("sound", report.IsSound);
    }

    /// <summary>The files and the plan alone.</summary>
    public static void PutPlan(Printer print, ReplayFiles files, ReplayPlan plan)
    {
        print.Field("files", new JsonObject
        {
            ["offers"] = File(files.Offers.Sha256, files.Offers.RowCount, files.Offers.Skipped, ("smaller_chunks", files.Offers.ChunkCount), ("reserves_set_to_the_ask", files.Offers.MendedReserves), ("days", files.Offers.Snapshots.Count)),
            ["requests"] = File(files.Requests.Sha256, files.Requests.RowCount, files.Requests.Skipped, ("minutes", files.Requests.Minutes.Count)),
            ["tokens_per_gpu"] = File(files.Tokens.Sha256, files.Tokens.RowCount, files.Tokens.Skipped),
            ["token_prices"] = File(files.Prices.Sha256, files.Prices.RowCount, files.Prices.Skipped, ("models", files.Prices.ModelCount)),
        });
        print.Field("plan", new JsonObject
        {
            ["key"] = plan.Key,
            ["model"] = plan.Options.Model,
            ["price_id"] = plan.Demand.PriceId,
            ["price_stands_in"] = plan.Demand.StandsIn,
            ["start_time"] = Time(plan.Start),
            ["end_time"] = Time(plan.End),
            ["seed"] = plan.Options.Seed,
            ["scale"] = plan.Options.Scale,
            ["run_every_minutes"] = plan.Options.StepMinutes,
            ["markets"] = new JsonArray([.. plan.Markets.Select(market => (JsonNode)market)]),
            ["provider_count"] = plan.Seats.Count(seat => seat.IsProvider),
            ["buyer_count"] = plan.Seats.Count(seat => !seat.IsProvider),
            ["node_count"] = plan.Nodes.Count,
            ["offer_count"] = plan.Actions.OfType<OfferAction>().Count(),
            ["bid_count"] = plan.Actions.OfType<BidAction>().Count(),
            ["block_count"] = plan.Actions.OfType<BidAction>().Count(bid => bid.IsBlock),
            ["service_count"] = plan.Demand.ServicesLikeIt,
            ["online_share_ppm"] = (long)(plan.Demand.OnlineShare * 1_000_000),
            ["batch_share_ppm"] = (long)(plan.Demand.BatchShare * 1_000_000),
            ["served"] = new JsonArray([.. plan.Served.Select(served => (JsonNode)new JsonObject
            {
                ["class"] = served.Name,
                ["tokens_per_second_per_gpu"] = served.Rate.TokensPerSecond,
                ["scenario"] = served.Rate.Scenario,
                ["source"] = served.Rate.Source,
                ["revenue_micros_per_gpu_hour"] = served.RevenueByDay[0].MicrosPerGpuHour,
            })]),
            ["unserved"] = new JsonArray([.. plan.Unserved.Select(unserved => (JsonNode)new JsonObject
            {
                ["class"] = unserved.Name, ["machine_count"] = unserved.Machines, ["gpu_count"] = unserved.Gpus,
            })]),
        });
    }

    static JsonObject File(string sha256, int rows, SkippedRows skipped, params ReadOnlySpan<(string Name, int Count)> counts)
    {
        var file = new JsonObject { ["sha256"] = sha256, ["row_count"] = rows, ["skipped_row_count"] = skipped.Count, ["skipped"] = Reasons(skipped.ByReason) };
        foreach (var (name, count) in counts) file[name] = count;
        return file;
    }

    static JsonObject Commands(ReplayReport report) => new()
    {
        ["bids_sent"] = report.BidsSent,
        ["bids_accepted"] = report.Score.BidsAccepted,
        ["bids_refused"] = Reasons(report.Score.RefusedBids),
        ["bids_cancelled"] = report.Score.BidsCancelled,
        ["offers_accepted"] = report.Score.AcceptedOffers.Count,
        ["offers_refused"] = Reasons(report.Score.RefusedOffers),
        ["played_seconds"] = decimal.Round((decimal)report.Score.Played.TotalSeconds, 1),
        ["whole_seconds"] = decimal.Round((decimal)report.Score.Whole.TotalSeconds, 1),
    };

    static JsonObject Runs(ReplayReport report) => new()
    {
        ["run_count"] = report.Found.Runs.Count,
        ["welfare_micros"] = report.Found.Runs.Sum(run => run.Welfare.Micros),
        ["bound_micros"] = report.Found.Runs.Sum(run => run.Bound.Micros),
        ["left_out_count"] = report.Found.Runs.Sum(run => run.LeftOut),
    };

    static JsonObject Sales(ReplayReport report) => new()
    {
        ["lease_count"] = report.Found.Leases.Count,
        ["offered_gpu_minutes"] = report.Classes.Sum(line => line.OfferedGpuMinutes),
        ["sold_gpu_minutes"] = report.Classes.Sum(line => line.SoldGpuMinutes),
        ["delivered_gpu_minutes"] = report.Classes.Sum(line => line.DeliveredGpuMinutes),
        ["failed_hour_count"] = report.FailedHours,
        ["market_hours_traded"] = report.Hours.Traded,
        ["market_hours_above_reserve"] = report.Hours.AboveReserve,
        ["market_hours_sold_out"] = report.Hours.SoldOut,
    };

    static JsonObject Class(ClassLine line) => new()
    {
        ["class"] = line.Name,
        ["offered_gpu_minutes"] = line.OfferedGpuMinutes,
        ["sold_gpu_minutes"] = line.SoldGpuMinutes,
        ["delivered_gpu_minutes"] = line.DeliveredGpuMinutes,
        ["utilisation_ppm"] = line.UtilisationPpm,
        ["lowest_micros_per_gpu_hour"] = line.Lowest?.MicrosPerGpuHour,
        ["mean_micros_per_gpu_hour"] = line.Mean?.MicrosPerGpuHour,
        ["highest_micros_per_gpu_hour"] = line.Highest?.MicrosPerGpuHour,
        ["mean_by_hour_of_day_micros_per_gpu_hour"] = new JsonArray([.. line.ByHourOfDay.Select(price => (JsonNode?)price?.MicrosPerGpuHour)]),
        ["revenue_micros_per_gpu_hour"] = line.Revenue.MicrosPerGpuHour,
    };

    static JsonObject Price(HourPrice price) => new()
    {
        ["market"] = price.Market,
        ["slot_time"] = Time(price.Slot),
        ["mean_price_micros_per_gpu_hour"] = price.Mean.MicrosPerGpuHour,
        ["last_price_micros_per_gpu_hour"] = price.Last.MicrosPerGpuHour,
        ["gpu_minutes"] = price.GpuMinutes,
        ["run_count"] = price.Runs,
    };

    static JsonObject Money(ReplayReport report) => new()
    {
        ["moved"] = new JsonArray([.. report.Found.Moved.Select(moved => (JsonNode)new JsonObject
        {
            ["kind"] = moved.Kind, ["transfer_count"] = moved.Count, ["amount_micros"] = moved.Amount.Micros,
        })]),
        ["fees_micros"] = report.Moved("fee").Micros,
        ["earned_micros"] = report.Moved("earned").Micros,
        ["refund_micros"] = report.Moved("refund").Micros,
        ["compensation_micros"] = report.Moved("compensation").Micros,
        ["payout_count"] = report.Found.Payouts.Count,
        ["payout_micros"] = report.Found.Payouts.Sum(payout => payout.Micros),
        ["trial_balance_micros"] = report.Found.TrialBalance.Micros,
        ["reconcile_checks"] = report.Found.Checks,
        ["reconcile_breaks"] = new JsonArray([.. report.Found.Breaks.Select(line => (JsonNode)line)]),
    };

    static JsonObject Reasons(IReadOnlyDictionary<string, int> reasons)
    {
        var found = new JsonObject();
        foreach (var (reason, count) in reasons) found[reason] = count;
        return found;
    }

    static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
