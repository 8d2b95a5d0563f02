using ComputeExchange.MatchingEngine.Storage;
using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.Simulation.Time;

namespace ComputeExchange.Simulation.Bugs;

/// <summary>Who reads on from the journal misses something.</summary>
internal sealed class SkipsInTheFeed : Bug
{
    public override string Sentence => "A page of the feed that is read from the journal begins one number late.";

    public override IJournalStore Wrap(IJournalStore store, Process process) => new Store(store);

    private sealed class Store(IJournalStore store) : StoreBehind(store)
    {
        public override Task<IReadOnlyList<FeedEntry>> ReadFeed(long from, int atMost, CancellationToken cancel) => base.ReadFeed(from + 1, atMost, cancel);
    }
}
