using ComputeExchange.MatchingEngine.V1;

namespace ComputeExchange.MatchingEngine.Storage;

/// <summary>Where the journal is: all that was written, and the way to become its one writer.</summary>
/// <remarks>Every answer is from the primary database, never from a replica of it: the engine decides on what it reads here.</remarks>
internal interface IJournalStore
{
    /// <summary>Opens a way to write; it owns nothing yet.</summary>
    Task<IJournal> Open(string owner, CancellationToken cancel);

    /// <summary>The commands after a sequence number in order, each with what it caused, up to the last that is committed now.</summary>
    IAsyncEnumerable<JournalEntry> Read(long after, CancellationToken cancel);

    /// <summary>Feed entries from a number on, in order.</summary>
    Task<IReadOnlyList<FeedEntry>> ReadFeed(long from, int atMost, CancellationToken cancel);

    /// <summary>What a command caused when it was journaled.</summary>
    Task<IReadOnlyList<FeedEntry>> ReadOutcome(long sequence, CancellationToken cancel);

    /// <summary>Which of these commands are journaled.</summary>
    Task<IReadOnlyDictionary<Guid, KnownCommand>> Find(IReadOnlyCollection<Guid> commandIds, CancellationToken cancel);

    /// <summary>Keeps a snapshot beside those of other sequence numbers; of all, the newest <paramref name="kept"/> stay.</summary>
    Task Save(Snapshot snapshot, int kept, CancellationToken cancel);

    /// <summary>The sequence numbers of the oldest and the newest snapshot that is kept; 0 and 0 for none.</summary>
    Task<(long Oldest, long Newest)> Kept(CancellationToken cancel);

    /// <summary>The snapshots that are kept, newest first, as they were read: whether they are whole is the reader's to find out.</summary>
    IAsyncEnumerable<Snapshot> Snapshots(CancellationToken cancel);
}

/// <summary>One writer of the journal, fenced by its epoch.</summary>
/// <remarks>
/// What is uncertain counts as not written: any failure throws, and the owner must throw its memory away and read the
/// journal again.
/// </remarks>
internal interface IJournal : IAsyncDisposable
{
    /// <summary>The owner's number; every append bears it. 0 before anything was owned.</summary>
    long Epoch { get; }

    /// <summary>Tries to become the owner: succeeds when the last one is gone, gave the shard up, or let its lease run out.</summary>
    Task<bool> TryOwn();

    /// <summary>Says that the owner lives, by a commit as durable as that of a group.</summary>
    /// <exception cref="FencedException">Another owner has taken over.</exception>
    Task Renew();

    /// <summary>Gives the ownership up, so that another need not wait.</summary>
    Task Release();

    /// <summary>Appends a group; when it returns, the group is committed and this owner was the owner.</summary>
    /// <exception cref="FencedException">Another owner has taken over; nothing was written.</exception>
    Task Append(IReadOnlyList<JournalEntry> group);
}

/// <summary>Another engine owns the shard now: this one's memory is worth nothing any more.</summary>
internal sealed class FencedException() : Exception("Another engine owns the shard.");
