using ComputeExchange.Simulation.Networking;
using ComputeExchange.Simulation.Time;

namespace ComputeExchange.Simulation.Databases;

/// <summary>The server's side of a connection, with its transaction. Reads see what is committed at that moment.</summary>
internal sealed class Session
{
    private readonly Database _database;
    private readonly Process _server;
    private readonly Pipe _pipe;
    private readonly List<Change> _changes = [];
    private bool _isBusy;
    private bool _isOver;
    private bool _isTerminated;

    public Session(Database database, Process server, Pipe pipe)
    {
        (_database, _server, _pipe) = (database, server, pipe);

        // A server at work learns that its client is gone when it wants to answer.
        pipe.FarLost = () =>
        {
            if (_isBusy) _isOver = true;
            else End();
        };
    }

    /// <summary>What is committed.</summary>
    public Tables Tables => _database.Visible;

    /// <summary>The server's time.</summary>
    public DateTimeOffset Now => _database.Now;

    /// <summary>Whether the last commit's wait for the standby was cut short; the server says so in a notice.</summary>
    public bool SyncWaitCancelled { get; private set; }

    /// <summary>The longest wait for a lock; null: for ever.</summary>
    public TimeSpan? LockTimeout { get; init; }

    /// <summary>Does a statement; a statement that fails undoes the transaction.</summary>
    public async Task<T> Do<T>(Func<Session, Task<T>> statement)
    {
        if (_isOver) throw new DatabaseException("the session was ended");
        _isBusy = true;
        try
        {
            await Moment();
            return await statement(this);
        }
        catch
        {
            Rollback();
            throw;
        }
        finally
        {
            _isBusy = false;
            if (_isOver) End();
        }
    }

    /// <summary>Runs something on the server, beside what its clients wait for.</summary>
    public void Start(Func<Task> main) => _server.Start(main);

    /// <summary>Takes a row for this transaction and reads it as it is committed then.</summary>
    public async Task<object?> Lock(string table, IComparable key)
    {
        await Take(table, key);
        return _changes.FindLast(change => change.Table == table && change.Key.Equals(key))?.Row ?? Tables.Find(table, key);
    }

    /// <summary>Writes a row.</summary>
    public void Put(string table, IComparable key, object? row)
    {
        MustGoOn();
        if (_database.IsFull) throw new DatabaseException("no space is left on the device");
        _changes.Add(new Change(table, key, row));
    }

    /// <summary>Writes a row whose key must be new.</summary>
    public async Task Insert(string table, IComparable key, object row)
    {
        if (await Lock(table, key) is not null) throw new DatabaseException($"the key {key} is in {table} already");
        Put(table, key, row);
    }

    /// <summary>Commits what the transaction wrote.</summary>
    public async Task Commit()
    {
        if (_changes.Count > 0)
        {
            await Moment();
            var changes = _changes.ToList();
            var position = _database.Write(changes);
            if (!await _database.WaitForStandby(position, this)) SyncWaitCancelled = true;
            _database.Show(position, changes);
        }
        Rollback();
    }

    /// <summary>Forgets what the transaction wrote and lets go of its rows.</summary>
    public void Rollback()
    {
        _changes.Clear();
        _database.Locks.Release(this);
    }

    /// <summary>Takes a lock of the session's own, which it holds until it lets go or ends; false when another has it.</summary>
    public bool TryHold(string name) => _database.Held.TryAdd(name, this) || _database.Held[name] == this;

    /// <summary>Lets go of a lock of the session's own.</summary>
    public void LetGo(string name)
    {
        if (_database.Held.GetValueOrDefault(name) == this) _database.Held.Remove(name);
    }

    /// <summary>Ends the session that holds a lock, as an administrator does: what it had not committed is undone.</summary>
    public void EndHolder(string name)
    {
        if (_database.Held.GetValueOrDefault(name) is { } other && other != this) other.Terminate();
    }

    /// <summary>Lets a moment of the server's time go by.</summary>
    public Task Moment() => Task.Delay(_database.Moment(), _server.Clock);

    private async Task Take(string table, IComparable key)
    {
        MustGoOn();
        var got = _database.Locks.Take(table, key, this);
        if (!got.IsCompleted && LockTimeout is { } longest)
        {
            var timer = _server.Clock.CreateTimer(_ => _database.Locks.GiveUp(table, key, this), null, longest, Timeout.InfiniteTimeSpan);
            await using (timer) await got;
        }
        else await got;
        MustGoOn();
    }

    private void Terminate()
    {
        _isTerminated = _isOver = true;
        _pipe.Cut();
        _database.Locks.GiveUp(this);
        _database.CutShort(this);
        if (!_isBusy) End();
    }

    private void End()
    {
        _isOver = true;
        Rollback();
        foreach (var (name, _) in _database.Held.Where(held => held.Value == this).ToList()) _database.Held.Remove(name);
    }

    private void MustGoOn()
    {
        if (_isTerminated) throw new DatabaseException("the session was ended by an administrator");
    }
}
