using ComputeExchange.Simulation.Time;

namespace ComputeExchange.Simulation.Faults;

/// <summary>A snapshot is torn or has a byte changed.</summary>
internal sealed class SpoilSnapshots : Fault
{
    /// <inheritdoc />
    public override TimeSpan Every => TimeSpan.FromSeconds(4);

    /// <inheritdoc />
    public override void Strike(World world, Dice dice) => world.Database.SpoilSnapshot(dice);
}
