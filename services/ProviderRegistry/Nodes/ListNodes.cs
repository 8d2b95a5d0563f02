using ComputeExchange.ProviderRegistry.Storage;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.ProviderRegistry.Nodes;

/// <summary>Asks for nodes.</summary>
/// <param name="ProviderId">Only this provider's; null: everyone's.</param>
public sealed record ListNodes(Guid? ProviderId, int Size, int Skip);

/// <summary>Answers it, in the order of the nodes' ids.</summary>
public sealed class ListNodesHandler(ProviderRegistryDb db)
{
    /// <summary>The nodes of one page.</summary>
    public Task<List<NodeRow>> Handle(ListNodes query, CancellationToken cancel) =>
        db.Nodes.AsNoTracking()
            .Where(node => query.ProviderId == null || node.ProviderId == query.ProviderId)
            .OrderBy(node => node.NodeId).Skip(query.Skip).Take(query.Size)
            .ToListAsync(cancel);
}
