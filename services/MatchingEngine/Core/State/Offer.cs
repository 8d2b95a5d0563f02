using ComputeExchange.Values;

namespace ComputeExchange.MatchingEngine.Core.State;

/// <summary>An open offer.</summary>
internal sealed class Offer(long id, Node node, Command.PlaceOffer terms, long from, long to, long bondMicrosPerGpuSlot, int feePpm)
{
    public long Id { get; } = id;

    public Node Node { get; } = node;

    public Command.PlaceOffer Terms { get; } = terms;

    /// <summary>The first slot.</summary>
    public long From { get; } = from;

    /// <summary>The slot after the last.</summary>
    public long To { get; } = to;

    public SlotCounts Sold { get; } = new();

    /// <summary>The seller's fee as it was when the offer was placed, in parts per million.</summary>
    public int FeePpm { get; } = feePpm;

    /// <summary>The bond of one GPU in one slot, in micro-dollars.</summary>
    public long BondMicrosPerGpuSlot { get; } = bondMicrosPerGpuSlot;

    /// <summary>The bond now reserved for what is unsold.</summary>
    public Money Bond { get; set; }

    /// <summary>Set while a run clears: why the offer is closed when it ends.</summary>
    public CloseReason? ClosesAs { get; set; }

    public int Unsold(long slot) => slot >= From && slot < To ? Terms.Gpus - Sold[slot] : 0;

    /// <summary>What the bond must be for what is unsold from a slot on.</summary>
    public Money BondFrom(long slot)
    {
        var gpuSlots = (Math.Max(To, slot) - Math.Max(From, slot)) * Terms.Gpus
            - Sold.All.Where(sold => sold.Key >= slot).Sum(sold => (long)sold.Value);
        return new Money(gpuSlots * BondMicrosPerGpuSlot);
    }
}
