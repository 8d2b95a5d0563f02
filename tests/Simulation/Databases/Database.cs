using ComputeExchange.MatchingEngine.Storage;
using ComputeExchange.Simulation.Journaling;
using ComputeExchange.Simulation.Networking;
using ComputeExchange.Simulation.Time;

namespace ComputeExchange.Simulation.Databases;

/// <summary>
/// What PostgreSQL promises and where it lets down who trusts more: a log on disk, row locks, unique keys, commits that
/// wait for a synchronous standby, and a server that dies and comes back with all that its log holds.
/// </summary>
internal sealed class Database(Scheduler scheduler, Network network, Dice dice, Func<string, Process> boot)
{
    /// <summary>The machine that it runs on, for the network.</summary>
    public const string Machine = "database";

    private readonly List<IReadOnlyList<Change>> _log = [];
    private readonly List<SyncWait> _syncWaits = [];
    private bool _isReplicating;
    private int _shown;

    /// <summary>What is committed and may be seen.</summary>
    public Tables Visible { get; private set; } = new();

    /// <summary>Who holds which row, and who waits for it; a server's memory.</summary>
    public RowLocks Locks { get; private set; } = new();

    /// <summary>The locks that sessions hold by name, until they end; a server's memory.</summary>
    public Dictionary<string, Session> Held { get; private set; } = [];

    /// <summary>The running server; null while it is down.</summary>
    public Process? Server { get; private set; }

    /// <summary>Whether a commit waits for a standby of the database to have it too.</summary>
    public bool IsSynchronous { get; init; } = true;

    /// <summary>How much of the log the standby has.</summary>
    public int Replicated { get; private set; }

    /// <summary>Whether the standby listens.</summary>
    public bool StandbyListens { get; private set; } = true;

    /// <summary>How long a statement mostly takes.</summary>
    public TimeSpan Pace { get; set; } = TimeSpan.FromMilliseconds(1);

    /// <summary>How wrong the server's date is.</summary>
    public TimeSpan ClockError { get; set; }

    /// <summary>Whether nothing can be written: the disk is full.</summary>
    public bool IsFull { get; set; }

    /// <summary>A transaction is on the disk; the position is that after it.</summary>
    public event Action<int, IReadOnlyList<Change>>? Written;

    /// <summary>The standby took over; of the log only so much is left.</summary>
    public event Action<int>? Truncated;

    /// <summary>The server's time.</summary>
    public DateTimeOffset Now => ProcessClock.Beginning + scheduler.Now + ClockError;

    /// <summary>Whether everybody can see something of the journal that a failover would lose.</summary>
    public bool ShowsWhatMayBeLost => IsSynchronous && Server is not null && _shown > Replicated
        && _log.GetRange(Replicated, _shown - Replicated).Exists(IsJournal);

    /// <summary>Whether a commit waits for the standby now.</summary>
    public bool HasSyncWaits => _syncWaits.Count > 0;

    /// <summary>Starts the server: what its log holds is there, everything else is forgotten.</summary>
    public void Start()
    {
        if (Server is not null) return;
        Server = boot(Machine);
        Visible = new Tables();
        Locks = new RowLocks();
        Held = [];
        foreach (var changes in _log) Visible.Apply(changes);
        _shown = _log.Count;
        Replicate();
    }

    /// <summary>Kills the server: every connection is gone, every open transaction undone.</summary>
    public void Crash()
    {
        _syncWaits.Clear();
        var server = Server;
        Server = null;
        server?.Kill();
    }

    /// <summary>The server's machine is lost and the standby takes over with what it has; a new standby follows when it listens.</summary>
    public void Promote()
    {
        Crash();
        _log.RemoveRange(Replicated, _log.Count - Replicated);
        Truncated?.Invoke(_log.Count);
    }

    /// <summary>The standby stops to listen: commits wait.</summary>
    public void StopStandby() => StandbyListens = false;

    /// <summary>The standby listens again.</summary>
    public void StartStandby()
    {
        StandbyListens = true;
        Replicate();
    }

    /// <summary>Cuts the wait of one commit short, as a cancel or a timeout does: it is on this server and perhaps nowhere else.</summary>
    public void CancelSyncWait()
    {
        // Many wait; the journal's commits are what most depends on.
        var journal = _syncWaits.Where(wait => IsJournal(_log[wait.Position - 1])).ToList();
        if (_syncWaits.Count > 0) CutShort(dice.OneOf(journal.Count > 0 && !dice.OnceIn(4) ? journal : _syncWaits).Session);
    }

