using ComputeExchange.MatchingEngine.Storage;
using ComputeExchange.Simulation.Databases;
using ComputeExchange.Simulation.Time;

namespace ComputeExchange.Simulation.Bugs;

/// <summary>Memory that is ahead of the record is kept.</summary>
internal sealed class UncertainCountsAsWritten : Bug
{
    public override string Sentence => "When the connection breaks in an append, memory is kept as if it had been written.";

    public override IJournalStore Wrap(IJournalStore store, Process process) => new Store(store);

    private sealed class Store(IJournalStore store) : StoreBehind(store)
    {
        public override async Task<IJournal> Open(string owner, CancellationToken cancel) => new Hopeful(await base.Open(owner, cancel));
    }

    private sealed class Hopeful(IJournal journal) : JournalBehind(journal)
    {
        public override async Task Append(IReadOnlyList<JournalEntry> group)
        {
            try
            {
                await base.Append(group);
            }
            catch (DatabaseException)
            {
            }
        }
    }
}
