namespace ComputeExchange.Facts.Hearing;

/// <summary>Wakes one loop: many calls before it looks count as one.</summary>
public sealed class Signal : IDisposable
{
    private readonly SemaphoreSlim _set = new(0, 1);

    /// <summary>Wakes the loop, now or when it next waits.</summary>
    public void Set()
    {
        try
        {
            _set.Release();
        }
        catch (SemaphoreFullException)
        {
            // It is awake already.
        }
    }

    /// <summary>Waits for a call, or for the time to pass.</summary>
    public Task Wait(TimeSpan atMost, CancellationToken cancel) => _set.WaitAsync(atMost, cancel);

    /// <inheritdoc />
    public void Dispose() => _set.Dispose();
}

/// <summary>The signals of one service, so that what a save says goes out at once.</summary>
public sealed class Signals : IDisposable
{
    /// <summary>Facts were told.</summary>
    public Signal Told { get; } = new();

    /// <summary>The engine was asked for something.</summary>
    public Signal Asked { get; } = new();

    /// <summary>The clock was moved.</summary>
    public Signal ClockMoved { get; } = new();

    /// <inheritdoc />
    public void Dispose()
    {
        Told.Dispose();
        Asked.Dispose();
        ClockMoved.Dispose();
    }
}
