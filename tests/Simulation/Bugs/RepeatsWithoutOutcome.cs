using ComputeExchange.MatchingEngine.Storage;
using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.Simulation.Time;

namespace ComputeExchange.Simulation.Bugs;

/// <summary>Who asks again learns less than who asked first.</summary>
internal sealed class RepeatsWithoutOutcome : Bug
{
    public override string Sentence => "A repeated command is answered with its number but not with what it caused.";

    public override IJournalStore Wrap(IJournalStore store, Process process) => new Store(store);

    private sealed class Store(IJournalStore store) : StoreBehind(store)
    {
        public override Task<IReadOnlyList<FeedEntry>> ReadOutcome(long sequence, CancellationToken cancel) => Task.FromResult<IReadOnlyList<FeedEntry>>([]);
    }
}
