using ComputeExchange.Hosting;
using ComputeExchange.ProviderRegistry.Agents;
using ComputeExchange.ProviderRegistry.Feed;
using ComputeExchange.ProviderRegistry.Storage;
using ComputeExchange.ProviderRegistry.V1;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.ProviderRegistry.Policies;

/// <summary>Sets how a node is sold while it is idle.</summary>
public sealed class SetNodePolicyHandler(ProviderRegistryDb db, TimeProvider clock, NodesChanged? changed = null)
{
    /// <summary>Sets it; the selling loop follows it within seconds.</summary>
    /// <exception cref="Grpc.Core.RpcException">The node is not the provider's, or the policy is wrong: all that is wrong is named.</exception>
    public async Task<NodePolicy> Handle(Guid providerId, Guid nodeId, NodePolicy policy, CancellationToken cancel)
    {
        await db.RequireAgentNode(providerId, nodeId, cancel);
        var gpuCount = await db.Gpus.CountAsync(gpu => gpu.NodeId == nodeId && gpu.Present, cancel);
        var wrong = PolicyRules.Wrong(policy, await db.Grid(cancel), gpuCount);
        if (wrong.Count > 0) throw Refuse.Fields(wrong);

        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        await db.Database.ExecuteSqlAsync($"""
            INSERT INTO provider_registry.policies (node_id, policy, enabled, reserve_micros_per_gpu_hour, explanation, ask_count)
            VALUES ({nodeId}, {Array.Empty<byte>()}, false, 0, '', 0) ON CONFLICT DO NOTHING
            """, cancel);
        var row = await db.Policies.FromSql($"SELECT * FROM provider_registry.policies WHERE node_id = {nodeId} FOR UPDATE").SingleAsync(cancel);
        (row.Policy, row.Enabled) = (policy.ToKeep(), policy.Enabled);
        if (policy.Repricer is not { Enabled: true }) (row.ReserveMicrosPerGpuHour, row.RepricedTime, row.Explanation) = (0, null, "");
        db.Note(nodeId, clock.GetUtcNow(), "policy", providerId.ToString(), Told(policy));
        await db.SaveChangesAsync(cancel);
        await transaction.CommitAsync(cancel);
        changed?.Mark(nodeId);
        return row.ToProto();
    }

    private static string Told(NodePolicy policy) =>
        policy.Enabled
            ? $"Idle GPUs are offered from ${policy.FirmFloorMicrosPerGpuHour / 1_000_000m:0.00####} for one GPU for one hour on."
            : "Idle GPUs are not offered by themselves.";
}
