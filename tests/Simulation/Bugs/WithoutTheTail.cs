using System.Runtime.CompilerServices;
using ComputeExchange.MatchingEngine.Storage;
using ComputeExchange.Simulation.Journaling;
using ComputeExchange.Simulation.Time;

namespace ComputeExchange.Simulation.Bugs;

/// <summary>A new owner decides on a state that lacks what the last one did in the end.</summary>
internal sealed class WithoutTheTail : Bug
{
    public override string Sentence => "The journal is read from a replica that is a moment behind, and no unique key notices.";

    public override Guards Guards { get; } = new() { UniqueKeys = false };

    public override IJournalStore Wrap(IJournalStore store, Process process) => new Store(store, process);

    private sealed class Store(IJournalStore store, Process process) : StoreBehind(store)
    {
        private static readonly TimeSpan Lag = TimeSpan.FromMilliseconds(500);

        public override async IAsyncEnumerable<JournalEntry> Read(long after, [EnumeratorCancellation] CancellationToken cancel)
        {
            var seen = process.Clock.GetUtcNow() - Lag;
            await foreach (var entry in base.Read(after, cancel))
            {
                if (entry.At > seen) yield break;
                yield return entry;
            }
        }
    }
}
