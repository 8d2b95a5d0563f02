using ComputeExchange.Hosting;
using ComputeExchange.ProviderRegistry.Domain;
using ComputeExchange.ProviderRegistry.Storage;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.ProviderRegistry.Policies;

/// <summary>What the handlers of this room look up first.</summary>
internal static class OwnNodes
{
    /// <summary>Refuses unless the node is the provider's and has an agent.</summary>
    /// <exception cref="Grpc.Core.RpcException">It is not, or has none.</exception>
    public static async Task RequireAgentNode(this ProviderRegistryDb db, Guid providerId, Guid nodeId, CancellationToken cancel)
    {
        if (!await db.Nodes.AnyAsync(node => node.NodeId == nodeId && node.ProviderId == providerId, cancel))
            throw Refuse.NotFound($"You have no node {nodeId}.");
        if (!await db.Agents.AnyAsync(agent => agent.NodeId == nodeId, cancel))
            throw Refuse.Rule("NODE_HAS_NO_AGENT", "The node was declared by hand: only a node with an agent can be sold by a policy. Enrol its host.", "node_id");
    }

    /// <summary>How the market cuts time and prices now.</summary>
    public static async Task<MarketGrid> Grid(this ProviderRegistryDb db, CancellationToken cancel) =>
        MarketGrid.Of(await db.FeedStates.AsNoTracking().Select(state => state.Settings).SingleOrDefaultAsync(cancel) ?? []);
}
