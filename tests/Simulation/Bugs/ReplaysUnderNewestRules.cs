using System.Runtime.CompilerServices;
using ComputeExchange.MatchingEngine.Core;
using ComputeExchange.MatchingEngine.Storage;
using ComputeExchange.Simulation.Time;

namespace ComputeExchange.Simulation.Bugs;

/// <summary>A changed rule rewrites the past.</summary>
internal sealed class ReplaysUnderNewestRules : Bug
{
    public override string Sentence => "Old commands are read under the rules of today.";

    public override IJournalStore Wrap(IJournalStore store, Process process) => new Store(store);

    private sealed class Store(IJournalStore store) : StoreBehind(store)
    {
        public override async IAsyncEnumerable<JournalEntry> Read(long after, [EnumeratorCancellation] CancellationToken cancel)
        {
            await foreach (var entry in base.Read(after, cancel)) yield return entry with { EngineVersion = Exchange.Version };
        }
    }
}
