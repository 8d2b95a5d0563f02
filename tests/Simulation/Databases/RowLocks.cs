namespace ComputeExchange.Simulation.Databases;

/// <summary>Who holds which row, and who waits for it, first come first served.</summary>
internal sealed class RowLocks
{
    private readonly Dictionary<(string Table, IComparable Key), Row> _rows = [];

    /// <summary>Takes a row, when everybody before has let go of it.</summary>
    public Task Take(string table, IComparable key, Session session)
    {
        if (!_rows.TryGetValue((table, key), out var row))
        {
            _rows.Add((table, key), new Row(session));
            return Task.CompletedTask;
        }
        if (row.Holder == session) return Task.CompletedTask;
        var got = new TaskCompletionSource();
        row.Waiting.Add((session, got));
        return got.Task;
    }

    /// <summary>Ends a session's wait for a row.</summary>
    public void GiveUp(string table, IComparable key, Session session)
    {
        if (!_rows.TryGetValue((table, key), out var row)) return;
        foreach (var waiting in row.Waiting.Where(waiting => waiting.Session == session).ToList())
        {
            row.Waiting.Remove(waiting);
            waiting.Got.TrySetException(new DatabaseException("the wait for a lock was given up"));
        }
    }

    /// <summary>Ends all waits of a session.</summary>
    public void GiveUp(Session session)
    {
        foreach (var (table, key) in _rows.Keys.ToList()) GiveUp(table, key, session);
    }

    /// <summary>Lets go of all rows that a session holds.</summary>
    public void Release(Session session)
    {
        foreach (var (key, row) in _rows.Where(row => row.Value.Holder == session).ToList())
        {
            if (row.Waiting.Count == 0)
            {
                _rows.Remove(key);
                continue;
            }
            var next = row.Waiting[0];
            row.Waiting.RemoveAt(0);
            row.Holder = next.Session;
            next.Got.TrySetResult();
        }
    }

    private sealed class Row(Session holder)
    {
        public Session Holder { get; set; } = holder;

        public List<(Session Session, TaskCompletionSource Got)> Waiting { get; } = [];
    }
}
