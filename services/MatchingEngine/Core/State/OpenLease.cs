namespace ComputeExchange.MatchingEngine.Core.State;

/// <summary>A lease whose bonds are not all settled.</summary>
internal sealed class OpenLease(long id, Guid provider, long[] bonds, Guid buyer, Node node, int gpus, long from)
{
    public const long Settled = -1;

    public long Id { get; } = id;

    /// <summary>Who sold it: the node's provider, or the buyer of the lease that it is a part of.</summary>
    public Guid Provider { get; } = provider;

    /// <summary>The bond of each slot in micro-dollars, or <see cref="Settled"/>.</summary>
    public long[] Bonds { get; } = bonds;

    public Guid Buyer { get; } = buyer;

    /// <summary>The node that delivers it; another one after it was moved.</summary>
    public Node Node { get; set; } = node;

    public int Gpus { get; } = gpus;

    /// <summary>Above 0: it is a part of this lease, sold on by that one's buyer.</summary>
    public long ResoldFrom { get; init; }

    /// <summary>What its bid asked of the node; null where nothing was asked.</summary>
    public NodeNeeds? Needs { get; init; }

    /// <summary>The first slot.</summary>
    public long From { get; } = from;

    /// <summary>The slot after the last.</summary>
    public long To => From + Bonds.Length;

    /// <summary>GPUs that its buyer sold on, by slot.</summary>
    public SlotCounts Resold { get; } = new();

    /// <summary>GPUs that its buyer holds in a slot.</summary>
    public int HeldIn(long slot) => slot >= From && slot < To ? Gpus - Resold[slot] : 0;
}
