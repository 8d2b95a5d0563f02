using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.Settlement.Domain;
using ComputeExchange.Simulation.Bugs;
using ComputeExchange.Simulation.Checks;
using ComputeExchange.Simulation.Clients;
using ComputeExchange.Simulation.Databases;
using ComputeExchange.Simulation.Engines;
using ComputeExchange.Simulation.Faults;
using ComputeExchange.Simulation.Journaling;
using ComputeExchange.Simulation.Networking;
using ComputeExchange.Simulation.Settling;
using ComputeExchange.Simulation.Time;
using ComputeExchange.Values.Ledger;

namespace ComputeExchange.Simulation;

/// <summary>
/// The whole exchange as far as it is simulated, in one process and on one thread: engines, their database, clients,
/// what goes wrong, and what must hold all the same. Everything in it follows from a seed.
/// </summary>
internal sealed class World
{
    private static readonly TimeSpan FaultsBegin = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan FaultsEnd = TimeSpan.FromSeconds(25);
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(120);

    private readonly List<(int Position, long Epoch, long Sequence)> _log = [(0, 0, 0)];
    private readonly List<Process> _processes = [];
    private readonly Queue<string> _notes = new();
    private readonly SortedSet<string> _seen = new(StringComparer.Ordinal);
    private readonly OneHistory _history = new();
    private readonly List<Check> _checks;
    private readonly Plan _plan;

    public World(ulong seed, Bug? bug = null)
    {
        (Seed, Bug, Dice) = (seed, bug ?? Bug.None, new Dice(seed));
        Scheduler = new Scheduler(Dice.Fork("scheduler")) { BeforeStep = BeforeStep };
        Network = new Network(Scheduler, Dice.Fork("network"));
        Database = new Database(Scheduler, Network, Dice.Fork("database"), Boot) { IsSynchronous = Bug.IsSynchronous };
        Database.Written += Written;
        Database.Truncated += Truncated;
        SnapshotEvery = (int)Dice.Between(5, 80);
        Engines = [new EngineMachine(this, "engine-a"), new EngineMachine(this, "engine-b")];
        Clients = Cast.Of(this, Dice.Fork("cast"));
        _plan = new Plan(this, Dice.Fork("faults"));
        var state = new SameState(_history);
        _checks = [_history, state, new AcknowledgedOnce(_history), new FeedInOrder(_history), new MoneyIsKept(_history, state), new NothingIsSoldTwice(_history), new OrdersOnce(_history, state), new LedgerIsExact(_history)];
    }

    public ulong Seed { get; }

    public Bug Bug { get; }

    public Dice Dice { get; }

    public Scheduler Scheduler { get; }

    public Network Network { get; }

    public Database Database { get; }

    public IReadOnlyList<EngineMachine> Engines { get; }

    /// <summary>How many commands it is from one snapshot of the engine's state to the next.</summary>
    public int SnapshotEvery { get; }

    public IReadOnlyList<Inhabitant> Clients { get; }

    /// <summary>Whether things may go wrong now.</summary>
    public bool FaultsAreOn { get; private set; } = true;

    /// <summary>The first promise that was seen broken; null while all hold.</summary>
    public string? Violation { get; private set; }

    /// <summary>The number of the last event that is recorded.</summary>
    public long LastNumber { get; private set; }

    /// <summary>The market's time: that of the last command.</summary>
    public DateTimeOffset MarketTime => _history.History.Count > 0 ? _history.History[^1].Command.At : ProcessClock.Beginning;

    /// <summary>Runs the world to its end.</summary>
    public Outcome Run()
    {
        try
        {
            Live();
        }
        catch (Exception failure)
        {
            Break($"The simulation itself failed: {failure}");
        }
        return new Outcome(Seed, Violation, JournalHash, Scheduler.Trail, _history.History.Count, Scheduler.Steps, Scheduler.Now, _seen, Violation is null ? [] : [.. _notes]);
    }

    /// <summary>Starts a process on a machine.</summary>
    public Process Boot(string machine)
    {
        var process = new Process(machine, _processes.Count, Scheduler, Dice);
        process.Failed = failure => Break($"{machine} died of {failure}");
        _processes.Add(process);
        return process;
    }

    /// <summary>Says something to all who watch over the promises.</summary>
    public void Tell(Action<Check> say)
    {
        if (Violation is not null) return;
        try
        {
            foreach (var check in _checks) say(check);
        }
        catch (PromiseBrokenException broken)
        {
            Break(broken.Message);
        }
    }

