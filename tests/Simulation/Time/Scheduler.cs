namespace ComputeExchange.Simulation.Time;

/// <summary>
/// Runs everything there is on one thread: of what is ready the seed chooses what is next, and when nothing is, time
/// jumps to what comes first.
/// </summary>
internal sealed class Scheduler(Dice dice)
{
    private readonly List<Job> _ready = [];
    private readonly PriorityQueue<Alarm, (long At, ulong Tie)> _alarms = new();
    private readonly int _thread = Environment.CurrentManagedThreadId;
    private volatile string? _stranger;

    /// <summary>Simulated time since the world began.</summary>
    public TimeSpan Now { get; private set; }

    /// <summary>How many jobs have run.</summary>
    public long Steps { get; private set; }

    /// <summary>What was run, when, in which order, as one number: two runs with the same one were the same run.</summary>
    public ulong Trail { get; private set; } = 14695981039346656037UL;

    /// <summary>Called before each job; may kill or freeze the process that it belongs to.</summary>
    public Action<Process>? BeforeStep { get; set; }

    /// <summary>How likely a job that is ready waits a moment all the same, as a thread does that is not given a core; in millionths.</summary>
    public int Hesitation { get; set; } = 2_000;

    /// <summary>Has something run in a process.</summary>
    public void Post(Process process, SendOrPostCallback call, object? state)
    {
        if (Environment.CurrentManagedThreadId != _thread)
        {
            _stranger ??= $"Something of {process.Name} ran outside the simulation:\n{Environment.StackTrace}";
            return;
        }
        if (process.IsDead) return;
        Enqueue(new Job(process, call, state));
    }

    /// <summary>Has something done at a time, outside all processes: by the network, a disk, a fault.</summary>
    public void After(TimeSpan delay, Action action) => _alarms.Enqueue(new Alarm(action), (At(delay), dice.Bits()));

    /// <summary>Makes held jobs of a process ready again.</summary>
    public void Resume(IEnumerable<Job> held) => _ready.AddRange(held);

    /// <summary>Goes on until something is so, or a time has come.</summary>
    /// <returns>Whether it came to be so.</returns>
    public bool RunUntil(Func<bool> reached, TimeSpan latest)
    {
        while (!reached())
        {
            if (Now > latest || !Step()) return false;
        }
        return true;
    }

    private bool Step()
    {
        if (_stranger is not null) throw new InvalidOperationException(_stranger);
        while (_ready.Count == 0)
        {
            if (!_alarms.TryDequeue(out var alarm, out var due)) return false;
            if (due.At > Now.Ticks) Now = new TimeSpan(due.At);
            alarm.Action();
        }

        var index = dice.Below(_ready.Count);
        var job = _ready[index];
        _ready[index] = _ready[^1];
        _ready.RemoveAt(_ready.Count - 1);
        if (dice.Millionths(Hesitation))
        {
            After(dice.Skewed(TimeSpan.FromMilliseconds(50)), () => Enqueue(job));
            return true;
        }
        Run(job);
        return true;
    }

    private void Enqueue(Job job)
    {
        if (job.Process.IsDead) return;
        if (job.Process.IsFrozen) job.Process.Hold(job);
        else _ready.Add(job);
    }

    private void Run(Job job)
    {
        var process = job.Process;
        if (process.IsDead) return;
        BeforeStep?.Invoke(process);
        if (process.IsDead) return;
        if (process.IsFrozen)
        {
            process.Hold(job);
            return;
        }
        Steps++;
        unchecked
        {
            Trail = (((Trail ^ (ulong)process.Number) * 1099511628211UL) ^ (ulong)Now.Ticks) * 1099511628211UL;
        }
        var before = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(process);
        try
        {
            job.Call(job.State);
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(before);
        }
    }

    private long At(TimeSpan delay) => Now.Ticks + Math.Max(0, delay.Ticks);

    /// <summary>Something that is ready to run in a process.</summary>
    internal readonly record struct Job(Process Process, SendOrPostCallback Call, object? State);

    private sealed record Alarm(Action Action);
}
