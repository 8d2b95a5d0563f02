using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.Simulation.Time;
using ComputeExchange.Values;

namespace ComputeExchange.Simulation.Clients.Scripts;

/// <summary>Reads of every lease and settles the bonds of its slots: released, or taken in part or whole.</summary>
internal sealed class Registry : Script
{
    public override bool ReadsFeed => true;

    public override TimeSpan Pause => TimeSpan.FromMilliseconds(400);

    public override bool IsOver(Notebook notebook) => true;

    public override void Read(Notebook notebook, FeedEntry entry, Dice dice)
    {
        if (entry.Event.LeaseSold is not { } sold) return;
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
