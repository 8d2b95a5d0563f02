using System.Runtime.CompilerServices;
using ComputeExchange.MatchingEngine.Storage;
using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.Simulation.Databases;
using ComputeExchange.Simulation.Time;

namespace ComputeExchange.Simulation.Journaling;

/// <summary>The journal as one process reaches it: by connections that it keeps, each statement a snapshot of what is committed.</summary>
internal sealed class SimulatedStore(Database database, Process process, Guards guards) : IJournalStore
{
    private const int RowsAtATime = 64;

    private readonly Stack<Connection> _idle = new();

    public async Task<IJournal> Open(string owner, CancellationToken cancel) =>
        new SimulatedJournal(await database.Connect(process, TimeSpan.FromSeconds(1)), owner, guards);

    public async IAsyncEnumerable<JournalEntry> Read(long after, [EnumeratorCancellation] CancellationToken cancel)
    {
        // Commands and events by connections of their own, one after the other, as the store in PostgreSQL does.
        var one = await Rent();
        var commands = await one.Do(session => Task.FromResult(session.Tables.From(JournalTables.Commands, (after + 1, 0L))));
        if (commands.Count > 0)
        {
            var other = await Rent();
            var events = await other.Do(session => Task.FromResult(session.Tables.From(JournalTables.Outcomes, (after + 1, 0L))));
            var next = 0;
            for (var i = 0; i < commands.Count; i++)
            {
                if (i > 0 && i % RowsAtATime == 0) await one.Do(session => session.Moment());
                var command = (CommandRow)commands[i];
                var caused = new List<FeedEntry>();
                for (; next < events.Count && (EventRow)events[next] is var happened && happened.Sequence == command.Sequence; next++)
                    caused.Add(FeedEntry.Parser.ParseFrom(happened.Body));
                yield return new JournalEntry(
                    command.Sequence, command.CommandId, command.EngineVersion, command.At, command.TraceParent, command.Body, caused, command.Hash, command.StateHash);
            }
            _idle.Push(other);
        }
        _idle.Push(one);
    }

    public Task<IReadOnlyList<FeedEntry>> ReadFeed(long from, int atMost, CancellationToken cancel) =>
        Ask(tables => Entries(tables.From(JournalTables.Events, (from, 0L), atMost)));

    public Task<IReadOnlyList<FeedEntry>> ReadOutcome(long sequence, CancellationToken cancel) => Ask(tables => Entries(
        tables.From(JournalTables.Outcomes, (sequence, 0L)).TakeWhile(row => ((EventRow)row).Sequence == sequence)));

    public Task<IReadOnlyDictionary<Guid, KnownCommand>> Find(IReadOnlyCollection<Guid> commandIds, CancellationToken cancel) => Ask(tables =>
        (IReadOnlyDictionary<Guid, KnownCommand>)commandIds.Distinct()
            .Select(id => (Id: id, Row: (CommandRow?)tables.Find(JournalTables.CommandIds, id)))
            .Where(found => found.Row is not null)
            .ToDictionary(found => found.Id, found => new KnownCommand(found.Row!.Sequence, KnownCommand.ContentOf(found.Row.Body))));

    public async Task Save(Snapshot snapshot, int kept, CancellationToken cancel)
    {
        var connection = await Rent();
        await connection.Do(async session =>
        {
            if (await session.Lock(JournalTables.Snapshots, snapshot.Sequence) is null)
                session.Put(JournalTables.Snapshots, snapshot.Sequence, snapshot);
        });
        await connection.Do(async session =>
        {
            var all = session.Tables.All(JournalTables.Snapshots).Cast<Snapshot>().Append(snapshot).DistinctBy(one => one.Sequence);
            foreach (var old in all.OrderByDescending(one => one.Sequence).Skip(kept))
            {
                await session.Lock(JournalTables.Snapshots, old.Sequence);
                session.Put(JournalTables.Snapshots, old.Sequence, null);
            }
        });
        await connection.Do(session => session.Commit());
        _idle.Push(connection);
    }

    public Task<(long Oldest, long Newest)> Kept(CancellationToken cancel) => Ask(tables =>
        tables.All(JournalTables.Snapshots).Cast<Snapshot>().Select(snapshot => snapshot.Sequence).ToList() is { Count: > 0 } kept ? (kept[0], kept[^1]) : (0, 0));

    public async IAsyncEnumerable<Snapshot> Snapshots([EnumeratorCancellation] CancellationToken cancel)
    {
        for (var before = long.MaxValue; ;)
        {
            var next = await Ask(tables => tables.All(JournalTables.Snapshots).Cast<Snapshot>().LastOrDefault(snapshot => snapshot.Sequence < before));
            if (next is null) yield break;
            before = next.Sequence;
            yield return next;
        }
    }

    private async Task<T> Ask<T>(Func<Tables, T> question)
    {
        var connection = await Rent();
        var answer = await connection.Do(session => Task.FromResult(question(session.Tables)));
        _idle.Push(connection);
        return answer;
    }

    /// <summary>
    /// A connection that was used before, if there is one that is not known to be broken nor closed by now for having been
    /// idle; else a new one. One that failed is not given back.
    /// </summary>
    private async Task<Connection> Rent()
    {
        while (_idle.TryPop(out var idle))
        {
            if (!idle.IsBroken && !process.Dice.OnceIn(5)) return idle;
            await idle.DisposeAsync();
        }
        return await database.Connect(process);
    }

    private static IReadOnlyList<FeedEntry> Entries(IEnumerable<object> rows) =>
        [.. rows.Select(row => FeedEntry.Parser.ParseFrom(((EventRow)row).Body))];
}
