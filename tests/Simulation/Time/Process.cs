namespace ComputeExchange.Simulation.Time;

/// <summary>
/// A process: all that is awaited in it comes back to it. It dies between two steps, without another word, or stands
/// still for a while and goes on as if nothing had been.
/// </summary>
internal sealed class Process : SynchronizationContext
{
    private readonly Scheduler _scheduler;
    private readonly List<Scheduler.Job> _held = [];

    public Process(string name, int number, Scheduler scheduler, Dice dice)
    {
        (Name, Number, _scheduler) = (name, number, scheduler);
        Clock = new ProcessClock(this, scheduler);
        Dice = dice.Fork($"{name}/{number}");
    }

    /// <summary>Its name, the same after a restart.</summary>
    public string Name { get; }

    /// <summary>A number that no other process ever had.</summary>
    public int Number { get; }

    /// <summary>What it takes for the time.</summary>
    public ProcessClock Clock { get; }

    /// <summary>Its own chance.</summary>
    public Dice Dice { get; }

    public bool IsDead { get; private set; }

    public bool IsFrozen { get; private set; }

    /// <summary>What an operating system does when a process is gone: its connections are closed.</summary>
    public event Action? Died;

    /// <summary>What is done when something in it fails that nobody catches.</summary>
    public Action<Exception>? Failed { get; set; }

    /// <summary>Runs something in the process.</summary>
    public void Start(Func<Task> main) => Post(async _ =>
    {
        try
        {
            await main();
        }
        catch (Exception failure)
        {
            Failed?.Invoke(failure);
            Kill();
        }
    }, null);

    /// <summary>As kill -9 does: nothing of it ever runs again.</summary>
    public void Kill()
    {
        if (IsDead) return;
        IsDead = true;
        _held.Clear();
        Died?.Invoke();
    }

    /// <summary>As SIGSTOP does.</summary>
    public void Freeze() => IsFrozen = true;

    /// <summary>As SIGCONT does.</summary>
    public void Thaw()
    {
        if (!IsFrozen || IsDead) return;
        IsFrozen = false;
        _scheduler.Resume(_held);
        _held.Clear();
    }

    public void Hold(Scheduler.Job job) => _held.Add(job);

    /// <inheritdoc />
    public override void Post(SendOrPostCallback d, object? state) => _scheduler.Post(this, d, state);

    /// <inheritdoc />
    public override void Send(SendOrPostCallback d, object? state) => throw new NotSupportedException("Nothing in the simulation may block.");

    /// <inheritdoc />
    public override SynchronizationContext CreateCopy() => this;
}
