using ComputeExchange.Hosting;
using ComputeExchange.ProviderRegistry.Policies;
using ComputeExchange.ProviderRegistry.Storage;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.ProviderRegistry.Maintenance;

/// <summary>Takes a maintenance window back; what was taken back for it from buyers stays so.</summary>
public sealed class CancelMaintenanceHandler(ProviderRegistryDb db, TimeProvider clock)
{
    /// <summary>Takes it back; a repetition changes nothing.</summary>
    /// <exception cref="Grpc.Core.RpcException">There is no such window of the provider's.</exception>
    public async Task Handle(Guid providerId, Guid nodeId, Guid windowId, CancellationToken cancel)
    {
        await db.RequireAgentNode(providerId, nodeId, cancel);
        var window = await db.Maintenance.SingleOrDefaultAsync(row => row.WindowId == windowId && row.NodeId == nodeId, cancel)
            ?? throw Refuse.NotFound($"The node has no maintenance window {windowId}.");
        if (window.Cancelled) return;
        window.Cancelled = true;
        db.Note(nodeId, clock.GetUtcNow(), "maintenance", providerId.ToString(),
            $"The maintenance from {window.FromTime:yyyy-MM-dd HH:mm} to {window.ToTime:yyyy-MM-dd HH:mm} UTC was taken back.");
        await db.SaveChangesAsync(cancel);
    }
}
