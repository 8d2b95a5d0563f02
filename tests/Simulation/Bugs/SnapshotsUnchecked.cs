using System.Runtime.CompilerServices;
using ComputeExchange.MatchingEngine.Storage;
using ComputeExchange.Simulation.Time;

namespace ComputeExchange.Simulation.Bugs;

/// <summary>A damaged snapshot passes for a good one.</summary>
internal sealed class SnapshotsUnchecked : Bug
{
    public override string Sentence => "The checksum of a snapshot is not compared.";

    public override IJournalStore Wrap(IJournalStore store, Process process) => new Store(store);

    private sealed class Store(IJournalStore store) : StoreBehind(store)
    {
        public override async IAsyncEnumerable<Snapshot> Snapshots([EnumeratorCancellation] CancellationToken cancel)
        {
            await foreach (var read in base.Snapshots(cancel))
                yield return Snapshot.Of(read.Sequence, read.FeedNumber, read.EngineVersion, read.ChainHash, read.State);
        }
    }
}
