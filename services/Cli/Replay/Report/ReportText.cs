using System.Globalization;
using ComputeExchange.Cli.Output;
using ComputeExchange.Cli.Replay.Files;
using ComputeExchange.Cli.Replay.Plan;
using ComputeExchange.Values;

namespace ComputeExchange.Cli.Replay.Report;

/// <summary>A report for people: one page.</summary>
public static class ReportText
{
    const string Bars = "▁▂▃▄▅▆▇█";

    static readonly Sheet<ClassLine> ClassSheet = new Sheet<ClassLine>("classes", "Nothing was offered.")
        .Text("Class", "class", line => line.Name)
        .GpuMinutes("Offered GPU-h", "offered", line => line.OfferedGpuMinutes)
        .GpuMinutes("Sold GPU-h", "sold", line => line.SoldGpuMinutes)
        .Ppm("Utilisation", "utilisation", line => line.UtilisationPpm)
        .GpuMinutes("Delivered GPU-h", "delivered", line => line.DeliveredGpuMinutes)
        .Price("Lowest", "lowest", line => line.Lowest?.MicrosPerGpuHour)
        .Price("Mean", "mean", line => line.Mean?.MicrosPerGpuHour)
        .Price("Highest", "highest", line => line.Highest?.MicrosPerGpuHour)
        .Price("Revenue", "revenue", line => line.Revenue.MicrosPerGpuHour)
        .Text("Hours 0 to 23 UTC", "by_hour", line => Sparkline(line.ByHourOfDay));

    static readonly Sheet<MoneyMoved> MovedSheet = new Sheet<MoneyMoved>("moved", "No money moved.")
        .Text("Money moved", "kind", moved => moved.Kind)
        .Count("Transfers", "count", moved => moved.Count)
        .Money("Amount", "amount", moved => moved.Amount.Micros);

    /// <summary>Prints the report.</summary>
    public static void Put(Printer print, ReplayReport report)
    {
        var (score, found) = (report.Score, report.Found);
        PutPlan(print, report.Files, report.Plan);
        print.Say("");
        print.Say(Line($"Bids       {report.BidsSent:#,0} sent, {score.BidsAccepted:#,0} accepted, {score.BidsCancelled:#,0} taken back{Refused(score.RefusedBids)}"));
        print.Say(Line($"Offers     {score.AcceptedOffers.Count:#,0} accepted{Refused(score.RefusedOffers)}"));
        print.Say(Line($"Runs       {found.Runs.Count:#,0} cleared, {found.Runs.Sum(run => run.LeftOut):#,0} blocks left out in the money, welfare {Show.Money(found.Runs.Sum(run => run.Welfare.Micros))} of at most {Show.Money(found.Runs.Sum(run => run.Bound.Micros))}"));
        var seconds = Math.Max(0.001, score.Played.TotalSeconds);
        print.Say(Line($"Speed      {report.BidsSent / seconds:#,0} bids and {found.Runs.Count / seconds:0.0} runs a second while playing ({seconds:0} s); {score.Whole.TotalSeconds:0} s in all"));
        print.Say(Line($"Leases     {found.Leases.Count:#,0}; {Hours(report.Classes.Sum(line => line.SoldGpuMinutes))} GPU-hours sold of {Hours(report.Classes.Sum(line => line.OfferedGpuMinutes))} offered, {Hours(report.Classes.Sum(line => line.DeliveredGpuMinutes))} delivered"));
        print.Rows(ClassSheet, report.Classes);
        print.Say(Line($"Prices     {report.Hours.Traded:#,0} market-hours traded; {report.Hours.AboveReserve:#,0} above the reserve of everything sold in them, {report.Hours.SoldOut:#,0} sold out"));
        var saving = report.Saving;
        print.Say(Line($"Paid       {saving.Paid} by buyers, fees apart: {Than(saving.OfMeanAsksPpm)} the mean posted ask of the same market and day ({saving.AtMeanAsks}), {Than(saving.OfTheirAsksPpm)} the asks of the very machines ({saving.AtTheirAsks})"));
        print.Say(Line($"Deliveries {report.FailedHours:#,0} lease hours failed in part or whole: {report.Moved("refund")} went back to buyers, and {report.Moved("compensation")} of bonds with it"));
        print.Say(Line($"Earned     {report.Moved("earned")} by providers; {report.Moved("fee")} in fees for the exchange"));
        print.Rows(MovedSheet, found.Moved);
        print.Say(Line($"Payouts    {found.Payouts.Count:#,0}, {Show.Money(found.Payouts.Sum(payout => payout.Micros))}"));
        print.Say(Line($"Books      trial balance {found.TrialBalance}; {found.Checks:#,0} checks of the reconciler, {(found.Breaks.Count == 0 ? "all agree" : string.Join("; ", found.Breaks))}"));
        if (score.Unsettled.Length > 0) print.Say($"Not settled: {score.Unsettled}.");
    }