    /// <summary>Cuts the wait of a session's commit short.</summary>
    public void CutShort(Session session)
    {
        foreach (var wait in _syncWaits.Where(wait => wait.Session == session).ToList())
        {
            _syncWaits.Remove(wait);
            Server?.Post(_ => wait.Done.TrySetResult(false), null);
        }
    }

    /// <summary>Changes a snapshot behind the server's back: a byte of it, or its end.</summary>
    public void SpoilSnapshot(Dice chance)
    {
        var snapshots = Visible.All(JournalTables.Snapshots).Cast<Snapshot>().Where(whole => whole.State.Length > 0).ToList();
        if (snapshots.Count == 0) return;
        var snapshot = chance.OneOf(snapshots);
        var state = snapshot.State.ToArray();
        if (chance.OnceIn(2)) state[chance.Below(state.Length)] ^= (byte)(1 << chance.Below(8));
        else state = state[..chance.Below(state.Length)];
        Visible.Apply([new Change(JournalTables.Snapshots, snapshot.Sequence, snapshot with { State = state })]);
    }

    /// <summary>A connection to the server, if there is one.</summary>
    public Task<Connection> Connect(Process client, TimeSpan? lockTimeout = null)
    {
        var opened = new TaskCompletionSource<Connection>();
        void Arrive()
        {
            if (network.IsCut(client.Name, Machine)) return;
            if (Server is not { } server)
            {
                client.Post(_ => opened.TrySetException(new DatabaseException("the connection was refused")), null);
                return;
            }
            var pipe = new Pipe(network, scheduler, client, server);
            var session = new Session(this, server, pipe) { LockTimeout = lockTimeout };
            pipe.SendBack(() =>
            {
                if (!opened.TrySetResult(new Connection(pipe, session))) pipe.Cut();
            });
        }
        scheduler.After(network.Transit(), Arrive);
        scheduler.After(TimeSpan.FromSeconds(3), () => client.Post(_ => opened.TrySetException(new DatabaseException("the server cannot be reached")), null));
        return opened.Task;
    }

    /// <summary>How long one thing takes now.</summary>
    public TimeSpan Moment() => dice.Skewed(Pace);

    /// <summary>Lets everybody see a transaction.</summary>
    public void Show(int position, IReadOnlyList<Change> changes)
    {
        _shown = Math.Max(_shown, position);
        Visible.Apply(changes);
    }

    /// <summary>Puts a transaction on the disk.</summary>
    public int Write(IReadOnlyList<Change> changes)
    {
        _log.Add(changes);
        Written?.Invoke(_log.Count, changes);
        Replicate();
        return _log.Count;
    }

    /// <summary>Waits until the standby has the log up to a position.</summary>
    /// <returns>False when the wait was cut short.</returns>
    public Task<bool> WaitForStandby(int position, Session session)
    {
        if (!IsSynchronous || Replicated >= position) return Task.FromResult(true);
        var wait = new SyncWait(position, session, new TaskCompletionSource<bool>());
        _syncWaits.Add(wait);
        return wait.Done.Task;
    }

    private static bool IsJournal(IReadOnlyList<Change> changes) => changes.Any(change => change.Table == JournalTables.Commands);

    private void Replicate()
    {
        if (_isReplicating || !StandbyListens || Server is null || Replicated >= _log.Count) return;
        _isReplicating = true;
        var (server, position) = (Server, _log.Count);
        scheduler.After(network.Transit(), () =>
        {
            _isReplicating = false;
            if (!StandbyListens || Server != server)
            {
                Replicate();
                return;
            }
            Replicated = Math.Max(Replicated, position);
            foreach (var wait in _syncWaits.Where(wait => wait.Position <= Replicated).ToList())
            {
                _syncWaits.Remove(wait);
                server.Post(_ => wait.Done.TrySetResult(true), null);
            }
            Replicate();
        });
    }

    private sealed record SyncWait(int Position, Session Session, TaskCompletionSource<bool> Done);
}

/// <summary>The database said no, or said nothing: for who waits, what was asked may or may not have happened.</summary>
internal sealed class DatabaseException(string message) : Npgsql.NpgsqlException(message);
