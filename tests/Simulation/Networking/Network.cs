using ComputeExchange.Simulation.Time;

namespace ComputeExchange.Simulation.Networking;

/// <summary>What lies between the machines: it delays, and when it is told to, loses, repeats, reorders, and parts them.</summary>
internal sealed class Network(Scheduler scheduler, Dice dice)
{
    private readonly HashSet<(string, string)> _cuts = [];
    private readonly List<Action> _waiting = [];
    private readonly List<Pipe> _pipes = [];

    /// <summary>The longest that a message mostly takes.</summary>
    public TimeSpan Delay { get; set; } = TimeSpan.FromMilliseconds(2);

    /// <summary>How many messages of a million are lost.</summary>
    public int Loss { get; set; }

    /// <summary>How many messages of a million come twice.</summary>
    public int Repeats { get; set; }

    /// <summary>How many messages of a million are late, so that younger ones overtake them.</summary>
    public int Stragglers { get; set; }

    /// <summary>Parts two machines: nothing passes between them.</summary>
    public void Cut(string one, string other) => _cuts.Add(Pair(one, other));

    /// <summary>Joins two machines again.</summary>
    public void Heal(string one, string other)
    {
        if (!_cuts.Remove(Pair(one, other))) return;
        var waiting = _waiting.ToList();
        _waiting.Clear();
        foreach (var action in waiting) action();
    }

    /// <summary>Keeps a pipe in mind, so that it can be cut.</summary>
    public void Add(Pipe pipe)
    {
        _pipes.RemoveAll(old => old.IsCut);
        _pipes.Add(pipe);
    }

    /// <summary>Cuts one of the pipes there are.</summary>
    public void CutOne()
    {
        var pipes = _pipes.Where(pipe => !pipe.IsCut).ToList();
        if (pipes.Count > 0) dice.OneOf(pipes).Cut();
    }

    /// <summary>Joins everything and loses nothing any more.</summary>
    public void HealAll()
    {
        (Loss, Repeats, Stragglers) = (0, 0, 0);
        foreach (var (one, other) in _cuts.ToList()) Heal(one, other);
    }

    /// <summary>Whether nothing passes between two machines now.</summary>
    public bool IsCut(string one, string other) => _cuts.Contains(Pair(one, other));

    /// <summary>Has something done when two machines are joined again.</summary>
    public void WhenHealed(Action action) => _waiting.Add(action);

    /// <summary>How long a message of a stream is on its way.</summary>
    public TimeSpan Transit() => dice.Millionths(Stragglers) ? dice.Between(Delay, Delay * 200) : dice.Skewed(Delay);

    /// <summary>Asks another process; the question and the answer may be lost, late, or come twice.</summary>
    /// <param name="from">Who asks; the task goes on there.</param>
    /// <param name="to">Who answers, in its own time.</param>
    /// <param name="handle">What is done there with the question, each time that it comes.</param>
    /// <param name="patience">How long the asker waits.</param>
    /// <exception cref="UnreachedException">No answer came: whether the question did, nobody knows.</exception>
    public Task<T> Ask<T>(Process from, Process to, Func<Task<T>> handle, TimeSpan patience)
    {
        var answer = new TaskCompletionSource<T>();
        Fly(from, to, async () =>
        {
            var reply = await handle();
            Fly(to, from, () => answer.TrySetResult(reply));
        }, () => answer.TrySetException(new UnreachedException($"{to.Name} refuses the connection")));
        scheduler.After(patience, () => from.Post(_ => answer.TrySetException(new UnreachedException($"{to.Name} does not answer")), null));
        return answer.Task;
    }

    private void Fly(Process from, Process to, Action arrive, Action? refused = null)
    {
        if (dice.Millionths(Loss)) return;
        for (var copies = dice.Millionths(Repeats) ? 2 : 1; copies > 0; copies--)
            scheduler.After(Transit(), () =>
            {
                if (IsCut(from.Name, to.Name)) return;
                if (!to.IsDead) to.Post(_ => arrive(), null);
                else if (refused is not null && dice.OnceIn(2)) from.Post(_ => refused(), null);
            });
    }

    private static (string, string) Pair(string one, string other) =>
        string.CompareOrdinal(one, other) < 0 ? (one, other) : (other, one);
}

/// <summary>Nothing came back.</summary>
internal sealed class UnreachedException(string message) : Exception(message);
