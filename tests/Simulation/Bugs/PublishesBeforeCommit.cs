using ComputeExchange.MatchingEngine.Running;
using ComputeExchange.MatchingEngine.Storage;
using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.Simulation.Time;

namespace ComputeExchange.Simulation.Bugs;

/// <summary>Readers of the feed are told what may never have happened.</summary>
internal sealed class PublishesBeforeCommit : Bug
{
    public override string Sentence => "The feed tells what was decided before it is committed.";

    public override IJournalStore Wrap(IJournalStore store, Process process) => new Store(store);

    public override void See(IJournalStore store, Feed feed) => ((Store)store).Feed = feed;

    private sealed class Store(IJournalStore store) : StoreBehind(store)
    {
        public Feed Feed { get; set; } = null!;

        public override async Task<IJournal> Open(string owner, CancellationToken cancel) => new Journal(await base.Open(owner, cancel), this);
    }

    private sealed class Journal(IJournal journal, Store store) : JournalBehind(journal)
    {
        public override async Task Append(IReadOnlyList<JournalEntry> group)
        {
            store.Feed.Publish(group.SelectMany(entry => entry.Events).ToList());
            await base.Append(group);

            // What the engine publishes now is published already.
            foreach (var entry in group) ((List<FeedEntry>)entry.Events).Clear();
        }
    }
}
