using ComputeExchange.Facts.Hearing;
using ComputeExchange.MatchingEngine.Running;
using ComputeExchange.MatchingEngine.Storage;
using ComputeExchange.Simulation.Journaling;
using ComputeExchange.Simulation.Time;

namespace ComputeExchange.Simulation.Engines;

/// <summary>A machine on which the matching engine runs: the real one, its feed included, on simulated time and a simulated journal.</summary>
internal sealed class EngineMachine(World world, string name)
{
    private TimeSpan _clockError;

    /// <summary>Its name, for the network.</summary>
    public string Name => name;

    /// <summary>The engine that runs, or ran last.</summary>
    public Process Process => Door.Process;

    /// <summary>The way in to the engine that runs, or ran last.</summary>
    public Door Door { get; private set; } = null!;

    /// <summary>How wrong the machine's date is.</summary>
    public TimeSpan ClockError
    {
        get => _clockError;
        set => _clockError = Process.Clock.Error = value;
    }

    /// <summary>Starts the engine, or starts it again.</summary>
    public void Start()
    {
        var process = world.Boot(name);
        process.Clock.Error = _clockError;
        var log = new EngineLog(world, process);
        var store = world.Bug.Wrap(new SimulatedStore(world.Database, process, world.Bug.Guards), process);
        var feed = new Feed(store, process.Clock);
        world.Bug.See(store, feed);
        var engine = new Engine(new EngineOptions(name, world.SnapshotEvery), store, feed, new ExchangeClock(simulated: false), process.Clock, log);
        Door = new Door(process, engine, feed);
        process.Start(async () =>
        {
            await engine.Run(CancellationToken.None);
            world.Halted(name, log.LastCritical);
        });
    }
}
