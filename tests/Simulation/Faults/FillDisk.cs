using ComputeExchange.Simulation.Time;

namespace ComputeExchange.Simulation.Faults;

/// <summary>The database's disk is full for a while.</summary>
internal sealed class FillDisk : Fault
{
    /// <inheritdoc />
    public override void Strike(World world, Dice dice)
    {
        world.Database.IsFull = true;
        world.Scheduler.After(AWhile(dice), () => world.Database.IsFull = false);
    }
}
