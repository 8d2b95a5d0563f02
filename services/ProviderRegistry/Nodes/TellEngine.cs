using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.ProviderRegistry.Agents;
using ComputeExchange.ProviderRegistry.Domain;
using ComputeExchange.ProviderRegistry.Storage;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.ProviderRegistry.Nodes;

/// <summary>Tells the engine how many GPUs of a node can be sold and what bids may ask of it, when either is not what it was told.</summary>
internal static class TellEngine
{
    /// <summary>Tells of those nodes of which it must, in a transaction of its own.</summary>
    public static async Task TellSellable(this ProviderRegistryDb db, Guid[] nodeIds, DateTimeOffset now, CancellationToken cancel)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        var nodes = await db.LockNodes([.. nodeIds.Order()], cancel);
        var agents = (await db.LockAgents([.. nodeIds.Order()], cancel)).ToDictionary(agent => agent.NodeId);
        var outlook = await db.Outlook(nodeIds, now, cancel);
        foreach (var node in nodes)
        {
            if (!outlook.TryGetValue(node.NodeId, out var found) || !agents.TryGetValue(node.NodeId, out var agent)) continue;
            if (node.GpuCount == found.Sellable.GpuCount && agent.ToldTraits == found.Traits.ToString()) continue;

            // Each command follows from the one before it, so that none is told twice and none is left out.
            node.CommandId = DerivedId.Of($"node sellable {node.CommandId}");
            (node.GpuCount, node.Refused, agent.ToldTraits) = (found.Sellable.GpuCount, false, found.Traits.ToString());
            db.Command(node.CommandId, RegisterNodeHandler.Sellable(node, agent.ToldTraits));
        }
        await db.SaveChangesAsync(cancel);
        await transaction.CommitAsync(cancel);
    }

    /// <summary>Those of the nodes of which the engine was told something else; read without locks.</summary>
    public static async Task<IReadOnlyList<Guid>> ToldOtherwise(this ProviderRegistryDb db, Guid[] nodeIds, DateTimeOffset now, CancellationToken cancel)
    {
        var outlook = await db.Outlook(nodeIds, now, cancel);
        var told = await db.Nodes.AsNoTracking().Where(node => nodeIds.Contains(node.NodeId))
            .Join(db.Agents, node => node.NodeId, agent => agent.NodeId, (node, agent) => new { node.NodeId, node.GpuCount, agent.ToldTraits }).ToListAsync(cancel);
        return [.. told.Where(node => outlook.TryGetValue(node.NodeId, out var found)
            && (node.GpuCount != found.Sellable.GpuCount || node.ToldTraits != found.Traits.ToString())).Select(node => node.NodeId)];
    }

    /// <summary>The traits that the engine was told last of a node; null: it has no agent, or nothing was told.</summary>
    public static NodeTraits? Traits(string told) => told.Length == 0 ? null : NodeTraits.Parser.ParseJson(told);
}
