using System.Runtime.CompilerServices;
using ComputeExchange.MatchingEngine.Storage;
using ComputeExchange.Simulation.Faults;
using ComputeExchange.Simulation.Time;

namespace ComputeExchange.Simulation.Bugs;

/// <summary>A standby follows a history that the database no longer has.</summary>
internal sealed class RemembersWhatWasLost : Bug
{
    public override string Sentence => "What was read of the journal once is not looked at again, although the database may have lost it in a failover.";

    public override IReadOnlyList<Type> BroughtToLightBy => [typeof(StopDatabaseStandby), typeof(CutConnections), typeof(LoseDatabaseUnseen)];

    public override IJournalStore Wrap(IJournalStore store, Process process) => new Store(store);

    private sealed class Store(IJournalStore store) : StoreBehind(store)
    {
        private JournalEntry? _last;

        public override async IAsyncEnumerable<JournalEntry> Read(long after, [EnumeratorCancellation] CancellationToken cancel)
        {
            if (_last is { } last && last.Sequence == after + 1)
            {
                yield return last;
                after++;
            }
            await foreach (var entry in base.Read(after, cancel)) yield return _last = entry;
        }
    }
}
