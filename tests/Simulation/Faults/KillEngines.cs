using ComputeExchange.Simulation.Time;

namespace ComputeExchange.Simulation.Faults;

/// <summary>An engine dies between two of its steps, wherever it is, and is started again.</summary>
internal sealed class KillEngines : Fault
{
    /// <inheritdoc />
    public override void BeforeStep(World world, Dice dice, Process process)
    {
        if (!dice.Millionths(2_000) || world.Engines.FirstOrDefault(engine => engine.Process == process) is not { } engine) return;
        world.Note($"{process.Name}/{process.Number} is killed");
        world.See("an engine was killed");
        process.Kill();
        world.Scheduler.After(AWhile(dice), () =>
        {
            if (engine.Process.IsDead) engine.Start();
        });
    }
}
