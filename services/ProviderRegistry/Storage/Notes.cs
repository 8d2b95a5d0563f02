using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.ProviderRegistry.Storage;

/// <summary>What is noted of nodes and deliveries, and by which a node learns that something else is wanted of it.</summary>
internal static class Notes
{
    /// <summary>Who did it where nobody did.</summary>
    public const string Exchange = "exchange";

    /// <summary>Notes what happened to a node; the caller saves.</summary>
    public static void Note(this ProviderRegistryDb db, Guid nodeId, DateTimeOffset at, string kind, string by, string message) =>
        db.NodeEvents.Add(new NodeEventRow { NodeId = nodeId, AtTime = at, Kind = kind, By = by, Message = message });

    /// <summary>Notes what happened to a delivery; the caller saves.</summary>
    public static void Note(this ProviderRegistryDb db, DeliveryRow delivery, DateTimeOffset at, string message) =>
        db.DeliveryEvents.Add(new DeliveryEventRow { DeliveryId = delivery.DeliveryId, AtTime = at, Message = message });

    /// <summary>Something else is wanted of these nodes: when this transaction is committed, whoever holds their streams tells them.</summary>
    /// <remarks>Their rows in agents stay locked until then, so that a node's revisions are committed in their order.</remarks>
    public static Task WantAnew(this ProviderRegistryDb db, IEnumerable<Guid> nodeIds, CancellationToken cancel)
    {
        var nodes = nodeIds.Distinct().Order().ToArray();
        return db.Database.ExecuteSqlAsync(
            $"""
            WITH wanted AS (SELECT node_id FROM provider_registry.agents WHERE node_id = ANY ({nodes}) ORDER BY node_id FOR UPDATE)
            UPDATE provider_registry.agents AS agent SET desired_revision = nextval('provider_registry.desired_revisions')
            FROM wanted WHERE agent.node_id = wanted.node_id
            """, cancel);
    }
}
