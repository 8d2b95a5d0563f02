using System.Runtime.CompilerServices;
using ComputeExchange.MatchingEngine.Storage;
using ComputeExchange.MatchingEngine.V1;
using Npgsql;

namespace ComputeExchange.MatchingEngine.Running;

/// <summary>What is committed, for as many readers as come: the newest from memory, older from the journal. A slow reader holds nobody up.</summary>
internal sealed class Feed(NpgsqlDataSource source)
{
    private const int TailLength = 20_000;
    private const int PageSize = 500;

    private readonly Lock _gate = new();
    private readonly Queue<FeedEntry> _tail = new();
    private TaskCompletionSource _more = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The last number that is committed.</summary>
    public long LastNumber { get; private set; }

    /// <summary>Begins again after the journal was read: nothing in memory, everything up to a number in the journal.</summary>
    public void Restart(long lastNumber)
    {
        lock (_gate)
        {
            _tail.Clear();
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
                LastNumber = entry.Number;
            }
            while (_tail.Count > TailLength) _tail.Dequeue();
        }
        Wake();
    }

    /// <summary>Pages of entries from a number on, for ever; an empty page every few seconds as a sign of life.</summary>
    public async IAsyncEnumerable<IReadOnlyList<FeedEntry>> From(long number, [EnumeratorCancellation] CancellationToken cancel)
    {
        while (!cancel.IsCancellationRequested)
        {
            Task more;
            IReadOnlyList<FeedEntry>? page;
            lock (_gate)
            {
                more = _more.Task;
                page = number > LastNumber ? [] : TailFrom(number);
            }
            page ??= await Journal.ReadFeed(source, number, PageSize, cancel);
            if (page.Count > 0) number = page[^1].Number + 1;
            yield return page;
            if (page.Count == 0) await Task.WhenAny(more, Task.Delay(TimeSpan.FromSeconds(5), cancel));
        }
    }

    private List<FeedEntry>? TailFrom(long number) =>
        _tail.TryPeek(out var first) && first.Number <= number
            ? [.. _tail.Skip((int)(number - first.Number)).Take(PageSize)]
            : null;

    private void Wake()
    {
        TaskCompletionSource waiting;
        lock (_gate)
        {
            waiting = _more;
            _more = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
        waiting.TrySetResult();
    }
}
