using ComputeExchange.Simulation.Time;

namespace ComputeExchange.Simulation.Faults;

/// <summary>For a while messages are lost, come twice, or come late.</summary>
internal sealed class BadNetwork : Fault
{
    /// <inheritdoc />
    public override void Strike(World world, Dice dice)
    {
        var network = world.Network;
        (network.Loss, network.Repeats, network.Stragglers) = (dice.Below(300_000), dice.Below(300_000), dice.Below(100_000));
        world.Scheduler.After(AWhile(dice), () => (network.Loss, network.Repeats, network.Stragglers) = (0, 0, 0));
    }
}
