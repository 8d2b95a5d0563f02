using System.Collections.Concurrent;
using System.Diagnostics;
using ComputeExchange.Facts;
using ComputeExchange.MatchingEngine.Running;
using ComputeExchange.MatchingEngine.V1;
using Shouldly;
using Xunit;

namespace ComputeExchange.MatchingEngine.Tests.Running;

public sealed class EventTracesTests
{
    private const string Buyer = "00-11111111111111111111111111111111-1111111111111111-01";
    private const string Other = "00-22222222222222222222222222222222-2222222222222222-01";
    private const string Run = "00-33333333333333333333333333333333-3333333333333333-01";

    private readonly EventTraces _traces = new();

    [Fact]
    public void What_a_run_does_to_a_bid_is_in_the_trace_of_the_bid_and_the_rest_in_that_of_the_run()
    {
        Write(new EngineCommand { PlaceBid = new PlaceBid() }, Buyer, Placed(7));
        Write(new EngineCommand { PlaceBid = new PlaceBid() }, Other, Placed(8));

        Write(new EngineCommand { ClearRun = new ClearRun() }, Run, Cleared(), Sold(7), Sold(8), Closed(7))
            .ShouldBe([Run, Buyer, Other, Buyer]);
    }

    [Fact]
    public void The_trace_of_a_bid_is_known_again_after_its_history_was_read()
    {
        var history = Entries(Placed(7), Placed(8), Closed(8), RunClosed());
        foreach (var (entry, trace) in history.Zip([Buyer, Other, Other, Run])) entry.TraceParent = trace;
        var again = Entries(Placed(7), Placed(8), Closed(8), RunClosed());

        _traces.Restart();
        _traces.Read(again, history);
        again.ShouldBe(history);
        _traces.Run.ShouldBe(Run);
        Write(new EngineCommand { ClearRun = new ClearRun() }, Run, Sold(7)).ShouldBe([Buyer]);
    }

    [Fact]
    public void A_history_keeps_the_traces_it_was_written_with()
    {
        // Written when a lease still stood in the trace of its run: what is read again must be the same to the byte.
        var history = Entries(Placed(7), Sold(7));
        foreach (var (entry, trace) in history.Zip([Buyer, Run])) entry.TraceParent = trace;
        var again = Entries(Placed(7), Sold(7));

        _traces.Read(again, history);
        again.ShouldBe(history);
    }

    [Fact]
    public void A_closed_bid_is_forgotten_and_its_cancel_is_in_the_trace_of_who_cancelled()
    {
        Write(new EngineCommand { PlaceBid = new PlaceBid() }, Buyer, Placed(7));
        Write(new EngineCommand { CancelBid = new CancelBid() }, Other, Closed(7)).ShouldBe([Other]);
        _traces.OpenBids.ShouldBe(0);
    }

    [Fact]
    public void A_bid_that_nobody_traced_leaves_no_trace()
    {
        Write(new EngineCommand { PlaceBid = new PlaceBid() }, "", Placed(7));
        Write(new EngineCommand { ClearRun = new ClearRun() }, Run, Sold(7), Closed(7)).ShouldBe(["", ""]);
        _traces.OpenBids.ShouldBe(0);
    }

    [Fact]
    public void Where_somebody_listens_the_sale_is_a_span_below_the_bid_that_links_to_the_run_and_ends_with_the_commit()
    {
        // Engines of other tests run beside this one and share the source: only this bid's trace counts.
        var trace7 = Tracing.ContextOf(Buyer).TraceId;

        // Made before the listener asks for it: a source that is made while it is asked for is not known to be itself yet.
        var spans = EventTraces.Spans;
        var ended = new ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source == spans,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = span =>
            {
                if (span.TraceId == trace7) ended.Enqueue(span);
            },
        };
        ActivitySource.AddActivityListener(listener);
        Write(new EngineCommand { PlaceBid = new PlaceBid() }, Buyer, Placed(7));

        var trace = Write(new EngineCommand { ClearRun = new ClearRun() }, Run, Sold(7)).ShouldHaveSingleItem();
        Activity.Current.ShouldBeNull();
        ended.ShouldBeEmpty();
        _traces.Committed();
        var sale = ended.ShouldHaveSingleItem();
        sale.Id.ShouldBe(trace);
        sale.ParentSpanId.ShouldBe(Tracing.ContextOf(Buyer).SpanId);
        sale.Links.ShouldHaveSingleItem().Context.TraceId.ShouldBe(Tracing.ContextOf(Run).TraceId);
        sale.Status.ShouldBe(ActivityStatusCode.Unset);
    }

    private string[] Write(EngineCommand command, string trace, params EngineEvent[] events)
    {
        var entries = Entries(events);
        _traces.Write(entries, command, trace);
        return [.. entries.Select(entry => entry.TraceParent)];
    }

    private static List<FeedEntry> Entries(params EngineEvent[] events) => [.. events.Select(happened => new FeedEntry { Event = happened })];

    private static EngineEvent Placed(long bid) => new() { BidPlaced = new BidPlaced { BidId = bid } };

    private static EngineEvent Closed(long bid) => new() { BidClosed = new BidClosed { BidId = bid } };

    private static EngineEvent Sold(long bid) => new() { LeaseSold = new LeaseSold { BidId = bid, LeaseId = bid + 100 } };

    private static EngineEvent Cleared() => new() { RunCleared = new RunCleared() };

    private static EngineEvent RunClosed() => new() { RunClosed = new RunClosed() };
}
