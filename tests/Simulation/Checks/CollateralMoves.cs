using ComputeExchange.MatchingEngine.V1;

namespace ComputeExchange.Simulation.Checks;

/// <summary>What events of the feed do to the engine's collateral.</summary>
internal static class CollateralMoves
{
    /// <summary>Whose it moves, and by how much; nobody's for most events.</summary>
    public static (string Participant, long Micros)? Of(EngineEvent happened) => happened.EventCase switch
    {
        EngineEvent.EventOneofCase.CollateralCredited => (happened.CollateralCredited.ParticipantId, happened.CollateralCredited.AmountMicros),
        EngineEvent.EventOneofCase.CollateralDebited => (happened.CollateralDebited.ParticipantId, -happened.CollateralDebited.AmountMicros),
        EngineEvent.EventOneofCase.LeaseSold => (happened.LeaseSold.BuyerId, -happened.LeaseSold.Slots.Sum(slot => slot.CostMicros + slot.BuyerFeeMicros)),
        EngineEvent.EventOneofCase.BondSettled => (happened.BondSettled.ProviderId, -happened.BondSettled.TakenMicros),
        _ => null,
    };
}
