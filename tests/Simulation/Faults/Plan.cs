using ComputeExchange.Simulation.Time;

namespace ComputeExchange.Simulation.Faults;

/// <summary>Which faults a world has, and how often: some have few kinds and some have all of them together.</summary>
internal sealed class Plan
{
    private readonly World _world;
    private readonly Dice _dice;
    private readonly List<(Fault Fault, TimeSpan Every)> _faults = [];

    public Plan(World world, Dice dice)
    {
        (_world, _dice) = (world, dice);
        Fault[] all =
        [
            new KillEngines(), new FreezeEngines(), new KillClients(), new CutConnections(), new PartMachines(), new BadNetwork(), new CrashDatabase(),
            new LoseDatabase(), new StopDatabaseStandby(), new SlowDatabase(), new FillDisk(), new ClockJumps(), new SpoilSnapshots(), new LoseDatabaseUnseen(),
        ];
        foreach (var fault in all)
        {
            var (isIn, rate) = (dice.OnceIn(2), dice.OneOf([0.5, 0.5, 1, 2]));
            if (world.Bug.BroughtToLightBy.Contains(fault.GetType())) _faults.Add((fault, fault.Every / 2));
            else if (isIn) _faults.Add((fault, fault.Every * rate));
        }
    }

    /// <summary>From now on things go wrong.</summary>
    public void Begin()
    {
        _world.Note($"faults: {string.Join(", ", _faults.Select(fault => fault.Fault.GetType().Name))}");
        foreach (var (fault, every) in _faults) Next(fault, every);
    }

    public void BeforeStep(Process process)
    {
        foreach (var (fault, _) in _faults) fault.BeforeStep(_world, _dice, process);
    }

    /// <summary>Everything is in order again and stays so.</summary>
    public void MendAll()
    {
        _world.Note("faults are over");
        _world.Network.HealAll();
        _world.Database.IsFull = false;
        _world.Database.Pace = TimeSpan.FromMilliseconds(1);
        _world.Database.Start();
        _world.Database.StartStandby();
        foreach (var engine in _world.Engines)
        {
            if (engine.Process.IsDead) engine.Start();
            else engine.Process.Thaw();
        }
        foreach (var client in _world.Clients)
            if (client.Process!.IsDead) client.Start();
    }

    private void Next(Fault fault, TimeSpan every) => _world.Scheduler.After(_dice.Between(every / 5, every * 2), () =>
    {
        if (!_world.FaultsAreOn) return;
        _world.See(fault.GetType().Name);
        fault.Strike(_world, _dice);
        Next(fault, every);
    });
}
