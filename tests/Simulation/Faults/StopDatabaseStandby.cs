using ComputeExchange.Simulation.Time;

namespace ComputeExchange.Simulation.Faults;

/// <summary>The database's standby does not listen for a while, so that commits wait; some of them are cut short.</summary>
internal sealed class StopDatabaseStandby : Fault
{
    /// <inheritdoc />
    public override TimeSpan Every => TimeSpan.FromSeconds(6);

    /// <inheritdoc />
    public override void Strike(World world, Dice dice)
    {
        world.Note("the database's standby stops");
        world.Database.StopStandby();
        var end = AWhile(dice);
        for (var i = 0; i < 4; i++) world.Scheduler.After(dice.Between(TimeSpan.Zero, end), world.Database.CancelSyncWait);

        // What is on the primary alone may be lost with it.
        if (dice.OnceIn(2)) world.Scheduler.After(end * 0.9, () =>
        {
            if (world.FaultsAreOn && world.Database.Server is not null) LoseDatabase.FailOver(world, dice);
        });
        world.Scheduler.After(end, world.Database.StartStandby);
    }
}
