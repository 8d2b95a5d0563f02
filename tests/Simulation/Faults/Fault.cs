using ComputeExchange.Simulation.Time;

namespace ComputeExchange.Simulation.Faults;

/// <summary>One kind of thing that goes wrong, again and again while faults are on. A new kind is a new class beside this one.</summary>
internal abstract class Fault
{
    /// <summary>How long it mostly is from one time to the next.</summary>
    public virtual TimeSpan Every => TimeSpan.FromSeconds(10);

    /// <summary>Lets it happen once; what has an end is ended by the fault itself, at the latest when all faults are.</summary>
    public virtual void Strike(World world, Dice dice)
    {
    }

    /// <summary>Looks at a process that is about to take a step, and may not let it.</summary>
    public virtual void BeforeStep(World world, Dice dice, Process process)
    {
    }

    /// <summary>A time from short to long in which something is out of order.</summary>
    protected static TimeSpan AWhile(Dice dice) =>
        dice.Below(4) == 0 ? dice.Between(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(8)) : dice.Between(TimeSpan.FromMilliseconds(20), TimeSpan.FromSeconds(2));
}
