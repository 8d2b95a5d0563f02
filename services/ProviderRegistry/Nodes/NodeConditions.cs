using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.ProviderRegistry.Domain;
using ComputeExchange.ProviderRegistry.Scores;
using ComputeExchange.ProviderRegistry.Storage;
using ComputeExchange.ProviderRegistry.V1;
using Microsoft.EntityFrameworkCore;
using LeaseState = ComputeExchange.ProviderRegistry.Domain.LeaseState;

namespace ComputeExchange.ProviderRegistry.Nodes;

/// <summary>What of a node can be sold, and what bids may ask of it.</summary>
internal sealed record NodeOutlook(Sellable Sellable, NodeTraits Traits);

/// <summary>Reads what decides about that.</summary>
internal static class NodeConditions
{
    // A score moves a little all the time; the engine is told when it moved by so much.
    private const long ReliabilityStepPpm = 1_000;

    /// <summary>Of the nodes with an agent among these, what can be sold and asked of them now.</summary>
    public static async Task<Dictionary<Guid, NodeOutlook>> Outlook(
        this ProviderRegistryDb db, Guid[] nodeIds, DateTimeOffset now, CancellationToken cancel)
    {
        var agents = await db.Agents.AsNoTracking().Where(agent => nodeIds.Contains(agent.NodeId))
            .Select(agent => new { agent.NodeId, agent.Standing, agent.LostTime, agent.Simulated, agent.Nvlink, agent.Country, agent.Zone }).ToListAsync(cancel);
        if (agents.Count == 0) return [];
        var gpus = (await db.Database.SqlQuery<CountedGpus>($"""
            SELECT node_id AS "NodeId", count(*)::int AS "Present", count(*) FILTER (WHERE NOT healthy)::int AS "Unhealthy",
                count(*) FILTER (WHERE healthy AND mig)::int AS "Split", count(*) FILTER (WHERE healthy AND NOT mig AND owner_since IS NOT NULL)::int AS "Busy"
            FROM provider_registry.gpus WHERE node_id = ANY ({nodeIds}) AND present GROUP BY node_id
            """).ToListAsync(cancel)).ToDictionary(counted => counted.NodeId, counted => new GpuCounts(counted.Present, counted.Unhealthy, counted.Split, counted.Busy));
        var kept = (await db.Policies.AsNoTracking().Where(policy => nodeIds.Contains(policy.NodeId)).ToListAsync(cancel))
            .ToDictionary(policy => policy.NodeId, policy => NodePolicy.Parser.ParseFrom(policy.Policy).KeepGpuCount);
        var sold = (await db.Leases.AsNoTracking()
            .Where(lease => nodeIds.Contains(lease.NodeId) && lease.ResoldFromLeaseId == 0 && lease.ToTime > now && lease.State != LeaseState.Ended && lease.State != LeaseState.Failed)
            .Select(lease => new { lease.NodeId, lease.GpuCount, lease.FromTime, lease.ToTime }).ToListAsync(cancel))
            .ToLookup(lease => lease.NodeId, lease => new SoldSpan(lease.GpuCount, lease.FromTime, lease.ToTime));
        var scores = await db.Scores(nodeIds, now, cancel);

        return agents.ToDictionary(agent => agent.NodeId, agent =>
        {
            var score = scores[agent.NodeId].ScorePpm;
            var condition = new NodeCondition(
                agent.Standing, agent.LostTime is not null, gpus.GetValueOrDefault(agent.NodeId), kept.GetValueOrDefault(agent.NodeId), SoldSpan.Peak([.. sold[agent.NodeId]]), score);
            var traits = new NodeTraits
            {
                Verified = agent.Standing == NodeStanding.Verified,
                Simulated = agent.Simulated,
                ReliabilityPpm = score / ReliabilityStepPpm * ReliabilityStepPpm,
                Nvlink = agent.Nvlink,
                Country = agent.Country,
                Zone = agent.Zone,
            };
            return new NodeOutlook(Sellable.Of(condition), traits);
        });
    }

    private sealed record CountedGpus(Guid NodeId, int Present, int Unhealthy, int Split, int Busy);
}
