using ComputeExchange.Simulation.Databases;
using ComputeExchange.Simulation.Time;

namespace ComputeExchange.Simulation.Faults;

/// <summary>Two machines cannot reach each other for a while: an engine and its database, or an engine and a client.</summary>
internal sealed class PartMachines : Fault
{
    /// <inheritdoc />
    public override TimeSpan Every => TimeSpan.FromSeconds(4);

    /// <inheritdoc />
    public override void Strike(World world, Dice dice)
    {
        var engine = dice.OneOf(world.Engines).Name;
        var other = dice.OnceIn(2) ? Database.Machine : dice.OneOf(world.Clients).Name;
        world.Note($"{engine} and {other} are parted");
        world.Network.Cut(engine, other);
        world.Scheduler.After(AWhile(dice), () =>
        {
            if (world.Network.IsCut(engine, other)) world.Note($"{engine} and {other} are joined again");
            world.Network.Heal(engine, other);
        });
    }
}
