using ComputeExchange.MatchingEngine.Storage;
using ComputeExchange.Simulation.Time;

namespace ComputeExchange.Simulation.Bugs;

/// <summary>Answers are faster than the disk.</summary>
internal sealed class AcknowledgesBeforeCommit : Bug
{
    public override string Sentence => "An append returns at once and the commit goes on behind it.";

    public override IJournalStore Wrap(IJournalStore store, Process process) => new Store(store);

    private sealed class Store(IJournalStore store) : StoreBehind(store)
    {
        public override async Task<IJournal> Open(string owner, CancellationToken cancel) => new WriteBehind(await base.Open(owner, cancel));
    }

    private sealed class WriteBehind(IJournal journal) : JournalBehind(journal)
    {
        private Task _writing = Task.CompletedTask;

        public override Task Append(IReadOnlyList<JournalEntry> group)
        {
            if (_writing.IsFaulted) return _writing;
            _writing = Write(_writing, group);
            return Task.CompletedTask;
        }

        public override async Task Renew()
        {
            await _writing;
            await base.Renew();
        }

        private async Task Write(Task before, IReadOnlyList<JournalEntry> group)
        {
            await before;
            await base.Append(group);
        }
    }
}
