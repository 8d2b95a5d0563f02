using System.Diagnostics;
using ComputeExchange.Client;
using ComputeExchange.Facts;
using ComputeExchange.MatchingEngine.V1;
using Case = ComputeExchange.MatchingEngine.V1.EngineEvent.EventOneofCase;

namespace ComputeExchange.MatchingEngine.Running;

/// <summary>Knows in whose trace an event belongs: what a run does to a bid in that of the bid, everything else in that of its command.</summary>
/// <remarks>
/// It is no part of the rules: the events are the same without it. What it holds follows from the events that are
/// journaled, so that it is rebuilt with the state. A bid is forgotten when it is closed.
/// </remarks>
internal sealed class EventTraces
{
    private readonly Dictionary<long, string> _bids = [];
    private readonly List<Activity> _sales = [];

    /// <summary>The source of the engine's spans.</summary>
    public static ActivitySource Spans { get; } = Tracing.Of(ServiceNames.MatchingEngine);

    /// <summary>The trace of the run that clears; empty where none does or none is recorded.</summary>
    public string Run { get; private set; } = "";

    /// <summary>How many bids are open whose trace is known.</summary>
    public int OpenBids => _bids.Count;

    /// <summary>Forgets everything: the history is read again.</summary>
    public void Restart()
    {
        _bids.Clear();
        Run = "";
        NotCommitted();
    }

    /// <summary>Writes what it holds, in a fixed order.</summary>
    public void Write(BinaryWriter write)
    {
        write.Write(Run);
        write.Write(_bids.Count);
        foreach (var (bid, trace) in _bids.OrderBy(bid => bid.Key))
        {
            write.Write(bid);
            write.Write(trace);
        }
    }

    /// <summary>Takes what was written in place of what it holds.</summary>
    public void Read(BinaryReader read)
    {
        Restart();
        Run = read.ReadString();
        for (var left = read.ReadInt32(); left > 0; left--) _bids.Add(read.ReadInt64(), read.ReadString());
    }

    /// <summary>Writes its trace on each event that a command caused.</summary>
    public void Write(IReadOnlyList<FeedEntry> events, EngineCommand command, string traceParent)
    {
        foreach (var entry in events)
        {
            entry.TraceParent = entry.Event.EventCase switch
            {
                Case.LeaseSold => Sale(entry.Event.LeaseSold, traceParent),
                Case.BidClosed when command.CommandCase != EngineCommand.CommandOneofCase.CancelBid =>
                    _bids.GetValueOrDefault(entry.Event.BidClosed.BidId, ""),
                _ => traceParent,
            };
            Note(entry);
        }
    }

    /// <summary>Takes the traces of events from the journal, where they were written when the events happened.</summary>
    public void Read(IReadOnlyList<FeedEntry> events, IReadOnlyList<FeedEntry> journaled)
    {
        for (var i = 0; i < events.Count && i < journaled.Count; i++)
        {
            events[i].TraceParent = journaled[i].TraceParent;
            Note(events[i]);
        }
    }

    /// <summary>What was sold is committed.</summary>
    public void Committed()
    {
        foreach (var sale in _sales) sale.Dispose();
        _sales.Clear();
    }

    /// <summary>What was sold may not have happened.</summary>
    public void NotCommitted()
    {
        foreach (var sale in _sales) sale.SetStatus(ActivityStatusCode.Error, "The commit is uncertain.");
        Committed();
    }

    private void Note(FeedEntry entry)
    {
        switch (entry.Event.EventCase)
        {
            case Case.BidPlaced when entry.TraceParent.Length > 0:
                _bids[entry.Event.BidPlaced.BidId] = entry.TraceParent;
                break;
            case Case.BidClosed:
                _bids.Remove(entry.Event.BidClosed.BidId);
                break;
            case Case.RunClosed:
                Run = entry.TraceParent;
                break;
            case Case.RunCleared or Case.RunReopened:
                Run = "";
                break;
        }
    }

    /// <summary>A span in the bid's trace that says which run sold the lease; it ends with the commit.</summary>
    private string Sale(LeaseSold sold, string run)
    {
        if (!_bids.TryGetValue(sold.BidId, out var bid)) return "";
        var around = Activity.Current;
        var span = Spans.Continue("sell lease", ActivityKind.Internal, bid, beside: Tracing.ContextOf(run));
        Activity.Current = around;
        if (span is null) return bid;
        _sales.Add(span.SetTag("cx.lease.id", sold.LeaseId).SetTag("cx.bid.id", sold.BidId).SetTag("cx.run.id", sold.RunId));
        return span.Id ?? bid;
    }
}
