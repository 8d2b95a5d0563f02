using ComputeExchange.ProviderRegistry.Agents;
using ComputeExchange.ProviderRegistry.Domain;
using ComputeExchange.ProviderRegistry.Storage;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.ProviderRegistry.Nodes;

/// <summary>Finds GPUs that two nodes say they have: one of the two does not tell the truth, and nobody knows which.</summary>
internal static class SameGpus
{
    /// <summary>Suspends both, in a transaction of its own.</summary>
    /// <remarks>A GPU of a node that is not heard of any more was moved, if both are of one provider: then it is gone there.</remarks>
    /// <param name="nodeIds">The nodes whose GPUs are looked for elsewhere; null: all.</param>
    /// <returns>The nodes of which something changed.</returns>
    public static async Task<IReadOnlyCollection<Guid>> SuspendSharersOfGpus(
        this ProviderRegistryDb db, Guid[]? nodeIds, DateTimeOffset at, CancellationToken cancel)
    {
        if (await Shared(db, nodeIds, cancel) is not { Count: > 0 } suspects) return [];

        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        var involved = suspects.SelectMany(gpu => new[] { gpu.NodeId, gpu.OtherId }).Distinct().Order().ToArray();
        var agents = (await db.LockAgents(involved, cancel)).ToDictionary(agent => agent.NodeId);
        var owners = await db.Nodes.AsNoTracking().Where(node => involved.Contains(node.NodeId)).ToDictionaryAsync(node => node.NodeId, node => node.ProviderId, cancel);
        var changed = new HashSet<Guid>();
        var signals = new Dictionary<Guid, List<string>>();

        // Read again: what was found may have changed before the locks were had.
        foreach (var (nodeId, otherId, uuid) in await Shared(db, involved, cancel))
        {
            if (!agents.TryGetValue(nodeId, out var agent) || !agents.TryGetValue(otherId, out var other)) continue;
            if (owners[nodeId] == owners[otherId] && (agent.LostTime is null) != (other.LostTime is null))
            {
                var (gone, here) = agent.LostTime is null ? (other, agent) : (agent, other);
                if (gone != agent) continue;
                await db.Gpus.Where(gpu => gpu.NodeId == gone.NodeId && gpu.Uuid == uuid).ExecuteUpdateAsync(gpu => gpu.SetProperty(g => g.Present, false), cancel);
                db.Note(gone.NodeId, at, "inventory_changed", Notes.Exchange, $"GPU {uuid} is on node {here.NodeId} now.");
                changed.Add(gone.NodeId);
                continue;
            }
            if (!signals.TryGetValue(nodeId, out var some)) signals[nodeId] = some = [];
            some.Add($"GPU {uuid} is on node {otherId} too.");
        }
        foreach (var (nodeId, some) in signals.Where(some => agents[some.Key].Standing != NodeStanding.Suspended))
        {
            await db.Suspect(agents[nodeId], some, at, cancel);
            changed.Add(nodeId);
        }
        await db.SaveChangesAsync(cancel);
        await transaction.CommitAsync(cancel);
        return changed;
    }

    private static Task<List<SharedGpu>> Shared(ProviderRegistryDb db, Guid[]? nodeIds, CancellationToken cancel) => db.Database.SqlQuery<SharedGpu>($"""
        SELECT one.node_id AS "NodeId", other.node_id AS "OtherId", one.uuid AS "Uuid"
        FROM provider_registry.gpus AS one JOIN provider_registry.gpus AS other ON other.uuid = one.uuid AND other.node_id <> one.node_id
        JOIN provider_registry.agents AS agent ON agent.node_id = one.node_id JOIN provider_registry.agents AS second ON second.node_id = other.node_id
        WHERE one.present AND other.present AND agent.standing <> 'Retired' AND second.standing <> 'Retired'
          AND ({nodeIds}::uuid[] IS NULL OR one.node_id = ANY ({nodeIds}::uuid[]) OR other.node_id = ANY ({nodeIds}::uuid[]))
        ORDER BY 1, 2, 3 LIMIT 1000
        """).ToListAsync(cancel);

    private sealed record SharedGpu(Guid NodeId, Guid OtherId, string Uuid);
}
