using ComputeExchange.ProviderRegistry.Storage;
using ComputeExchange.ProviderRegistry.Webhooks;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.ProviderRegistry.Nodes;

/// <summary>Nodes that are not heard of any more, and those that are again; the caller holds the agents' rows and saves.</summary>
internal static class Losses
{
    /// <summary>Nodes are lost: each was last heard of at a time.</summary>
    public static async Task Lose(
        this ProviderRegistryDb db, IReadOnlyCollection<(AgentRow Agent, DateTimeOffset LastSign)> gone, DateTimeOffset now, CancellationToken cancel)
    {
        if (gone.Count == 0) return;
        Measures.NodesLost(gone.Count);
        var ids = gone.Select(lost => lost.Agent.NodeId).ToList();
        var nodes = await db.Nodes.AsNoTracking().Where(node => ids.Contains(node.NodeId)).ToDictionaryAsync(node => node.NodeId, cancel);
        var providers = nodes.Values.Select(node => node.ProviderId).Distinct().ToList();
        var listening = (await db.Webhooks.Where(webhook => providers.Contains(webhook.ParticipantId) && !webhook.Deleted)
            .Select(webhook => webhook.ParticipantId).Distinct().ToListAsync(cancel)).ToHashSet();
        var first = gone.Min(lost => lost.LastSign);
        var earlier = (await db.Outages.Where(outage => ids.Contains(outage.NodeId) && outage.FromTime >= first).ToListAsync(cancel))
            .ToDictionary(outage => (outage.NodeId, outage.FromTime));
        foreach (var (agent, sign) in gone)
        {
            var lastSign = sign > now ? now : sign;
            (agent.LastSeenTime, agent.LostTime) = (lastSign, now);

            // A clock that stands may see a node lost twice in one moment: that is one outage.
            if (earlier.TryGetValue((agent.NodeId, lastSign), out var same)) same.ToTime = null;
            else db.Outages.Add(new OutageRow { NodeId = agent.NodeId, FromTime = lastSign });
            db.Note(agent.NodeId, now, "lost", Notes.Exchange, $"It was last heard of at {lastSign:yyyy-MM-dd HH:mm:ss} UTC. Nothing new is sold of it.");
            if (nodes.GetValueOrDefault(agent.NodeId) is { } node && listening.Contains(node.ProviderId))
                await db.Announce(node.ProviderId, "node.lost", new { agent.NodeId, node.Name, LastSeenTime = lastSign }, now, cancel);
        }
    }

    /// <summary>Nodes are heard of again.</summary>
    public static async Task ComeBack(this ProviderRegistryDb db, IReadOnlyCollection<AgentRow> agents, DateTimeOffset now, CancellationToken cancel)
    {
        if (agents.Count == 0) return;
        Measures.NodesBack(agents.Count);
        var ids = agents.Select(agent => agent.NodeId).ToList();
        foreach (var outage in await db.Outages.Where(outage => ids.Contains(outage.NodeId) && outage.ToTime == null).ToListAsync(cancel))
            outage.ToTime = now > outage.FromTime ? now : outage.FromTime;
        foreach (var agent in agents)
        {
            db.Note(agent.NodeId, now, "online", Notes.Exchange, $"It is heard of again; it was not since {agent.LastSeenTime:yyyy-MM-dd HH:mm:ss} UTC.");
            (agent.LostTime, agent.LastSeenTime) = (null, now);
        }
    }
}
