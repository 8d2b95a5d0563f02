using ComputeExchange.ProviderRegistry.Storage;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.ProviderRegistry.Agents;

/// <summary>Locks of what agents tell of: after leases and nodes, before deliveries.</summary>
internal static class AgentLocks
{
    /// <summary>Agents in the order of their nodes' ids, their rows locked until the transaction ends.</summary>
    public static Task<List<AgentRow>> LockAgents(this ProviderRegistryDb db, Guid[] nodeIds, CancellationToken cancel) =>
        db.Agents.FromSql($"SELECT * FROM provider_registry.agents WHERE node_id = ANY ({nodeIds}) ORDER BY node_id FOR UPDATE").ToListAsync(cancel);

    /// <summary>An agent, its row locked until the transaction ends; null: the node has none.</summary>
    public static async Task<AgentRow?> LockAgent(this ProviderRegistryDb db, Guid nodeId, CancellationToken cancel) =>
        (await db.LockAgents([nodeId], cancel)).SingleOrDefault();
}
