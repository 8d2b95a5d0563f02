using ComputeExchange.Simulation.Time;

namespace ComputeExchange.Simulation.Faults;

/// <summary>A client or a reader of the feed dies, and starts again with what stands in its notebook.</summary>
internal sealed class KillClients : Fault
{
    /// <inheritdoc />
    public override TimeSpan Every => TimeSpan.FromSeconds(3);

    /// <inheritdoc />
    public override void Strike(World world, Dice dice)
    {
        var client = dice.OneOf(world.Clients);
        if (client.Process!.IsDead) return;
        client.Process.Kill();
        world.Scheduler.After(AWhile(dice), () =>
        {
            if (client.Process.IsDead) client.Start();
        });
    }
}
