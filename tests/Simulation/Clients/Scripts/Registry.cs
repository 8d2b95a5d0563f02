using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.Simulation.Time;
using ComputeExchange.Values;

namespace ComputeExchange.Simulation.Clients.Scripts;

/// <summary>Reads of every lease, moves some of them to the provider's other node, and settles the bonds of their slots: released, or taken in part or whole.</summary>
internal sealed class Registry : Script
{
    public override bool ReadsFeed => true;

    public override TimeSpan Pause => TimeSpan.FromMilliseconds(400);

    public override bool IsOver(Notebook notebook) => true;

    public override void Read(Notebook notebook, FeedEntry entry, Dice dice)
    {
        if (entry.Event.LeaseSold is not { } sold) return;
        if (dice.OnceIn(2))
        {
            var (node, better) = (People.Node(sold.ProviderId, sold.Market), People.BetterNode(sold.ProviderId, sold.Market));
            notebook.Write(DerivedId.From("move", sold.LeaseId), new EngineCommand
            {
                MoveLease = new MoveLease { LeaseId = sold.LeaseId, NodeId = sold.NodeId == node ? better : node },
            }, dice);
        }
        for (var slot = 0; slot < sold.Slots.Count; slot++)
        {
            var taken = dice.OnceIn(3) ? dice.Between(0, sold.Slots[slot].BondMicros) : 0;
            notebook.Write(DerivedId.From("bond", sold.LeaseId, slot), new EngineCommand
            {
                SettleBond = new SettleBond { LeaseId = sold.LeaseId, SlotIndex = slot, TakenMicros = taken },
            }, dice);
        }
    }
}
