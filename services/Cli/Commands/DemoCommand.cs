using System.CommandLine;
using System.Text.Json.Nodes;
using ComputeExchange.Cli.Demo.Minds;
using ComputeExchange.Cli.Demo.Play;
using ComputeExchange.Cli.Output;
using ComputeExchange.Cli.Replay.Plan;
using ComputeExchange.Cli.Replay.Play;
using ComputeExchange.Cli.Words;
using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.OrderBook.V1;
using Grpc.Core;

namespace ComputeExchange.Cli.Commands;

/// <summary><c>cx demo</c>: a market that lives, played in real time by the scenario's providers and buyers.</summary>
public static class DemoCommand
{
    static readonly MarketFiles Market = new(scenario: true);
    static readonly Option<int> Speed = CommandShape.Whole("--speed", "N", "Exchange seconds in a real second, 1 to 3600; at 60 an exchange hour takes a minute.", orElse: Pace.Usual);
    static readonly Option<int> Every = CommandShape.Whole("--run-every", "MINUTES", "Exchange minutes between two runs, 1 to 1440.", orElse: 5);
    static readonly Option<string?> For = CommandShape.May("--for", "DURATION", "Stop after so much real time, for example 90s or 10m. Default: at Ctrl-C.");
    static readonly Option<bool> StopClock = new("--stop-clock") { Description = "Stop the exchange's clock at the end; otherwise it runs on." };

    /// <summary>The command.</summary>
    public static Command Make() => CommandShape.Make("demo",
            "Bring a simulated exchange to life: providers offer, buyers bid, hours are delivered, prices move, until Ctrl-C. Join in with cx --as buyer-07. Started again it goes on where the market is.",
            [.. Market.Options, Speed, Every, For, StopClock])
        .Does(async session =>
        {
            var (pace, every) = (PaceOf(session), RunEvery(session));
            var atMost = session.Line.GetValue(For) is { } text ? DurationWords.Parse("--for", text) : (TimeSpan?)null;
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(session.Cancel);
            if (atMost is { } time) stop.CancelAfter(time);
            var (story, tally, calls) = await Play(session, pace, every, stop.Token);
            if (session.Line.GetValue(StopClock)) await StopTheClock(session);
            if (story is { HasBegun: true }) Put(session.Print, story, tally, calls);
            else session.Print.Say("Ended before the market was open.");
        });

    /// <summary>Plays until the token says stop, wherever it stands then; without a story it had not begun.</summary>
    static async Task<(Story? Story, Tally Tally, Calls Calls)> Play(Session session, Pace pace, int runEvery, CancellationToken stop)
    {
        void Tell(string line) => (session.Print.IsJson ? session.Error : session.Print.Output).WriteLine(line);
        var (tally, calls) = (new Tally(), new Calls(Tell, stop));
        Story? story = null;
        try
        {
            var (cast, plan) = await CastOf(session, calls);
            story = new Story(cast);
            using var keys = new Keyring(session.Connection, session.Exchange, calls, cast.Seats, cast.Ids, "cx demo");
            var (watch, actors, cashier) = (new Watch(cast, keys, calls, runEvery), new Actors(keys, calls, tally), new Cashier(cast, pace));
            var stage = new Stage(cast, new SetUp(plan, keys, calls), keys, calls, watch, actors, cashier);
            await stage.Build(plan.Start, runEvery, pace.Speed);
            Tell(FormattableString.Invariant($"{cast.Markets.Count} markets, {cast.Providers.Count} providers with {cast.Nodes.Count} machines, {cast.Buyers.Count} buyers; a run every {runEvery} exchange minutes. Join in: cx --as {cast.Buyers[^1].Seat.Name} ... Ctrl-C ends it."));
            await new LivingMarket(cast, pace, stage, watch, actors, new DueMeters(cast, keys, calls, actors, tally), cashier, calls, story, Tell).Live(stop);
        }
        catch (Exception end) when (end is OperationCanceledException or RpcException && stop.IsCancellationRequested)
        {
            // That is how a demo ends.
        }
        return (story, tally, calls);
    }

