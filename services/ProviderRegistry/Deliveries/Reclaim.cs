using ComputeExchange.ProviderRegistry.Agents;
using ComputeExchange.ProviderRegistry.Domain;
using ComputeExchange.ProviderRegistry.Storage;
using ComputeExchange.ProviderRegistry.V1;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.ProviderRegistry.Deliveries;

/// <summary>Takes deliveries back for their provider, with its notice.</summary>
internal static class Reclaim
{
    /// <summary>How much notice a node's provider gives by its policy.</summary>
    public static async Task<TimeSpan> NoticeOf(ProviderRegistryDb db, Guid nodeId, CancellationToken cancel)
    {
        var policy = await db.Policies.AsNoTracking().SingleOrDefaultAsync(row => row.NodeId == nodeId, cancel);
        var seconds = policy is null ? 0 : NodePolicy.Parser.ParseFrom(policy.Policy).ReclaimNoticeSeconds;
        var notice = seconds == 0 ? DeliveryRules.StandardReclaimNotice : TimeSpan.FromSeconds(seconds);
        return notice < DeliveryRules.LeastNotice ? DeliveryRules.LeastNotice : notice;
    }

    /// <summary>Takes a delivery back at a time, or after the policy's notice where that is later; within the caller's transaction, who saves.</summary>
    /// <returns>When it will end; null: it is over, or ends before that anyway.</returns>
    public static async Task<DateTimeOffset?> Take(
        ProviderRegistryDb db, long deliveryId, DateTimeOffset endTime, string reason, DateTimeOffset now, CancellationToken cancel)
    {
        var nodeId = await db.Deliveries.AsNoTracking().Where(row => row.DeliveryId == deliveryId).Select(row => (Guid?)row.NodeId).SingleOrDefaultAsync(cancel);
        if (nodeId is not { } node) return null;
        await db.LockAgent(node, cancel);
        if (await db.LockDelivery(deliveryId, cancel) is not { EndedTime: null } delivery) return null;
        var earliest = now + await NoticeOf(db, node, cancel);
        var end = endTime > earliest ? endTime : earliest;
        return end < delivery.ToTime && await Interrupt.Notice(db, delivery, DeliveryCloseReason.Reclaimed, end, now, reason, cancel) ? end : null;
    }
}
