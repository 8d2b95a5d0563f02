using ComputeExchange.MatchingEngine.V1;
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
        {
            var happened = entry.Event;
            switch (happened.EventCase)
            {
                case EngineEvent.EventOneofCase.CollateralCredited:
                    Move(happened.CollateralCredited.ParticipantId, happened.CollateralCredited.AmountMicros);
                    break;
                case EngineEvent.EventOneofCase.CollateralDebited:
                    Move(happened.CollateralDebited.ParticipantId, -happened.CollateralDebited.AmountMicros);
                    break;
                case EngineEvent.EventOneofCase.LeaseSold:
                    Move(happened.LeaseSold.BuyerId, -happened.LeaseSold.Slots.Sum(slot => slot.CostMicros + slot.BuyerFeeMicros));
                    break;
                case EngineEvent.EventOneofCase.BondSettled:
                    Move(happened.BondSettled.ProviderId, -happened.BondSettled.TakenMicros);
                    break;
            }
        }
    }

    private void Move(string participant, long micros) =>
        _collateral[participant] = _collateral.GetValueOrDefault(participant) + micros;
}
