using ComputeExchange.Simulation.Time;

namespace ComputeExchange.Simulation.Faults;

/// <summary>The database's server dies and comes back with all that is on its disk.</summary>
internal sealed class CrashDatabase : Fault
{
    /// <inheritdoc />
    public override void Strike(World world, Dice dice)
    {
        world.Note("the database crashes");
        world.Database.Crash();
        world.Scheduler.After(AWhile(dice), world.Database.Start);
    }
}