    /// <summary>Prints what the files held and how demand was made of them.</summary>
    public static void PutPlan(Printer print, ReplayFiles files, ReplayPlan plan)
    {
        var (offers, requests) = (files.Offers, files.Requests);
        print.Say(Line($"Replay     {plan.Options.Model}, {Show.Time(plan.Start)} to {Show.Time(plan.End)}, a run every {plan.Options.StepMinutes} min, seed {plan.Options.Seed}, scale {plan.Options.Scale}, plan {plan.Key[..12]}"));
        print.Say(Line($"Offers     {offers.RowCount:#,0} rows, {offers.Snapshots.Count} days, {offers.ChunkCount:#,0} smaller chunks of machines counted whole, {offers.MendedReserves:#,0} reserves above the ask taken to be the ask{Skipped(offers.Skipped)}"));
        print.Say(Line($"Requests   {requests.RowCount:#,0} rows, {requests.PromptTokens:#,0} prompt and {requests.GeneratedTokens:#,0} generated tokens in {requests.Minutes.Count} minutes{Skipped(requests.Skipped)}"));
        print.Say(Line($"Throughput {files.Tokens.RowCount:#,0} rows{Skipped(files.Tokens.Skipped)}"));
        print.Say(Line($"Prices     {files.Prices.RowCount:#,0} rows, {files.Prices.ModelCount:#,0} models{Skipped(files.Prices.Skipped)}; {plan.Demand.PriceId}{(plan.Demand.StandsIn.Length > 0 ? $" ({plan.Demand.StandsIn})" : "")} at ${plan.Demand.FirstPrice.Prompt:0.####} in and ${plan.Demand.FirstPrice.Generated:0.####} out per million ({plan.Demand.FirstPrice.Day:yyyy-MM-dd})"));
        foreach (var served in plan.Served)
            print.Say(Line($"Served     {served.Name}: {served.Rate.TokensPerSecond:#,0.##} generated tokens a second and GPU ({served.Rate.Scenario}{(served.Rate.Source.Length > 0 ? ", " + served.Rate.Source : "")}); {served.RevenueByDay[0]} a GPU-hour at full load with the trace's {(decimal)requests.PromptTokens / requests.GeneratedTokens:0.0} prompt tokens for each generated one"));
        if (plan.Unserved.Count > 0)
            print.Say(Line($"Unserved   {string.Join(", ", plan.Unserved.Select(unserved => Line($"{unserved.Name} ({unserved.Gpus})")))}: no published throughput of this model; {plan.Unserved.Sum(unserved => unserved.Gpus):#,0} GPUs of the first day not offered"));
        print.Say(Line($"Demand     {plan.Demand.ServicesLikeIt:#,0} {(plan.Demand.ServicesLikeIt == 1 ? "service, the traced one, takes" : "services like the traced one take")} {plan.Demand.OnlineShare:0.0%} of the GPUs offered at the busiest minute; batch work of the same model adds {plan.Demand.BatchShare:0.0%}, so that all of it peaks at {plan.Demand.OnlineShare + plan.Demand.BatchShare:0%}, times {plan.Options.Scale}"));
        print.Say(Line($"           online % of its peak by UTC hour: {string.Join(" ", DailyProfile.Online)}; batch: {string.Join(" ", DailyProfile.Batch)}"));
        var bids = plan.Actions.OfType<BidAction>().ToList();
        print.Say(Line($"Plan       {plan.Markets.Count} markets, {plan.Seats.Count(seat => seat.IsProvider)} providers with {plan.Nodes.Count} machines, {plan.Seats.Count(seat => !seat.IsProvider)} buyers with limits from {Planner.LowestLimit / 10}% to {Planner.HighestLimit / 10}% of a GPU's revenue ({Planner.PoorBuyers} of them too poor), {bids.Count:#,0} bids ({bids.Count(bid => bid.IsBlock):#,0} blocks, {bids.Count(bid => bid.IsOnline):#,0} to serve the trace), {plan.Deliveries.SilentNodes} machines silent for six hours"));
    }

    /// <summary>Prices as bars from the lowest to the highest; a blank where nothing was sold.</summary>
    public static string Sparkline(IReadOnlyList<Price?> prices)
    {
        var known = prices.Where(price => price is not null).Select(price => price!.Value.MicrosPerGpuHour).ToList();
        if (known.Count == 0) return "";
        var (low, high) = (known.Min(), known.Max());
        return string.Concat(prices.Select(price => price is not { } shown ? ' '
            : Bars[high == low ? 0 : (int)((shown.MicrosPerGpuHour - low) * (Bars.Length - 1) / (high - low))]));
    }

    static string Than(long savedPpm) => savedPpm >= 0 ? $"{Show.Percent(savedPpm)} below" : $"{Show.Percent(-savedPpm)} above";

    static string Hours(long gpuMinutes) => Show.GpuHours(gpuMinutes);

    static string Refused(IReadOnlyDictionary<string, int> reasons) => reasons.Count == 0
        ? ", none refused"
        : $", {reasons.Values.Sum()} refused: {string.Join(", ", reasons.Select(reason => Line($"{reason.Key} {reason.Value}")))}";

    static string Skipped(SkippedRows skipped) => skipped.Count == 0
        ? ", none skipped"
        : $", {skipped.Count} skipped: {string.Join(", ", skipped.ByReason.Select(reason => Line($"{reason.Key} {reason.Value}")))}";

    static string Line(FormattableString line) => line.ToString(CultureInfo.InvariantCulture);
}