    /// <summary>An engine has halted for good.</summary>
    public void Halted(string engine, string reason) => Break($"{engine} halted: {reason}");

    /// <summary>Remembers that something came to pass in this world, to know what the worlds are good for.</summary>
    public void See(string what) => _seen.Add(what);

    /// <summary>Remembers what happened, for who reads how a seed failed.</summary>
    public void Note(string sentence)
    {
        _notes.Enqueue($"{Scheduler.Now.TotalSeconds,8:0.0000} {sentence}");
        if (_notes.Count > 400) _notes.Dequeue();
    }

    private void Live()
    {
        if (Dice.OnceIn(2)) Database.Write(OldHistory.Rows(Dice.Fork("old history")));
        Database.Start();
        foreach (var engine in Engines) engine.Start();
        foreach (var client in Clients) client.Start();
        _plan.Begin();
        Audit();
        Scheduler.RunUntil(() => Violation is not null || (Scheduler.Now > FaultsBegin && Clients.All(client => client.IsDone)), FaultsEnd);

        FaultsAreOn = false;
        _plan.MendAll();
        if (!Scheduler.RunUntil(() => Violation is not null || IsAtRest, FaultsEnd + Rest))
            Break($"The exchange does not come to rest: {string.Join("; ", Clients.Where(client => !client.IsDone).Select(client => client.State))}.");
        Tell(check => check.AtRest());
    }

    private bool IsAtRest => Clients.All(client => client.IsDone) && _checks.All(check => check.IsContent);

    private string JournalHash => _history.History.Count == 0 ? "" : Convert.ToHexStringLower(_history.History[^1].Command.Hash);

    private void Break(string sentence)
    {
        Violation ??= sentence;
        Note($"BROKEN {sentence}");
    }

    private void BeforeStep(Process process)
    {
        if (FaultsAreOn) _plan.BeforeStep(process);
    }

    /// <summary>Asks the engines, again and again, what state they hold.</summary>
    private void Audit() => Scheduler.After(Dice.Between(TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(3)), () =>
    {
        foreach (var engine in Engines)
        {
            var door = engine.Door;
            door.Process.Start(async () =>
            {
                if (await door.Audit() is { } standing) Tell(check => check.Audited(engine.Name, standing));
            });
        }
        Audit();
    });

    private void Written(int position, IReadOnlyList<Change> changes)
    {
        var epoch = changes.Select(change => change.Row).OfType<OwnerRow>().LastOrDefault()?.Epoch ?? _log[^1].Epoch;
        var events = changes.Where(change => change.Table == JournalTables.Events).Select(change => (EventRow)change.Row!)
            .Select(row => FeedEntry.Parser.ParseFrom(row.Body)).ToLookup(entry => entry.Sequence);
        var sequence = _log[^1].Sequence;
        foreach (var command in changes.Where(change => change.Table == JournalTables.Commands).Select(change => (CommandRow)change.Row!))
        {
            sequence = command.Sequence;
            var recorded = new Recorded(command, [.. events[sequence]], epoch);
            LastNumber += recorded.Events.Count;
            foreach (var entry in recorded.Events) See(entry.Event.EventCase.ToString());
            Tell(check => check.Recorded(recorded));
        }
        _log.Add((position, epoch, sequence));
        if (Posted(position, changes) is { } posted) Tell(check => check.Posted(posted));
    }

    /// <summary>What was written to the ledger; null when nothing was.</summary>
    private static LedgerCommit? Posted(int position, IReadOnlyList<Change> changes)
    {
        var next = changes.Select(change => change.Row).OfType<CursorRow>().LastOrDefault()?.Next;
        var transfers = changes.Select(change => change.Row).OfType<TransferRecord>().ToList();
        var accounts = changes.Where(change => change.Table == SettlementTables.Accounts).Select(change => ((string)change.Key, (AccountState)change.Row!)).ToList();
        return next is null && transfers.Count == 0 ? null : new LedgerCommit(position, next, transfers, accounts);
    }

    private void Truncated(int position)
    {
        _log.RemoveAll(written => written.Position > position);
        var sequence = _log[^1].Sequence;
        Note($"the database's standby has taken over; the history ends at {sequence} of {_history.History.Count}");
        LastNumber -= _history.History.Skip((int)sequence).Sum(command => command.Events.Count);
        Tell(check => check.Undone(sequence));
        Tell(check => check.LedgerUndone(position));
    }
}