    /// <summary>Who plays: those of the replay of the same files and seed.</summary>
    static async Task<(Cast Cast, ReplayPlan Plan)> CastOf(Session session, Calls calls)
    {
        // The first question is not repeated for long: an exchange that was never there is said at once.
        var clock = await session.Ask(cancel => session.Exchange.Clock.GetClockAsync(new GetClockRequest(), cancellationToken: cancel));
        if (!clock.Simulated) throw new InputException("The exchange's clock is real, and people's money with it: a demo plays only on an exchange with a simulated clock, such as deploy/run starts.");
        var settings = (await calls.Ask(cancel => session.Exchange.Markets.ListMarketsAsync(new ListMarketsRequest(), cancellationToken: cancel))).Settings;
        if (settings.SlotMinutes != 60) throw new InputException($"slot_minutes: a demo plays hours, and this exchange trades slots of {settings.SlotMinutes} minutes.");
        var terms = new ExchangeTerms(settings.TickMicros, settings.HighestPriceMicrosPerGpuHour, settings.BidGpuCountMax);
        var files = Market.Read(session.Line, terms);
        var days = Math.Min(files.Offers.Snapshots.Count, 60);
        var plan = Planner.Make(files, new PlanOptions(Market.Model(session.Line), Math.Max(1, days), Market.Seed(session.Line), Market.Scale(session.Line)), terms);
        return (Cast.Of(plan, terms, new SlotRules(settings.GateMinutes, settings.PromptMinutesMin), settings.BuyerFeePpm), plan);
    }

    /// <summary>Within a second, or not at all: whoever ends a demo does not want to wait.</summary>
    static async Task StopTheClock(Session session)
    {
        try
        {
            await session.Exchange.Clock.RunClockAsync(new RunClockRequest(), deadline: TimeProvider.System.GetUtcNow().UtcDateTime.AddMilliseconds(700));
        }
        catch (RpcException refused)
        {
            await session.Error.WriteLineAsync($"The clock was not stopped ({refused.Status.Detail}): cx clock stop does it.");
        }
    }

    static void Put(Printer print, Story story, Tally tally, Calls calls)
    {
        print.Say(FormattableString.Invariant($"From {Show.Time(story.Time.From)} to {Show.Time(story.Time.To)}: {story.Runs} runs; {tally["bids"]} bids, {tally["bids taken back"]} taken back; {tally["offers"]} offers, {tally["offers taken back"]} taken back."));
        print.Say(FormattableString.Invariant($"Hours delivered {tally["hours delivered"]}, in part {tally["hours delivered in part"]}, not reported {tally["hours not reported"]}; deposits {tally["deposits"]}; {calls.Made} calls."));
        foreach (var (market, price) in story.Prices) print.Say($"{market}: {price.Low} to {price.High}, last {price.Last}");
        if (tally.Refusals.Count > 0) print.Say($"Refused: {string.Join(", ", tally.Refusals.Select(refusal => FormattableString.Invariant($"{refusal.Key} {refusal.Value}")))}");

        print.Field("from_time", story.Time.From.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'"));
        print.Field("to_time", story.Time.To.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'"));
        print.Field("run_count", story.Runs);
        print.Field("bid_count", tally["bids"]);
        print.Field("bid_cancel_count", tally["bids taken back"]);
        print.Field("offer_count", tally["offers"]);
        print.Field("offer_cancel_count", tally["offers taken back"]);
        print.Field("hours_delivered", tally["hours delivered"]);
        print.Field("hours_delivered_in_part", tally["hours delivered in part"]);
        print.Field("hours_not_reported", tally["hours not reported"]);
        print.Field("deposit_count", tally["deposits"]);
        print.Field("call_count", calls.Made);
        print.Field("refused", new JsonObject(tally.Refusals.Select(refusal => KeyValuePair.Create(refusal.Key, (JsonNode?)refusal.Value))));
        print.Field("prices", new JsonArray([.. story.Prices.Select(price => (JsonNode)new JsonObject
        {
            ["market"] = price.Key,
            ["lowest_micros_per_gpu_hour"] = price.Value.Low.MicrosPerGpuHour,
            ["highest_micros_per_gpu_hour"] = price.Value.High.MicrosPerGpuHour,
            ["last_micros_per_gpu_hour"] = price.Value.Last.MicrosPerGpuHour,
        })]));
    }

    static Pace PaceOf(Session session)
    {
        var speed = session.Line.GetValue(Speed);
        return speed is >= 1 and <= 3_600 ? new Pace(speed) : throw new InputException($"--speed: {speed} is not from 1 to 3600 exchange seconds in a real second.");
    }

    static int RunEvery(Session session)
    {
        var minutes = session.Line.GetValue(Every);
        return minutes is >= 1 and <= 1_440 ? minutes : throw new InputException($"--run-every: {minutes} is not from 1 to 1440 minutes.");
    }
}
