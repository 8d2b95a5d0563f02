namespace ComputeExchange.Cli.Replay.Plan;

/// <summary>What each node will deliver: mostly everything, sometimes less, and a few say nothing for some hours.</summary>
/// <remarks>
/// An hour falls short as often as the marketplace's own reliability score says, at most in one hour of ten. Two nodes in
/// a hundred, and always the first, say nothing for six hours: what nobody meters counts as not delivered.
/// </remarks>
public sealed class Deliveries
{
    readonly string _seed;
    readonly Dictionary<Guid, PlannedNode> _nodes;
    readonly Dictionary<Guid, (DateTimeOffset From, DateTimeOffset To)> _silent = [];

    /// <summary>The deliveries of a replay of so many days from a start.</summary>
    public Deliveries(string seed, IReadOnlyList<PlannedNode> nodes, DateTimeOffset start, int days)
    {
        _seed = seed;
        _nodes = nodes.ToDictionary(node => node.Id);
        for (var i = 0; i < nodes.Count; i++)
        {
            var dice = new Dice(seed, $"silent {nodes[i].Id}");
            if (i > 0 && !dice.Percent(2)) continue;
            var from = start.AddDays(dice.Below(days)).AddHours(dice.Between(0, 18));
            _silent[nodes[i].Id] = (from, from.AddHours(6));
        }
    }

    /// <summary>Nodes that say nothing for a while.</summary>
    public int SilentNodes => _silent.Count;

    /// <summary>GPU-seconds to report of those sold in a slot; null when the node says nothing.</summary>
    public long? Of(Guid node, DateTimeOffset slot, long soldGpuSeconds)
    {
        if (_silent.TryGetValue(node, out var hours) && slot >= hours.From && slot < hours.To) return null;
        if (!_nodes.TryGetValue(node, out var known)) return soldGpuSeconds;
        var dice = new Dice(_seed, $"delivery {node} {slot.ToUnixTimeSeconds()}");
        var chance = Math.Min(100_000, 1_000_000 - known.ReliabilityPpm);
        return dice.Below(1_000_000) < chance ? soldGpuSeconds * dice.Between(500, 950) / 1000 : soldGpuSeconds;
    }
}
