using ComputeExchange.Cli.Replay.Plan;

namespace ComputeExchange.Cli.Demo.Minds;

/// <summary>What each node of the cast delivers of what it sold: mostly everything, sometimes less, now and then nothing.</summary>
public sealed class Delivery(Cast cast)
{
    readonly Dictionary<Guid, CastNode> _nodes = cast.Nodes.ToDictionary(node => node.Node.Id);

    /// <summary>GPU-seconds to report of those sold in an hour; null where the node says nothing, which counts as nothing delivered.</summary>
    /// <remarks>An hour falls short as often as the machine's own score says, at most one in ten; one in a hundred is not reported at all.</remarks>
    public long? Of(Guid node, DateTimeOffset hour, long soldGpuSeconds)
    {
        var dice = new Dice(cast.Seed, FormattableString.Invariant($"delivery {node} {hour.ToUnixTimeSeconds()}"));
        if (dice.Percent(1)) return null;
        var chance = _nodes.TryGetValue(node, out var known) ? Math.Min(100_000, 1_000_000 - known.Node.ReliabilityPpm) : 0;
        return dice.Below(1_000_000) < chance ? soldGpuSeconds * dice.Between(500, 950) / 1_000 : soldGpuSeconds;
    }
}
