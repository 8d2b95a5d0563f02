using ComputeExchange.ProviderRegistry.Storage;
using ComputeExchange.ProviderRegistry.V1;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.ProviderRegistry.Scores;

/// <summary>Scores of nodes with an agent, from what was delivered, heard of, failed and tested.</summary>
internal static class ReadScores
{
    /// <summary>The scores of these nodes at a time; those without an agent have none.</summary>
    public static async Task<Dictionary<Guid, NodeScore>> Scores(
        this ProviderRegistryDb db, IReadOnlyCollection<Guid> nodeIds, DateTimeOffset now, CancellationToken cancel)
    {
        var ids = nodeIds.Distinct().ToArray();
        if (ids.Length == 0) return [];
        var agents = await db.Agents.AsNoTracking().Where(agent => ids.Contains(agent.NodeId))
            .Select(agent => new { agent.NodeId, agent.WeightedSold, agent.WeightedDelivered, agent.WeightedTime, agent.VerifiedTime })
            .ToListAsync(cancel);
        if (agents.Count == 0) return [];
        var outagesSince = now - NodeScore.UptimeSpan;
        var outages = (await db.Outages.AsNoTracking()
            .Where(outage => ids.Contains(outage.NodeId) && (outage.ToTime == null || outage.ToTime > outagesSince))
            .ToListAsync(cancel)).ToLookup(outage => outage.NodeId);
        var failedSince = now - NodeScore.FailureSpan;
        var failed = await db.Deliveries.AsNoTracking()
            .Where(delivery => ids.Contains(delivery.NodeId) && delivery.Phase == DeliveryPhase.Failed && delivery.ToTime > failedSince)
            .GroupBy(delivery => delivery.NodeId).Select(group => new { group.Key, Count = group.Count() })
            .ToDictionaryAsync(group => group.Key, group => group.Count, cancel);

        return agents.ToDictionary(agent => agent.NodeId, agent => new NodeScore(
            NodeScore.DeliveryPpmOf(new WeightedRecord(agent.WeightedSold, agent.WeightedDelivered, agent.WeightedTime), now),
            NodeScore.UptimePpmOf(outages[agent.NodeId].Select(outage => (outage.FromTime, outage.ToTime)), now),
            failed.GetValueOrDefault(agent.NodeId),
            agent.VerifiedTime is { } verified ? (int)Math.Max(0, (now - verified).TotalDays) : -1));
    }

    /// <summary>A node's score as it is said on the wire.</summary>
    public static V1.Reputation ToProto(this NodeScore score, NodeRow node) => new()
    {
        DeliveryPpm = score.DeliveryPpm,
        UptimePpm = score.UptimePpm,
        FailureCount = score.FailureCount,
        VerificationAgeDays = score.VerificationAgeDays,
        ScorePpm = score.ScorePpm,
        Formula = score.Formula,
        SoldGpuSeconds = node.SoldGpuSeconds,
        DeliveredGpuSeconds = node.DeliveredGpuSeconds,
    };
}
