using ComputeExchange.ProviderRegistry.Storage;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.ProviderRegistry.Nodes;

/// <summary>Asks for nodes.</summary>
/// <param name="ProviderId">Only this provider's; null: everyone's.</param>
public sealed record ListNodes(Guid? ProviderId, int Size, int Skip);

/// <summary>Answers it, in the order of the nodes' ids.</summary>
public sealed class ListNodesHandler(ProviderRegistryDb db, TimeProvider clock)
{
    /// <summary>The nodes of one page.</summary>
    public async Task<List<NodeView>> Handle(ListNodes query, CancellationToken cancel)
    {
        var nodes = await db.Nodes.AsNoTracking()
            .Where(node => query.ProviderId == null || node.ProviderId == query.ProviderId)
            .OrderBy(node => node.NodeId).Skip(query.Skip).Take(query.Size)
            .ToListAsync(cancel);
        return await db.View(nodes, clock.GetUtcNow(), cancel);
    }
}
