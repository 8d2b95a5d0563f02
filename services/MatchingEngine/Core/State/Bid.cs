using ComputeExchange.Values;

namespace ComputeExchange.MatchingEngine.Core.State;

/// <summary>Where a standing bid is on its way.</summary>
internal enum StandingState
{
    /// <summary>It has held nothing yet.</summary>
    Waiting = 0,

    /// <summary>It holds capacity.</summary>
    Running = 1,

    /// <summary>It lost its capacity, or loses it at the end of the slot, and comes back when the price lets it.</summary>
    Interrupted = 2,
}

/// <summary>An open bid.</summary>
internal sealed class Bid(long id, Command.PlaceBid terms, long from, long to, long[] starts, long promptSlot, int feePpm)
{
    /// <summary>No slot.</summary>
    public const long None = -1;

    public long Id { get; } = id;

    public Command.PlaceBid Terms { get; } = terms;

    public bool IsBlock => Terms.Kind == BidKind.Block;

    public bool IsStanding => Terms.Kind == BidKind.Standing;

    /// <summary>Its GPUs come from several nodes, which takes longer to prepare.</summary>
    public bool IsCluster => Terms.NodeGpus > 0 && Terms.Gpus > Terms.NodeGpus;

    /// <summary>The first slot of the window.</summary>
    public long From { get; } = from;

    /// <summary>The slot after the last of the window.</summary>
    public long To { get; } = to;

    /// <summary>The slots that a block may start with, in order.</summary>
    public IReadOnlyList<long> Starts { get; } = starts;

    /// <summary>The slot that was in progress when the bid was placed, if it may begin with it: that one may be bought late.</summary>
    public long PromptSlot { get; } = promptSlot;

    /// <summary>The buyer's fee as it was when the bid was placed, in parts per million.</summary>
    public int FeePpm { get; } = feePpm;

    public SlotCounts Filled { get; } = new();

    /// <summary>The money now reserved for it.</summary>
    public Money Reserved { get; set; }

    /// <summary>Set while a run clears: why the bid is closed when it ends.</summary>
    public CloseReason? ClosesAs { get; set; }

    /// <summary>The block without which it is not filled; 0 for none, also when that one was filled in an earlier run.</summary>
    public long Parent { get; set; } = terms.Parent;

    /// <summary>Where a standing bid is on its way.</summary>
    public StandingState Standing { get; set; }

    /// <summary>The last slot whose loss was told.</summary>
    public long ToldSlot { get; set; } = None;

    public int Wanted(long slot) => slot >= From && slot < To ? Terms.Gpus - Filled[slot] : 0;

    /// <summary>Whether nothing is wanted any more from a slot on.</summary>
    public bool IsFilledFrom(long slot)
    {
        for (var s = Math.Max(From, slot); s < To; s++)
            if (Wanted(s) > 0) return false;
        return true;
    }

    /// <summary>What must be reserved for what is still wanted from a slot on: limit × GPUs × time, and the fee on it; a block's once, wherever it starts.</summary>
    public Money ReserveFrom(long slot, int slotMinutes)
    {
        if (IsBlock) return Cost(Terms.Limit, (long)Terms.Gpus * Terms.Run * slotMinutes, FeePpm);
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
