using ComputeExchange.Simulation.Time;

namespace ComputeExchange.Simulation.Faults;

/// <summary>An engine stands still between two of its steps, and wakes not knowing that it did.</summary>
internal sealed class FreezeEngines : Fault
{
    /// <inheritdoc />
    public override void BeforeStep(World world, Dice dice, Process process)
    {
        if (!dice.Millionths(1_000) || world.Engines.All(engine => engine.Process != process)) return;
        Freeze(world, process, dice.OnceIn(2) ? dice.Between(TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(6)) : AWhile(dice));
    }

    /// <summary>Freezes a process for a time.</summary>
    public static void Freeze(World world, Process process, TimeSpan time)
    {
        if (process.IsDead || process.IsFrozen) return;
        world.Note($"{process.Name}/{process.Number} is frozen");
        process.Freeze();
        world.Scheduler.After(time, () =>
        {
            if (process.IsFrozen && !process.IsDead)
            {
                world.Note($"{process.Name}/{process.Number} wakes");
                world.See("a frozen engine woke");
            }
            process.Thaw();
        });
    }
}
