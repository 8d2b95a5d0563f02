using ComputeExchange.Simulation.Time;

namespace ComputeExchange.Simulation.Faults;

/// <summary>
/// The database's machine is lost, and its standby takes over with what it has. Sometimes an engine stands still
/// meanwhile and sees nothing of it.
/// </summary>
internal sealed class LoseDatabase : Fault
{
    /// <inheritdoc />
    public override void Strike(World world, Dice dice)
    {
        world.Database.StopStandby();
        FailOver(world, dice);
        world.Scheduler.After(AWhile(dice), world.Database.StartStandby);
    }

    /// <summary>Lets the database's standby take over, and a server start on it a while later.</summary>
    public static void FailOver(World world, Dice dice)
    {
        var outage = AWhile(dice);
        foreach (var engine in world.Engines)
            if (dice.OnceIn(3)) FreezeEngines.Freeze(world, engine.Process, outage + AWhile(dice));
        world.Database.Promote();
        world.Scheduler.After(outage, world.Database.Start);
    }
}
