using ComputeExchange.Values;

namespace ComputeExchange.MatchingEngine.Core.State;

/// <summary>An open bid.</summary>
internal sealed class Bid(long id, Command.PlaceBid terms, long from, long to, bool isPrompt, int feePpm)
{
    public long Id { get; } = id;

    public Command.PlaceBid Terms { get; } = terms;

    public bool IsBlock => Terms.Kind == BidKind.Block;

    /// <summary>The first slot.</summary>
    public long From { get; } = from;

    /// <summary>The slot after the last.</summary>
    public long To { get; } = to;

    /// <summary>A block placed while its first slot was in progress: it may start late.</summary>
    public bool IsPrompt { get; } = isPrompt;

    /// <summary>The buyer's fee as it was when the bid was placed, in parts per million.</summary>
    public int FeePpm { get; } = feePpm;

    public SlotCounts Filled { get; } = new();

    /// <summary>The money now reserved for it.</summary>
    public Money Reserved { get; set; }

    /// <summary>Set while a run clears: why the bid is closed when it ends.</summary>
    public CloseReason? ClosesAs { get; set; }

    public int Wanted(long slot) => slot >= From && slot < To ? Terms.Gpus - Filled[slot] : 0;

    /// <summary>Whether nothing is wanted any more from a slot on.</summary>
    public bool IsFilledFrom(long slot)
    {
        for (var s = Math.Max(From, slot); s < To; s++)
            if (Wanted(s) > 0) return false;
        return true;
    }

    /// <summary>What must be reserved for what is still wanted from a slot on: limit × GPUs × time, and the fee on it.</summary>
    public Money ReserveFrom(long slot, int slotMinutes)
    {
        var gpuSlots = 0L;
        for (var s = Math.Max(From, slot); s < To; s++) gpuSlots += Wanted(s);
        return Cost(Terms.Limit, gpuSlots * slotMinutes, FeePpm);
    }

    /// <summary>A cost with the fee on it.</summary>
    public static Money Cost(Price limit, long gpuMinutes, int feePpm)
    {
        var cost = limit.CostOf(gpuMinutes);
        return cost + cost.Share(feePpm);
    }
}
