using ComputeExchange.Simulation.Networking;

namespace ComputeExchange.Simulation.Databases;

/// <summary>The client's side of a connection: one statement after the other, each a way there and back.</summary>
internal sealed class Connection : IAsyncDisposable
{
    private readonly Pipe _pipe;
    private readonly Session _session;
    private Action<Exception>? _fail;
    private bool _isClosed;

    public Connection(Pipe pipe, Session session)
    {
        (_pipe, _session) = (pipe, session);
        pipe.NearLost = () => _fail?.Invoke(new DatabaseException("the connection broke"));
    }

    /// <summary>Whether it is known here to be gone; one that is gone may not be known to be.</summary>
    public bool IsBroken => _isClosed || _pipe.NearKnows;

    /// <summary>Whether the server gave notice that a commit may not have reached the standby.</summary>
    public bool SyncWaitCancelled { get; private set; }

    /// <summary>Has a statement done.</summary>
    /// <exception cref="DatabaseException">It failed, or nobody knows.</exception>
    public async Task<T> Do<T>(Func<Session, Task<T>> statement)
    {
        if (IsBroken) throw new DatabaseException("the connection is broken");
        var answer = new TaskCompletionSource<T>();
        _fail = failure => answer.TrySetException(failure);
        _pipe.Send(() => _session.Start(() => Serve(statement, answer)));
        try
        {
            return await answer.Task;
        }
        finally
        {
            _fail = null;
        }
    }

    /// <summary>Has a statement done that answers nothing.</summary>
    public Task Do(Func<Session, Task> statement) => Do(async session =>
    {
        await statement(session);
        return true;
    });

    /// <inheritdoc />
    public ValueTask DisposeAsync()
    {
        _isClosed = true;
        _pipe.Cut();
        return ValueTask.CompletedTask;
    }

    private async Task Serve<T>(Func<Session, Task<T>> statement, TaskCompletionSource<T> answer)
    {
        try
        {
            var result = await _session.Do(statement);
            var notice = _session.SyncWaitCancelled;
            _pipe.SendBack(() =>
            {
                SyncWaitCancelled |= notice;
                answer.TrySetResult(result);
            });
        }
        catch (DatabaseException failure)
        {
            _pipe.SendBack(() => answer.TrySetException(failure));
        }
    }
}
