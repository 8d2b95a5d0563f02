using System.Runtime.CompilerServices;
using ComputeExchange.MatchingEngine.Storage;
using ComputeExchange.MatchingEngine.V1;

namespace ComputeExchange.MatchingEngine.Running;

/// <summary>What is committed, for as many readers as come: the newest from memory, older from the journal. A slow reader holds nobody up.</summary>
internal sealed class Feed(IJournalStore store, TimeProvider time)
{
    private const int TailLength = 20_000;
    private const long TailOrderBytes = 64 << 20;
    private const int PageSize = 500;
    private static readonly TimeSpan SignOfLife = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private readonly Queue<FeedEntry> _tail = new();
    private readonly List<TaskCompletionSource> _waiting = [];
    private long _tailOrderBytes;

    /// <summary>The last number that is committed.</summary>
    public long LastNumber { get; private set; }

    /// <summary>Begins again after the journal was read: nothing in memory, everything up to a number in the journal.</summary>
    public void Restart(long lastNumber)
    {
        lock (_gate)
        {
            _tail.Clear();
            _tailOrderBytes = 0;
            LastNumber = lastNumber;
        }
        Wake();
    }

    /// <summary>Tells what has been committed.</summary>
    public void Publish(IEnumerable<FeedEntry> entries)
    {
        lock (_gate)
        {
            foreach (var entry in entries)
            {
                _tail.Enqueue(entry);
                _tailOrderBytes += OrderBytes(entry);
                LastNumber = entry.Number;
            }
            while (_tail.Count > TailLength || (_tailOrderBytes > TailOrderBytes && _tail.Count > 1)) _tailOrderBytes -= OrderBytes(_tail.Dequeue());
        }
        Wake();
    }

    /// <summary>Pages of entries from a number on, for ever; an empty page every few seconds as a sign of life.</summary>
    public async IAsyncEnumerable<IReadOnlyList<FeedEntry>> From(long number, [EnumeratorCancellation] CancellationToken cancel)
    {
        while (!cancel.IsCancellationRequested)
        {
            TaskCompletionSource? more = null;
            IReadOnlyList<FeedEntry>? page;
            long last;
            lock (_gate)
            {
                last = LastNumber;
                page = number > LastNumber ? [] : TailFrom(number);
                if (page is []) _waiting.Add(more = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
            }

            // Never beyond what this engine knows to be committed for good: the database may show what its own standby does not have yet.
            page ??= await store.ReadFeed(number, (int)Math.Min(PageSize, last - number + 1), cancel);
            if (page.Count > 0) number = page[^1].Number + 1;
            yield return page;
            if (page.Count == 0) await Wait(more ?? new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), cancel);
        }
    }

    private static int OrderBytes(FeedEntry entry) => entry.Event.OrdersHandled?.Events.Length ?? 0;

    private List<FeedEntry>? TailFrom(long number) =>
        _tail.TryPeek(out var first) && first.Number <= number
            ? [.. _tail.Skip((int)(number - first.Number)).Take(PageSize)]
            : null;

    /// <summary>Waits for more, or until a sign of life is due. On the reader's own context: <see cref="Task.WaitAsync(TimeSpan)"/> would leave it.</summary>
    private async Task Wait(TaskCompletionSource more, CancellationToken cancel)
    {
        using var late = new CancellationTokenSource(SignOfLife, time);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancel, late.Token);
        using var woken = over.Token.Register(() => more.TrySetResult());
        await more.Task;
        lock (_gate) _waiting.Remove(more);
    }

    private void Wake()
    {
        List<TaskCompletionSource> waiting;
        lock (_gate)
        {
            waiting = [.. _waiting];
            _waiting.Clear();
        }
        foreach (var more in waiting) more.TrySetResult();
    }
}
