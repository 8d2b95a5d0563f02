using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.OrderBook.V1;
using ComputeExchange.Values;

namespace ComputeExchange.OrderBook.Domain;

/// <summary>A bid as far as its reason goes.</summary>
/// <param name="BidId">Its number.</param>
/// <param name="Kind">How it may be filled.</param>
/// <param name="Markets">The acceptable markets.</param>
/// <param name="FromTime">The start of its window.</param>
/// <param name="GpuCount">GPUs in each slot.</param>
/// <param name="FilledGpuCounts">GPUs bought so far, by slot of the window.</param>
/// <param name="LimitMicros">The limit.</param>
/// <param name="PlacedTime">When it was accepted.</param>
/// <param name="State">Where it stands.</param>
/// <param name="CloseReason">Why it was closed, if it was.</param>
public sealed record BidStanding(
    long BidId, BidKind Kind, IReadOnlyList<string> Markets, DateTimeOffset FromTime, int GpuCount, IReadOnlyList<int> FilledGpuCounts,
    long LimitMicros, DateTimeOffset PlacedTime, OrderState State, CloseReason CloseReason)
{
    /// <summary>Whether it asks something of the nodes that serve it.</summary>
    public bool AsksOfNodes { get; init; }
}

/// <summary>Why a bid stands as it does: what the last run decided, or why it decided nothing.</summary>
/// <param name="Outcome">What was decided.</param>
/// <param name="Sentence">The same for its owner; empty when all of it was bought.</param>
/// <param name="RunId">The run that decided; 0 where none did.</param>
/// <param name="NeededMicros">What it would have had to pay in that run; 0 where nothing was offered.</param>
/// <param name="OutbidByMicros">By how much its limit is below that.</param>
public sealed record BidReason(BidOutcome Outcome, string Sentence, long RunId = 0, long NeededMicros = 0, long OutbidByMicros = 0)
{
    /// <summary>The reason.</summary>
    /// <param name="bid">The bid.</param>
    /// <param name="last">The last run that was cleared; null before the first.</param>
    /// <param name="now">The time.</param>
    /// <param name="settings">The settings in force.</param>
    public static BidReason Of(BidStanding bid, RunSheet? last, DateTimeOffset now, MarketSettings settings) => bid.State switch
    {
        OrderState.Filled => new(BidOutcome.Filled, WholeOrPart(bid)),
        OrderState.Cancelled => new(BidOutcome.Ended, "Taken back by its owner" + Bought(bid)),
        OrderState.Expired => new(BidOutcome.Ended, "Its hours can no longer be traded" + Bought(bid)),
        OrderState.Closed => Closed(bid),
        _ when last is null || bid.PlacedTime >= last.ClosedTime => new(BidOutcome.Waits, "Waits for the next run."),
        _ when IsBehindGate(bid, now, settings) is { } sentence => new(BidOutcome.Waits, sentence),
        _ when last.NothingOffered => new(BidOutcome.NoSupply, $"Nothing was offered in run {last.RunId}.", last.RunId),
        _ => RunVerdict.Of(last, bid.BidId) is { } verdict
            ? new(verdict.Outcome, Said(bid, verdict, last), last.RunId, verdict.NeededMicros, verdict.OutbidByMicros)
            : new(BidOutcome.Waits, TookNoPart(bid, last, settings)),
    };

    private static BidReason Closed(BidStanding bid) => bid.CloseReason switch
    {
        CloseReason.Suspended => new(BidOutcome.Ended, "Closed by the exchange: the participant was suspended" + Bought(bid)),
        CloseReason.ParentClosed => new(BidOutcome.Parent, "Closed by the exchange: its parent came to its end unfilled" + Bought(bid)),
        CloseReason.GroupFilled => new(BidOutcome.Group, "Closed by the exchange: another block of its group was filled" + Bought(bid)),
        _ => new(BidOutcome.Ended, "Closed by the exchange" + Bought(bid)),
    };

