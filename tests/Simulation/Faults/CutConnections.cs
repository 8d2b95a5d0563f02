using ComputeExchange.Simulation.Time;

namespace ComputeExchange.Simulation.Faults;

/// <summary>A connection breaks, whatever is on its way.</summary>
internal sealed class CutConnections : Fault
{
    /// <inheritdoc />
    public override TimeSpan Every => TimeSpan.FromMilliseconds(300);

    /// <inheritdoc />
    public override void Strike(World world, Dice dice) => world.Network.CutOne();
}
