using ComputeExchange.ProviderRegistry.Domain;
using ComputeExchange.ProviderRegistry.Scores;
using ComputeExchange.ProviderRegistry.Storage;
using Microsoft.EntityFrameworkCore;
using LeaseState = ComputeExchange.ProviderRegistry.Domain.LeaseState;

namespace ComputeExchange.ProviderRegistry.Nodes;

/// <summary>A node as lists show it.</summary>
/// <param name="Agent">What is known through its agent; null: it was declared.</param>
/// <param name="Score">How well it delivers; null: it was declared.</param>
/// <param name="LeasedCount">GPUs leased now.</param>
/// <param name="OfferedCount">GPUs offered in the coming slot.</param>
public sealed record NodeView(NodeRow Node, AgentView? Agent, NodeScore? Score, int LeasedCount, int OfferedCount);

/// <summary>What lists show of a node's agent.</summary>
public sealed record AgentView(
    Guid NodeId, NodeStanding Standing, string StandingReason, bool Simulated, string ProductClass, DateTimeOffset LastSeenTime, DateTimeOffset? LostTime, bool InMaintenance);

/// <summary>Reads them.</summary>
internal static class NodeViews
{
    /// <summary>The views of nodes, in their order.</summary>
    public static async Task<List<NodeView>> View(this ProviderRegistryDb db, IReadOnlyList<NodeRow> nodes, DateTimeOffset now, CancellationToken cancel)
    {
        var ids = nodes.Select(node => node.NodeId).ToArray();
        var agents = await db.Agents.AsNoTracking().Where(agent => ids.Contains(agent.NodeId))
            .Select(agent => new AgentView(
                agent.NodeId, agent.Standing, agent.StandingReason, agent.Simulated, agent.ProductClass, agent.LastSeenTime, agent.LostTime,
                db.Maintenance.Any(window => window.NodeId == agent.NodeId && !window.Cancelled && window.FromTime <= now && window.ToTime > now)))
            .ToDictionaryAsync(agent => agent.NodeId, cancel);
        var scores = await db.Scores(agents.Keys, now, cancel);
        var leased = await db.Leases.AsNoTracking()
            .Where(lease => ids.Contains(lease.NodeId) && lease.ResoldFromLeaseId == 0 && lease.FromTime <= now && lease.ToTime > now
                && lease.State != LeaseState.Ended && lease.State != LeaseState.Failed)
            .GroupBy(lease => lease.NodeId).Select(group => new { group.Key, Count = group.Sum(lease => lease.GpuCount) })
            .ToDictionaryAsync(group => group.Key, group => group.Count, cancel);
        var offered = await db.OfferedCounts(ids, now, cancel);
        return [.. nodes.Select(node => new NodeView(
            node, agents.GetValueOrDefault(node.NodeId), scores.GetValueOrDefault(node.NodeId), leased.GetValueOrDefault(node.NodeId), offered.GetValueOrDefault(node.NodeId)))];
    }

    /// <summary>GPUs that nodes offer in the coming hour.</summary>
    public static async Task<Dictionary<Guid, int>> OfferedCounts(this ProviderRegistryDb db, Guid[] ids, DateTimeOffset now, CancellationToken cancel)
    {
        var coming = new DateTimeOffset(now.UtcTicks / TimeSpan.TicksPerHour * TimeSpan.TicksPerHour, TimeSpan.Zero).AddHours(1);
        return await db.NodeOffers.AsNoTracking()
            .Where(offer => ids.Contains(offer.NodeId) && offer.Open && offer.FromTime <= coming && offer.ToTime > coming)
            .GroupBy(offer => offer.NodeId).Select(group => new { group.Key, Count = group.Sum(offer => offer.GpuCount) })
            .ToDictionaryAsync(group => group.Key, group => group.Count, cancel);
    }
}
