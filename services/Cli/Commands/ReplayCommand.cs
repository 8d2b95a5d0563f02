using System.CommandLine;
using System.Globalization;
using ComputeExchange.Cli.Replay.Files;
using ComputeExchange.Cli.Replay.Plan;
using ComputeExchange.Cli.Replay.Play;
using ComputeExchange.Cli.Replay.Report;
using ComputeExchange.Cli.Words;
using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.Participants.V1;

namespace ComputeExchange.Cli.Commands;

/// <summary><c>cx replay</c>: real offers and real requests played through a running exchange with a simulated clock.</summary>
public static class ReplayCommand
{
    static readonly MarketFiles Market = new(scenario: false);
    static readonly Option<int> Days = CommandShape.Whole("--days", "N", "Simulated days, 1 to 60.", orElse: 1);
    static readonly Option<int> Every = CommandShape.Whole("--run-every", "MINUTES", "Simulated minutes between two runs, 1 to 1440.", orElse: 30);
    static readonly Option<string?> Start = CommandShape.May("--start", "TIME", "The first moment. Default: the midnight that begins the first snapshot's day.");
    static readonly Option<string?> Csv = CommandShape.May("--csv", "FILE", "Write the price of every market and hour there.");
    static readonly Option<string?> PlanFile = CommandShape.May("--plan", "FILE", "Only write there what would be sent; no exchange is needed.");

    /// <summary>The command.</summary>
    public static Command Make() => CommandShape.Make("replay",
            "Play recorded offers and requests through an exchange with a simulated clock, by its public doors only, and report. Repeating it is harmless: it goes on where it stopped.",
            [.. Market.Options, Days, Every, Start, Csv, PlanFile])
        .Does(async session =>
        {
            var options = Options(session);
            if (session.Line.GetValue(PlanFile) is { } path)
            {
                var (files, plan) = Plan(session, options, ExchangeTerms.Default);
                await File.WriteAllTextAsync(path, plan.ToText(), session.Cancel);
                if (session.Print.IsJson) ReportJson.PutPlan(session.Print, files, plan);
                else ReportText.PutPlan(session.Print, files, plan);
                return 0;
            }

            var report = await Play(session, options);
            if (session.Line.GetValue(Csv) is { } csv) PriceTable.Write(csv, report.Found.Prices);
            if (session.Print.IsJson) ReportJson.Put(session.Print, report);
            else ReportText.Put(session.Print, report);
            PutChart(session, report.Plan);
            if (!report.IsSound) await session.Error.WriteLineAsync("The replay did not end well: see what is not settled or does not agree.");
            return report.IsSound ? 0 : 1;
        });

    /// <summary>Where a console shows a replay's days.</summary>
    public static string Chart(string console, ReplayPlan plan) =>
        FormattableString.Invariant($"{console}/market?from={plan.Start.UtcDateTime:yyyy-MM-dd'T'HH:mm'Z'}&to={plan.End.UtcDateTime:yyyy-MM-dd'T'HH:mm'Z'}");

    static void PutChart(Session session, ReplayPlan plan)
    {
        if (session.Connection.ConsoleAddress is not { } console) return;
        session.Print.Say($"Chart: {Chart(console, plan)}");
        session.Print.Field("chart", Chart(console, plan));
    }

    static async Task<ReplayReport> Play(Session session, PlanOptions options)
    {
        var began = TimeProvider.System.GetTimestamp();
        void Tell(string line) => session.Error.WriteLine(line);
        var calls = new Calls(Tell, session.Cancel);
        var settings = (await calls.Ask(cancel => session.Exchange.Markets.ListMarketsAsync(new OrderBook.V1.ListMarketsRequest(), cancellationToken: cancel))).Settings;
        if (settings.SlotMinutes != 60) throw new InputException($"slot_minutes: a replay plays hours, and this exchange trades slots of {settings.SlotMinutes} minutes.");
        var (files, plan) = Plan(session, options, new ExchangeTerms(settings.TickMicros, settings.HighestPriceMicrosPerGpuHour, settings.BidGpuCountMax));

        using var keys = new Keyring(session.Connection, session.Exchange, calls, plan.Seats, plan.Ids);
        var setUp = new SetUp(plan, keys, calls);
        var clock = await setUp.TakeClock();
        if (clock >= plan.Start.AddMinutes(options.StepMinutes) && !await IsKnown(session, calls, plan))
            throw new InputException($"The exchange's clock shows {Output.Show.Time(clock)}, past the replay's start {Output.Show.Time(plan.Start)}, and this replay was never begun here: start an exchange with an earlier clock, or give a later --start.");
        clock = await setUp.Run(clock, Tell);
        var score = new Score();
        await new Player(plan, keys, calls, score, Tell).Run(clock);
        var found = await new ReadFindings(plan, session.Exchange, calls).Run();
        score.Whole = TimeProvider.System.GetElapsedTime(began);
        return ReplayReport.Make(files, plan, score, found);
    }

    static (ReplayFiles Files, ReplayPlan Plan) Plan(Session session, PlanOptions options, ExchangeTerms terms)
    {
        var files = Market.Read(session.Line, terms, options.Start);
        return (files, Planner.Make(files, options, terms));
    }

    static PlanOptions Options(Session session)
    {
        var (days, every) = (session.Line.GetValue(Days), session.Line.GetValue(Every));
        if (days is < 1 or > 60) throw new InputException($"--days: {days} is not from 1 to 60.");
        if (every is < 1 or > 1_440) throw new InputException($"--run-every: {every} is not from 1 to 1440 minutes.");
        DateTimeOffset? start = session.Line.GetValue(Start) is not { } given ? null
            : TimeWords.TryParseIso(given, out var time) ? time
            : throw new InputException($"--start: \"{given}\" is not a time: write for example 2026-02-27T00:00Z.");
        return new PlanOptions(Market.Model(session.Line), days, Market.Seed(session.Line), Market.Scale(session.Line), every, start);
    }

    /// <summary>Whether this replay's people are known here: then it was begun before, and goes on.</summary>
    static async Task<bool> IsKnown(Session session, Calls calls, ReplayPlan plan)
    {
        var participants = await Session.Pages<Participant>(async token =>
        {
            var request = new ListParticipantsRequest { PageSize = 1000, PageToken = token };
            var reply = await calls.Ask(cancel => session.Exchange.Participants.ListParticipantsAsync(request, cancellationToken: cancel));
            return (reply.Participants, reply.NextPageToken);
        });
        return participants.Any(participant => participant.ParticipantId == plan.Seats[^1].Id.ToString());
    }
}