    /// <summary>Why nothing of it can be traded right now; null if something can.</summary>
    private static string? IsBehindGate(BidStanding bid, DateTimeOffset now, MarketSettings settings)
    {
        var open = Enumerable.Range(0, bid.FilledGpuCounts.Count)
            .Where(i => bid.FilledGpuCounts[i] < bid.GpuCount)
            .Select(i => bid.FromTime + (i * settings.Slots.Length))
            .Where(slot => slot + settings.Slots.Length > now).ToList();
        return open.Count > 0 && open.All(slot => settings.TradingOf(slot, now).Minutes == 0)
            ? $"The slot of {open[0]:HH:mm} UTC is {settings.TradingOf(open[0], now).ClosedBecause}."
            : null;
    }

    private static string TookNoPart(BidStanding bid, RunSheet last, MarketSettings settings)
    {
        var end = settings.Slots.StartOf(last.ClosedTime) + (last.Problem.Slots * settings.Slots.Length);
        return !bid.Markets.Any(last.Problem.Markets.Contains)
            ? $"Took no part in run {last.RunId}: nothing could be traded in its market. It waits for the next run."
            : bid.Kind == BidKind.Standing ? "Stands: it bids again for each slot as that comes to its gate."
            : bid.FromTime >= end
                ? $"Its hours lie further ahead than the {last.Problem.Slots} slots of a run; it takes part when they come nearer."
                : bid.AsksOfNodes ? $"Took no part in run {last.RunId}: no node that is all that it asks for was offered, or its hours could not be traded then. It waits for the next run."
                : $"Took no part in run {last.RunId}: its hours could not be traded then. It waits for the next run.";
    }

    private static string Said(BidStanding bid, RunVerdict verdict, RunSheet last)
    {
        var (run, limit, needed) = ($"run {last.RunId}", new Price(verdict.LimitMicros), new Price(verdict.NeededMicros));
        var isBlock = bid.Kind == BidKind.Block;
        var range = isBlock ? $"{needed} on the mean" : verdict.LeastMicros == verdict.NeededMicros ? $"{needed}" : $"{new Price(verdict.LeastMicros)} to {needed}";
        return verdict.Outcome switch
        {
            BidOutcome.Filled when bid.Kind == BidKind.Standing => $"Bought its slots in {run}; it bids for the next when that comes to its gate.",
            BidOutcome.Filled => $"Bought all that {run} could sell it; the rest of its hours comes into a later one.",
            BidOutcome.Outbid => $"Outbid in {run}: its hours cost {range}, and the limit is {limit}. At those prices a limit above {needed} would have bought {(isBlock ? "it" : "all of it")}.",
            BidOutcome.AtLimit => $"In {run} its hours cost {range}, which is its limit: what was left at it went to others.",
            BidOutcome.BelowReserve => $"Nothing was sold in its hours in {run}: the offers there ask for {range}, and the limit is {limit}.",
            BidOutcome.NoSupply => verdict.OfferedGpus > 0
                ? $"Its markets offered {verdict.OfferedGpus} GPUs {Asked(bid)}at most over all its hours in {run}, and it needs {verdict.Gpus}."
                : $"Nothing {Asked(bid)}was offered for its hours in its markets in {run}.",
            BidOutcome.Indivisible =>
                $"Left out of {run} although in the money: no whole fit for {verdict.Gpus} GPUs beside what was filled. It takes part in the next run again.",
            BidOutcome.NodeGroups =>
                $"There were GPUs enough in {run}, but of {verdict.Gpus} in its node groups only {verdict.OfferedGpus} were to be had. It takes part in the next run again.",
            BidOutcome.Parent => $"Waits for its parent, which {run} did not fill.",
            BidOutcome.Group => $"Another block of its group was filled in {run}.",
            _ => $"Not decided in {run}.",
        };
    }

    private static string Asked(BidStanding bid) => bid.AsksOfNodes ? "of the nodes that it asks for " : "";

    private static string WholeOrPart(BidStanding bid) =>
        bid.FilledGpuCounts.DefaultIfEmpty().Max() is var most and > 0 && most < bid.GpuCount
            ? $"Filled with {most} of its {bid.GpuCount} GPUs, as its minimum fill allows; what was reserved for the others is free again."
            : "";

    private static string Bought(BidStanding bid)
    {
        var bought = bid.FilledGpuCounts.Sum(count => (long)count);
        return bought == 0 ? ", nothing bought." : $", {bought} of {(long)bid.GpuCount * bid.FilledGpuCounts.Count} GPU-slots bought.";
    }
}
