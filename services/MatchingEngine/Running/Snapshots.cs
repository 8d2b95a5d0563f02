using ComputeExchange.MatchingEngine.Storage;

namespace ComputeExchange.MatchingEngine.Running;

/// <summary>When a snapshot is due, and what became of it. Saving goes on beside the engine; nothing waits for it.</summary>
/// <remarks>
/// A standby takes them, for its time costs nobody anything. The owner takes one only where nobody has for half as long
/// again.
/// </remarks>
internal sealed class Snapshots(IJournalStore store, int every, TimeProvider time, ILogger log)
{
    private const int Count = 3;

    private Task _saving = Task.CompletedTask;
    private long _newest;
    private long _oldest;
    private volatile bool _nobodyDid;

    /// <summary>The oldest that is kept: commands up to it need not be remembered.</summary>
    public long Oldest => Volatile.Read(ref _oldest);

    /// <summary>
    /// The newest good one with all that was journaled after it; everything from the first command on if there is none. One
    /// after which the journal does not add up is not good: whether the journal itself is, its first command says.
    /// </summary>
    /// <param name="readOn">Reads into a replica what is journaled after its last command, if the journal has that one.</param>
    /// <param name="cancel">Ends the wait.</param>
    public async Task<Replica> Restore(Func<Replica, Task> readOn, CancellationToken cancel)
    {
        await foreach (var snapshot in store.Snapshots(cancel))
        {
            try
            {
                var began = time.GetTimestamp();
                var restored = Replica.From(snapshot);
                var took = time.GetElapsedTime(began);

                await readOn(restored);
                Volatile.Write(ref _newest, snapshot.Sequence);
                log.LogInformation(
                    "Restored the snapshot after command {Sequence}, {Bytes} bytes in {Milliseconds:0} ms, and read {Commands} commands after it in {Seconds:0.0} s.",
                    snapshot.Sequence, snapshot.State.Length, took.TotalMilliseconds, restored.Sequence - snapshot.Sequence,
                    (time.GetElapsedTime(began) - took).TotalSeconds);
                return restored;
            }
            catch (Exception damaged) when (damaged is InvalidDataException or JournalBrokenException)
            {
                Measures.SnapshotSkipped();
                log.LogWarning("The snapshot after command {Sequence} is skipped: {Reason}", snapshot.Sequence, damaged.Message);
            }
        }
        var started = time.GetTimestamp();
        var replica = new Replica();
        await readOn(replica);
        Volatile.Write(ref _newest, 0);
        log.LogInformation("Read {Commands} commands in {Seconds:0.0} s.", replica.Sequence, time.GetElapsedTime(started).TotalSeconds);
        return replica;
    }

    /// <summary>Takes one if it is time. To be called where the replica is what the journal holds, never ahead of it.</summary>
    public void TakeIfDue(Replica replica, bool owner)
    {
        var age = replica.Sequence - Volatile.Read(ref _newest);
        if (age < (owner ? every + (every / 2) : every) || !_saving.IsCompleted) return;
        if (owner && !_nobodyDid)
        {
            _saving = Look(replica.Sequence - every);
            return;
        }
        _nobodyDid = false;
        var began = time.GetTimestamp();
        var snapshot = replica.Snapshot();
        Measures.SnapshotTaken(snapshot.State.Length, time.GetElapsedTime(began));
        Volatile.Write(ref _newest, snapshot.Sequence);
        _saving = Save(snapshot);
    }

    private async Task Look(long recent)
    {
        try
        {
            var (oldest, newest) = await store.Kept(CancellationToken.None);
            Volatile.Write(ref _oldest, oldest);
            if (newest >= recent) Volatile.Write(ref _newest, newest);
            else _nobodyDid = true;
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            log.LogWarning("Whether snapshots are taken cannot be seen: {Reason}", failure.Message);
            _nobodyDid = true;
        }
    }

    private async Task Save(Snapshot snapshot)
    {
        try
        {
            await store.Save(snapshot, Count, CancellationToken.None);
            (var oldest, _) = await store.Kept(CancellationToken.None);
            Volatile.Write(ref _oldest, oldest);
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            log.LogWarning("The snapshot after command {Sequence} was not kept: {Reason}", snapshot.Sequence, failure.Message);
        }
    }
}
