using ComputeExchange.ProviderRegistry.Storage;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.ProviderRegistry.Nodes;

/// <summary>Asks what happened to a node.</summary>
/// <param name="ProviderId">Only if it is this provider's; null: anyone's.</param>
public sealed record ListNodeEvents(Guid NodeId, Guid? ProviderId, int Size, int Skip);

/// <summary>Answers it, newest first.</summary>
public sealed class ListNodeEventsHandler(ProviderRegistryDb db)
{
    /// <summary>The events of one page; null: there is no such node, or it is another provider's.</summary>
    public async Task<List<NodeEventRow>?> Handle(ListNodeEvents query, CancellationToken cancel)
    {
        if (!await db.Nodes.AnyAsync(node => node.NodeId == query.NodeId && (query.ProviderId == null || node.ProviderId == query.ProviderId), cancel)) return null;
        return await db.NodeEvents.AsNoTracking().Where(happened => happened.NodeId == query.NodeId)
            .OrderByDescending(happened => happened.EventId).Skip(query.Skip).Take(query.Size).ToListAsync(cancel);
    }
}
