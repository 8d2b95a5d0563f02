using ComputeExchange.MatchingEngine.Storage;
using ComputeExchange.Simulation.Databases;
using Google.Protobuf;

namespace ComputeExchange.Simulation.Journaling;

/// <summary>The writer of the journal, statement by statement what the one in PostgreSQL does.</summary>
internal sealed class SimulatedJournal(Connection connection, string owner, Guards guards) : IJournal
{
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(2);
    private const string OwnerLock = "owner of the shard";

    private long _copies;

    public long Epoch { get; private set; }

    public async Task<bool> TryOwn()
    {
        var (last, leaseIsOver, lastIsGone) = await connection.Do(session => Task.FromResult(
            session.Tables.Find(JournalTables.Owner, 0) is OwnerRow row
                ? (row.Epoch, row.LeaseUntil < session.Now, session.TryHold(OwnerLock))
                : (-1, false, false)));
        if (last < 0)
        {
            await connection.Do(async session =>
            {
                if (await session.Lock(JournalTables.Owner, 0) is null) session.Put(JournalTables.Owner, 0, new OwnerRow(0, "", session.Now));
                await session.Commit();
            });
            return await TryOwn();
        }
        if (!guards.EndsLastSession) lastIsGone = leaseIsOver;
        if (!lastIsGone && (!leaseIsOver || !await EndLast())) return false;

        var mine = await connection.Do(async session =>
        {
            var row = (OwnerRow)(await session.Lock(JournalTables.Owner, 0))!;
            if (row.Epoch != last) return 0;
            var epoch = guards.RaisesEpoch || last == 0 ? last + 1 : last;
            session.Put(JournalTables.Owner, 0, new OwnerRow(epoch, owner, session.Now + Lease));
            await session.Commit();
            return epoch;
        });
        if (mine == 0)
        {
            await connection.Do(Unlock);
            return false;
        }
        Confirm();
        Epoch = mine;
        return true;
    }

    public async Task Renew()
    {
        var isOwner = await connection.Do(async session =>
        {
            var touched = await TouchOwner(session);
            await session.Commit();
            return touched;
        });
        if (!isOwner) throw new FencedException();
        Confirm();
    }

    public async Task Release()
    {
        await connection.Do(async session =>
        {
            if (await session.Lock(JournalTables.Owner, 0) is OwnerRow row && row.Epoch == Epoch)
                session.Put(JournalTables.Owner, 0, row with { LeaseUntil = session.Now });
            await session.Commit();
        });
        await connection.Do(Unlock);
    }

    public async Task Append(IReadOnlyList<JournalEntry> group)
    {
        var commands = group.Select(entry => new CommandRow(
            entry.Sequence, Epoch, entry.CommandId, entry.EngineVersion, entry.At, entry.TraceParent, entry.Body, entry.Hash, entry.StateHash)).ToList();
        var events = group.SelectMany(entry => entry.Events).Select(entry => new EventRow(entry.Number, entry.Sequence, entry.ToByteArray())).ToList();

        if (guards.Fence && !await connection.Do(TouchOwner)) throw new FencedException();
        if (!guards.FencesInTransaction) await connection.Do(session => session.Commit());
        await connection.Do(session => WriteCommands(session, commands));
        if (!guards.OneTransaction) await connection.Do(session => session.Commit());
        await connection.Do(session => WriteEvents(session, events));
        await connection.Do(session => session.Commit());
        Confirm();
    }

    public ValueTask DisposeAsync() => connection.DisposeAsync();

    private async Task<bool> TouchOwner(Session session)
    {
        if (await session.Lock(JournalTables.Owner, 0) is not OwnerRow row || row.Epoch != Epoch) return false;
        session.Put(JournalTables.Owner, 0, row with { LeaseUntil = session.Now + Lease });
        return true;
    }

    private async Task WriteCommands(Session session, List<CommandRow> commands)
    {
        foreach (var command in commands)
        {
            await Write(session, JournalTables.Commands, command.Sequence, command);
            if (guards.UniqueKeys) await session.Insert(JournalTables.CommandIds, command.CommandId, command);
            else session.Put(JournalTables.CommandIds, command.CommandId, command);
        }
    }

    private async Task WriteEvents(Session session, List<EventRow> events)
    {
        foreach (var happened in events)
        {
            await Write(session, JournalTables.Events, happened.Number, happened);
            session.Put(JournalTables.Outcomes, (happened.Sequence, happened.Number), happened);
        }
    }

    /// <summary>A row under its number; where numbers are not unique, beside those that have it already.</summary>
    private async Task Write(Session session, string table, long number, object row)
    {
        if (guards.UniqueKeys) await session.Insert(table, (number, 0L), row);
        else session.Put(table, (number, Epoch * 1_000_000 + ++_copies), row);
    }

    private async Task<bool> EndLast()
    {
        await connection.Do(session =>
        {
            session.EndHolder(OwnerLock);
            return Task.CompletedTask;
        });

        // The last one's session may take a moment to end; then the next look finds it gone.
        for (var look = 0; look < 10; look++)
        {
            if (await connection.Do(async session =>
            {
                await session.Moment();
                return session.TryHold(OwnerLock);
            })) return true;
        }
        return false;
    }

    private static Task Unlock(Session session)
    {
        session.LetGo(OwnerLock);
        return Task.CompletedTask;
    }

    private void Confirm()
    {
        if (guards.HeedsNotice && connection.SyncWaitCancelled) throw new DatabaseException("a commit may not have reached the standby");
    }
}
