using ComputeExchange.Simulation.Time;

namespace ComputeExchange.Simulation.Faults;

/// <summary>The database takes its time for a while.</summary>
internal sealed class SlowDatabase : Fault
{
    /// <inheritdoc />
    public override void Strike(World world, Dice dice)
    {
        world.Database.Pace = TimeSpan.FromMilliseconds(dice.Between(5, 1_500));
        world.Scheduler.After(AWhile(dice), () => world.Database.Pace = TimeSpan.FromMilliseconds(1));
    }
}
