using ComputeExchange.Values;

namespace ComputeExchange.Simulation.Checks;

/// <summary>
/// Money is neither made nor lost, and nobody is below zero: what the feed says came in, less what it says went out or
/// was paid, is what the engine holds, participant by participant.
/// </summary>
internal sealed class MoneyIsKept(OneHistory history, SameState state) : Check
{
    private readonly Dictionary<string, long> _collateral = [];

    public override void Recorded(Recorded command)
    {
        Count(command);
        foreach (var holding in state.State.Holdings)
        {
            var id = holding.Participant.ToString();
            if (_collateral.GetValueOrDefault(id) != holding.Collateral.Micros)
                Broken($"after command {command.Command.Sequence} the engine holds {holding.Collateral} for {id}, the feed comes to {new Money(_collateral.GetValueOrDefault(id))}.");

            // What is free may be below zero while the futures market has lost more than its margin; what is reserved or bonded is always there.
            if (holding.Reserved < Money.Zero || holding.Bonds < Money.Zero || holding.Collateral - holding.Reserved - holding.Bonds < Money.Zero)
                Broken($"after command {command.Command.Sequence} {id} is below zero: {holding}.");
        }
    }

    public override void Undone(long lastSequence)
    {
        _collateral.Clear();
        foreach (var command in history.History.Take((int)lastSequence)) Count(command);
    }

    private void Count(Recorded command)
    {
        foreach (var entry in command.Events)
            if (CollateralMoves.Of(entry.Event) is var (participant, micros)) _collateral[participant] = _collateral.GetValueOrDefault(participant) + micros;
    }
}
