using ComputeExchange.Simulation.Time;

namespace ComputeExchange.Simulation.Faults;

/// <summary>The date of an engine's machine, or of the database's, jumps forward or back.</summary>
internal sealed class ClockJumps : Fault
{
    /// <inheritdoc />
    public override void Strike(World world, Dice dice)
    {
        var jump = dice.Between(TimeSpan.FromMinutes(-3), TimeSpan.FromMinutes(3));
        if (dice.OnceIn(3)) world.Database.ClockError = jump / 60;
        else dice.OneOf(world.Engines).ClockError = jump;
    }
}
