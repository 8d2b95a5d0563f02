using System.Diagnostics;
using System.Diagnostics.Metrics;
using ComputeExchange.Client;
using ComputeExchange.Facts;
using ComputeExchange.MatchingEngine.V1;
using Case = ComputeExchange.MatchingEngine.V1.EngineEvent.EventOneofCase;

namespace ComputeExchange.MatchingEngine.Running;

/// <summary>What is measured of the engine: what it acknowledges and how fast, its journal, its ownership, its runs.</summary>
internal static class Measures
{
    private static readonly Meter Meter = new(Tracing.Prefix + "MatchingEngine");

    private static readonly InstrumentAdvice<double> Seconds = new()
    {
        HistogramBucketBoundaries = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    };

    private static readonly InstrumentAdvice<int> Sizes = new() { HistogramBucketBoundaries = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512] };

    private static readonly InstrumentAdvice<double> Parts = new()
    {
        HistogramBucketBoundaries = [0, 0.0001, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1],
    };

    private static readonly Counter<long> Commands = Meter.CreateCounter<long>(
        "cx.matching_engine.commands", "{command}", "Commands acknowledged, by kind and outcome: accepted, refused, repeated.");

    private static readonly Counter<long> UnknownOutcomes = Meter.CreateCounter<long>(
        "cx.matching_engine.unknown_outcomes", "{command}", "Commands whose callers were told that the outcome is unknown.");

    private static readonly Counter<long> Refusals = Meter.CreateCounter<long>(
        "cx.matching_engine.refusals", "{command}", "Commands refused by the rules, by reason.");

    private static readonly Histogram<double> Acknowledgement = Meter.CreateHistogram(
        "cx.matching_engine.acknowledgement", "s", "From the arrival of a command to its acknowledgement.", advice: Seconds);

    private static readonly Histogram<int> GroupSize = Meter.CreateHistogram(
        "cx.matching_engine.group_size", "{command}", "Commands committed together.", advice: Sizes);

    private static readonly Histogram<double> Commit = Meter.CreateHistogram(
        "cx.matching_engine.commit", "s", "How long the journal takes to commit a group.", advice: Seconds);

    private static readonly Gauge<long> Sequence = Meter.CreateGauge<long>(
        "cx.matching_engine.sequence", "{command}", "The number of the last journaled command.");

    private static readonly Gauge<long> FeedNumber = Meter.CreateGauge<long>(
        "cx.matching_engine.feed_number", "{event}", "The number of the last event of the feed.");

    private static readonly Gauge<int> Waiting = Meter.CreateGauge<int>(
        "cx.matching_engine.waiting", "{command}", "Commands that wait while a group is committed.");

    private static readonly Gauge<long> Epoch = Meter.CreateGauge<long>(
        "cx.matching_engine.epoch", "{owner}", "The number of the shard's owner.");

    private static readonly Gauge<int> Serving = Meter.CreateGauge<int>(
        "cx.matching_engine.serving", "{engine}", "1 while this engine owns the shard and answers.");

    private static readonly Gauge<int> Halted = Meter.CreateGauge<int>(
        "cx.matching_engine.halted", "{engine}", "1 when the journal does not add up and nothing trades.");

    private static readonly Counter<long> StandDowns = Meter.CreateCounter<long>(
        "cx.matching_engine.stand_downs", "{time}", "Times the engine threw its memory away, by reason: fenced, uncertain.");

    private static readonly Gauge<int> Standby = Meter.CreateGauge<int>(
        "cx.matching_engine.standby", "{engine}", "1 while this engine follows the journal of another.");

    private static readonly Gauge<long> Behind = Meter.CreateGauge<long>(
        "cx.matching_engine.standby_behind", "{command}", "How many commands a standby had not read when it last looked.");

    private static readonly Histogram<double> TakeOver = Meter.CreateHistogram(
        "cx.matching_engine.take_over", "s", "From the moment the shard was won to the first command it can take.", advice: Seconds);

    private static readonly Gauge<long> SnapshotSize = Meter.CreateGauge<long>(
        "cx.matching_engine.snapshot_size", "By", "The size of the last snapshot taken.");

    private static readonly Histogram<double> SnapshotTime = Meter.CreateHistogram(
        "cx.matching_engine.snapshot", "s", "How long the engine stands still to take a snapshot.", advice: Seconds);

    private static readonly Counter<long> SnapshotsSkipped = Meter.CreateCounter<long>(
        "cx.matching_engine.snapshots_skipped", "{snapshot}", "Snapshots that were damaged or of another form.");

    private static readonly Counter<long> Runs = Meter.CreateCounter<long>(
        "cx.matching_engine.runs", "{run}", "Runs by what became of them: closed, cleared, empty, reopened.");

    private static readonly Counter<long> Offered = Meter.CreateCounter<long>(
        "cx.matching_engine.runs_offered", "{offer}", "Closed runs offered to the solvers, for the first time or again.");

    private static readonly Histogram<double> Gap = Meter.CreateHistogram(
        "cx.matching_engine.run_gap", "1", "How far a cleared run's welfare may be from the best, as a part of the bound.", advice: Parts);

    private static readonly Counter<long> LeftOut = Meter.CreateCounter<long>(
        "cx.matching_engine.left_out", "{bid}", "Bids in the money that a run left out because they are indivisible.");

    private static readonly Counter<long> Sold = Meter.CreateCounter<long>(
        "cx.matching_engine.leases_sold", "{lease}", "Leases sold.");

    private static readonly Counter<long> RefusedSolutions = Meter.CreateCounter<long>(
        "cx.matching_engine.solutions_refused", "{solution}", "Solutions that did not verify, by the rule they broke.");

    /// <summary>An engine began to look for the shard: what should stay at nothing is there to be seen at nothing.</summary>
    public static void Started()
    {
        Serving.Record(0);
        Halted.Record(0);
        Standby.Record(0);
        SnapshotsSkipped.Add(0);
        foreach (var reason in (string[])["fenced", "uncertain"]) StandDowns.Add(0, Tag("reason", reason));
        foreach (var outcome in (string[])["closed", "cleared", "empty", "reopened"]) Runs.Add(0, Tag("outcome", outcome));
        foreach (var attempt in (string[])["first", "again"]) Offered.Add(0, Tag("attempt", attempt));
        UnknownOutcomes.Add(0);
    }

    public static void Acknowledged(EngineCommand.CommandOneofCase kind, SubmitResponse answer, long arrived)
    {
        if (!Commands.Enabled) return;
        var refused = answer.Events is [{ CommandRefused: { } refusal }, ..] ? refusal : null;
        var command = Tag("command", kind.ToString());
        Commands.Add(1, command, Tag("outcome", answer.RepeatedCommand ? "repeated" : refused is null ? "accepted" : "refused"));
        if (refused is not null && !answer.RepeatedCommand) Refusals.Add(1, command, Tag("reason", refused.Reason));
        Acknowledgement.Record(Stopwatch.GetElapsedTime(arrived).TotalSeconds, command);
    }

    public static void OutcomeUnknown() => UnknownOutcomes.Add(1);

    public static void Committed(int commands, long began, long sequence, long feedNumber, int waiting, DateTimeOffset now)
    {
        if (!Commit.Enabled) return;
        GroupSize.Record(commands);
        Commit.Record(Stopwatch.GetElapsedTime(began).TotalSeconds);
        Reached(sequence, feedNumber, now);
        Waiting.Record(waiting);
    }

    public static void Reached(long sequence, long feedNumber, DateTimeOffset now)
    {
        Sequence.Record(sequence);
        FeedNumber.Record(feedNumber);
        FactMeasures.Clock(ServiceNames.MatchingEngine, now);
    }

    public static void Owns(long epoch, TimeSpan took)
    {
        Epoch.Record(epoch);
        Serving.Record(1);
        Standby.Record(0);
        Behind.Record(0);
        TakeOver.Record(took.TotalSeconds);
    }

    public static void Follows(long behind)
    {
        Standby.Record(1);
        Behind.Record(behind);
    }

    public static void SnapshotTaken(long bytes, TimeSpan took)
    {
        SnapshotSize.Record(bytes);
        SnapshotTime.Record(took.TotalSeconds);
    }

    public static void SnapshotSkipped() => SnapshotsSkipped.Add(1);

    public static void StoodDown(string reason)
    {
        Serving.Record(0);
        Standby.Record(0);
        StandDowns.Add(1, Tag("reason", reason));
    }

    public static void Stopped()
    {
        Serving.Record(0);
        Standby.Record(0);
    }

    public static void Halt()
    {
        Serving.Record(0);
        Standby.Record(0);
        Halted.Record(1);
    }

    public static void RunOffered(bool again) => Offered.Add(1, Tag("attempt", again ? "again" : "first"));

    /// <summary>Runs and sales, from what was committed.</summary>
    public static void Happened(EngineEvent happened)
    {
        if (!Runs.Enabled) return;
        switch (happened.EventCase)
        {
            case Case.LeaseSold:
                Sold.Add(1);
                break;
            case Case.RunClosed:
                Runs.Add(1, Tag("outcome", "closed"));
                break;
            case Case.RunReopened:
                Runs.Add(1, Tag("outcome", "reopened"));
                break;
            case Case.RunCleared when happened.RunCleared.SolutionJson.IsEmpty:
                Runs.Add(1, Tag("outcome", "empty"));
                break;
            case Case.RunCleared:
                Runs.Add(1, Tag("outcome", "cleared"));
                var (welfare, bound) = (happened.RunCleared.WelfareMicros, happened.RunCleared.BoundMicros);
                if (bound > 0) Gap.Record((double)(bound - welfare) / bound);
                LeftOut.Add(happened.RunCleared.LeftOutBidIds.Count);
                break;
            case Case.CommandRefused when happened.CommandRefused.Reason is "SOLUTION_INVALID" or "SOLUTION_MALFORMED":
                RefusedSolutions.Add(1, Tag("rule", RuleOf(happened.CommandRefused)));
                break;
        }
    }

    /// <summary>"rule 7: …" says which.</summary>
    private static string RuleOf(CommandRefused refused) =>
        refused.Reason == "SOLUTION_MALFORMED" ? "format"
        : refused.Message.IndexOf(':', StringComparison.Ordinal) is > 5 and var colon ? refused.Message[5..colon] : "unknown";

    private static KeyValuePair<string, object?> Tag(string name, string value) => new(name, value);
}
