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

    /// <summary>Who sells: the node's provider, or the buyer of the lease that is offered on.</summary>
    public Guid Seller => Terms.Provider;

    /// <summary>It offers the rest of a lease, not a node's own GPUs.</summary>
    public bool IsResale => Terms.Lease > 0;

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

    /// <summary>The reserve of a slot.</summary>
    /// <param name="slot">The slot.</param>
    /// <param name="firstOffered">The slot that the offer's list of reserves begins with.</param>
    /// <param name="perishes">Whether the prompt reserve stands, where it is the lower one.</param>
    public Price ReserveOf(long slot, long firstOffered, bool perishes)
    {
        var reserve = Terms.Reserves.Count == 0 ? Terms.Reserve : Terms.Reserves[(int)(slot - firstOffered)];
        return perishes && Terms.PromptReserve < reserve ? Terms.PromptReserve : reserve;
    }

    /// <summary>What the bond must be for what is unsold from a slot on.</summary>
    public Money BondFrom(long slot)
    {
        var gpuSlots = (Math.Max(To, slot) - Math.Max(From, slot)) * Terms.Gpus
            - Sold.All.Where(sold => sold.Key >= slot).Sum(sold => (long)sold.Value);
        return new Money(gpuSlots * BondMicrosPerGpuSlot);
    }
}
