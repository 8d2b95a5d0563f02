namespace ComputeExchange.MatchingEngine.Core.State;

/// <summary>A provider's node: how many of its GPUs can be sold in any slot, and how many are.</summary>
internal sealed class Node(Guid id, Guid provider, string market)
{
    public Guid Id { get; } = id;

    public Guid Provider { get; } = provider;

    public string Market { get; } = market;

    public int Gpus { get; set; }

    /// <summary>What bids can ask of it.</summary>
    public NodeTraits Traits { get; set; } = NodeTraits.None;

    /// <summary>GPUs sold by slot.</summary>
    public SlotCounts Sold { get; } = new();

    /// <summary>Its open offers, earliest first.</summary>
    public SortedSet<long> Offers { get; } = [];
}

/// <summary>A number for each slot, zero where none was noted; past slots are forgotten.</summary>
internal sealed class SlotCounts
{
    private readonly SortedDictionary<long, int> _counts = [];

    public int this[long slot] => _counts.GetValueOrDefault(slot);

    public IEnumerable<KeyValuePair<long, int>> All => _counts;

    public void Add(long slot, int count)
    {
        var sum = _counts.GetValueOrDefault(slot) + count;
        if (sum == 0) _counts.Remove(slot);
        else _counts[slot] = sum;
    }

    public void ForgetBefore(long slot)
    {
        while (_counts.Count > 0 && _counts.First().Key is var first && first < slot) _counts.Remove(first);
    }
}
