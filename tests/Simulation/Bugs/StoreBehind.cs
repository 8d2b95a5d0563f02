using ComputeExchange.MatchingEngine.Storage;
using ComputeExchange.MatchingEngine.V1;

namespace ComputeExchange.Simulation.Bugs;

/// <summary>A journal store with another behind it, for a bug to get in between.</summary>
internal abstract class StoreBehind(IJournalStore store) : IJournalStore
{
    public virtual Task<IJournal> Open(string owner, CancellationToken cancel) => store.Open(owner, cancel);

    public virtual IAsyncEnumerable<JournalEntry> Read(long after, CancellationToken cancel) => store.Read(after, cancel);

    public virtual Task<IReadOnlyList<FeedEntry>> ReadFeed(long from, int atMost, CancellationToken cancel) => store.ReadFeed(from, atMost, cancel);

    public virtual Task<IReadOnlyList<FeedEntry>> ReadOutcome(long sequence, CancellationToken cancel) => store.ReadOutcome(sequence, cancel);

    public virtual Task<IReadOnlyDictionary<Guid, KnownCommand>> Find(IReadOnlyCollection<Guid> commandIds, CancellationToken cancel) =>
        store.Find(commandIds, cancel);

    public virtual Task Save(Snapshot snapshot, int kept, CancellationToken cancel) => store.Save(snapshot, kept, cancel);

    public virtual Task<(long Oldest, long Newest)> Kept(CancellationToken cancel) => store.Kept(cancel);

    public virtual IAsyncEnumerable<Snapshot> Snapshots(CancellationToken cancel) => store.Snapshots(cancel);
}

/// <summary>A journal with another behind it, for a bug to get in between.</summary>
internal abstract class JournalBehind(IJournal journal) : IJournal
{
    public long Epoch => journal.Epoch;

    public virtual Task<bool> TryOwn() => journal.TryOwn();

    public virtual Task Renew() => journal.Renew();

    public virtual Task Release() => journal.Release();

    public virtual Task Append(IReadOnlyList<JournalEntry> group) => journal.Append(group);

    public virtual ValueTask DisposeAsync() => journal.DisposeAsync();
}
