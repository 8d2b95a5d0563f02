using ComputeExchange.Simulation.Time;

namespace ComputeExchange.Simulation.Faults;

/// <summary>
/// The database's machine is lost at the worst moment: when it shows something that its standby does not have, and an
/// engine, which may have read it, stands still until all is over.
/// </summary>
internal sealed class LoseDatabaseUnseen : Fault
{
    /// <inheritdoc />
    public override void BeforeStep(World world, Dice dice, Process process)
    {
        if (!world.Database.ShowsWhatMayBeLost || !dice.OnceIn(100) || world.Engines.All(engine => engine.Process != process)) return;
        world.See(nameof(LoseDatabaseUnseen));
        var outage = AWhile(dice);
        FreezeEngines.Freeze(world, process, outage + AWhile(dice));
        world.Database.Promote();
        world.Scheduler.After(outage, world.Database.Start);
        world.Scheduler.After(outage, world.Database.StartStandby);
    }
}
