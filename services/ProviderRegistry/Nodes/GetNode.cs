using ComputeExchange.ProviderRegistry.Agents;
using ComputeExchange.ProviderRegistry.Policies;
using ComputeExchange.ProviderRegistry.Scores;
using ComputeExchange.ProviderRegistry.Storage;
using ComputeExchange.ProviderRegistry.V1;
using Google.Protobuf.WellKnownTypes;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.ProviderRegistry.Nodes;

/// <summary>Asks for all that is known of a node.</summary>
/// <param name="ProviderId">Only if it is this provider's; null: anyone's.</param>
public sealed record GetNode(Guid NodeId, Guid? ProviderId);

/// <summary>Answers it.</summary>
public sealed class GetNodeHandler(ProviderRegistryDb db, Pulses pulses, TimeProvider clock)
{
    /// <summary>The node, whole; null: there is none, or it is another provider's.</summary>
    public async Task<NodeDetail?> Handle(GetNode query, CancellationToken cancel)
    {
        var node = await db.Nodes.AsNoTracking().SingleOrDefaultAsync(
            node => node.NodeId == query.NodeId && (query.ProviderId == null || node.ProviderId == query.ProviderId), cancel);
        if (node is null) return null;
        var detail = new NodeDetail
        {
            NodeId = node.NodeId.ToString(),
            ProviderId = node.ProviderId.ToString(),
            Name = node.Name,
            Market = node.Market,
            Location = node.Location,
            SellableGpuCount = node.GpuCount,
            State = NodeState.Declared,
        };
        var agent = await db.Agents.AsNoTracking().SingleOrDefaultAsync(agent => agent.NodeId == node.NodeId, cancel);
        if (agent is null)
            detail.Reputation = new V1.Reputation { SoldGpuSeconds = node.SoldGpuSeconds, DeliveredGpuSeconds = node.DeliveredGpuSeconds, VerificationAgeDays = -1 };
        else await Add(detail, node, agent, cancel);
        return detail;
    }

    private async Task Add(NodeDetail detail, NodeRow node, AgentRow agent, CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        var windows = await db.Maintenance.AsNoTracking()
            .Where(window => window.NodeId == node.NodeId && !window.Cancelled && window.ToTime > now).OrderBy(window => window.FromTime).ToListAsync(cancel);
        detail.ProductClass = agent.ProductClass;
        (detail.Simulated, detail.Country, detail.AgentVersion) = (agent.Simulated, agent.Country, agent.AgentVersion);
        (detail.State, detail.StateReason, detail.StateBy) = (agent.Standing.ToProto(), agent.StandingReason, agent.StandingBy);
        detail.StateTime = agent.StandingTime.ToTimestamp();
        detail.Presence = NodeWords.Presence(agent.LostTime, windows.Any(window => window.FromTime <= now));

        // Signs of life are written down every few seconds; here they are as fresh as they come.
        var seen = pulses.Find(node.NodeId)?.HeardTime is { } heard && heard > agent.LastSeenTime ? heard : agent.LastSeenTime;
        detail.LastSeenTime = seen.ToTimestamp();
        detail.Inventory = NodeInventory.Parser.ParseFrom(agent.Inventory);
        detail.Samples.AddRange(pulses.SamplesOf(node.NodeId));
        detail.Maintenance.AddRange(windows.Select(window => new MaintenanceWindow
        {
            WindowId = window.WindowId.ToString(),
            FromTime = window.FromTime.ToTimestamp(),
            ToTime = window.ToTime.ToTimestamp(),
            Category = window.Category,
            Note = window.Note,
        }));
        if (await db.Policies.AsNoTracking().SingleOrDefaultAsync(policy => policy.NodeId == node.NodeId, cancel) is { } policy)
        {
            detail.Policy = NodePolicy.Parser.ParseFrom(policy.Policy);
            if (detail.Policy.Repricer is { } repricer)
                (repricer.ReserveMicrosPerGpuHour, repricer.Explanation) = (policy.ReserveMicrosPerGpuHour, policy.Explanation);
        }
        if ((await db.Scores([node.NodeId], now, cancel)).TryGetValue(node.NodeId, out var score)) detail.Reputation = score.ToProto(node);
        var test = await db.SelfTests.AsNoTracking().Where(test => test.NodeId == node.NodeId)
            .OrderByDescending(test => test.AskedTime).ThenByDescending(test => test.TestId).FirstOrDefaultAsync(cancel);
        detail.LastTest = test?.ToProto();

        var sellable = (await db.Outlook([node.NodeId], now, cancel))[node.NodeId].Sellable;
        (detail.SellableGpuCount, detail.NotSellableReason) = (sellable.GpuCount, sellable.Reason);
        if (sellable.Reason.Length == 0 && detail.Policy is { Enabled: true }) detail.NotSellableReason = await RefusedOffers.InTheWay(db, node.NodeId, cancel);
        await AddUses(detail, node, now, cancel);
    }

    private async Task AddUses(NodeDetail detail, NodeRow node, DateTimeOffset now, CancellationToken cancel)
    {
        var gpus = await db.Gpus.AsNoTracking().Where(gpu => gpu.NodeId == node.NodeId).ToListAsync(cancel);
        var deliveries = await db.Deliveries.AsNoTracking()
            .Where(delivery => delivery.NodeId == node.NodeId && delivery.EndedTime == null && delivery.FromTime <= now).ToListAsync(cancel);
        var ids = deliveries.Select(delivery => delivery.DeliveryId).ToList();
        var leases = await db.Leases.AsNoTracking().Where(lease => ids.Contains(lease.DeliveryId) && lease.FromTime <= now && lease.ToTime > now)
            .Select(lease => new { lease.DeliveryId, lease.LeaseId }).ToListAsync(cancel);
        var held = deliveries.Select(delivery => new HeldGpus(
            leases.FirstOrDefault(lease => lease.DeliveryId == delivery.DeliveryId)?.LeaseId ?? delivery.DeliveryId, delivery.GpuUuids, delivery.FromTime)).ToList();
        var offered = await db.OfferedCounts([node.NodeId], now, cancel);
        detail.Uses.AddRange(GpuUses.Of(gpus, held, offered.GetValueOrDefault(node.NodeId)));
    }
}
